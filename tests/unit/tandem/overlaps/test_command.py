"""What `tandem overlaps` says: lists for people, JSON for programs, clear errors; what it publishes, and what it exports."""

import csv
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from schemas import topics
from schemas.messages import RulingGiven
from tandem.ledger.pruning import prune
from tandem.overlaps import command, telling
from tandem.overlaps.exporting import HEADER
from tests.unit.tandem.ledger.conftest import file_of_tables as file_of_tables  # noqa: PLC0414 - a fixture
from tests.unit.tandem.ledger.offer_world import ruling
from tests.unit.tandem.ledger.world import World, at, changed, conflict, opened_at, overlapped

CONFIG = """
[kafka]
bootstrap = "embedded"

[connections.our-crm]
connector = "partner_list"
path = "list.csv"

[connections.acme-crm]
connector = "partner_list"
party = "partner:acme"
path = "list.csv"
"""
Run = Callable[..., Result]
OURS, THEIRS = "our-crm/account/b1", "acme-crm/account/p-b1"


@pytest.fixture
def tandem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder with a configuration."""
    (tmp_path / "list.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "tandem.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    yield lambda *arguments: CliRunner().invoke(command.overlaps, list(arguments), catch_exceptions=False)
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def world(tmp_path: Path, file_of_tables: Path) -> World:
    """The ledger of that configuration."""
    (tmp_path / ".tandem").mkdir()
    return World(opened_at(shutil.copy(file_of_tables, tmp_path / ".tandem" / "ledger.db")), now=datetime.now(UTC))


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[RulingGiven, str, str]]:
    """What went to the broker, which is not there: the ruling, its topic and its key."""
    said: list[tuple[RulingGiven, str, str]] = []
    monkeypatch.setattr(
        telling, "publish", lambda deployment, order, given, key: said.append((given, order.topic.name, key))
    )
    return said


def fill(world: World) -> None:
    """Two overlaps with one partner, the second of them to be confirmed, with both sides' records of the first."""
    record = {"name": "Acme Robotics", "website": "acme.com", "country": "DE"}
    world.tell(
        changed("b1", record=record),
        changed("p-b1", connection="acme-crm", record=record),
        overlapped("b1", band="linked", partner_accounts=("p-b1", "p-x")),
        overlapped("b2", band="to_confirm", confidence=0.6, partner_account="p-x", partner_accounts=("p-x",)),
        overlapped("b3", relation="related", confidence=0.3, kin="one group: acme.com, other country"),
        overlapped("b4", status="ended"),
    )
    world.catch_up()


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def judged(what: str, nth: int, ours: str = OURS, theirs: str = THEIRS) -> RulingGiven:
    return ruling("b1", what, nth, refs=(ours, theirs))


def test_what_waits_for_a_person_is_listed(tandem: Run, world: World):
    fill(world)
    listed = told(tandem("list", "--band", "to_confirm", "--json"))
    assert [(it["our_ref"], it["confidence"]) for it in listed["overlaps"]] == [("our-crm/account/b2", 0.6)]
    assert "to confirm" in tandem("list").stdout
    related = tandem("list", "--band", "related").stdout
    assert "one group: acme.com, other country" in related
    assert "b4" not in tandem("list").stdout


def test_a_list_that_is_cut_says_how_many_more_there_are(tandem: Run, world: World):
    fill(world)
    assert "2 more" in tandem("list", "--limit", "1").stdout
    assert told(tandem("list", "--limit", "1", "--json"))["total"] == 3


def test_an_empty_list_says_so(tandem: Run, world: World):
    assert "no such overlaps" in tandem("list").stdout


def test_one_overlap_is_shown_with_the_evidence_of_today_and_what_people_ruled(tandem: Run, world: World):
    fill(world)
    world.tell(judged("same_company", 5))
    world.catch_up()
    shown = told(tandem("show", OURS, "--json"))
    assert any("acme.com" in reason for reason in shown["evidence"])
    assert [(it["verdict"], it["by"]) for it in shown["rulings"]] == [("same", "dana")]
    assert "same, says dana on 2026-03-02" in tandem("show", OURS).stdout


def test_an_overlap_that_is_not_there_is_told_with_a_remedy(tandem: Run, world: World):
    result = tandem("show", "nothing")
    assert result.exit_code == 1
    assert "tandem overlaps list" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("confirm",), "same_company"),
        (("confirm", "--related"), "related_company"),
        (("refuse",), "different_company"),
    ],
)
def test_a_ruling_goes_into_the_order_of_our_account(
    tandem: Run, world: World, published: list[tuple[RulingGiven, str, str]], arguments: tuple[str, ...], what: str
):
    fill(world)
    name, *options = arguments
    assert tandem(name, OURS, *options, "--by", "dana", "--note", "I know them").exit_code == 0
    assert tandem(name, OURS, THEIRS, *options, "--by", "dana").exit_code == 0
    assert [(it.ruling.value, it.refs, topic, key) for it, topic, key in published] == [
        (what, (OURS, THEIRS), topics.MATCH_PAIRS.name, OURS)
    ] * 2
    assert published[0][0].note == "I know them"


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (THEIRS, OURS, "name ours first"),
        (OURS, "our-crm/account/b2", "name ours first"),
        ("our-crm/deal/7", THEIRS, "no record that can be meant"),
        ("b1", THEIRS, "no record that can be meant"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tandem: Run, published: list[tuple[RulingGiven, str, str]], ours: str, theirs: str, said: str
):
    result = tandem("confirm", ours, theirs)
    assert result.exit_code != 0
    assert said in result.stderr
    assert published == []


def test_without_a_ledger_both_accounts_have_to_be_named(tandem: Run, published: list[tuple[RulingGiven, str, str]]):
    result = tandem("refuse", OURS)
    assert result.exit_code != 0
    assert "name both accounts" in result.stderr


def test_the_last_word_about_each_pair_is_exported_with_the_fields_of_both(tandem: Run, world: World, tmp_path: Path):
    fill(world)
    world.tell(
        judged("same_company", 5),
        judged("different_company", 6),
        judged("related_company", 7, theirs="acme-crm/account/gone"),
    )
    world.catch_up()
    done = told(tandem("export", "pairs.csv", "--json"))
    assert (done["pairs"], done["left_out"]) == (1, 1)
    header, row = list(csv.reader((tmp_path / "pairs.csv").read_text(encoding="utf-8").splitlines()))
    assert tuple(header) == HEADER
    assert {"our_name", "partner_name", "verdict"} <= set(header)
    named = dict(zip(header, row, strict=True))
    assert (named["verdict"], named["our_name"], named["partner_website"]) == ("different", "Acme Robotics", "acme.com")


def test_a_ruling_on_other_evidence_is_marked(tandem: Run, world: World):
    fill(world)
    world.tell(judged("same_company", 5), conflict("b1", kind="match", refs=(OURS, THEIRS), reason="on other evidence"))
    world.catch_up()
    assert "on other evidence" in tandem("rulings").stdout
    [found] = told(tandem("rulings", "--json"))["rulings"]
    assert found["review"] == "on other evidence"


def test_accounts_are_counted_per_side_and_by_company(tandem: Run, world: World):
    fill(world)
    found = told(tandem("counts", "acme", "--json"))
    assert (found["ours"], found["theirs"], found["companies"]) == (2, 2, 1)
    assert (found["linked"], found["to_confirm"], found["related"]) == (1, 1, 1)
    assert "2 of ours match 2 of theirs, which are 1 companies" in tandem("counts", "acme").stdout


def test_a_partner_without_overlaps_is_told_with_a_remedy(tandem: Run, world: World):
    result = tandem("counts", "nobody")
    assert (result.exit_code, "by its key" in result.stderr) == (1, True)


def test_hot_keys_need_a_broker(tandem: Run):
    result = tandem("hot")
    assert result.exit_code != 0
    assert "start `tandem up`" in result.stderr


def test_a_ruling_outlives_the_ledgers_pruning(world: World):
    fill(world)
    world.tell(judged("same_company", 5))
    world.catch_up()
    prune(world.store, at(10_000_000))
    assert [row["ruling"] for row in world.rows("ruling")] == ["same_company"]
