"""What a pass yields, what it reports, and when it stops and asks."""

import json
import re

import pytest

from connectors.base import Change, Unreadable
from connectors.errors import BadInput, NeedsConfirmation, RetryLater
from connectors.partner_list import Settings
from mappings.loader import load
from schemas.messages import ChangeKind

from .conftest import accounts


def changes(events):
    return [(event.kind, event.record_id) for event in events if isinstance(event, Change)]


def reports(events):
    return [event for event in events if isinstance(event, Unreadable)]


UP, GONE = ChangeKind.UPSERTED, ChangeKind.DELETED


def test_the_first_list_is_published_row_by_row_under_the_tables_names(lists, caller, table):
    lists.rows([("b1", "Acme Cloud", "10115", "x")], header=("Account ID", "Company", "ZIP", "Fax"))
    caller.run(lists.source(), table)
    change = caller.published[0]
    assert (change.record_id, change.kind, change.slot) == ("b1", UP, "row:b1")
    assert change.row == {"name": "Acme Cloud", "postal code": "10115"}
    assert change.version == int(change.occurred_at.timestamp() * 1000)
    assert table.to_canonical(change.row).postal_code == "10115"


def test_an_unchanged_list_yields_nothing(lists, caller, table):
    lists.rows(accounts(3))
    caller.run(lists.source(), table)
    assert caller.run(lists.source(), table) == []


def test_only_what_differs_is_published_and_removals_come_last(lists, caller, table):
    lists.rows(accounts(4))
    caller.run(lists.source(), table)
    lists.rows(
        [("b1", "Company 1", "Berlin"), ("b3", "Renamed", "Berlin"), ("b2", "Company 2", "Berlin"), ("b9", "New", "")]
    )
    assert changes(caller.run(lists.source(), table)) == [(UP, "b3"), (UP, "b9"), (GONE, "b0")]
    assert set(caller.holds) == {"b1", "b2", "b3", "b9"}


def test_a_list_that_was_only_touched_publishes_nothing(lists, caller, table):
    lists.rows(accounts(3))
    caller.run(lists.source(), table)
    lists.rows(accounts(3))
    assert changes(caller.run(lists.source(), table)) == []


def test_a_change_in_a_column_that_is_not_mapped_publishes_nothing(lists, caller, table):
    lists.rows([("b1", "Acme", "555")], header=("id", "name", "fax"))
    caller.run(lists.source(), table)
    lists.rows([("b1", "Acme", "556")], header=("id", "name", "fax"))
    assert changes(caller.run(lists.source(), table)) == []


def test_an_older_file_put_back_has_a_higher_version(lists, caller, table):
    lists.rows(accounts(2), minute=50)
    caller.run(lists.source(), table)
    lists.rows([("b0", "Renamed", ""), ("b1", "Company 1", "Berlin")], minute=3)
    caller.run(lists.source(), table)
    first, last = caller.published[0], caller.published[-1]
    assert last.occurred_at < first.occurred_at
    assert last.version > first.version


def test_another_meaning_of_a_column_publishes_the_rows_of_the_same_file_again(lists, caller, table, tmp_path):
    lists.rows([("b1", "Acme", "Kunde")], header=("id", "name", "status"))
    caller.run(lists.source(), table)
    (tmp_path / "own").mkdir()
    text = '[account.fields.population]\nvalues = { "Kunde" = "customer" }\n'
    (tmp_path / "own" / "partner_list.toml").write_text(text)
    mended = load("partner_list", tmp_path / "own")["account"]
    assert changes(caller.run(lists.source(), mended)) == [(UP, "b1")]
    assert mended.to_canonical(caller.holds["b1"]).population == "customer"


def test_many_removals_wait_for_the_exact_number(lists, caller, table):
    lists.rows(accounts(40))
    caller.run(lists.source(), table)
    lists.rows(accounts(28, start=12))
    with pytest.raises(NeedsConfirmation) as question:
        caller.run(lists.source(), table)
    assert "lacks 12 of the 40 known ones (30%; the limits are 20% and 10 rows)" in question.value.reason
    assert "`tandem source acme-list --confirm-removals 12`" in question.value.remedy
    assert len(caller.holds) == 40
    with pytest.raises(NeedsConfirmation, match="11 were confirmed, which is not this number"):
        caller.run(lists.source(confirm_removals=11), table)
    caller.run(lists.source(confirm_removals=12), table)
    assert len(caller.holds) == 28


def test_upserts_of_a_list_that_waits_are_published_once(lists, caller, table):
    lists.rows(accounts(40))
    caller.run(lists.source(), table)
    lists.rows([*accounts(20, start=20), ("new", "New", "")])
    for _ in range(2):
        with pytest.raises(NeedsConfirmation):
            caller.run(lists.source(), table)
    assert [change.record_id for change in caller.published].count("new") == 1


def test_a_confirmation_survives_a_crash_but_not_another_list(lists, caller, table):
    lists.rows(accounts(60))
    caller.run(lists.source(), table)
    lists.rows(accounts(20))
    caller.run(lists.source(confirm_removals=40), table, crash_after=16)
    assert len(caller.holds) == 45
    crashed = dict(caller.cursors)
    caller.run(lists.source(confirm_removals=40), table)
    assert len(caller.holds) == 20
    caller.cursors = crashed
    lists.rows(accounts(19))
    with pytest.raises(NeedsConfirmation, match="lacks 26 of the 45"):
        caller.run(lists.source(confirm_removals=40), table)


@pytest.mark.parametrize(("removed", "asks"), [(8, False), (9, True)])
def test_both_limits_must_be_exceeded(lists, caller, table, removed, asks):
    lists.rows(accounts(40))
    caller.run(lists.source(), table)
    lists.rows(accounts(40 - removed))
    source = lists.source(max_removed_rows=3)
    if asks:
        with pytest.raises(NeedsConfirmation):
            caller.run(source, table)
    else:
        caller.run(source, table)
        assert len(caller.holds) == 40 - removed
    assert len(changes(caller.run(lists.source(max_removed_rows=10), table))) == (removed if asks else 0)


@pytest.mark.parametrize("content", ["", "id,name,city\n", "id,name,city\n,,\n\n"])
def test_an_emptied_list_asks_even_below_the_limits(lists, caller, table, content):
    lists.rows(accounts(3))
    caller.run(lists.source(), table)
    lists.write(content)
    with pytest.raises(NeedsConfirmation, match="lacks 3 of the 3") as question:
        caller.run(lists.source(), table)
    assert "--confirm-removals 3`" in question.value.remedy
    caller.run(lists.source(confirm_removals=3), table)
    assert caller.holds == {}


def test_a_first_list_without_a_byte_is_refused(lists, caller, table):
    lists.write("")
    with pytest.raises(BadInput, match="is empty"):
        caller.run(lists.source(), table)


@pytest.mark.parametrize(
    ("cut", "says"),
    [
        (b'b2,"Company', "within a quoted cell of row 4"),
        (b"b2,Compa", "in the middle of row 4: 2 of 3 columns"),
        (b"b", "row 4: 1 of 3"),
    ],
)
def test_a_list_that_breaks_off_removes_nothing_but_its_good_rows_count(lists, caller, table, cut, says):
    lists.rows(accounts(5))
    caller.run(lists.source(), table)
    lists.write(b"id,name,city\nb0,Renamed,Berlin\nb1,Company 1,Berlin\n" + cut)
    for _ in range(2):
        with pytest.raises(BadInput, match=says):
            caller.run(lists.source(), table)
    assert len(caller.holds) == 5
    assert caller.holds["b0"]["name"] == "Renamed"
    lists.rows(accounts(4))
    caller.run(lists.source(), table)
    assert len(caller.holds) == 4


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("b1,,Berlin", "REQUIRED_FIELD_MISSING", "name"),
        ("b1,Company", "TOO_FEW_COLUMNS", None),
        ("b1,Company, Inc.,Berlin", "TOO_MANY_COLUMNS", None),
        ("b1,Caf\udce9,Berlin", "UNDECODABLE", "name"),
    ],
)
def test_a_malformed_row_is_reported_once_and_keeps_its_earlier_version(lists, caller, table, row, code, field):
    lists.rows(accounts(3))
    caller.run(lists.source(encoding="utf-8"), table)
    bad = f"id,name,city\nb0,Company 0,Berlin\n{row}\n".encode(errors="surrogateescape")
    lists.write(bad)
    report = reports(caller.run(lists.source(encoding="utf-8"), table))[0]
    assert (report.subject, report.code, report.field) == ("acme.csv row 3", code, field)
    assert report.remedy
    assert set(caller.holds) == {"b0", "b1"}
    assert caller.holds["b1"]["name"] == "Company 1"
    lists.write(bad + b"b7,New,Berlin\n")
    assert reports(caller.run(lists.source(encoding="utf-8"), table)) == []
    lists.rows(accounts(2))
    assert changes(caller.run(lists.source(encoding="utf-8"), table)) == [(GONE, "b7")]
    assert not [slot for slot in caller.cursors if "/bad:" in slot]


def test_a_byte_that_does_not_decode_is_named_by_line_and_position(lists, caller, table):
    lists.write(b"id,name,city\nb0,Acme,Berlin\nb1,Caf\xe9,Berlin\n")
    caller.run(lists.source(encoding="utf-8-sig"), table)
    assert caller.reports[0].reason == "line 3: byte 0xe9 at position 34 is no utf-8-sig."
    assert "cp1252" in caller.reports[0].remedy
    caller.run(lists.source(encoding="cp1252"), table)
    assert caller.holds["b1"]["name"] == "Café"


def test_of_two_rows_with_one_id_the_first_counts(lists, caller, table):
    lists.rows([("b0", "First", ""), ("b0", "Second", "")])
    report = reports(caller.run(lists.source(), table))[0]
    assert (report.code, report.subject, report.field) == ("DUPLICATE_ID", "acme.csv row 3", "id")
    assert caller.holds["b0"]["name"] == "First"


@pytest.mark.parametrize("row", ["  ,Company 2,Berlin", "\udce9,Company 2,Berlin", '"b2,Company\n2,Berlin\nb3",Berlin'])
def test_nothing_is_removed_while_a_row_does_not_tell_its_id(lists, caller, table, row):
    lists.rows(accounts(4))
    caller.run(lists.source(), table)
    lists.write(f"id,name,city\nb0,Renamed,Berlin\n{row}\n".encode(errors="surrogateescape"))
    found = reports(caller.run(lists.source(encoding="utf-8"), table))
    assert [each.code for each in found][1:] == ["REMOVALS_HELD_BACK"]
    assert "3 known rows are not in the list, but 1 of its rows do not tell their id (3)" in found[1].reason
    assert len(caller.holds) == 4
    assert caller.holds["b0"]["name"] == "Renamed"
    lists.rows(accounts(2))
    caller.run(lists.source(), table)
    assert len(caller.holds) == 2


def test_a_shifted_row_is_not_trusted_to_tell_its_id_unless_the_id_is_known(lists, caller, table):
    lists.rows([("Acme", "b0"), ("Bolt", "b1"), ("Core", "b2")], header=("name", "id"))
    caller.run(lists.source(), table)
    lists.write("name,id\nAcme,b0\nBolt, Inc.,b1\n")
    assert [each.code for each in reports(caller.run(lists.source(), table))] == [
        "TOO_MANY_COLUMNS",
        "REMOVALS_HELD_BACK",
    ]
    assert len(caller.holds) == 3


def test_a_missing_column_names_the_columns_and_the_setting(lists, caller, table):
    lists.rows([("b1", "Acme", "")], header=("id", "Bezeichnung", "Ort"))
    with pytest.raises(BadInput) as refused:
        caller.run(lists.source(), table)
    assert "no column for 'name'; its columns are 'id', 'Bezeichnung', 'Ort'" in refused.value.reason
    assert 'columns = { name = "..." }' in refused.value.remedy
    caller.run(lists.source(columns={"name": "Bezeichnung", "city": "ort"}), table)
    assert caller.holds == {"b1": {"name": "Acme", "city": ""}}


def test_a_named_column_that_is_not_there_is_refused_with_the_nearest(lists, caller, table):
    lists.rows(accounts(1))
    with pytest.raises(BadInput, match=r"no column 'nmae'.*did you mean 'name'"):
        caller.run(lists.source(columns={"name": "nmae"}), table)


def test_unused_columns_are_logged_once(lists, caller, table, caplog):
    caplog.set_level("INFO")
    source = lists.source()
    for name in ("Acme", "Bolt"):
        lists.rows([("b1", name, "1", "2")], header=("id", "name", "fax", "rank"))
        caller.run(source, table)
    told = [record.message for record in caplog.records]
    assert told.count("acme-list: 2 columns of acme.csv are not used: fax, rank") == 1
    assert len(told) == len(set(told))


def test_a_file_that_is_written_to_while_it_is_read_is_read_again_later(lists, caller, table):
    lists.rows(accounts(3))
    caller.run(lists.source(), table)
    lists.rows(accounts(2))
    seen = []
    with pytest.raises(RetryLater, match="changed while it was read"):
        _read_while_written(lists, table, caller.cursors, seen)
    assert changes(seen) == []


def _read_while_written(lists, table, cursors, seen):
    for event in lists.source().changes({"account": table}, cursors):
        seen.append(event)
        lists.rows(accounts(3))


def test_the_cursors_of_a_crash_are_small_and_opaque(lists, caller, table):
    lists.rows(accounts(2))
    caller.run(lists.source(), table)
    assert set(caller.cursors) == {"account/", "account/row:b0", "account/row:b1"}
    assert set(json.loads(caller.cursors["account/"])) == {"done", "version"}
    assert re.fullmatch("[0-9a-f]{24}", caller.cursors["account/row:b0"])


def test_settings_refuse_what_they_do_not_know_and_describe_all_they_do():
    with pytest.raises(ValueError, match="no encoding 'utf8sig'"):
        Settings(path="x", encoding="utf8sig")
    with pytest.raises(ValueError, match="Extra inputs"):
        Settings(path="x", patern="*")
    for name, info in Settings.model_fields.items():
        assert info.description, name
        assert info.examples or info.default == "*", name
