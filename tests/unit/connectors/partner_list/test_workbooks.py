"""Workbooks read as lists: the right sheet, the right row of names, and cells as people see them."""

import zipfile

import pytest

from connectors.errors import BadInput
from connectors.partner_list import Settings, workbooks
from connectors.partner_list.sheets import sheet, spellings
from mappings.loader import load
from tests.unit.connectors.partner_list import books

KNOWN = spellings(load("partner_list")["account"], {})
ACCOUNTS = [["Account ID", "Account Name", "Employees"], [10115, "Müller <&> Söhne", 12.5], ["007", "Bolt", None]]
NOTES = [["Read me"], ["This workbook holds accounts"], ["as of 2026"], ["and more"]]


def read(path, **options):
    found = sheet(path, path.name, Settings(path=str(path), **options), KNOWN)
    return found, list(found.rows(found.columns))


@pytest.mark.parametrize(("ending", "write"), [("xlsx", books.xlsx), ("xlsm", books.xlsx), ("ods", books.ods)])
def test_the_sheet_that_looks_like_accounts_is_read_and_the_others_are_named(tmp_path, ending, write):
    found, rows = read(write(tmp_path / f"a.{ending}", {"Cover": NOTES, "Data": ACCOUNTS}))
    assert found.format == "excel"
    assert [row.cells for row in rows] == [
        {"Account ID": 10115, "Account Name": "Müller <&> Söhne", "Employees": 12.5},
        {"Account ID": "007", "Account Name": "Bolt", "Employees": None},
    ]
    assert found.how == ("sheet 'Data': its columns look most like accounts; others are 'Cover'",)


def test_a_sheet_can_be_named_and_one_that_is_not_there_is_refused_with_the_nearest(tmp_path):
    path = books.xlsx(tmp_path / "a.xlsx", {"North": ACCOUNTS, "South": [*ACCOUNTS, ["9", "Cog", None]]})
    assert len(read(path)[1]) == 3
    assert len(read(path, sheet="north")[1]) == 2
    with pytest.raises(BadInput, match=r"no sheet 'Nort'. Remedy: did you mean 'North'"):
        read(path, sheet="Nort")


def test_a_hidden_sheet_is_not_read_unless_it_is_named(tmp_path):
    path = books.xlsx(tmp_path / "a.xlsx", {"Old": [*ACCOUNTS, ["9", "Cog", None]], "New": ACCOUNTS}, hidden="Old")
    assert len(read(path)[1]) == 2
    assert len(read(path, sheet="Old")[1]) == 3


def test_titles_above_and_totals_below_are_no_accounts_and_rows_are_counted_from_the_top(tmp_path):
    grid = [["Our accounts"], [], *ACCOUNTS, ["Total", None, 12.5]]
    found, rows = read(books.xlsx(tmp_path / "a.xlsx", {"Data": grid}))
    assert [row.number for row in rows] == [4, 5]
    assert "column names in row 3" in found.how[1]
    assert "left out, as 'Total'" in str(found.remarks[0])


def test_a_formula_that_failed_is_an_empty_cell(tmp_path):
    _, rows = read(books.xlsx(tmp_path / "a.xlsx", {"Data": [*ACCOUNTS, ["9", "#N/A", 1]]}))
    assert rows[2].cells == {"Account ID": "9", "Account Name": None, "Employees": 1}


def test_a_cell_beyond_the_last_column_is_told(tmp_path):
    _, rows = read(books.xlsx(tmp_path / "a.xlsx", {"Data": [*ACCOUNTS, ["9", "Cog", 1, "stray"]]}))
    assert rows[2].fault.code == "TOO_MANY_COLUMNS"
    assert "'stray'" in rows[2].fault.reason


def test_a_workbook_without_a_cell_is_empty(tmp_path):
    assert sheet(books.xlsx(tmp_path / "a.xlsx", {"Data": []}), "a.xlsx", Settings(path="a.xlsx"), KNOWN).empty


def test_a_workbook_that_is_none_or_unpacks_beyond_reason_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more")
    with pytest.raises(BadInput, match="no whole workbook"):
        read(tmp_path / "a.xls")
    monkeypatch.setattr(workbooks, "LARGEST", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", " " * 100_000)
    with pytest.raises(BadInput, match="unpacks to"):
        read(tmp_path / "bomb.xlsx")
