"""Output files are whole, safe, and never in the place of something else."""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.mapping.writing import Layout, Record, safe, target, write
from tandem.settings import ConfigError

LAYOUT: Layout = {"name": "text", "confidence": "number", "reasons": "texts"}
ROWS = [{"name": "=1+1", "confidence": 0.5, "reasons": ("@a", "b")}, {"name": None, "confidence": 1.0, "reasons": ()}]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert safe(cell) == "'" + cell


@given(st.from_regex(r"[+-]?[0-9]+(\.[0-9]+)?", fullmatch=True) | st.from_regex(r"[^=+\-@\t\r].*", fullmatch=True))
def test_numbers_and_other_cells_stay_as_they_are(cell: str) -> None:
    assert safe(cell) == cell


def test_a_csv_is_safe_and_lists_are_one_cell(tmp_path: Path) -> None:
    write(target(str(tmp_path / "o.csv"), "--out", []), LAYOUT, ROWS)
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [[*LAYOUT], ["'=1+1", "0.5", "'@a; b"], ["", "1.0", ""]]


def test_other_formats_keep_values_as_they_are(tmp_path: Path) -> None:
    write(target(str(tmp_path / "o.jsonl"), "--out", []), LAYOUT, ROWS)
    write(target(str(tmp_path / "o.parquet"), "--out", []), LAYOUT, ROWS)
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == pyarrow.parquet.read_table(tmp_path / "o.parquet").to_pylist()
    assert lines[0] == {"name": "=1+1", "confidence": 0.5, "reasons": ["@a", "b"]}


def test_a_parquet_of_no_rows_still_has_its_columns(tmp_path: Path) -> None:
    write(target(str(tmp_path / "o.parquet"), "--out", []), LAYOUT, [])
    assert pyarrow.parquet.read_table(tmp_path / "o.parquet").column_names == [*LAYOUT]


@pytest.mark.parametrize("name", ["o.csv", "o.jsonl"])
def test_a_write_that_fails_leaves_the_file_before_it_and_nothing_else(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("before", encoding="utf-8")

    def failing() -> Iterator[Record]:
        yield ROWS[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(target(str(path), "--out", []), LAYOUT, failing())
    assert path.read_text(encoding="utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("before", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write(target(str(tmp_path / "link.csv"), "--out", []), LAYOUT, ROWS)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text(encoding="utf-8").startswith("name,confidence")


def test_an_input_is_never_overwritten_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "ours.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "ours.csv")
    for name in ("ours.csv", "link.csv"):
        with pytest.raises(ConfigError, match="read or written by this command already"):
            target(str(tmp_path / name), "--out", [tmp_path / "ours.csv"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("overlaps", "let it end with one of"),
        ("nowhere/o.csv", "there is no folder"),
        ("folder.csv", "is there and no file"),
    ],
)
def test_a_name_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ConfigError, match=words):
        target(str(tmp_path / name), "--out", [])


def test_the_temporary_file_lies_beside_its_target_so_that_it_can_be_renamed(tmp_path: Path) -> None:
    seen: list[str] = []

    def looking() -> Iterator[Record]:
        seen.extend(os.listdir(tmp_path))
        yield ROWS[0]

    write(target(str(tmp_path / "o.csv"), "--out", []), LAYOUT, looking())
    assert seen == [f".o.csv.{os.getpid()}.part"]
