"""What an entity's map makes of rows and values, and that every shipped table holds its examples."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.build import MODELS, prove
from mappings.errors import ColumnError, RowError
from mappings.loader import load, systems
from schemas.entities import Account, Population

EXAMPLES = [(s, e, n) for s in systems() for e, table in load(s).items() for n in range(len(table.examples))]


@pytest.mark.parametrize(("system", "entity", "number"), EXAMPLES)
def test_the_example_of_a_table_holds(system, entity, number):
    table = load(system)[entity]
    prove(table, table.examples[number])


@pytest.mark.parametrize(("system", "entity"), [(s, e) for s in systems() for e in load(s)])
def test_every_table_has_an_example_and_maps_a_known_entity(system, entity):
    table = load(system)[entity]
    assert table.examples
    assert table.entity in MODELS
    assert table.vendor_fields == tuple(sorted(table.vendor_fields))


@pytest.fixture(scope="module")
def account():
    return load("salesforce")["account"]


@pytest.fixture(scope="module")
def overlap():
    return load("salesforce")["overlap"]


@pytest.fixture(scope="module")
def partner():
    return load("partner_list")["account"]


def test_blanks_are_none_and_an_owner_that_is_not_there_is_none(account):
    row = {"Name": " Acme ", "Website": "  ", "BillingCity": "", "Owner": None}
    assert account.to_canonical(row) == Account(name="Acme", population=Population.PROSPECT)


def test_a_row_without_a_name_is_refused_and_says_what_to_fill_in(account):
    with pytest.raises(RowError) as refused:
        account.to_canonical({"Name": " ", "Website": "https://acme.com"})
    assert (refused.value.field, refused.value.vendor_field) == ("name", "Name")
    assert "fill in 'Name'" in refused.value.remedy


def test_a_refused_value_names_field_vendor_field_and_value(overlap):
    with pytest.raises(RowError) as refused:
        overlap.to_fields({"Relation__c": "Sister"})
    error = refused.value
    assert (error.field, error.vendor_field, error.value) == ("relation", "Relation__c", "Sister")
    assert "'Same', 'Related'" in error.reason


def test_an_owner_that_is_no_object_is_refused(account):
    with pytest.raises(RowError, match="has no 'Name'"):
        account.to_canonical({"Name": "Acme", "Owner": "Dana"})


def test_a_null_is_really_written_and_only_what_is_given_is(overlap):
    assert overlap.to_vendor({"ended_on": None, "status": "ended"}) == {"Ended_On__c": None, "Status__c": "Ended"}


def test_an_unknown_field_is_refused_with_the_nearest_name(overlap):
    with pytest.raises(RowError, match="did you mean 'confidence'"):
        overlap.to_vendor({"confidance": 1})


def test_a_path_through_another_object_is_read_only(account):
    with pytest.raises(RowError, match="read only"):
        account.to_vendor({"owner_name": "Dana Reyes"})


def test_fields_of_a_row_are_those_that_it_has(overlap):
    row = {"Confidence__c": 97.5, "Ended_On__c": None, "Other__c": 1}
    assert overlap.to_fields(row) == {"confidence": 0.975, "ended_on": None}


@given(
    confidence=st.floats(0, 1),
    name=st.text(min_size=1, max_size=400),
    reasons=st.lists(st.text(max_size=60), max_size=5),
)
def test_what_was_written_never_differs_from_what_was_to_be_written(confidence, name, reasons):
    table = load("salesforce")["overlap"]
    fields = {"confidence": confidence, "partner_name": name, "reasons": reasons, "ended_on": None}
    assert table.differing(fields, table.to_vendor(fields)) == ()


def test_a_field_that_the_row_lacks_or_holds_otherwise_differs(overlap):
    row = {"Confidence__c": 97.5, "Status__c": "Active"}
    assert overlap.differing({"confidence": 0.975, "status": "ended", "partner": "acme"}, row) == ("status", "partner")


CELLS = st.none() | st.text() | st.integers()


@given(st.dictionaries(st.sampled_from(["website", "city", "duns", "population"]), CELLS), st.integers(0))
def test_any_row_of_a_list_with_a_name_becomes_a_record(row, name):
    record = load("partner_list")["account"].to_canonical({**row, "name": name})
    assert record.name == str(name)
    assert Account.model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize("column", ["Zip", "ZIPCODE", "Postal-Code", "postal_code", "Billing Zip/Postal Code", "PLZ"])
def test_the_usual_names_of_a_column_are_known(partner, column):
    assert partner.match_columns(["ID", "Name", column]).rows["postal code"] == column


def test_matched_columns_say_what_is_used_unused_missing_and_lacking(partner):
    columns = partner.match_columns(["Account ID", "Website", "Fax"])
    assert columns.used == {"id": "Account ID", "website": "Website"}
    assert columns.unused == ("Fax",)
    assert columns.lacking == ("name",)
    assert "registration_ids.duns" in columns.missing


def test_a_named_column_wins_over_a_guessed_one(partner):
    columns = partner.match_columns(["id", "name", "Firma"], {"name": "firma"})
    assert columns.used["name"] == "Firma"
    assert columns.unused == ("name",)


def test_a_named_column_that_is_not_there_is_refused_with_the_nearest(partner):
    with pytest.raises(ColumnError, match=r"no column 'Frima'.*did you mean 'Firma'"):
        partner.match_columns(["id", "Firma"], {"name": "Frima"})


def test_a_named_field_that_does_not_exist_is_refused_with_the_nearest(partner):
    with pytest.raises(ColumnError, match="did you mean 'website'"):
        partner.match_columns(["id"], {"websit": "id"})


def test_two_columns_that_could_be_the_same_field_are_refused(partner):
    with pytest.raises(ColumnError, match="'Name', 'NAME' could all be 'name'"):
        partner.match_columns(["id", "Name", "NAME"])


def test_the_real_lists_are_read_without_configuration(partner):
    folder = Path(__file__).parents[3] / "data" / "companies"
    for name in ("ours.csv", "partner.csv"):
        header = (folder / name).read_text("utf-8").splitlines()[0].split(",")
        assert partner.match_columns(header).unused == ()
