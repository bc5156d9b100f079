"""How much a partner may put against our accounts, and what is held back."""

import pytest

from schemas.messages import Ruling
from tests.unit.streams.sharing.lane import Desk, listed, offered, ruled
from tests.unit.streams.sharing.worlds import agreed

TIGHT = "[caps]\nlargest_list = 20\nfirst_days = 1\nadds_per_day = 5\nchanged_share = 0.5\nleast = 1\n"


@pytest.fixture
def desk() -> Desk:
    return Desk(agreed(TIGHT))


def held(desk: Desk) -> list[int | None]:
    return [entry.count for entry in desk.audit() if entry.verdict == "capped"]


def test_on_the_first_day_a_list_may_come_as_a_whole(desk):
    desk.take(*map(listed, range(20)), *map(offered, range(20)))
    assert len(desk.crm()) == 20
    assert held(desk) == []


def test_what_is_beyond_the_largest_list_is_held_back_and_the_audit_says_so(desk):
    desk.take(*map(listed, range(33)), *map(offered, range(33)))
    assert set(desk.crm()) == {f"b{n}" for n in range(20)}
    assert held(desk) == [1, 10]
    [first, _] = [entry for entry in desk.audit() if entry.verdict == "capped"]
    assert "more than 20 accounts" in first.reasons[0]
    assert "tandem sharing release" in first.reasons[1]


def test_on_a_later_day_so_many_may_come_and_the_rest_waits(desk):
    desk.take(*map(listed, range(6)))
    desk.take(*(listed(n, days=1) for n in range(6, 12)), *(offered(n, days=1) for n in range(12)))
    assert set(desk.crm()) == {f"b{n}" for n in range(9)}  # half of six on that day
    assert held(desk) == [1]


def test_the_next_day_more_may_come_and_what_was_held_stays_held(desk):
    desk.take(*map(listed, range(6)), *(listed(n, days=1) for n in range(6, 12)))
    desk.take(*(listed(n, days=2) for n in range(12, 16)), *(offered(n, days=2) for n in range(16)))
    assert set(desk.crm()) == {f"b{n}" for n in (*range(9), *range(12, 16))}


def test_an_account_that_becomes_another_company_counts_like_a_new_one(desk):
    desk.take(*map(listed, range(4)))
    desk.take(*(listed(0, at=n, days=1) for n in range(3)), offered(0, days=1))
    assert held(desk) == [1]
    assert desk.crm() == {}


def test_an_account_that_is_removed_makes_no_room_for_another_guess_on_that_day(desk):
    desk.take(*map(listed, range(4)))
    for n in range(4):
        desk.take(listed(10 + n, days=1), listed(10 + n, days=1, present=False))
    desk.take(listed(99, days=1), offered(99, days=1))
    assert desk.crm() == {}


def test_what_was_shown_of_an_account_before_it_was_held_back_neither_changes_nor_goes(desk):
    desk.take(*map(listed, range(4)), offered(0))
    before = desk.crm()
    desk.take(*(listed(0, at=n, days=1) for n in range(4)), offered(0, days=1, at=9, confidence=0.5))
    assert desk.crm() == before


def test_a_held_account_that_takes_over_an_overlap_ends_it_and_shows_nothing_of_itself(desk):
    desk.take(*map(listed, range(4)), offered(0))
    desk.take(*(listed(50 + n, days=1) for n in range(4)), offered(0, days=1, meets=53))
    assert {account: record["status"] for account, record in desk.crm().items()} == {"b0": "ended"}


def test_a_release_lets_through_what_was_held_and_says_how_many(desk):
    desk.take(*map(listed, range(33)), *map(offered, range(33)))
    desk.take(ruled(Ruling.RELEASE_SHARING))
    assert len(desk.crm()) == 33
    [entry] = [each for each in desk.audit() if each.verdict == "released"]
    assert (entry.count, entry.by) == (13, "dana")


def test_a_release_is_of_what_is_held_now_and_not_of_what_comes_later(desk):
    desk.take(*map(listed, range(22)), ruled(Ruling.RELEASE_SHARING), listed(30), *map(offered, (*range(22), 30)))
    assert len(desk.crm()) == 22
    assert held(desk) == [1, 1]


def test_a_release_of_nothing_says_nothing(desk):
    desk.take(listed(1), ruled(Ruling.RELEASE_SHARING))
    assert desk.audit() == []


def test_what_is_held_back_stays_so_after_a_restart(desk):
    desk.take(*map(listed, range(22)))
    desk.restart(agreed(TIGHT))
    desk.take(*map(offered, range(22)))
    assert len(desk.crm()) == 20


def test_what_is_held_back_depends_on_the_partner_s_list_alone(desk):
    other = Desk(agreed(TIGHT)).take(*map(listed, range(33)))
    desk.take(*map(offered, range(33)), *map(listed, range(33)))
    assert held(desk) == held(other)
