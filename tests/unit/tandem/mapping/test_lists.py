"""A list is read at once where it is clean and row by row where it is not, and nobody can tell which."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappings.loader import load
from schemas.entities import Account, Population
from tandem.mapping import sheets
from tandem.mapping.files import Source
from tandem.mapping.lists import AccountList, read

TABLE = load("partner_list")["account"]
HEADER = "id,name,website,status,employees"
cells = st.sampled_from(
    [
        "",
        " ",
        "a1",
        "a2",
        "Acme",
        '"Acme, Inc."',
        '5" pipe',
        '"two\nlines"',
        " x ",
        "Müller",
        "\u00a0",
        "Ã¼",
        "\x1c",
        "250",
        "many",
    ]
)
lines = st.lists(cells, min_size=4, max_size=6).map(",".join) | st.just("") | st.just("Total,,,,12")


def the_list(folder: Path, text: str | bytes) -> AccountList:
    path = folder / "ours.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(Source(path, "ours"), TABLE)


def told(read: AccountList) -> tuple[object, ...]:
    accounts = {account_id: read.accounts[account_id] for account_id in read.accounts}
    refused = [(each.row, each.fault, dict(each.cells), each.surplus) for each in read.refused]
    return accounts, refused, read.rows, dict(read.unknown), list(map(str, read.remarks))


@given(st.lists(lines, min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
@example(["1,Acme,,,", "1,Again,,,", ",Nobody,,,", "2,,,,", "3,Acme,,,lots"], "\n")
@settings(max_examples=60, deadline=None)
def test_a_list_read_at_once_is_the_list_read_row_by_row(drawn: list[str], end: str) -> None:
    text = end.join([HEADER, "z9,Acme,acme.com,Customer,7", *drawn]) + end
    with TemporaryDirectory() as folder:
        try:
            fast = told(the_list(Path(folder), text))
        except ValueError as error:
            fast = (type(error), str(error))
        with patch.object(sheets, "_csv", lambda *_: None):
            try:
                careful = told(the_list(Path(folder), text))
            except ValueError as error:
                careful = (type(error), str(error))
    assert _stripped(fast) == _stripped(careful)


def _stripped(told: tuple[object, ...]) -> str:
    # Blanks around a cell of a refused row are lost at once and kept row by row.
    return repr(told).replace(" ", "").replace("\\xa0", "")


def test_accounts_are_built_when_they_are_asked_for_and_each_as_its_row_says(tmp_path: Path) -> None:
    found = the_list(tmp_path, f"{HEADER}\na1,Acme,acme.com,Customer,201-500\na2,Globex,,,\n")
    assert found.accounts["a1"] == Account(
        name="Acme", website="acme.com", population=Population.CUSTOMER, employees=350
    )
    assert found.accounts["a2"] == Account(name="Globex")
    assert (list(found.accounts), len(found.accounts), "a3" in found.accounts) == (["a1", "a2"], 2, False)
    assert (found.population("a1"), found.population("a2")) == (Population.CUSTOMER, Population.PROSPECT)
    assert found.accounts.of("name", ["a2", "a1"]) == ["Globex", "Acme"]


def test_a_row_of_another_width_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    found = the_list(tmp_path, f"{HEADER}\na1,Acme,,,\na2,Acme, Inc.,acme.com,Customer,7\na3,Globex,,,\n")
    assert list(found.accounts) == ["a1", "a3"]
    assert [(each.row, each.fault.code) for each in found.refused] == [(3, "TOO_MANY_COLUMNS")]


def test_a_clean_list_is_not_read_row_by_row(tmp_path: Path) -> None:
    with patch.object(sheets, "_row_by_row", side_effect=AssertionError):
        assert (
            len(the_list(tmp_path, f"{HEADER}\n" + "".join(f"a{n},Müller {n},,,\n" for n in range(2000))).accounts)
            == 2000
        )


def test_what_was_read_is_counted_even_if_it_is_read_again(tmp_path: Path) -> None:
    counts: list[int] = []
    path = tmp_path / "ours.csv"
    path.write_text(f"{HEADER}\n" + "a1,Acme,,,\n" * 70_000 + "a2,Acme\n", encoding="utf-8")
    found = read(Source(path, "ours"), TABLE, counts.append)
    assert (found.rows, len(found.refused)) == (70_001, 70_000)
    assert 0 < sum(counts) <= 70_001


@pytest.mark.parametrize("kind", [pyarrow.string(), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())])
def test_ids_that_are_numbers_in_a_parquet_are_their_digits(tmp_path: Path, kind: object) -> None:
    path = tmp_path / "ours.parquet"
    names = pyarrow.array(["Acme", None, " Globex "], pyarrow.string()).cast(kind)
    pyarrow.parquet.write_table(pyarrow.table({"id": [17, 18, 19], "name": names, "employees": [5, None, 7]}), path)
    found = read(Source(path, "ours"), TABLE)
    assert {key: found.accounts[key].name for key in found.accounts} == {"17": "Acme", "19": "Globex"}
    assert [(each.row, each.fault.code) for each in found.refused] == [(2, "REQUIRED_FIELD_MISSING")]
    assert found.accounts["17"].employees == 5


def test_cells_that_are_no_texts_are_read_as_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text(
        '{"id": 7, "name": "Acme", "employees": 12}\n{"id": true, "name": "No"}\n{"id": "8", "name": 365}\n'
    )
    found = read(Source(path, "ours"), TABLE)
    assert {key: found.accounts[key].name for key in found.accounts} == {"7": "Acme", "8": "365"}
    assert [(each.row, each.fault.code) for each in found.refused] == [(2, "NO_ID")]
