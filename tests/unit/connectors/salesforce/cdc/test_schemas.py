"""What the bitmaps of an event header name, always by the schema of that very event."""

import io
import json

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.cdc.schemas import EVERYTHING, EventSchema, SchemaCache

ADDRESS = {
    "type": "record",
    "name": "Address",
    "fields": [{"name": name, "type": ["null", "string"]} for name in ("Street", "City", "State", "PostalCode")],
}
PERSON = {
    "type": "record",
    "name": "Switchable_PersonName",
    "fields": [{"name": name, "type": ["null", "string"]} for name in ("FirstName", "LastName")],
}


def schema(*more):
    fields = [
        {"name": "ChangeEventHeader", "type": {"type": "record", "name": "ChangeEventHeader", "fields": []}},
        {"name": "Name", "type": ["null", "string", PERSON], "default": None},
        {"name": "Website", "type": ["null", "string"], "default": None},
        {"name": "BillingAddress", "type": ["null", ADDRESS], "default": None},
        {"name": "ShippingAddress", "type": ["null", "Address"], "default": None},
        *({"name": name, "type": ["null", "string"], "default": None} for name in more),
    ]
    document = {"type": "record", "name": "AccountChangeEvent", "namespace": "com.sforce.eventbus", "fields": fields}
    return EventSchema(json.dumps(document))


@pytest.mark.parametrize(
    ("bitmaps", "names"),
    [
        ([], []),
        (["0x00"], []),
        (["0x02"], ["Name"]),
        (["0x06"], ["Name", "Website"]),
        (["0x04", "3-0x02"], ["Website", "BillingAddress.City"]),
        (["3-0x0A"], ["BillingAddress.City", "BillingAddress.PostalCode"]),
        (["4-0x01"], ["ShippingAddress.Street"]),
        (["1-0x02"], ["Name.LastName"]),
    ],
)
def test_bits_name_fields_lowest_first_and_parts_of_compound_fields(bitmaps, names):
    assert schema().named(bitmaps) == set(names)


def test_the_vendors_example_reads_as_the_vendor_says():
    names = [f"F{n}" for n in range(5, 40)]
    long = schema(*names)
    assert {long.fields.index(name) for name in long.named(["0x650004E0"])} == {5, 6, 7, 10, 24, 26, 29, 30}


@pytest.mark.parametrize("bitmaps", [["0x8000"], ["3-0x80"], ["2-0x01"]])
def test_a_bit_beyond_the_schema_may_be_any_field_and_is_no_error(bitmaps):
    assert schema().named(bitmaps) == {EVERYTHING}


def test_the_list_that_is_decoded_stays_as_it_was():
    bitmaps = ["0x04", "3-0x02"]
    schema().named(bitmaps)
    assert bitmaps == ["0x04", "3-0x02"]


@given(st.sets(st.integers(1, 30)))
def test_what_is_set_is_named_and_nothing_else(bits):
    names = [f"F{n}" for n in range(5, 40)]
    long = schema(*names)
    bitmap = f"0x{sum(1 << bit for bit in bits):X}"
    assert long.named([bitmap]) == {long.fields[bit] for bit in bits}


def test_a_schema_is_asked_for_once():
    asked = []

    def fetch(schema_id):
        asked.append(schema_id)
        return schema().text

    cache = SchemaCache(fetch)
    assert cache.get("a") is cache.get("a")
    cache.get("b")
    assert asked == ["a", "b"]


def test_an_event_is_read_by_its_own_schema_and_bytes_of_another_are_refused():
    found = schema("Region__c")
    out = io.BytesIO()
    record = {"ChangeEventHeader": {}, "Name": "Acme", "Region__c": "DACH"}
    fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(found.text)), record)
    assert found.read(out.getvalue())["Region__c"] == "DACH"
    with pytest.raises(ValueError):
        found.read(b"\xff\xff\xff")
