"""Ids, times, savepoints and metadata files, each by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce import ids, times
from sandbox.salesforce.metadata import sfdx
from sandbox.salesforce.metadata.standard import standard_schema
from sandbox.salesforce.store import Store, Write

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


# Pairs of the short and the long form from the vendor's documentation and public issue threads.
@pytest.mark.parametrize(
    "known", ["001D000000IqhSLIAZ", "001Vr00000m4eGCIAY", "0013h00000Fz0GzAAJ", "7NPSB0000000g8v4AA"]
)
def test_the_checksum_of_a_real_id_is_reproduced(known: str) -> None:
    assert ids.to_18(known[:15]) == known


@given(st.text(alphabet=ids.BASE62, min_size=15, max_size=15))
def test_two_ids_that_differ_in_case_only_have_different_checksums(id15: str) -> None:
    swapped = id15.swapcase()
    assert (ids.to_18(id15)[15:] == ids.to_18(swapped)[15:]) == (id15 == swapped)


@given(st.integers(0, 62**9 - 2))
def test_ids_sort_in_the_order_of_their_numbers(number: int) -> None:
    assert ids.make("001", number)[:15] < ids.make("001", number + 1)[:15]


@pytest.mark.parametrize("text", ["", "001", "001D000000IqhSLIAA", "001D000000IqhS!", None, 5])
def test_what_is_no_id_or_has_a_wrong_checksum_is_not_taken_for_one(text: object) -> None:
    assert ids.normalise(text) is None


@given(st.datetimes(min_value=datetime(1700, 1, 1), max_value=datetime(4000, 1, 1), timezones=st.just(UTC)))
def test_a_printed_time_is_read_back_to_the_second(moment: datetime) -> None:
    assert times.parse_datetime(times.format_datetime(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize("text", ["2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z"])
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    assert times.parse_datetime(text) is None


class _StopError(Exception):
    """What makes a savepoint fail."""


def account(store: Store, name: str) -> dict[str, object]:
    return {"Id": store.next_id("Account"), "Name": name, "IsDeleted": False, "Website": name}


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=5), st.lists(st.sampled_from(["a", "b", "c"]), max_size=5))
def test_a_savepoint_that_fails_leaves_rows_indexes_and_ledger_as_they_were(kept: list[str], lost: list[str]) -> None:
    store = Store(standard_schema())
    by_site = store.schema.require("Account").field("Website")
    assert by_site is not None
    for name in kept:
        store.put("Account", account(store, name), Write("create", "005", NOW, ("Name",)))  # type: ignore[arg-type]
    before = {name: store.find("Account", by_site, name) for name in "abc"}, store.rows("Account")
    with pytest.raises(_StopError), store.savepoint():
        for row in store.rows("Account"):
            store.put("Account", {**row, "Website": "z"}, Write("update", "005", NOW, ("Website",)))
        with store.savepoint():
            for name in lost:
                store.put("Account", account(store, name), Write("create", "005", NOW, ()))  # type: ignore[arg-type]
        raise _StopError
    assert ({name: store.find("Account", by_site, name) for name in "abc"}, store.rows("Account")) == before
    assert store.find("Account", by_site, "z") == []
    assert all(len(store.writes(str(row["Id"]))) == 1 for row in store.rows("Account"))


def project(folder: Path, field: str) -> Path:
    fields = folder / "objects" / "Account" / "fields"
    fields.mkdir(parents=True)
    (fields / "X__c.field-meta.xml").write_text(
        f'<CustomField xmlns="http://soap.sforce.com/2006/04/metadata"><fullName>X__c</fullName>{field}</CustomField>'
    )
    return folder


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("<label>X</label><type>Location</type>", "field type Location is not emulated; use one of AutoNumber"),
        ("<type>Text</type>", "<label> is missing"),
        (
            "<label>X</label><type>Lookup</type><referenceTo>Nope__c</referenceTo>",
            "referenceTo Nope__c is not an object",
        ),
        (
            "<label>X</label><type>Picklist</type><valueSet><valueSetName>Tiers</valueSetName></valueSet>",
            "valueSetName Tiers has no globalValueSets file",
        ),
        ("<label>", "not well-formed XML"),
    ],
)
def test_metadata_that_cannot_be_used_is_refused_with_its_file(tmp_path: Path, field: str, says: str) -> None:
    with pytest.raises(sfdx.SfdxError, match=r"X__c\.field-meta\.xml: ") as refused:
        sfdx.load(project(tmp_path, field), standard_schema())
    assert says in str(refused.value)


def test_a_formula_is_read_only_and_a_shared_value_set_is_followed(tmp_path: Path) -> None:
    project(
        tmp_path,
        "<label>X</label><type>Picklist</type><valueSet><restricted>true</restricted>"
        "<valueSetName>Tiers</valueSetName></valueSet>",
    )
    fields = tmp_path / "objects" / "Account" / "fields"
    (fields / "F__c.field-meta.xml").write_text(
        "<CustomField><fullName>F__c</fullName><label>F</label><type>Number</type><formula>1</formula></CustomField>"
    )
    sets = tmp_path / "globalValueSets"
    sets.mkdir()
    (sets / "Tiers.globalValueSet-meta.xml").write_text(
        "<GlobalValueSet><customValue><fullName>Gold</fullName></customValue>"
        "<customValue><fullName>Old</fullName><isActive>false</isActive></customValue></GlobalValueSet>"
    )
    schema = standard_schema()
    assert sfdx.load(tmp_path, schema) == ["Account.F__c", "Account.X__c"]
    formula, tier = schema.require("Account").field("F__c"), schema.require("Account").field("X__c")
    assert formula is not None
    assert tier is not None
    assert (formula.calculated, formula.createable) == (True, False)
    assert (tier.picklist, tier.restricted) == (("Gold",), True)
