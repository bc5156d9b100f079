"""What `tandem whitespace` says, writes and refuses."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tandem.cli import app

OURS = "id,name,website,country\no1,Acme Robotics GmbH,acme.com,Germany\no2,Blue Ocean Ltd,blueocean.co.uk,UK\n"
THEIRS = """id,name,website,country,industry,employees,annual revenue,status,owner
b1,Acme Robotics,https://www.acme.com,DE,Software,350,60000000,Customer,Mei Lin
b2,Zyxtron Software AG,zyxtron.ch,CH,COMPUTER_SOFTWARE,"1,200",$80M,Customer,Mei Lin
b3,Tiny Cafe,tinycafe.fr,FR,Restaurants,4,100000,Customer,
b4,Quantum Logistics,qlog.de,Germany,Logistics,5001-10000,$900M,Open Opp,Max Moritz
"""
SHARING = """
[partners.acme]
ours = { by = "Dana", on = 2026-11-01 }
theirs = { by = "Mei", on = 2026-11-02 }
shows = { customer = "all" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ours.csv").write_text(OURS, encoding="utf-8")
    (tmp_path / "theirs.csv").write_text(THEIRS, encoding="utf-8")
    (tmp_path / "sharing.toml").write_text(SHARING, encoding="utf-8")
    (tmp_path / "new.toml").write_text('name = "ours"\nversion = 2\n[bands]\nA = 95\n', encoding="utf-8")
    return tmp_path


def run(*words: object, code: int = 0) -> Result:
    found = CliRunner().invoke(app, ["whitespace", *map(str, words)])
    assert found.exit_code == code, found.output
    return found


def find(folder: Path, *words: object, code: int = 0) -> Result:
    return run("find", folder / "ours.csv", folder / "theirs.csv", *words, code=code)


def figures(folder: Path, *words: object) -> dict[str, Any]:
    return json.loads(find(folder, *words, "--json").stdout)


def agreed(folder: Path) -> tuple[object, ...]:
    return ("--partner", "acme", "--mappings", folder)


def test_what_the_partner_shows_in_full_is_named_with_the_reasons(folder: Path):
    found = figures(folder, *agreed(folder))
    (row,) = found["rows"]
    assert (row["partner_id"], row["fit_band"], row["partner_owner"]) == ("b2", "A", "Mei Lin")
    assert row["reasons"][:2] == ["it is the partner's customer", "1,200 employees: in the range 250 to 4,999"]
    assert row["codes"] == ["SIZE_FITS", "INDUSTRY_FITS", "REVENUE_FITS", "TECH_UNKNOWN"]
    assert row["icp_version"] == found["icp_version"]


def test_without_an_agreement_nothing_is_named_and_little_is_counted(folder: Path):
    shown = find(folder).stdout
    assert "Zyxtron" not in shown
    assert "Quantum" not in shown
    assert "no account is named" in shown
    assert figures(folder)["rows"] == []


def test_rows_are_written_as_a_table(folder: Path):
    out = folder / "white.csv"
    assert "1 rows are written" in find(folder, *agreed(folder), "--out", out).stdout
    (row,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert (row["partner_name"], row["fit_band"]) == ("Zyxtron Software AG", "A")


def test_another_profile_is_used_where_it_is_named(folder: Path):
    (row,) = figures(folder, *agreed(folder), "--icp", folder / "new.toml")["rows"]
    assert (row["fit_band"], row["icp_version"][:6]) == ("B", "ours 2")


def test_a_preview_says_what_would_move_and_changes_nothing(folder: Path):
    found = json.loads(run("preview", folder / "theirs.csv", "--icp", folder / "new.toml", "--json").stdout)
    assert (found["accounts"], found["moved"]) == (4, 3)
    assert {(each["from"], each["to"]): each["number"] for each in found["moves"]}["A", "B"] == 3
    assert (
        "3 of 4 accounts change their band"
        in run("preview", folder / "theirs.csv", "--icp", folder / "new.toml").stdout
    )


def test_mistakes_are_told_with_the_remedy(folder: Path):
    assert "Remedy: name the profile" in run("preview", folder / "ours.csv", "--icp", folder / "x.toml", code=78).stderr
    (folder / "bad.toml").write_text('name = "x"\n[bands]\nB = 99\n', encoding="utf-8")
    assert "bad.toml, line 3, [bands] B" in find(folder, "--icp", folder / "bad.toml", code=78).stderr
    assert "Remedy: create it" in find(folder, "--mappings", folder / "none", code=78).stderr
    twice = run("find", folder / "ours.csv", folder / "ours.csv", code=78)
    assert "is given twice" in twice.stderr
    both = find(folder, "--json", "--out", "-", code=78)
    assert "only one can go to stdout" in both.stderr
