"""What `tandem map` says, writes and refuses."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.unit.tandem.mapping.acme import OURS, THEIRS, figures, lists, records, tandem_map, write

DATA = Path(__file__).parents[4] / "data" / "companies"


def test_an_account_of_both_lists_is_written_with_both_sides_and_the_reasons(tmp_path: Path) -> None:
    out = tmp_path / "overlaps.csv"
    tandem_map(*lists(tmp_path), "--out", out)
    acme, globex = records(out)
    assert (acme["our_id"], acme["partner_id"], acme["relation"], acme["rank"]) == ("o1", "p1", "same", "1")
    assert float(acme["confidence"]) > 0.9
    assert "same web domain acme.com" in acme["reasons"]
    assert (acme["our_population"], acme["partner_population"]) == ("customer", "open_opportunity")
    assert (acme["our_owner"], acme["partner_owner"]) == ("Dana Reyes", "Pat Lee")
    assert globex["our_id"] == "o2"
    assert list(acme)[:5] == ["our_id", "partner_id", "relation", "confidence", "reasons"]


def test_csv_on_stdout_is_nothing_but_csv(tmp_path: Path) -> None:
    result = tandem_map(*lists(tmp_path), "--out", "-")
    assert [row["our_id"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["o1", "o2"]
    assert "2 of our 3 accounts" in result.stderr


def test_the_summary_counts_overlaps_by_population_and_shows_the_first_ones_with_reasons(tmp_path: Path) -> None:
    shown = tandem_map(*lists(tmp_path)).stdout
    assert "2 of our 3 accounts are among the partner's 3" in shown
    assert "Acme Robotics GmbH (customer)  =  ACME Robotics (open opportunity)" in shown
    assert "same web domain acme.com" in shown
    assert "no list was written" in shown


def test_json_is_one_object_with_every_figure(tmp_path: Path) -> None:
    found = figures(*lists(tmp_path))
    assert (found["rows_ours"], found["rows_partner"], found["overlaps"], found["ties"]) == (3, 3, 2, 0)
    assert found["by_population"]["customer"] == {"customer": 0, "open_opportunity": 1, "prospect": 0}
    assert found["by_population"]["prospect"]["customer"] == 1
    assert found["rejected"] == {"ours": 0, "partner": 0}
    assert found["columns"]["partner"]["owner_name"] == "Account Owner"
    assert found["seconds"] >= 0


def test_the_columns_that_were_found_are_shown_with_three_samples_and_how_they_were_found(tmp_path: Path) -> None:
    shown = " ".join(tandem_map(*lists(tmp_path)).stderr.split())
    assert "partner.csv, 3 rows" in shown
    assert "id Account ID by alias p1 | p2 | p3" in shown
    assert "country Country by name DE | United States | UK" in shown


def test_columns_can_be_named(tmp_path: Path) -> None:
    ours = [("Kunde", "Firma", "x"), ("17", "Acme Robotics", "acme.com")]
    named = ["--ours-column", "id=Kunde", "--ours-column", "name=Firma", "--ours-column", "website=x"]
    found = figures(*lists(tmp_path, ours), *named)
    assert found["columns"]["ours"] == {"id": "Kunde", "name": "Firma", "website": "x"}
    assert found["overlaps"] == 1


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("name=Acount Name", "did you mean 'Account Name'?"),
        ("nam=Account Name", "did you mean 'name'?"),
        ("Account Name", "write FIELD=COLUMN"),
    ],
)
def test_a_column_that_is_not_there_is_an_error_with_the_nearest_name(tmp_path: Path, option: str, words: str) -> None:
    assert words in tandem_map(*lists(tmp_path), "--partner-column", option, code=78).stderr


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    twice = ["--ours-column", "name=name", "--ours-column", "name=owner"]
    assert "twice" in tandem_map(*lists(tmp_path), *twice, code=78).stderr


def test_a_list_without_ids_goes_by_row_numbers_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "overlaps.csv"
    result = tandem_map(*lists(tmp_path, [row[1:] for row in OURS]), "--out", out)
    assert [row["our_id"] for row in records(out)] == ["2", "3"]
    assert "row number" in result.stderr


def test_bad_rows_are_counted_named_and_written_whole_and_the_rest_goes_on(tmp_path: Path) -> None:
    ours = [
        *OURS,
        ("o4", "", "nameless.com", "US", "", ""),
        ("o1", "Again", "", "", "", ""),
        ("", "No Id", "", "", "", ""),
    ]
    ours.append(("o5", "Hooli", "Inc", "hooli.com", "US", "Prospect", "Gavin", "Belson"))
    rejected = tmp_path / "rejected.csv"
    arguments = [*lists(tmp_path, ours), "--rejected", rejected]
    result = tandem_map(*arguments)
    assert "4 of 7 rows cannot be used" in result.stderr
    assert "row 5: 'name' is empty. Remedy: fill in 'name'" in result.stderr
    rows = records(rejected)
    codes = ["REQUIRED_FIELD_MISSING", "DUPLICATE_ID", "NO_ID", "TOO_MANY_COLUMNS"]
    assert [(row["row"], row["code"]) for row in rows] == list(zip(["5", "6", "7", "8"], codes, strict=True))
    assert json.loads(rows[0]["cells"])["website"] == "nameless.com"
    assert rows[3]["surplus"] == "Gavin; Belson"
    assert figures(*arguments)["rejected"] == {"ours": 4, "partner": 0}


def test_more_bad_rows_than_are_shown_are_counted(tmp_path: Path) -> None:
    ours = [*OURS, *[(f"x{n}", "", "", "", "", "") for n in range(7)]]
    assert "and 2 more; --rejected FILE writes them all" in tandem_map(*lists(tmp_path, ours)).stderr


def test_an_encoding_is_guessed_and_the_guess_shown_with_words_to_check_it(tmp_path: Path) -> None:
    ours, theirs = lists(tmp_path)
    Path(ours).write_bytes("id;name\no1;Acme Robotics\no2;Müller\n".encode("cp1252"))
    stderr = tandem_map(ours, theirs).stderr
    assert "encoding cp1252: its bytes are no UTF-8; it is read as 'o2;Müller'" in stderr
    assert "separator semicolon" in stderr
    assert figures(ours, theirs)["rejected"]["ours"] == 0


def test_a_row_that_is_not_in_the_encoding_that_was_said_is_named_with_the_option(tmp_path: Path) -> None:
    ours, theirs = lists(tmp_path)
    Path(ours).write_bytes("id;name\no1;Acme Robotics\no2;Müller\n".encode("cp1252"))
    stderr = tandem_map(ours, theirs, "--ours-encoding", "utf-8").stderr
    assert "row 3: line 3: byte 0xfc" in stderr
    assert "--ours-encoding cp1252" in stderr


def test_text_that_was_read_wrongly_is_remarked_with_the_row_and_the_option(tmp_path: Path) -> None:
    ours, theirs = lists(tmp_path)
    Path(ours).write_text("id;name\no1;Acme Robotics\no2;Müller\n", encoding="utf-8")
    stderr = tandem_map(ours, theirs, "--ours-encoding", "cp1252").stderr
    assert "'MÃ¼ller' may be 'Müller'. (1 row: 3) Remedy: set --ours-encoding to utf-8" in stderr


def test_an_encoding_that_python_does_not_know_is_refused(tmp_path: Path) -> None:
    stderr = tandem_map(*lists(tmp_path), "--ours-encoding", "klingon", code=78).stderr
    assert "--ours-encoding" in stderr
    assert "klingon" in stderr


def test_populations_that_are_not_known_are_told(tmp_path: Path) -> None:
    ours = [OURS[0], ("o1", "Acme Robotics", "acme.com", "DE", "Unqualified", "")]
    assert "count as prospect: 'Unqualified' (1)" in tandem_map(*lists(tmp_path, ours)).stderr


def test_a_list_without_populations_counts_as_prospects_and_says_so(tmp_path: Path) -> None:
    assert "count as prospects" in tandem_map(*lists(tmp_path, [row[:3] for row in OURS])).stderr


def test_a_surer_least_confidence_leaves_pairs_out_and_a_lower_one_shows_more(tmp_path: Path) -> None:
    theirs = [*THEIRS, ("p4", "Initech Logistics", "", "US", "", "")]
    arguments, out = lists(tmp_path, theirs=theirs), tmp_path / "all.csv"
    tandem_map(*arguments, "--min-confidence", 0.06, "--out", out)
    sure = sorted(float(row["confidence"]) for row in records(out) if row["rank"] == "1")
    found = [figures(*arguments, "--min-confidence", least)["overlaps"] for least in (0.06, *sure)]
    assert found == [3, 3, 2, 1]


def test_records_of_the_partner_that_tie_come_behind_the_one_that_the_streams_would_write(tmp_path: Path) -> None:
    theirs = [*THEIRS, ("p0", "ACME Robotics", "www.acme.com", "DE", "Customer", "")]
    out = tmp_path / "overlaps.csv"
    found = figures(*lists(tmp_path, theirs=theirs), "--out", out)
    assert [(row["partner_id"], row["rank"]) for row in records(out)[:2]] == [("p0", "1"), ("p1", "2")]
    assert (found["overlaps"], found["ties"]) == (2, 1)


def test_an_overlap_is_explained_with_keys_and_reasons(tmp_path: Path) -> None:
    shown = tandem_map(*lists(tmp_path), "--explain", "o1", "p1").stdout
    assert "an overlap: no record of the partner matches better" in shown
    assert "same web domain acme.com" in shown
    assert "domain:acme.com" in shown


def test_an_explanation_as_json_holds_the_verdict_and_the_keys(tmp_path: Path) -> None:
    found = json.loads(tandem_map(*lists(tmp_path), "--explain", "o1", "p3", "--json").stdout)
    assert found["verdict"] == "no overlap: never compared, because no match key is shared"
    assert (found["rank"], found["shared"], found["better"]) == (None, [], "p1")


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (("o1", "p11"), "did you mean 'p1'?"),
        (("unlike", "p1"), "its ids look like 'o1'"),
        (("o9", "p1"), "'name' is empty"),
    ],
)
def test_an_id_that_cannot_be_explained_is_an_error_with_the_remedy(
    tmp_path: Path, pair: tuple[str, str], words: str
) -> None:
    arguments = lists(tmp_path, [*OURS, ("o9", "", "", "", "", "")])
    assert words in tandem_map(*arguments, "--explain", *pair, code=78).stderr


def test_known_pairs_give_precision_recall_and_f1(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.csv", [("ours", "theirs"), ("o1", "p1"), ("o3", "p3")])
    arguments = [*lists(tmp_path), "--gold", gold]
    assert "against 2 known pairs: precision 0.5000, recall 0.5000, F1 0.5000" in tandem_map(*arguments).stdout
    ignored = write(tmp_path / "ignored.csv", [("o2", "p2")])
    quality = figures(*arguments, "--ignore", ignored)["quality"]
    assert quality == {"found": 1, "known": 2, "correct": 1, "precision": 1.0, "recall": 0.5, "f1": 0.6667}


def test_known_pairs_of_other_lists_are_refused(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.csv", [("theirs", "ours"), ("p1", "o1")])
    assert "in this order" in tandem_map(*lists(tmp_path), "--gold", gold, code=78).stderr


def test_known_pairs_with_strange_ids_are_told(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.csv", [("o1", "p1"), ("o1", "p99")])
    assert (
        "1 known pairs have an id that is not in the lists, as o1, p99"
        in tandem_map(*lists(tmp_path), "--gold", gold).stdout
    )


def test_one_file_given_twice_is_refused(tmp_path: Path) -> None:
    ours, _ = lists(tmp_path)
    assert "given twice" in tandem_map(ours, tmp_path / "." / "ours.csv", code=78).stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("id,name\n", "has column names but no rows"),
        ("id,city\n1,Berlin\n", "has no column for 'name'; its columns are 'id', 'city'"),
        ("id,name\n1,\n", "none of the 1 rows"),
        ('id,name\n1,"Acme\n', "ends within a quoted cell"),
        ("id,Account Name,account-name\n1,b,c\n", "could all be 'name'"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_the_remedy(tmp_path: Path, text: str, words: str) -> None:
    ours, theirs = lists(tmp_path)
    Path(theirs).write_text(text, encoding="utf-8")
    stderr = tandem_map(ours, theirs, code=78).stderr
    assert words in stderr
    assert "Remedy:" in stderr


def test_a_file_that_is_not_there_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    ours, _ = lists(tmp_path)
    assert "partner.csv'?" in tandem_map(ours, tmp_path / "partners.csv", code=78).stderr


def test_a_folder_or_a_broken_workbook_is_no_list(tmp_path: Path) -> None:
    ours, _ = lists(tmp_path)
    assert "is no file" in tandem_map(ours, tmp_path, code=78).stderr
    (tmp_path / "book.xlsx").write_bytes(b"PK")
    assert "save it as CSV" in tandem_map(ours, tmp_path / "book.xlsx", code=78).stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--out", "-", "--json"], "only one can go to stdout"),
        (["--ignore", "x.csv"], "give --gold too"),
        (["--explain", "o1", "p1", "--out", "-"], "writes nothing"),
        (["--explain", "o1", "p1", "--report", "r.html"], "drop --report"),
    ],
)
def test_options_that_contradict_each_other_are_refused(tmp_path: Path, options: list[str], words: str) -> None:
    assert words in tandem_map(*lists(tmp_path), *options, code=78).stderr


def test_lists_in_json_lines_and_parquet_are_read_and_written(tmp_path: Path) -> None:
    ours, theirs = lists(tmp_path)
    found = []
    for name in ("overlaps.jsonl", "overlaps.parquet"):
        tandem_map(ours, theirs, "--out", tmp_path / name)
        again = ["--ours-column", "id=our_id", "--ours-column", "name=our_name"]
        found.append(figures(tmp_path / name, theirs, *again)["overlaps"])
    assert found == [2, 2]
    lines = [json.loads(line) for line in (tmp_path / "overlaps.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["reasons"][0].startswith("same")


def test_the_shipped_lists_give_the_measured_quality() -> None:
    given = [DATA / "ours.csv", DATA / "partner.csv"]
    known = ["--gold", DATA / "gold_pairs.csv", "--ignore", DATA / "contested_pairs.csv"]
    assert figures(*given, *known)["quality"]["f1"] >= 0.94
