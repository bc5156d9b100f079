"""Statements that are sent: answered as a store does, and only when they are committed."""

import pytest
import requests

from tests.unit.connectors.xapi.conftest import KEY, TABLES, Reading, said

ID = "0f9e8d7c-6b5a-4938-a271-605f4e3d2c1b"
OTHER = "1a2b3c4d-6b5a-4938-a271-605f4e3d2c1b"


def test_statements_are_answered_200_with_their_ids_and_only_when_they_are_committed(sending):
    at = sending()
    answer = at.sent(said(id=ID), said(id=OTHER))
    assert [change.record_id for change in at.poll()] == [ID, OTHER]
    assert not answer.done()
    at.poll()
    assert (answer.result().status_code, answer.result().json()) == (200, [ID, OTHER])
    assert answer.result().headers["X-Experience-API-Version"] == "1.0.3"


def test_what_was_not_committed_is_answered_503_and_comes_again(sending):
    at = sending()
    answer = at.sent(said(id=ID))
    at.poll(lost=True)
    at.poll()
    assert answer.result().status_code == 503
    assert at.taken(said(id=ID)).status_code == 200
    assert at.ids() == [ID, ID]  # the first was lost


def test_a_statement_without_an_id_that_is_sent_again_is_told_once(sending):
    at = sending()
    moodle = said(timestamp="2026-11-22T09:00:00Z")
    first, again = at.taken(moodle), at.taken(moodle)
    assert first.json() == again.json() == at.ids()


def test_two_statements_without_an_id_that_say_the_same_in_one_request_are_one(sending):
    at = sending()
    answer = at.taken(said(timestamp="2026-11-22T09:00:00Z"), said(timestamp="2026-11-22T09:00:00Z"))
    assert answer.json() == [at.ids()[0]] * 2
    assert len(at.told) == 1


def test_a_statement_without_a_time_happened_when_it_came(sending):
    at = sending()
    at.taken(said(id=ID))
    (change,) = at.told
    assert TABLES["statement"].to_canonical(change.row).at == change.occurred_at.replace(microsecond=0)


def test_one_bad_statement_refuses_the_whole_request_in_words(sending):
    at = sending()
    answer = at.call("POST", "/statements", json=[said(id=ID), said(id=OTHER, actor={})])
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("statement 1: actor: ")
    assert at.poll() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"json": [said(id=ID), said(id=ID)]}, f"two statements of the request have the id {ID}"),
        ({"data": "no", "headers": {"Content-Type": "application/json"}}, "the body is no JSON"),
        ({"data": "{}", "headers": {"Content-Type": "multipart/mixed; boundary=x"}}, "without attachments"),
        ({"json": said(), "headers": {"X-Experience-API-Version": "0.95"}}, "1.0.3 is spoken here"),
        ({"json": said(), "headers": {"X-Experience-API-Version": None}}, "is missing"),
        ({"json": []}, None),
    ],
)
def test_a_request_that_no_store_would_take_is_answered_400_in_words(sending, options, words):
    at = sending()
    if words is None:
        assert at.taken().json() == []  # nothing is nothing wrong
        return
    answer = at.call("POST", "/statements", **options)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_another_statement_of_a_known_id_is_answered_409_and_the_same_one_is_taken(sending):
    at = sending()
    at.taken(said(id=ID))
    path = f"/statements?statementId={ID}"
    assert at.call("PUT", path, json=said(result={"success": False})).status_code == 409
    assert at.call("POST", "/statements", json=said(id=ID, item="https://lms.acme.com/8")).status_code == 409
    assert at.taken(said(), path=path, method="PUT").status_code == 204
    assert at.ids() == [ID]


def test_a_put_takes_one_statement_by_the_id_of_its_address(sending):
    at = sending()
    answer = at.taken(said(), path=f"/statements?statementId={ID.upper()}", method="PUT")
    assert (answer.status_code, answer.content, at.ids()) == (204, b"", [ID])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/statements", said()),
        ("/statements?statementId=17", said()),
        (f"/statements?statementId={ID}", said(id=OTHER)),
        (f"/statements?statementId={ID}", [said()]),
    ],
)
def test_a_put_that_contradicts_its_address_is_answered_400(sending, path, body):
    assert sending().call("PUT", path, json=body).status_code == 400


def test_who_may_not_send_is_answered_401(sending):
    at = sending()
    for auth in (None, ("key", "guessed"), ("other", "secret")):
        answer = at.call("POST", "/statements", json=said(), auth=auth)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="xAPI"')


def test_a_secret_header_does_for_a_sender_that_cannot_sign_in(sending):
    at = sending(receiver={"auth": {"method": "header", "name": "X-Secret", "secret": "hush"}})
    assert at.call("POST", "/statements", json=said()).status_code == 401
    assert at.call("POST", "/statements", json=[{}], headers={"x-secret": "hush"}).status_code == 400


def test_anybody_may_ask_which_version_is_spoken_and_nobody_reads_statements_here(sending):
    at = sending()
    assert requests.get(at.url + "/about", timeout=5).json() == {"version": ["1.0.3"]}
    assert at.call("GET", "/statements").status_code == 405
    assert at.call("GET", "/activities/state").status_code == 404


def test_a_statement_with_an_unknown_verb_is_taken_and_left_out(sending):
    at = sending()
    assert at.taken(said(verb="http://acme.com/nodded")).status_code == 200
    assert (at.told, at.notes) == ([], ["1 statements left out: 1 with the verb http://acme.com/nodded"])


def test_ids_are_known_for_as_long_as_is_set(sending, store):
    at = sending(clock=lambda: store.now, receiver={"remember_days": 2})
    at.taken(said(id=ID))
    store.wait(2 * 86_400 + 1)
    at.taken(said(id=OTHER))
    assert [place for place in at.cursors if ID in place] == []
    assert [place for place in at.cursors if OTHER in place] != []


def test_one_statement_that_comes_both_ways_is_one_record(sending, store):
    both = {"endpoint": store.url, "auth": KEY, "poll_s": 0, "clock": lambda: store.now}
    at = sending(**both)
    at.taken(said(id=ID, timestamp="2026-11-22T09:00:00Z"))
    store.put(said(id=ID, timestamp="2026-11-22T09:00:00Z"), said(id=OTHER))
    at.poll()
    store.wait(3600)
    assert at.taken(said(id=OTHER)).status_code == 200
    assert sorted(at.ids()) == sorted([ID, OTHER])
    after = Reading(at.source)
    after.cursors = at.cursors
    assert after.poll() == []
