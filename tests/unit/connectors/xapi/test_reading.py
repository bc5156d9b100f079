"""A store that is read: nothing is lost between statements that were stored at once, and nothing is told twice."""

import json
from datetime import UTC, datetime

import pytest

from connectors.base import Change
from connectors.errors import BadCredentials, BadInput, ConnectorError, RetryLater, StopMapping
from connectors.publishing import Publisher
from connectors.xapi.store import DISPOSITIONS
from schemas import topics
from tests.support.lrs.memory import START
from tests.unit.connectors.xapi.conftest import KEY, TABLES, said


def canonical(change):
    return TABLES["statement"].to_canonical(change.row)


def test_a_statement_is_told_with_what_it_means(store, reading):
    (id_,) = store.put(said(timestamp="2026-11-20T08:00:00Z", result={"success": True, "score": {"scaled": 0.9}}))
    (change,) = reading().poll()
    told = canonical(change)
    assert (change.record_id, change.occurred_at) == (id_, datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert (told.meaning, told.kind, told.item_name, told.learner) == (
        "completed",
        "course",
        "Robots",
        "mailto:ada@acme.com",
    )
    assert (told.success, told.score) == (True, 0.9)


def test_a_course_and_a_module_that_are_completed_are_told_apart_by_their_type(store, reading):
    store.put(said(), said(type_="http://adlnet.gov/expapi/activities/module"), said(type_="http://acme.com/quiz"))
    assert [canonical(change).kind for change in reading().poll()] == ["course", "module", "other"]


@pytest.mark.parametrize("page_size", [1, 2, 3, 10])
@pytest.mark.parametrize("store_says", [True, False])
def test_statements_that_were_stored_at_once_are_all_told_whichever_page_they_are_on(
    store, reading, page_size, store_says
):
    store.says_consistent = store_says
    ids = store.put(said(), said())
    store.wait(60)
    ids += store.put(*[said(item=f"https://lms.acme.com/{number}") for number in range(5)])
    at = reading(page_size=page_size, overlap_s=1)
    at.poll()
    ids += store.put(said())
    at.poll()
    assert sorted(at.ids()) == sorted(ids)


def test_a_statement_that_can_be_seen_later_than_its_followers_is_told_where_the_store_says_how_far_it_is_consistent(
    store, reading
):
    store.lag_s = 10
    (late,) = store.put(said())
    store.hidden.add(late)
    store.wait(3)
    (early,) = store.put(said())
    at = reading()
    assert [change.record_id for change in at.poll()] == [early]
    store.hidden.clear()
    store.wait(60)
    assert [change.record_id for change in at.poll()] == [late]
    assert at.poll() == []


def test_where_the_store_does_not_say_each_reading_goes_back_a_little(store, reading):
    store.says_consistent = False
    (late,) = store.put(said())
    store.hidden.add(late)
    store.wait(3)
    (early,) = store.put(said())
    at = reading(overlap_s=5)
    at.poll()
    store.hidden.clear()
    at.poll()
    assert at.ids() == [early, late]


def test_what_needs_no_longer_be_known_is_forgotten(store, reading):
    at = reading(page_size=2)
    for _ in range(10):
        store.put(said())
        store.wait(5)
        at.poll()
    assert len(at.told) == 10
    assert len(at.cursors) == 2  # the floor, and the statement that lies on it


@pytest.mark.parametrize("page_size", [1, 2, 3])
def test_a_restart_after_any_event_loses_nothing_and_repeats_nothing(store, reading, page_size):
    ids = store.put(said())
    store.wait(60)
    ids += store.put(*[said() for _ in range(4)])
    store.wait(60)
    ids += store.put(said())
    for after in range(20):
        cut = reading(page_size=page_size)
        for _, event in zip(range(after), cut.source.changes(TABLES, {}), strict=False):
            cut.cursors[event.place] = event.cursor
            if isinstance(event, Change):
                cut.told.append(event)
        kept = {place: cursor for place, cursor in cut.cursors.items() if cursor is not None}
        again = reading(cursors=kept, page_size=page_size)
        again.poll()
        assert cut.ids() + again.ids() == ids


def test_the_end_of_the_pages_may_be_an_absent_address(store, reading):
    store.empty_more = False
    store.put(said(), said(), said())
    assert len(reading(page_size=2).poll()) == 3


def test_a_next_page_on_another_host_is_not_asked_for(store, reading):
    store.put(said())
    store._page = lambda query: {"statements": [], "more": "https://elsewhere.example/xAPI/statements?cursor=1"}
    with pytest.raises(BadInput, match=r"elsewhere\.example, where its key does not belong"):
        reading().poll()


def test_a_store_is_asked_oldest_first_from_the_start_that_was_set(store, reading):
    store.put(said())
    store.wait(60)
    (later,) = store.put(said())
    at = reading(start="2026-11-22T10:00:30Z")
    assert [change.record_id for change in at.poll()] == [later]
    assert "ascending=true" in store.asked[0]
    assert "since=2026-11-22T10%3A00%3A30.000Z" in store.asked[0]


def test_a_store_is_not_asked_more_often_than_it_is_set(store, reading):
    at = reading(poll_s=15)
    at.poll()
    store.put(said())
    store.wait(14)
    assert at.poll() == []
    store.wait(1)
    assert len(at.poll()) == 1


def test_a_voiding_statement_is_told_as_such_and_the_voided_one_is_no_longer_there(store, reading):
    (wrong,) = store.put(said())
    store.wait(1)
    voiding = store.void(wrong)
    (change,) = reading().poll()
    told = canonical(change)
    assert (change.record_id, told.meaning, told.item) == (voiding, "voided", wrong)


def test_statements_with_unknown_verbs_are_left_out_and_counted_once(store, reading):
    store.put(said(verb="http://acme.com/nodded"), said(verb="http://acme.com/nodded"), said())
    at = reading()
    assert len(at.poll()) == 1
    at.poll()
    store.wait(5)
    store.put(said(actor={"objectType": "Group", "mbox": "mailto:team@acme.com"}))
    at.poll()
    assert at.notes == [
        "2 statements left out: 2 with the verb http://acme.com/nodded",
        "3 statements left out: 2 with the verb http://acme.com/nodded, 1 of a group, not of a person",
    ]
    assert at.parked == []


def test_unknown_verbs_become_dead_letters_where_that_is_set(store, reading):
    store.put(said(verb="http://acme.com/nodded"))
    (change,) = reading(unknown_verbs="park").poll()
    (letter,) = Publisher("our-lrs", "us", TABLES, lambda: START).records(change)
    assert letter.topic == topics.DEADLETTERS.name
    assert b"http://acme.com/nodded" in letter.value


def test_a_statement_that_xapi_does_not_allow_is_one_dead_letter_and_the_rest_goes_on(store, reading):
    store.says_consistent = False  # and so it is read again and again
    broken, good = store.put({**said(), "actor": {}}, said())
    at = reading()
    at.poll()
    at.poll()
    assert at.ids() == [good]
    (letter,) = at.parked
    assert (letter.code, letter.field, letter.subject) == ("MALFORMED", "actor", f"statements {broken}")
    assert json.loads(letter.payload)["id"] == broken


def test_the_store_is_told_the_version_and_who_asks(store, reading):
    assert reading(auth={"method": "token", "token": "token"}).poll() == []
    with pytest.raises(BadCredentials, match="who are you"):
        reading(auth={**KEY, "secret": "guessed"}).poll()


RAISED = {"retry": RetryLater, "reauthenticate": BadCredentials, "stop": StopMapping}


@pytest.mark.parametrize("code", sorted(DISPOSITIONS.table))
def test_each_answer_that_is_no_success_has_its_recovery_and_its_remedy(store, reading, code):
    known = DISPOSITIONS.table[code]
    store.fails = [(int(code.removeprefix("HTTP_")), {"Retry-After": "7"})]
    with pytest.raises(ConnectorError) as raised:
        reading().poll()
    assert (type(raised.value), raised.value.remedy) == (RAISED[known.recovery], known.remedy)
    assert f"{code}: " in raised.value.reason
    if known.recovery == "retry":
        assert raised.value.after == 7


@pytest.mark.parametrize(("status", "error"), [(599, RetryLater), (418, StopMapping), (301, StopMapping)])
def test_an_answer_that_nobody_named_is_tried_again_only_if_it_is_the_stores_fault(store, reading, status, error):
    store.fails = [(status, {})]
    with pytest.raises(error):
        reading().poll()


def test_a_reading_that_breaks_off_goes_on_where_it_was(store, reading):
    ids = store.put(*[said() for _ in range(4)])
    at = reading(page_size=2)
    answer = store.answer
    store.answer = lambda path, headers: (503, {}, {}) if "cursor" in path else answer(path, headers)
    events = at.source.changes(TABLES, {})
    with pytest.raises(RetryLater):
        for event in events:
            at.cursors[event.place] = event.cursor
            at.told.append(event)
    store.answer = answer
    at.poll()
    assert at.ids() == ids


def test_something_that_is_no_store_is_said_to_be_none(store, reading):
    store._page = lambda query: {"results": []}
    with pytest.raises(BadInput, match="not with statements"):
        reading().poll()
