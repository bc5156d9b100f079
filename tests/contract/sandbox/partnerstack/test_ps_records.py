"""Records: what they take, what they refuse, forms in their three spellings, conversion."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import PARTNER, Api

LEAD: dict[str, Any] = {
    "external_key": "ada@acme.com",
    "partner_key": PARTNER,
    "status": "open",
    "meta": {"first_name": "Ada", "last_name": "Okafor"},
}


def test_a_deal_is_submitted_changed_and_archived(api: Api) -> None:
    body = {"partner_key": PARTNER, "account_name": "Acme", "amount": 1250050, "close_date": "2026-12-18"}
    made = api.data("POST", "deals", body)
    assert (made["stage"], made["source"], made["amount"]) == ("Submitted", "partner", 1250050)
    api.running.advance(60)
    changed = api.data("PATCH", f"deals/{made['key']}", {"stage": "Approved", "external_key": "0061"})
    assert (changed["stage"], changed["account_name"]) == ("Approved", "Acme")
    assert changed["updated_at"] == made["updated_at"] + 60_000
    assert api.data("GET", "deals/0061") == changed
    assert api("DELETE", "deals/0061").json() == {"message": "Archived", "status": 200}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"partner_key": None}, "partner_key is required"),
        ({"partner_key": "nobody"}, "does not belong to a partner"),
        ({"source": "vendor"}, "group_key is required"),
        ({"source": "friend"}, "Must be one of: partner, vendor"),
        ({"stage": "Nowhere"}, "not a stage of the group"),
        ({"amount": 12.5}, "Not a valid integer"),
        ({"amount": True}, "Not a valid integer"),
        ({"close_date": "18.12.2026"}, "Not a valid date"),
        ({"external_key": "x" * 256}, "at most 255"),
        ({"fields": [{"api_name": "shoe_size", "value": 43}]}, "not a field of the form"),
        ({"fields": [{"value": 43}]}, "needs its api_name"),
        ({"shoe_size": 43}, "Unknown field"),
    ],
)
def test_a_deal_that_does_not_fit_is_refused(api: Api, body: dict[str, Any], words: str) -> None:
    status, message = api.refused("POST", "deals", {"partner_key": PARTNER, "account_name": "Acme", **body})
    assert (status, words in message) == (400, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"external_key": None}, "external_key is required"),
        ({"status": None}, "status is required"),
        ({"status": "new"}, "Must be one of: open, closed, dead, closed won, closed lost"),
        ({"meta": {"first_name": "Ada"}}, "last_name is required"),
        ({"partner_key": "nobody"}, "does not belong to a partner"),
    ],
)
def test_a_lead_that_does_not_fit_is_refused(api: Api, body: dict[str, Any], words: str) -> None:
    status, message = api.refused("POST", "leads", {**LEAD, **body})
    assert (status, words in message) == (400, True)


def test_the_external_key_of_a_lead_is_unique_and_stands_in_for_its_key(api: Api) -> None:
    made = api.data("POST", "leads", LEAD)
    assert api.refused("POST", "leads", LEAD) == (400, "external_key ada@acme.com is already in use")
    assert api.data("GET", "leads/ada%40acme.com")["key"] == made["key"]
    assert api.data("PATCH", "leads/ada%40acme.com", {"status": "closed"})["status"] == "closed"


@pytest.mark.parametrize(
    "body",
    [
        {"fields": [{"api_name": "city", "value": "Bonn"}]},
        {"field_data": {"city": "Bonn"}},
        {"meta": {"city": "Bonn"}},
    ],
)
def test_a_form_is_written_and_shown_in_three_spellings(api: Api, body: dict[str, Any]) -> None:
    deal = api.running.act("submit_deal", PARTNER, "Acme", {"website": "https://acme.com"})["key"]
    shown = api.data("PATCH", f"deals/{deal}", body)
    whole = {"website": "https://acme.com", "city": "Bonn"}
    assert shown["field_data"] == shown["meta"] == whole
    assert {each["api_name"]: each["value"] for each in shown["fields"]} == whole


def test_a_change_that_changes_nothing_leaves_the_stamp_alone(api: Api) -> None:
    deal = api.running.act("submit_deal", PARTNER, "Acme")
    api.running.advance(60)
    assert api.data("PATCH", f"deals/{deal['key']}", {"account_name": "Acme"})["updated_at"] == deal["updated_at"]
    assert api.sandbox("GET", "writes?resource=deals") == {deal["key"]: {"user": 1}}


def test_a_partnership_takes_fields_a_manager_and_a_tier(api: Api) -> None:
    body = {
        "tier_key": "tier_2",
        "manager_email": "dana@tandem.example",
        "fields": [{"api_name": "country", "value": "DE"}],
    }
    shown = api.data("PATCH", f"partnerships/{PARTNER}", body)
    assert (shown["tier"], shown["manager_email"]) == ({"key": "tier_2", "name": "Gold"}, "dana@tandem.example")
    assert api.refused("PATCH", f"partnerships/{PARTNER}", {"tier_key": "tier_9"})[0] == 400


def test_a_deal_that_is_converted_makes_a_customer_of_its_partner(api: Api) -> None:
    deal = api.running.act("submit_deal", PARTNER, "Acme")["key"]
    assert api.refused("POST", f"deals/{deal}/convert", {}) == (400, "email is required")
    made = api.data("POST", f"deals/{deal}/convert", {"email": "ada@acme.com"})
    assert (made["partner_key"], made["name"], made["customer_key"]) == (PARTNER, "Acme", "ada@acme.com")
    assert api.data("GET", f"deals/{deal}")["customer_key"] == made["key"]


@pytest.mark.parametrize("path", ["deals/form-templates", "leads/form-template"])
def test_a_form_template_names_its_fields(api: Api, path: str) -> None:
    fields = {each["api_name"]: each["hidden"] for each in api.data("GET", path)["fields"]}
    assert (fields["website"], any(fields.values())) == (False, True)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(api: Api, body: bytes) -> None:
    assert api("POST", "deals", data=body).json()["message"] == "Invalid JSON body"
