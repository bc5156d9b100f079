"""Which records of an object stand for an entity, and how a wrong condition is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.conditions import Condition, takes
from mappings.errors import MappingError
from mappings.loader import load

TABLE = """
[registration]
object = "Lead"
id = "Id"
reads = true
when = { "RecordType.DeveloperName" = ["Deal_Registration"] }

[registration.fields]
partner = "Partner__c"
company = "Company"
"""
TYPE = "RecordType.DeveloperName"


@pytest.fixture
def folder(tmp_path):
    def write(text, system="crm"):
        (tmp_path / f"{system}.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_every_lead_of_salesforce_is_a_lead_or_a_registration_and_none_is_both():
    lead, registration = load("salesforce")["lead"], load("salesforce")["registration"]
    rows = [{"RecordType": {"DeveloperName": "Deal_Registration"}}, {"RecordType": {"DeveloperName": "Inbound"}}]
    rows += [{"RecordType": None}, {}]
    assert [registration.takes(row) for row in rows] == [True, False, False, False]
    assert [lead.takes(row) for row in rows] == [False, True, True, True]


def test_a_partner_is_an_account_beside():
    tables = load("salesforce")
    for row, partner in (({"Is_Partner__c": True}, True), ({"Is_Partner__c": False}, False), ({}, False)):
        assert (tables["account"].takes(row), tables["partner"].takes(row)) == (True, partner)


@pytest.mark.parametrize(
    ("row", "is_lead"),
    [
        ({"lifecyclestage": "marketingqualifiedlead", "lastname": "Okafor", "company": "Acme"}, True),
        ({"lifecyclestage": "customer", "lastname": "Okafor", "company": "Acme"}, False),
        ({"lifecyclestage": None, "lastname": "Okafor", "company": "Acme"}, False),
        ({"lifecyclestage": "lead", "lastname": "", "company": "Acme"}, False),
        ({"lifecyclestage": "lead", "lastname": "Okafor", "company": None}, False),
    ],
)
def test_a_contact_of_hubspot_is_a_lead_in_the_first_stages_once_it_has_a_name_and_a_company(row, is_lead):
    assert load("hubspot")["lead"].takes(row) == is_lead
    assert load("hubspot")["contact"].takes(row)


@pytest.mark.parametrize(
    ("values", "value", "holds"),
    [
        (("Deal_Registration",), " deal_registration ", True),
        (("a", "b"), "b", True),
        (("a", "b"), "c", False),
        ((True,), "true", True),
        ((True,), None, False),
        ((False,), None, True),
        ((False,), "", True),
        ((False,), "FALSE", True),
        (("",), None, True),
        (("",), " ", True),
        (("",), "x", False),
    ],
)
def test_values_are_compared_without_case_and_blanks_and_a_blank_is_no_yes(values, value, holds):
    assert Condition("Field", values).holds({"Field": value}) == holds


@given(st.lists(st.booleans(), max_size=4), st.lists(st.booleans(), max_size=4))
def test_a_row_is_taken_where_all_of_the_first_hold_and_none_of_the_second(when, unless):
    row = {f"w{n}": held for n, held in enumerate(when)} | {f"u{n}": held for n, held in enumerate(unless)}
    first = [Condition(f"w{n}", (True,)) for n in range(len(when))]
    second = [Condition(f"u{n}", (True,)) for n in range(len(unless))]
    assert takes(first, second, row) == (all(when) and not any(unless))


def test_a_source_is_asked_for_the_fields_of_the_conditions_and_the_digest_tells_them(folder):
    with_it = load("crm", folder(TABLE))["registration"]
    without = load("crm", folder(TABLE.replace("when = ", "# ")))["registration"]
    other = load("crm", folder(TABLE.replace('["Deal_Registration"]', '["Deal"]')))["registration"]
    assert (TYPE in with_it.vendor_fields, TYPE in without.vendor_fields) == (True, False)
    assert TYPE not in {each.vendor for each in with_it.fields.values()}
    assert len({with_it.digest, without.digest, other.digest}) == 3


def test_a_deployment_replaces_a_condition_and_drops_it_with_an_empty_one(folder):
    own = folder('[partner]\nwhen = { Type = ["Channel Partner / Reseller"] }\n', "salesforce")
    partner = load("salesforce", own)["partner"]
    assert partner.takes({"Type": "Channel Partner / Reseller"})
    assert "Is_Partner__c" not in partner.vendor_fields
    assert load("salesforce", folder("[lead]\nunless = {}\n", "salesforce"))["lead"].asked == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('["Deal_Registration"]', '"Deal_Registration"', ["line 6", "'Deal_Registration' is no list", '["<value>"]']),
        ('["Deal_Registration"]', "[]", ["line 6", "[] is no list"]),
        ('["Deal_Registration"]', "[3]", ["line 6", "[3] is no list of texts"]),
        ('{ "RecordType.DeveloperName"', "{ RecordType.DeveloperName", ["line 6", 'in quotes, as "RecordType.Name"']),
        ('{ "RecordType.DeveloperName" = ["Deal_Registration"] }', '["Deal_Registration"]', ["line 6", "give dict"]),
        ("when =", "wenn =", ["line 6", "'wenn'", "did you mean 'when'"]),
        ("reads = true", "writes = true", ["line 6", "this is not read", "set reads = true"]),
    ],
)
def test_a_wrong_condition_is_refused_with_the_place_and_the_remedy(folder, old, new, says):
    assert old in TABLE
    with pytest.raises(MappingError) as refused:
        load("crm", folder(TABLE.replace(old, new)))
    for words in ["crm.toml", "Remedy:", *says]:
        assert words in str(refused.value)


def test_an_example_of_a_record_that_is_not_meant_is_refused(folder):
    example = 'vendor = { Partner__c = "a", Company = "Acme" }\ncanonical = { partner = "a", company = "Acme" }'
    with pytest.raises(MappingError, match="the row is no registration by `when`"):
        load("crm", folder(f"{TABLE}\n[[registration.examples]]\n{example}\n"))
    meant = example.replace("{ P", "{ RecordType = { DeveloperName = 'Deal_Registration' }, P", 1)
    assert load("crm", folder(f"{TABLE}\n[[registration.examples]]\n{meant}\n"))["registration"].examples
