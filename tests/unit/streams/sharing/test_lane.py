"""What stands in a partner's system after offers, rulings, changes of policy and restarts."""

import pytest

from schemas import topics
from schemas.messages import Ruling, SharesReviewed
from tests.unit.streams.sharing.lane import PARTY, Desk, after, listed, offered, ours, ruled, theirs, withdrawn
from tests.unit.streams.sharing.worlds import BOTH, agreed, card

ACME = "[partners.acme]\n"
WAITING = ACME + 'ours = { by = "Dana", on = 2026-01-01 }\n'


@pytest.fixture
def desk() -> Desk:
    return Desk(agreed())


def test_what_is_offered_and_may_leave_is_written_once_and_said_in_the_audit(desk):
    desk.take(listed(1), offered(1), offered(1))
    assert desk.crm()["b1"]["partner_account_name"] == "Company 1"
    assert len(desk.writes()) == 1
    [entry] = desk.audit()
    assert (entry.verdict, entry.ref, entry.theirs, entry.level) == ("granted", ours(1), theirs(1), "overlaps")
    assert "partner_owner_name" in entry.fields


def test_it_does_not_matter_whether_the_list_or_the_overlap_is_heard_of_first(desk):
    other = Desk(agreed())
    desk.take(listed(1), offered(1))
    other.take(offered(1), listed(1))
    assert desk.crm() == other.crm()
    assert other.verdicts() == ["granted"]


def test_an_overlap_with_an_account_that_nobody_listed_waits(desk):
    desk.take(offered(1))
    assert desk.writes() == []
    assert desk.audit() == []


def test_a_change_that_the_partner_does_not_see_writes_nothing(desk):
    desk.take(listed(1), offered(1), offered(1, at=9, fit=3, last_changed=offered(1, at=9).at))
    assert len(desk.writes()) == 1


def test_a_change_that_it_sees_is_written_and_is_no_new_grant(desk):
    desk.take(listed(1), offered(1), offered(1, at=9, said=card(record_id="001", name="Acme SE")))
    assert desk.crm()["b1"]["partner_account_name"] == "Acme SE"
    assert desk.crm()["b1"]["last_changed"] == "2026-01-01T00:00:09Z"
    assert desk.verdicts() == ["granted"]


def test_the_partner_is_not_told_since_when_there_was_something_that_it_did_not_see():
    desk = Desk(agreed(WAITING)).take(listed(1), offered(1), ruled(Ruling.CONSENT_SHARING, at=50))
    assert desk.crm()["b1"]["first_seen"] == "2026-01-01T00:00:50Z"


def test_an_overlap_that_ends_is_closed_and_kept(desk):
    desk.take(listed(1), offered(1), withdrawn(1), withdrawn(1))
    assert (desk.crm()["b1"]["status"], desk.crm()["b1"]["partner_account_name"]) == ("ended", "Company 1")
    assert len(desk.writes()) == 2


def test_nothing_leaves_before_both_sides_agree_and_then_all_that_waited_does():
    desk = Desk(agreed(WAITING)).take(*map(listed, range(8)), *map(offered, range(8)))
    assert desk.writes() == []
    assert set(desk.verdicts()) == {"withheld"}
    desk.take(ruled(Ruling.CONSENT_SHARING))
    assert len(desk.crm()) == 8


def test_a_revocation_empties_and_deletes_every_record_that_was_shared_also_ended_ones(desk):
    desk.take(*map(listed, range(30)), *map(offered, range(30)), withdrawn(7), ruled(Ruling.REVOKE_SHARING))
    assert desk.crm() == {}
    blanked = [write for write in desk.writes() if write.fields.get("partner_account_name", "") is None]
    assert len(blanked) == 30
    for write in blanked:
        left = {name for name, value in write.fields.items() if value not in (None, [], "")}
        assert left == {"status", "ended_on", "last_changed"}
    assert [write.action for write in desk.writes()[-2:]] == ["set", "archive"]
    assert desk.verdicts().count("revoked") == 30


def test_after_a_revocation_nothing_leaves_until_the_partner_agrees_anew(desk):
    desk.take(listed(1), offered(1), ruled(Ruling.REVOKE_SHARING))
    desk.take(listed(2), offered(2), offered(1, at=9, said=card(record_id="001", name="Acme SE")))
    assert desk.crm() == {}
    desk.take(ruled(Ruling.CONSENT_SHARING, at=20))
    assert set(desk.crm()) == {"b1", "b2"}


def test_a_revocation_survives_a_restart(desk):
    desk.take(listed(1), offered(1), ruled(Ruling.REVOKE_SHARING))
    desk.restart(agreed())
    desk.take(listed(2), offered(2))
    assert desk.crm() == {}


def test_more_shares_than_fit_into_one_step_are_all_taken_back(desk):
    desk.take(*map(listed, range(450)), *map(offered, range(450)))
    assert len(desk.crm()) == 450
    desk.take(ruled(Ruling.REVOKE_SHARING))
    assert desk.crm() == {}
    assert desk.dead() == []


def test_the_same_ruling_twice_says_it_once(desk):
    desk.take(listed(1), offered(1), ruled(Ruling.REVOKE_SHARING), ruled(Ruling.REVOKE_SHARING, at=4))
    assert desk.verdicts() == ["granted", "withdrawn", "revoked"]


def test_another_policy_is_decided_over_what_was_shared_before_it(desk):
    desk.take(listed(1), offered(1), listed(2), offered(2, said=card("prospect", record_id="002")))
    desk.restart(agreed(ACME + BOTH + 'fields = "minimal"\nlevels = { customer = "hidden" }\n'))
    desk.take(listed(3))
    assert set(desk.crm()) == {"b2"}
    assert desk.crm()["b2"]["partner_owner_name"] is None
    assert desk.audit()[-1].verdict == "revoked"


def test_a_start_has_everything_decided_again_only_if_the_policy_is_another(desk):
    desk.take(listed(1), offered(1))
    before = len(desk.broker.read(topics.SHARING_CHANGES.name))
    started = SharesReviewed(party=PARTY, started=True, cause="start", at=after(7))
    desk.take(started)
    assert len(desk.broker.read(topics.SHARING_CHANGES.name)) == before + 1
    desk.restart(agreed(ACME + BOTH + 'level = "hidden"\n'))
    desk.take(started)
    assert desk.crm() == {}


def test_a_population_that_an_account_moves_to_takes_it_back(desk):
    desk.restart(agreed(ACME + BOTH + 'levels = { customer = "hidden" }\n'))
    prospect = card("prospect", record_id="001")
    desk.take(listed(1), offered(1, said=prospect))
    assert set(desk.crm()) == {"b1"}
    desk.take(offered(1, at=5))
    assert desk.crm() == {}


def test_an_overlap_that_moves_to_another_account_of_the_partner_keeps_its_record(desk):
    desk.take(listed(1), listed(2), offered(1), offered(1, at=4, meets=2))
    assert set(desk.crm()) == {"b2"}
    assert len({write.key for write in desk.writes()}) == 1


def test_a_ruling_that_is_about_something_else_or_nobody_changes_nothing(desk):
    desk.take(listed(1), offered(1), ruled(Ruling.LINK))
    assert desk.verdicts() == ["granted"]
    assert desk.dead() == []


@pytest.mark.parametrize("fault", ["abort", "die-before", "die-after"])
def test_a_failure_in_the_middle_of_a_revocation_leaves_nothing_behind_and_says_nothing_twice(fault):
    desk = Desk(agreed(), [None, None, fault, None, fault, None, fault])
    desk.take(*map(listed, range(12)), *map(offered, range(12)), ruled(Ruling.REVOKE_SHARING))
    assert desk.crm() == {}
    assert sorted(desk.verdicts()) == sorted(["granted"] * 12 + ["withdrawn"] + ["revoked"] * 12)
