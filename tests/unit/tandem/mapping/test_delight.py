"""`tandem map` on the files that people have, and what it makes of the overlaps."""

import re
from importlib.resources import files
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.unit.connectors.partner_list import books
from tests.unit.tandem.mapping.acme import OURS, THEIRS, figures, lists, records, tandem_map, write


def test_a_workbook_with_a_cover_a_title_and_a_total_is_compared_like_a_csv(tmp_path: Path) -> None:
    grid: list[list[object]] = [
        ["Partner accounts"],
        [],
        *[list(row) for row in THEIRS],
        ["Total", None, None, None, 3],
    ]
    book = books.xlsx(tmp_path / "partner.xlsx", {"Cover": [["hello"]], "Accounts": grid})
    ours, _ = lists(tmp_path)
    result = tandem_map(ours, book)
    assert "2 of our 3 accounts are among the partner's 3" in result.stdout
    assert "sheet 'Accounts': its columns look most like accounts; others are 'Cover'" in result.stderr
    assert "column names in row 3" in result.stderr
    assert "left out, as 'Total'" in result.stderr


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    rows: list[list[object]] = [list(row) for row in THEIRS]
    book = books.xlsx(tmp_path / "partner.xlsx", {"All": rows, "Small": rows[:2]})
    ours, _ = lists(tmp_path)
    assert figures(ours, book, "--partner-sheet", "Small")["rows_partner"] == 1
    stderr = tandem_map(ours, book, "--partner-sheet", "Smal", code=78).stderr
    assert "did you mean 'Small'?" in stderr


def test_a_column_that_is_called_nearly_so_is_suggested_with_the_option_that_takes_it(tmp_path: Path) -> None:
    ours = [("id", "name", "webstie", "Rank"), ("o1", "Acme Robotics", "acme.com", "1")]
    stderr = tandem_map(*lists(tmp_path, ours)).stderr
    assert "'webstie' may be the website: --ours-column website='webstie' says so" in stderr
    assert "'Rank' may be" not in stderr


def test_mail_addresses_of_contacts_and_former_sites_count_as_evidence(tmp_path: Path) -> None:
    ours = [
        ("id", "name", "Contact Email", "Former Website"),
        ("o1", "Acme Robotics", "ada@acme.com", "acme-robots.de"),
    ]
    found = figures(*lists(tmp_path, ours))
    assert found["columns"]["ours"]["contact_domains"] == "Contact Email"
    assert found["columns"]["ours"]["former_domains"] == "Former Website"
    assert found["overlaps"] == 1


def test_the_matrix_names_the_play_of_each_cell(tmp_path: Path) -> None:
    shown = " ".join(tandem_map(*lists(tmp_path)).stdout.split())
    assert "customer 0 1 0 1 cross-sell give give" in shown
    assert "prospect 1 0 0 1 warm introduction warm introduction joint pursuit" in shown


def test_introductions_say_whom_to_ask_and_for_whom(tmp_path: Path) -> None:
    ours = [*OURS[:2], ("o2", "Globex Corporation", "globex.com", "US", "Prospect", "Dana Reyes"), *OURS[3:]]
    theirs = [*THEIRS[:2], ("p2", "Globex Corp.", "globex.com", "United States", "Customer", "Mei Lin"), *THEIRS[3:]]
    arguments = lists(tmp_path, ours, theirs)
    shown = tandem_map(*arguments).stdout
    assert "1. Globex Corporation: their customer, our prospect; ask Mei Lin at the partner" in shown
    assert "for Dana Reyes" in shown
    first = figures(*arguments)["introductions"][0]
    assert (first["our_id"], first["partner_id"], first["ask"], first["for"]) == ("o2", "p2", "Mei Lin", "Dana Reyes")


def test_different_counts_of_the_two_sides_are_explained(tmp_path: Path) -> None:
    ours = [*OURS, ("o4", "Acme Robotics", "www.acme.com", "DE", "Prospect", "")]
    arguments = lists(tmp_path, ours)
    assert (
        "3 of ours are 2 of theirs, 2 companies in all: 1 of ours is a further record" in tandem_map(*arguments).stdout
    )
    sides = figures(*arguments)["sides"]
    assert (sides["ours"], sides["partner"], sides["companies"]) == (3, 2, 2)


def test_accounts_that_stand_twice_in_one_list_are_counted_even_where_the_other_list_lacks_them(tmp_path: Path) -> None:
    hooli = [(f"p{n}", name, "hooli.com", "US", "", "") for n, name in ((7, "Hooli Inc."), (8, "HOOLI"))]
    arguments = lists(tmp_path, theirs=[*THEIRS, *hooli])
    assert figures(*arguments)["duplicates"] == {"ours": 0, "partner": 1}
    assert "within one list, 0 of ours and 1 of theirs are duplicates" in tandem_map(*arguments).stdout


@pytest.mark.parametrize("name", ["o.csv", "o.parquet"])
def test_band_family_and_play_stand_in_every_file(tmp_path: Path, name: str) -> None:
    tandem_map(*lists(tmp_path), "--out", tmp_path / name)
    out = tmp_path / name
    rows = records(out) if name.endswith("csv") else pyarrow.parquet.read_table(out).to_pylist()
    assert (rows[0]["band"], rows[0]["kin"], rows[0]["relation"], rows[0]["play"]) == ("linked", "", "same", "give")


def test_a_report_is_written_for_the_partner_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    result = tandem_map(*lists(tmp_path), "--report", path, "--ours-name", "Northwind", "--partner-name", "acme")
    text = path.read_text(encoding="utf-8")
    assert "<title>Northwind and acme: shared accounts</title>" in text
    assert "Dana Reyes" in text
    assert "Initech" not in text
    assert f"{path}" in result.stdout


def test_a_report_without_rows_has_figures_only(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    tandem_map(*lists(tmp_path), "--report", path, "--report-rows", "none")
    assert "Globex" not in path.read_text(encoding="utf-8")


def test_what_a_deployment_does_not_share_is_in_no_report(tmp_path: Path) -> None:
    path, own = tmp_path / "report.html", tmp_path / "own"
    own.mkdir()
    (own / "sharing.toml").write_text('[populations.customer]\nlevel = "hidden"\n', encoding="utf-8")
    tandem_map(*lists(tmp_path), "--report", path, "--sharing", own)
    assert "Acme" not in path.read_text(encoding="utf-8")
    (own / "sharing.toml").write_text("[partners.acme]\n", encoding="utf-8")
    refused = tandem_map(*lists(tmp_path), "--report", path, "--sharing", own, "--partner-name", "acme", code=78)
    assert "nothing is shared with acme" in refused.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("report.pdf", "let its name end with .html"),
        ("nowhere/report.html", "there is no folder"),
        ("d.html", "no file"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "d.html").mkdir()
    assert words in tandem_map(*lists(tmp_path), "--report", tmp_path / name, code=78).stderr


def test_a_folder_without_rules_of_sharing_is_refused(tmp_path: Path) -> None:
    arguments = [*lists(tmp_path), "--report", tmp_path / "r.html", "--sharing", tmp_path]
    assert "there is no sharing.toml" in tandem_map(*arguments, code=78).stderr


def test_an_explanation_weighs_the_evidence_and_says_what_would_change_it(tmp_path: Path) -> None:
    shown = " ".join(tandem_map(*lists(tmp_path), "--explain", "o1", "p1").stdout.split())
    assert re.search(r"for it \+\d\.\d (weak|some|strong|very strong) same web domain acme\.com", shown)
    assert "where every pair starts" in shown
    assert "what would change it:" in shown


def test_a_pair_that_never_met_is_explained_too(tmp_path: Path) -> None:
    shown = tandem_map(*lists(tmp_path), "--explain", "o1", "p3").stdout
    assert "never compared, because no match key is shared" in shown
    assert "against it" in shown


def test_names_of_hostile_lists_do_not_steer_the_terminal(tmp_path: Path) -> None:
    ours = [OURS[0], ("o1", "Acme\x1b[31m Robotics", "acme.com", "Germany", "Prospect", "\x1b]0;x\x07")]
    theirs = [THEIRS[0], ("p1", "Acme Robotics", "acme.com", "Germany", "Customer", "\x1b[2J")]
    result = tandem_map(*lists(tmp_path, ours, theirs))
    assert "\x1b" not in result.stdout + result.stderr


def test_a_list_of_one_column_is_a_list_of_names(tmp_path: Path) -> None:
    ours = write(tmp_path / "names.csv", [("name",), ("Acme Robotics",)])
    _, theirs = lists(tmp_path)
    assert figures(ours, theirs)["overlaps"] == 1


def test_a_model_of_ones_own_decides_and_the_next_run_knows_nothing_of_it(tmp_path: Path) -> None:
    shipped = files("streams.matching").joinpath("data", "model.toml").read_text(encoding="utf-8")
    strict = tmp_path / "strict.toml"
    strict.write_text(re.sub(r"(?m)^base = .*$", "base = -40.0", shipped), encoding="utf-8")
    ours, theirs = lists(tmp_path)
    assert figures(ours, theirs, "--model", str(strict))["overlaps"] == 0
    assert figures(ours, theirs)["overlaps"] > 0


def test_a_file_that_is_no_model_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("base = 1", encoding="utf-8")
    stderr = tandem_map(*lists(tmp_path), "--model", str(tmp_path / "other.toml"), code=78).stderr
    assert "is no model" in stderr
    assert "tandem model train" in stderr
