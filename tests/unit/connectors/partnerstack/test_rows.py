"""Records as the mapping reads them and values as PartnerStack takes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.partnerstack import rows
from connectors.partnerstack.rows import Unfit, shaped, written
from tests.unit.connectors.partnerstack.conftest import TABLES

DEAL = {
    "key": "deal_1",
    "created_at": 1795341600000,
    "updated_at": 1795341600123,
    "account_name": "Acme Robotics",
    "amount": 1250050,
    "partner_key": "acmecloud354",
    "stage": "Approved",
    "fields": [{"api_name": "website", "value": "https://acme.com"}],
    "field_data": {"website": "https://old.example", "city": "Bonn"},
    "team_member": {"key": "m", "email": "rep@acme-cloud.com"},
}


def test_a_deal_is_read_as_a_registration_with_its_form_its_money_and_its_times():
    found = TABLES["registration"].to_canonical(shaped(DEAL, "EUR"))
    assert (found.company, found.partner, found.status.value) == ("Acme Robotics", "acmecloud354", "approved")
    assert (found.amount, found.currency) == (Decimal("12500.50"), "EUR")
    assert (found.website, found.city, found.user_email) == ("https://acme.com", "Bonn", "rep@acme-cloud.com")
    assert found.submitted_at.isoformat() == "2026-11-22T10:00:00+00:00"


def test_a_stage_that_the_mapping_does_not_name_is_a_submission_and_keeps_its_word():
    found = TABLES["registration"].to_canonical(shaped({**DEAL, "stage": "Tell me more"}, "EUR"))
    assert (found.status.value, found.stage) == ("submitted", "Tell me more")


@given(st.integers(-(10**12), 10**12))
def test_cents_are_read_and_written_back_exactly(cents):
    assert rows.cents(rows.decimal(cents)) == cents


@pytest.mark.parametrize("amount", [0.005, "12.345", "much"])
def test_what_is_no_whole_number_of_cents_is_refused(amount):
    with pytest.raises(Unfit) as refused:
        rows.cents(amount)
    assert (refused.value.field, bool(refused.value.remedy)) == ("amount", True)


@pytest.mark.parametrize("odd", [True, 12.5, "12"])
def test_an_amount_that_is_no_whole_number_is_left_for_the_mapping_to_judge(odd):
    assert rows.decimal(odd) is odd


@pytest.mark.parametrize(
    ("key", "ref"),
    [
        ("our-crm:lead:00Q1", "our-crm/lead/00Q1"),
        ("our-crm:lead:a:b", "our-crm/lead/a:b"),
        ("ada@acme.com", None),
        ("a:deal:1", None),
        (None, None),
    ],
)
def test_an_external_key_names_our_lead_only_if_it_is_one_of_ours(key, ref):
    assert rows.lead_ref(key) == ref
    assert ref is None or rows.external_key(ref) == key


@pytest.mark.parametrize(
    ("status", "word", "state"),
    [
        ("open", None, "open"),
        ("closed", "working", "working"),
        ("closed", "converted", "converted"),
        ("dead", "withdrawn", "withdrawn"),
        ("closed won", "working", "closed won"),
        ("open", "withdrawn", "open"),
        ("dead", "nonsense", "dead"),
    ],
)
def test_tandems_own_word_refines_a_status_only_while_it_fits_it(status, word, state):
    assert rows.state({"status": status, "meta": {"tandem_state": word}}) == state


@pytest.mark.parametrize("state", ["open", "closed", "dead", "closed won", "closed lost", *rows.NEAREST])
def test_every_state_reads_back_as_it_was_written(state):
    members, answers = written({"state": state}, "USD", "")
    assert rows.state({**members, "meta": answers}) == state


def test_values_are_sorted_into_members_and_answers():
    values = {"stage": "Approved", "form:tandem_reasons": "clear", "amount": 12500.5, "currency": "USD"}
    assert written(values, "USD", "") == ({"stage": "Approved", "amount": 1250050}, {"tandem_reasons": "clear"})


def test_an_amount_in_another_currency_is_refused():
    with pytest.raises(Unfit, match="in USD, not EUR"):
        written({"amount": 1, "currency": "EUR"}, "USD", "")


def test_a_lead_under_the_name_of_another_is_refused():
    with pytest.raises(Unfit, match="not the lead of the write"):
        written({"lead_ref": "our-crm/lead/2"}, "USD", "our-crm/lead/1")


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"team": {"name": "Acme Cloud"}, "first_name": "Ada"}, "Acme Cloud"),
        ({"company_name": "Acme"}, "Acme"),
        ({"first_name": "Ada", "last_name": "Okafor", "team": None}, "Ada Okafor"),
        ({"email": "ada@acme.com"}, "ada@acme.com"),
        ({}, None),
    ],
)
def test_a_partnership_is_called_by_its_team_else_by_its_person(item, name):
    assert rows.display_name(item) == name


@pytest.mark.parametrize("item", [{"archived": True}, {"archived": "true"}, {"is_archived": True}])
def test_a_record_is_archived_however_it_is_said(item):
    assert rows.archived(item)
    assert not rows.archived({"archived": "false", "is_archived": None})
