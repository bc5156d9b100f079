"""The same rows come out of every kind of file, and a broken file is told from a broken row."""

import csv
import io
import json
import tracemalloc
from datetime import date
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import BadInput
from connectors.partner_list import Settings
from connectors.partner_list.sheets import format_of, sheet

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=8)
ROWS = st.lists(st.tuples(CELL.map(lambda text: f"i{text}"), CELL, CELL), min_size=1, max_size=8)
HEADER = ("id", "name", "city")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sheets")


def read(path, name=None, **options):
    name = name or path.name
    found = sheet(path, name, Settings(path=str(path), **options))
    return found, list(found.rows(found.columns))


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@settings(max_examples=40)
@given(rows=ROWS, delimiter=st.sampled_from([",", ";", "\t", "|"]))
def test_a_csv_reads_as_it_was_written_whatever_its_delimiter_and_encoding(folder, delimiter, encoding, rows):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([HEADER, *rows])
    path = written(folder / "any.csv", text.getvalue().encode(encoding))
    found, read_rows = read(path, encoding="utf-16" if encoding == "utf-16" else "utf-8-sig")
    assert found.columns == HEADER
    assert [tuple(row.cells.values()) for row in read_rows] == rows
    assert all(row.fault is None for row in read_rows)


@settings(max_examples=40)
@given(rows=ROWS)
def test_json_lines_and_parquet_read_as_they_were_written(folder, rows):
    records = [dict(zip(HEADER, row, strict=True)) for row in rows]
    lines = written(folder / "any.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records), folder / "any.parquet")
    for path in (lines, folder / "any.parquet"):
        found, read_rows = read(path)
        assert found.columns == HEADER
        assert [row.cells for row in read_rows] == records


@settings(max_examples=40)
@given(rows=ROWS, last=st.text("abc ", min_size=1), data=st.data())
def test_a_csv_cut_within_a_row_never_reads_as_a_whole_list(folder, rows, last, data):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([HEADER, *rows, ("i", "name", last)])
    whole = text.getvalue().encode()
    start = whole.rindex(b'"i","name"')
    # Cut right behind the last delimiter, a row looks whole with an empty cell: nothing can tell that.
    points = set(range(start + 1, len(whole) - 2)) - {whole.rindex(b',"') + 1}
    with pytest.raises(BadInput, match=r"ends (with|in)"):
        read(written(folder / "cut.csv", whole[: data.draw(st.sampled_from(sorted(points)))]))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", b'{"id": 1}\n{"id": 2, "na', "ends in the middle of row 2"),
        ("a.parquet", b"PAR1 and no footer", "no whole Parquet file"),
        ("a.csv", b'id,name\n1,"' + b"x" * 140_000 + b"\n", "row 2 .line 2. is no CSV: field larger"),
        ("a.xlsx", b"PK", "is no whole workbook.* save it as CSV"),
        ("accounts", b"id", "set `format`"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_what_to_do(folder, name, content, says):
    with pytest.raises(BadInput, match=says):
        read(written(folder / name, content))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id;name\n1;Acme\n".encode("utf-16"), "set `encoding` to utf-16"),
        (b"id,n\xe4me\n1,Acme\n", "line 1: byte 0xe4 at position 4"),
    ],
)
def test_an_encoding_that_was_said_is_held_to(folder, content, says):
    with pytest.raises(BadInput, match=says):
        read(written(folder / "a.csv", content), encoding="utf-8")


def test_a_wrong_byte_in_utf16_is_refused_for_the_whole_file(folder):
    path = written(folder / "wide.csv", "id,name\n1,Acme\n".encode("utf-16") + b"\x00\xd8")
    with pytest.raises(BadInput, match="no utf-16"):
        read(path, encoding="utf-16")


def test_a_broken_line_of_json_is_a_row_of_its_own(folder):
    _, rows = read(written(folder / "a.jsonl", '{"id": 1}\nnot json\n[1]\n\n{"id": 2, "zip": "1"}\n'))
    assert [(row.number, row.fault.code if row.fault else None) for row in rows] == [
        (1, None),
        (2, "NOT_JSON"),
        (3, "NOT_JSON"),
        (5, None),
    ]


def test_columns_of_json_lines_are_those_of_all_rows(folder):
    found, _ = read(written(folder / "a.jsonl", '{"id": 1}\n{"id": 2, "zip": "1"}\n'))
    assert found.columns == ("id", "zip")


def test_empty_cells_behind_a_row_are_no_columns_too_many(folder):
    _, rows = read(written(folder / "a.csv", "id,name\n1,Acme,,\n"))
    assert rows[0].fault is None


def test_rows_are_counted_as_a_spreadsheet_counts_them(folder):
    _, rows = read(written(folder / "a.csv", '\nid,name\n\n1,"Acme\nInc."\n,,\n2,Bolt\n'))
    assert [row.number for row in rows] == [4, 6]


def test_numbers_days_and_missing_numbers_of_parquet_are_kept_as_such(folder):
    table = pyarrow.table({"id": [1, 2], "zip": [10115.0, float("nan")], "since": [date(2026, 1, 1), None]})
    pyarrow.parquet.write_table(table, folder / "typed.parquet")
    _, rows = read(folder / "typed.parquet")
    assert rows[0].cells == {"id": 1, "since": date(2026, 1, 1), "zip": 10115.0}
    assert rows[1].cells == {"id": 2, "since": None, "zip": None}


@pytest.mark.parametrize(
    ("name", "kind"), [("A.CSV", "csv"), ("a.b.tsv", "csv"), ("a.ndjson", "jsonl"), ("a.parquet", "parquet")]
)
def test_the_name_of_a_file_tells_its_format(name, kind):
    assert format_of(name) == kind


def test_a_long_list_is_read_in_little_memory(folder):
    line = "b{0},Company number {0} with a long name,Berlin\n"
    path = written(folder / "long.csv", "id,name,city\n" + "".join(line.format(number) for number in range(40_000)))
    found = sheet(path, path.name, Settings(path=str(path)))
    tracemalloc.start()
    count = sum(1 for _ in found.rows(found.columns))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 40_000
    assert peak < 500_000 < Path(path).stat().st_size
