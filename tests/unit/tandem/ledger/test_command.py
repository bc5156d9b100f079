"""What the commands say: an empty state, a table for people, JSON for programs, and exit codes; no broker is there."""

import json
import logging
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from tandem.ledger import command
from tests.unit.tandem.ledger.world import (
    World,
    changed,
    conflict,
    finished,
    letter,
    opened_at,
    reported,
    resolved,
    write,
)

CONFIG = """
[kafka]
bootstrap = "embedded"
[connections.acme-list]
connector = "partner_list"
party = "partner:acme"
path = "acme.csv"
"""
Run = Callable[..., Result]


@pytest.fixture
def tandem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder with a configuration; what it set up in this process is undone."""
    app = typer.Typer()
    app.command("status")(command.status)
    app.command("trace")(command.trace)
    for name in ("deadletters", "conflicts", "ledger"):
        app.add_typer(getattr(command, name), name=name)
    (tmp_path / "acme.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "tandem.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level, signals = root.level, {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield lambda *arguments: CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    root.handlers[:], root.level = handlers, level
    for each, handler in signals.items():
        signal.signal(each, handler)


@pytest.fixture
def world(tmp_path: Path, file_of_tables: Path) -> World:
    """The ledger of that configuration, fed until now."""
    (tmp_path / ".tandem").mkdir()
    made = World(opened_at(shutil.copy(file_of_tables, tmp_path / ".tandem" / "ledger.db")))
    made.now = datetime.now(UTC)
    return made


def fed(world: World, *messages: object) -> None:
    world.tell(*messages)  # type: ignore[arg-type]
    world.catch_up().turn(0)
    world.store.close()


def test_before_anything_was_told_status_says_what_starts_it(tandem: Run, tmp_path: Path):
    ended = tandem("status")
    assert ended.exit_code == 0
    assert "Nothing has been told yet" in ended.stdout
    assert not (tmp_path / ".tandem" / "ledger.db").exists()


def test_status_as_json_before_anything_was_told(tandem: Run):
    found = json.loads(tandem("status", "--json").stdout)
    assert (found["ok"], found["ledger"]["fed_at"]) == (True, None)
    assert [(it["connection"], it["role"], it["state"]) for it in found["connections"]] == [
        ("acme-list", "source", "not reported")
    ]


def test_status_shows_connections_and_what_needs_a_person(tandem: Run, world: World):
    stopped = reported("acme-list", state="stopped", reason="the list is gone.", remedy="put it back", used=1, quota=9)
    fed(world, stopped, letter("17"), conflict("1"))
    ended = tandem("status")
    assert ended.exit_code == 1
    for words in ("stopped: the list is gone.", "1 of 9", "open dead letters: 1 source:acme-list", "put it back"):
        assert words in ended.stdout


def test_status_ends_with_0_when_nothing_needs_a_person(tandem: Run, world: World):
    fed(world, reported("acme-list"), changed("1", connection="acme-list"))
    ended = tandem("status")
    assert ended.exit_code == 0, ended.output
    assert "Nothing needs a person." in ended.stdout


def test_trace_tells_a_story(tandem: Run, world: World):
    it = write("1")
    fed(world, changed("1"), it, finished(it, "rejected", code="LOCKED"))
    ended = tandem("trace", "our-crm/account/1")
    assert ended.exit_code == 0
    for words in (
        "Acme Robotics",
        "website: (empty) → https://acme.com",
        "because HubSpot is the",
        "rejected",
        "LOCKED",
    ):
        assert words in ended.stdout
    found = json.loads(tandem("trace", "1", "--json").stdout)
    assert [event["kind"] for event in found["events"]] == ["change", "write", "outcome"]


def test_a_trace_of_what_is_not_known_ends_with_1_and_says_what_to_try(tandem: Run, world: World):
    fed(world, changed("1"), changed("1", connection="our-hubspot"))
    unknown, several = tandem("trace", "nobody"), tandem("trace", "1")
    assert (unknown.exit_code, several.exit_code) == (1, 1)
    assert "name a record as connection/entity/id" in unknown.stderr
    assert "our-hubspot/account/1" in several.stdout


def test_a_question_without_a_ledger_says_what_makes_one(tandem: Run):
    ended = tandem("trace", "1")
    assert ended.exit_code == 78
    assert "there is no ledger at" in ended.stderr


def test_dead_letters_are_listed_and_shown(tandem: Run, world: World):
    fed(world, letter("17", payload="[bold]x"), letter("18"), resolved(letter("18")))
    assert "partners.csv row 18" not in tandem("deadletters", "list").stdout
    assert "discarded" in tandem("deadletters", "list", "--all").stdout
    shown = tandem("deadletters", "show", letter("17").id[:6]).stdout
    assert "fill in 'Name'" in shown
    assert "[bold]x" in shown
    (one,) = json.loads(tandem("deadletters", "list", "--json").stdout)["dead_letters"]
    assert (one["subject"], one["status"]) == ("partners.csv row 17", "open")


def test_empty_lists_say_so(tandem: Run, world: World):
    fed(world)
    assert "no such dead letters" in tandem("deadletters", "list").stdout
    assert "no such conflicts" in tandem("conflicts", "list").stdout


def test_conflicts_are_listed_and_shown(tandem: Run, world: World):
    fed(world, conflict("1"), conflict("2", still_open=False))
    assert tandem("conflicts", "list").stdout.count("waits for a person") == 1
    assert len(json.loads(tandem("conflicts", "list", "--all", "--json").stdout)["conflicts"]) == 2
    shown = tandem("conflicts", "show", conflict("1").id).stdout
    for words in ("stays: +49 30 1", "lost: +49 30 2", "make phone the same in both"):
        assert words in shown


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_dead_letters_must_be_named_or_chosen_and_not_both(tandem: Run, world: World, verb: str):
    fed(world, letter("17"))
    for arguments in ([], [letter("17").id, "--all"]):
        ended = tandem("deadletters", verb, *arguments)
        assert ended.exit_code == 2
        assert "name dead letters by their ids" in ended.stderr


def test_without_a_broker_a_retry_says_what_starts_one(tandem: Run, world: World):
    fed(world, letter("17"))
    ended = tandem("deadletters", "retry", "--all")
    assert ended.exit_code == 1
    assert "the embedded broker does not answer at 127.0.0.1" in ended.stderr
