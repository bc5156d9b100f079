"""What `tandem registrations` says: empty states, tables for people, JSON for programs, clear errors; and what it publishes."""

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

from schemas.messages import FeeDecided, RegistrationDecided, RulingGiven, identity
from tandem.registrations import command, telling
from tests.unit.tandem.ledger.conftest import file_of_tables as file_of_tables  # noqa: PLC0414 - a fixture
from tests.unit.tandem.ledger.world import World, at, opened_at

CONFIG = """
[kafka]
bootstrap = "embedded"

[connections.our-crm]
connector = "partner_list"
path = "list.csv"

[connections.our-prm]
connector = "partner_list"
path = "list.csv"
"""
PARTNERS = """
[partners]
crms = ["our-crm"]
prms = ["our-prm"]
"""
Run = Callable[..., Result]
PRM = "our-prm/registration"


@pytest.fixture
def tandem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder with a configuration."""
    (tmp_path / "list.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "tandem.toml").write_text(CONFIG + PARTNERS)
    (tmp_path / "none.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    yield lambda *arguments: CliRunner().invoke(command.registrations, list(arguments), catch_exceptions=False)
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def world(tmp_path: Path, file_of_tables: Path) -> World:
    """The ledger of that configuration."""
    (tmp_path / ".tandem").mkdir()
    return World(opened_at(shutil.copy(file_of_tables, tmp_path / ".tandem" / "ledger.db")), now=datetime.now(UTC))


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[RulingGiven]:
    """What went to the broker, which is not there."""
    said: list[RulingGiven] = []
    monkeypatch.setattr(telling, "publish", lambda deployment, order, given: said.append(given))
    return said


def registered(record_id: str, nth: int = 1, **more: Any) -> RegistrationDecided:
    given = {
        "id": identity("registration", record_id, str(nth)), "registration": f"{PRM}/{record_id}",
        "name": "Acme Robotics, by Blue Reseller", "status": "approved", "partner": "blue",
        "partner_name": "Blue Reseller", "deal": f"our-crm/deal/006{record_id}", "protected_until": "2026-05-31",
        "approved_by": "dana@us.example", "reasons": ("Approved by dana@us.example.",), "decided_at": at(nth), **more,
    }  # fmt: skip
    return RegistrationDecided.model_validate(given)


def waiting(record_id: str, nth: int = 1) -> RegistrationDecided:
    level = {"level": 1, "approvers": ["dana@us.example"], "asked_at": at(0), "due_at": at(1440)}
    none = {"deal": None, "protected_until": None, "approved_by": None}
    return registered(record_id, nth, status="in_review", approvals=[level], reasons=("A named account.",), **none)


def fee(record_id: str) -> FeeDecided:
    given = {
        "id": identity("fee", record_id), "deal": f"our-crm/deal/006{record_id}", "partner": "blue", "kind": "margin",
        "registration": f"{PRM}/{record_id}", "amount": "246.91", "currency": "EUR", "percent": "20",
        "basis_amount": "1234.55", "basis": "margin: 20 % of 1234.55 EUR", "decided_at": at(9),
    }  # fmt: skip
    return FeeDecided.model_validate(given)


def fed(world: World, *messages: Any) -> None:
    world.tell(*messages)
    world.catch_up()
    world.store.close()


def listed(tandem: Run, *options: str) -> list[str]:
    found = json.loads(tandem("list", "--json", *options).stdout)["registrations"]
    return [it["registration"].rpartition("/")[2] for it in found]


def test_where_there_is_nothing_it_is_said(tandem: Run, world: World):
    fed(world)
    assert "No partner has registered a deal that is not over" in tandem("list").stdout
    assert "There are no such registrations" in tandem("list", "--waiting").stdout


def test_the_list_shows_those_that_are_not_over_and_first_those_that_wait_for_a_person(tandem: Run, world: World):
    fed(world, registered("1", 3), waiting("2"), registered("3", 4, status="rejected"), registered("4", 2))
    assert listed(tandem) == ["2", "1", "4"]
    assert listed(tandem, "--all") == ["2", "3", "1", "4"]
    shown = tandem("list").stdout
    for words in ("Blue Reseller", "2026-05-31", "waits for dana@us.example", f"tandem registrations approve {PRM}/2"):
        assert words in shown


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--status", "rejected"), ["3"]),
        (("--status", "approved", "--status", "rejected"), ["1", "3"]),
        (("--waiting",), ["2"]),
        (("--partner", "red", "--all"), []),
    ],
)
def test_the_list_can_be_narrowed(tandem: Run, world: World, options: tuple[str, ...], expected: list[str]):
    fed(world, registered("1"), waiting("2"), registered("3", status="rejected"))
    assert sorted(listed(tandem, *options)) == expected


def test_a_status_that_there_is_not_is_refused_with_those_that_there_are(tandem: Run, world: World):
    fed(world)
    ended = tandem("list", "--status", "open")
    assert ended.exit_code == 2
    assert "no status is called 'open'" in " ".join(ended.stderr.split())


@pytest.mark.parametrize("name", ["1", f"{PRM}/1", "0061", "our-crm/deal/0061", "L1", "our-crm/registration/L1"])
def test_one_is_shown_by_whatever_stands_for_it(tandem: Run, world: World, name: str):
    fed(world, waiting("1"), registered("1", 2, twins=("our-crm/registration/L1",)), fee("1"))
    shown = tandem("show", name).stdout
    for words in (
        "status: approved", "the same as our-crm/registration/L1", "protected until: 2026-05-31",
        "because Approved by dana@us.example.", "due to blue: 246.91 EUR, margin: 20 % of 1234.55 EUR",
        "in review: A named account.",
    ):  # fmt: skip
        assert words in shown, shown
    found = json.loads(tandem("show", name, "--json").stdout)
    assert [step["status"] for step in found["steps"]] == ["in_review", "approved"]
    assert found["registration"]["protected_until"] == "2026-05-31"


def test_one_that_waits_shows_who_has_to_decide_until_when(tandem: Run, world: World):
    fed(world, waiting("2"))
    assert "level 1: waits for dana@us.example, due 2026-03-03" in tandem("show", "2").stdout


TOLD = {
    ("approve", "1"): ("approve_registration", f"{PRM}/1"),
    ("approve", "L1"): ("approve_registration", f"{PRM}/1"),
    ("reject", f"{PRM}/1", "--note", "no"): ("reject_registration", f"{PRM}/1"),
    ("return", "1", "--note", "no"): ("return_registration", f"{PRM}/1"),
    ("extend", "0061", "--until", "2999-01-31"): ("extend_registration", f"{PRM}/1"),
    ("withdraw", "1"): ("withdraw_registration", f"{PRM}/1"),
    ("reassign", "1", "--partner", "red"): ("reassign_registration", f"{PRM}/1"),
}


@pytest.mark.parametrize("words", TOLD, ids=" ".join)
def test_what_a_person_says_is_told_of_the_registration_that_is_meant(
    tandem: Run, world: World, published: list[RulingGiven], words: tuple[str, ...]
):
    fed(world, registered("1", twins=("our-crm/registration/L1",)))
    found = json.loads(tandem(*words, "--by", "dana@us.example", "--json").stdout)
    (given,) = published
    assert (found["id"], found["ruling"], found["refs"]) == (given.id, TOLD[words][0], [TOLD[words][1]])
    assert (given.by, given.partner) == ("dana@us.example", "red" if "--partner" in words else None)
    assert (str(given.until), given.note) == (
        "2999-01-31" if "--until" in words else "None",
        "no" if "--note" in words else None,
    )


def test_a_whole_name_needs_no_ledger(tandem: Run, published: list[RulingGiven]):
    ended = tandem("approve", f"{PRM}/9", "--by", "dana")
    assert ended.stdout == f"approve registration {PRM}/9: told as {published[0].id}\n"


def test_without_a_ledger_an_id_is_not_enough(tandem: Run, published: list[RulingGiven]):
    ended = tandem("approve", "9", "--by", "dana")
    assert (ended.exit_code, published) == (78, [])
    assert "name the registration as connection/registration/id" in " ".join(ended.stderr.split())


WRONG = {
    ("approve", "our-crm/account/1"): (78, "is no record that can be meant here"),
    ("approve", "8"): (1, "the ledger knows no registration '8'"),
    ("show", "8"): (1, "the ledger knows no registration '8'"),
    ("approve", "twice"): (1, f"may be any of several: our-crm/registration/twice, {PRM}/twice"),
    ("extend", "1", "--until", "2020-01-31"): (78, "2020-01-31 is in the past"),
    ("reject", "1"): (2, "Missing option '--note'"),
    ("reassign", "1"): (2, "Missing option '--partner'"),
    ("withdraw", "1", "--config", "none.toml"): (78, "this deployment has no partner management"),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_cannot_be_meant_is_refused_with_a_remedy_and_nothing_is_told(
    tandem: Run, world: World, published: list[RulingGiven], words: tuple[str, ...]
):
    two = [registered("twice", registration=f"{each}/registration/twice", id=each) for each in ("our-crm", "our-prm")]
    fed(world, registered("1"), *two)
    ended = tandem(*words)
    code, said = WRONG[words]
    assert (ended.exit_code, published) == (code, []), ended.output
    assert said in " ".join(ended.stderr.replace("│", " ").split())
