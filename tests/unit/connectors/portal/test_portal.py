"""Registrations and answers that partners send: kept before they are answered, and each belongs to who sent it."""

import pytest
import requests

from tests.unit.connectors.portal.conftest import ACME, BOREALIS, ROBOTICS, TABLES

LEAD = "our-crm/lead/00Q000000000001"


def test_a_registration_is_answered_202_only_when_it_is_committed(at):
    sending = at.sent("POST", "/v1/registrations", ROBOTICS, key="r-1")
    at.poll()
    assert not sending.done()
    at.poll()
    assert (sending.result().status_code, sending.result().json()) == (202, {"id": "r-1"})
    told = at.last()
    assert (told.partner, told.company, str(told.amount), told.status) == (
        "acme",
        "Acme Robotics",
        "12500",
        "submitted",
    )


def test_what_was_not_committed_is_answered_503_and_may_come_again(at):
    sending = at.sent("POST", "/v1/registrations", ROBOTICS, key="r-1")
    at.poll(lost=True)
    at.poll()
    assert sending.result().status_code == 503
    assert at.register() == (202, {"id": "r-1"})


@pytest.mark.parametrize("restarted", [False, True])
def test_the_same_request_again_is_answered_and_told_once(at, restarted):
    at.register()
    if restarted:
        at.restart()
    assert at.register() == (200, {"id": "r-1"})
    assert len(at.told) == 1


def test_a_registration_that_comes_late_after_it_was_changed_changes_nothing(at):
    at.register()
    at.change(body={**ROBOTICS, "city": "Bonn"})
    assert at.register() == (200, {"id": "r-1"})
    assert (len(at.told), at.last().city) == (2, "Bonn")


def test_another_registration_under_a_used_id_is_answered_409_with_what_to_do(at):
    at.register()
    status, body = at.register(body={**ROBOTICS, "company": "Borealis"})
    assert status == 409
    assert body["errors"][0]["remedy"] == "change it by PUT /v1/registrations/r-1"


@pytest.mark.parametrize("restarted", [False, True])
def test_a_partner_cannot_touch_what_another_one_has_registered(at, restarted):
    at.register()
    if restarted:
        at.restart()
    assert at.register(token=BOREALIS)[0] == 409
    assert at.change(body={**ROBOTICS, "status": "withdrawn"}, token=BOREALIS)[0] == 409
    assert len(at.told) == 1


def test_of_two_partners_who_use_one_id_at_once_one_is_refused(at):
    calls = [at.sent("POST", "/v1/registrations", ROBOTICS, token=token, key="r-1") for token in (ACME, BOREALIS)]
    at.poll()
    at.poll()
    assert [call.result().status_code for call in calls] == [202, 409]
    assert [change.actor for change in at.told] == ["acme"]


def test_the_time_of_submission_is_the_portals_and_no_change_moves_it(at):
    at.register(body={**ROBOTICS, "status": "draft"})
    assert at.last().submitted_at is None
    at.change(body=ROBOTICS)
    submitted = at.last().submitted_at
    at.change(body={**ROBOTICS, "city": "Bonn"})
    assert at.last().submitted_at == submitted
    assert at.last().active_at > submitted
    backdated = at.call("POST", "/v1/registrations", {**ROBOTICS, "submitted_at": "2020-01-01T00:00:00Z"}, key="r-2")
    assert backdated.status_code == 422


def test_a_put_replaces_all_and_versions_rise_also_within_one_pass(at):
    at.register(body={**ROBOTICS, "description": "20 robots"})
    at.now = at.now.replace(year=2020)  # the clock is set back
    calls = [at.sent("PUT", "/v1/registrations/r-1", {**ROBOTICS, "city": city}) for city in ("Bonn", "Köln")]
    at.poll()
    at.poll()
    assert [call.result().status_code for call in calls] == [200, 200]
    versions = [change.version for change in at.told]
    assert versions == sorted(set(versions))
    assert (len(versions), at.last().city, at.last().description) == (3, "Köln", None)


def test_a_registration_may_be_put_at_once_by_its_id(at):
    assert at.change("acme:2026.17") == (200, {"id": "acme:2026.17"})


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"company": None}, "company", "string"),
        ({"company": " "}, "company", "at least 1"),
        ({"currency": None}, "currency", "an amount has a currency"),
        ({"currency": "Euro"}, "currency", "pattern"),
        ({"amount": "a lot"}, "amount", "decimal"),
        ({"amount": -1}, "amount", "greater than or equal to 0"),
        ({"amount": True}, "amount", "as a text"),
        ({"amount": "1.005"}, "amount", "decimal places"),
        ({"expected_close": "31.12.2026"}, "expected_close", "2026-12-31"),
        ({"expected_close": "2026-02-30"}, "expected_close", "day"),
        ({"deal_type": "resell"}, "deal_type", "'resale'"),
        ({"status": "approved"}, "status", "'submitted'"),
        ({"contact_email": "ada"}, "contact_email", "pattern"),
        ({"products": "fleet"}, "products", "tuple"),
        ({"products": ["fleet", ""]}, "products.1", "at least 1"),
        ({"partner": "borealis"}, "partner", "the token says which partner it is"),
        ({"compny": "Acme"}, "compny", "no such field"),
    ],
)
def test_each_wrong_field_is_named_with_what_is_wrong_and_what_to_do(at, change, field, words):
    answer = at.call("POST", "/v1/registrations", {**ROBOTICS, **change}, key="r-1")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert words in error["problem"]
    assert error["remedy"]


def test_all_wrong_fields_are_named_at_once_and_a_missing_one_says_what_it_is_for(at):
    answer = at.call("POST", "/v1/registrations", {"amuont": 1, "currency": "E"}, key="r-1").json()
    assert {each["field"]: each["remedy"] for each in answer["errors"]} == {
        "company": "give it: The customer's name.",
        "currency": "correct it: ISO 4217 code of the amount.",
        "amuont": "did you mean 'amount'?",
    }


@pytest.mark.parametrize("key", [None, "", "two words", "x" * 129, "/slash"])
def test_a_registration_has_an_id_of_the_sender(at, key):
    answer = at.call("POST", "/v1/registrations", ROBOTICS, key=key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize("raw", [b"", b"no", b"[]", b"\xff"])
def test_what_is_no_json_object_is_refused_in_words(at, raw):
    headers = {"Authorization": f"Bearer {ACME}", "Idempotency-Key": "r-1"}
    answer = requests.post(f"{at.url}/v1/registrations", data=raw, headers=headers, timeout=5)
    assert answer.status_code == 422
    assert "JSON" in answer.json()["errors"][0]["problem"]


@pytest.mark.parametrize("token", [None, "guessed-token-0123456789", ACME[:-1], ACME + "x", ""])
def test_who_has_no_known_token_is_answered_401(at, token):
    answer = at.call("POST", "/v1/registrations", ROBOTICS, token=token, key="r-1")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert at.told == []


def test_a_lead_is_accepted_or_declined_by_the_partner_itself(at):
    assert at.answer(LEAD, "accept") == (200, {"id": LEAD})
    assert at.answer(LEAD, "decline", token=BOREALIS, reason="no capacity") == (200, {"id": LEAD})
    assert at.answer(LEAD, "accept") == (200, {"id": LEAD})
    told = [TABLES["partner_lead"].to_canonical(change.row) for change in at.told]
    assert [(each.partner, each.lead, each.status, each.reason) for each in told] == [
        ("acme", LEAD, "accepted", None),
        ("borealis", LEAD, "declined", "no capacity"),
    ]
    assert len({change.record_id for change in at.told}) == 2


def test_what_became_of_a_lead_comes_the_same_way_and_its_slashes_need_no_escape(at):
    at.answer(LEAD, "accept")
    assert at.kept("POST", f"/v1/leads/{LEAD}/answer", {"answer": "won"})[0] == 200
    assert (at.last().status, len({change.record_id for change in at.told})) == ("won", 1)


@pytest.mark.parametrize("lead", ["00Q000000000001", "our-crm/account/1", "our-crm/lead/"])
def test_an_answer_names_a_lead_as_it_was_told(at, lead):
    answer = at.call("POST", f"/v1/leads/{lead}/answer", {"answer": "accept"})
    assert answer.status_code == 422


def test_an_answer_that_is_none_is_refused_with_those_that_there_are(at):
    answer = at.call("POST", f"/v1/leads/{LEAD}/answer", {"answer": "maybe"})
    assert answer.status_code == 422
    assert "'accept', 'decline'" in answer.json()["errors"][0]["problem"]


def test_what_is_not_there_is_answered_404_and_a_wrong_method_405(at):
    assert at.call("POST", "/v1/partners", {}).status_code == 404
    answer = at.call("GET", "/v1/registrations")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert at.call("POST", "/v1/registrations/r-1", {}).status_code == 405


def test_what_the_connection_does_not_read_is_not_taken_in(opened):
    at = opened({"registration": TABLES["registration"]})
    assert at.answer(LEAD, "accept")[0] == 404
    assert at.told == []
