"""White space of a deployment: what its ledger knows of a partner's accounts, as far as the partner shows them."""

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tandem.compose import now
from tandem.whitespace import command
from tests.unit.tandem.ledger.conftest import file_of_tables as file_of_tables  # noqa: PLC0414 - a fixture
from tests.unit.tandem.ledger.world import ACME, World, changed, opened_at, overlapped

CONFIG = """
mappings = "mappings"
[kafka]
bootstrap = "embedded"
[connections.our-crm]
connector = "partner_list"
party = "us"
path = "list.csv"
[connections.acme-crm]
connector = "partner_list"
party = "partner:acme"
path = "list.csv"
"""
SHARING = """
[partners.acme]
ours = { by = "Dana", on = 2026-11-01 }
theirs = { by = "Mei", on = 2026-11-02 }
shows = "LEVEL"
"""
FITS = {"name": "Zyxtron AG", "industry": "Software", "employees": 400, "annual_revenue": "60000000"}
Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "list.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "tandem.toml").write_text(CONFIG)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "new.toml").write_text('name = "ours"\n[bands]\nC = 55\n')
    monkeypatch.chdir(tmp_path)
    root, handlers, level = logging.getLogger(), list(logging.getLogger().handlers), logging.getLogger().level
    yield tmp_path
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def hub(folder: Path, file_of_tables: Path) -> Path:
    """A hub that we have one account in, and the partner three: ours, one that fits, one that does not."""
    (folder / ".tandem").mkdir()
    world = World(opened_at(shutil.copy(file_of_tables, folder / ".tandem" / "ledger.db")), now=now())
    world.tell(
        changed("1"),
        changed("p-1", connection=ACME, record=FITS),
        changed("p-2", connection=ACME, record=FITS | {"name": "Quantum Fleet"}),
        changed("p-3", connection=ACME, record={"name": "Tiny Cafe"}),
        overlapped("1"),
    )
    world.catch_up()
    world.store.close()
    return folder


def run(*words: str, code: int = 0) -> Result:
    found = CliRunner().invoke(command.whitespace, list(words), catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found


def listed(folder: Path, level: str) -> dict[str, Any]:
    (folder / "mappings" / "sharing.toml").write_text(SHARING.replace("LEVEL", level))
    found: dict[str, Any] = json.loads(run("list", "acme", "--json").stdout)
    return found


def test_what_the_partner_has_and_we_lack_and_want_is_named_where_it_shows_all(hub: Path):
    found = listed(hub, "all")
    assert [(each["partner_id"], each["partner_name"]) for each in found["rows"]] == [("p-2", "Quantum Fleet")]


@pytest.mark.parametrize("level", ["overlaps", "counts", "hidden"])
def test_otherwise_nothing_is_named_nor_are_few_counted(hub: Path, level: str):
    found = listed(hub, level)
    assert (found["rows"], found["counted"]) == ([], 0)


def test_without_the_consent_of_both_nothing_is_shown_and_it_is_said_why(hub: Path):
    assert "nothing is shown: we have not agreed" in run("list", "acme").stdout


def test_a_new_profile_is_tried_on_our_accounts_of_the_ledger(hub: Path):
    found = json.loads(run("preview", "--icp", "new.toml", "--json").stdout)
    assert (found["accounts"], found["moved"], found["moves"]) == (1, 1, [{"from": "C", "to": "D", "number": 1}])


def test_a_partner_that_nobody_knows_is_told_with_the_nearest(hub: Path):
    assert "did you mean 'acme'?" in run("list", "acm", code=78).stderr


def test_without_a_ledger_it_is_said_what_makes_one(folder: Path):
    assert "Remedy" in run("list", "acme", code=78).stderr
