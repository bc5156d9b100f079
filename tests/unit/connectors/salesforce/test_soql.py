"""Queries are text that reads back as what was meant."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import StopMapping
from connectors.salesforce import soql
from connectors.salesforce.soql import Position

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
# The sequences of "Quoted String Escape Sequences" in the SOQL reference.
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def literals(query: str) -> list[str]:
    """Every string literal of a query, unescaped, by the rules of the reference: it fails on any other backslash."""
    found, current, at = [], None, 0
    while at < len(query):
        character = query[at]
        if character == "'":
            if current is not None:
                found.append(current)
            current = "" if current is None else None
        elif current is not None and character == "\\":
            at += 1
            current += ESCAPES[query[at]]
        elif current is not None:
            current += character
        at += 1
    assert current is None, "a literal is not closed"
    return found


@given(TEXTS)
def test_any_text_reads_back_as_itself(text):
    assert literals(soql.quoted(text)) == [text]


@given(st.lists(TEXTS, min_size=1, max_size=60))
def test_a_lookup_asks_for_exactly_the_given_keys_in_order(keys):
    queries = list(soql.lookups("Account", ["Id"], "Source_Id__c", keys))
    assert [key for query in queries for key in literals(query)] == keys


@given(st.integers(100, 200), st.text("aü'", min_size=1, max_size=80))
def test_no_lookup_of_a_whole_batch_is_longer_than_a_uri_may_be(count, word):
    keys = [f"{word}{number}" for number in range(count)]
    queries = list(soql.lookups("Partner_Overlap__c", ["Id", "Name"], "Overlap_Key__c", keys))
    assert all(len(quote_plus(query)) <= soql.MAX_QUERY_BYTES for query in queries)


def test_a_key_that_no_where_clause_can_hold_is_not_asked_for():
    queries = list(soql.lookups("Account", ["Id"], "Key__c", ["x" * 4001, "short"]))
    assert [literals(query) for query in queries] == [["short"]]


def test_no_keys_are_no_query():
    assert list(soql.lookups("Account", ["Id"], "Key__c", [])) == []


def test_a_first_walk_asks_without_a_condition_in_the_order_of_the_key():
    assert soql.page("Account", ["Id", "Owner.Name"], None, 50) == (
        "SELECT Id, Owner.Name FROM Account ORDER BY SystemModstamp, Id LIMIT 50"
    )


def test_a_page_goes_on_within_the_second_in_which_the_last_one_ended():
    assert soql.after(Position(NOON, "001xx000003DGb2AAG")) == (
        " WHERE (SystemModstamp = 2026-11-22T12:00:00Z AND Id > '001xx000003DGb2AAG')"
        " OR SystemModstamp > 2026-11-22T12:00:00Z"
    )


def test_a_position_without_an_id_takes_the_whole_second():
    assert soql.after(Position(NOON)) == " WHERE SystemModstamp >= 2026-11-22T12:00:00Z"


@pytest.mark.parametrize("path", ["Name FROM User", "Name'", "Name, Id", "", "9lives", "Owner..Name", "Name;"])
def test_what_is_no_name_never_gets_into_a_query(path):
    with pytest.raises(StopMapping, match="no Salesforce name"):
        soql.page("Account", [path], None, 1)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_stamp_reads_back_to_the_millisecond(moment):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert soql.parsed(soql.stamp(moment)) == moment


def test_the_stamp_of_an_answer_is_read_in_any_zone():
    assert soql.parsed("2026-11-22T13:00:00.000+0100") == NOON
    assert soql.parsed("2026-11-22T12:00:00.000+0000") - NOON == timedelta(0)
