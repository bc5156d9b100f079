"""What `tandem offers` says: empty states, tables for people, JSON for programs, clear errors; and what it publishes."""

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

from schemas.messages import RulingGiven
from tandem.offers import command, telling
from tests.unit.tandem.ledger.conftest import file_of_tables as file_of_tables  # noqa: PLC0414 - a fixture
from tests.unit.tandem.ledger.offer_world import deal, journey, matched, offered
from tests.unit.tandem.ledger.world import ACE, AWS, HUB, World, changed, opened_at

CONFIG = """
[kafka]
bootstrap = "embedded"
"""
OFFERS = """
[offers]
deals = ["our-crm", "our-hubspot"]
marketplace = "our-aws"
partner_central = "our-ace"
"""
CONNECTION = """
[connections.{name}]
connector = "partner_list"
party = "us"
path = "list.csv"
"""
Run = Callable[..., Result]


@pytest.fixture
def tandem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder with a configuration."""
    connections = [CONNECTION.format(name=name) for name in ("our-crm", "our-hubspot", "our-aws", "our-ace")]
    (tmp_path / "list.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "tandem.toml").write_text(CONFIG + OFFERS + "".join(connections))
    (tmp_path / "none.toml").write_text(CONFIG + "".join(connections))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    yield lambda *arguments: CliRunner().invoke(command.offers, list(arguments), catch_exceptions=False)
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def world(tmp_path: Path, file_of_tables: Path) -> World:
    """The ledger of that configuration."""
    (tmp_path / ".tandem").mkdir()
    return World(opened_at(shutil.copy(file_of_tables, tmp_path / ".tandem" / "ledger.db")), now=datetime.now(UTC))


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[RulingGiven]:
    """What went to the broker, which is not there."""
    told: list[RulingGiven] = []
    monkeypatch.setattr(telling, "publish", lambda deployment, order, given: told.append(given))
    return told


def fed(world: World, *messages: Any) -> None:
    world.tell(*messages)
    world.catch_up()
    world.store.close()


def listed(tandem: Run, *options: str) -> list[str]:
    return [it["deal"] for it in json.loads(tandem("list", "--json", *options).stdout)["offers"]]


def test_where_there_is_nothing_it_is_said_what_makes_something(tandem: Run, world: World):
    fed(world)
    assert "No deal has a private offer yet" in tandem("list").stdout
    assert "There are no such private offers" in tandem("list", "--problem").stdout
    assert "Every offer that was made by hand is linked" in tandem("unlinked").stdout
    assert "No invitation waits" in tandem("invitations").stdout


def test_the_list_shows_each_deal_and_first_those_that_need_somebody(tandem: Run, world: World):
    wrong = offered("2", problem="Buyer's AWS Account: 11 digits", approval=None)
    fed(world, offered("1", 3), wrong, offered("3", approval="waiting"), *journey())
    assert listed(tandem) == [deal("3"), deal("2"), deal("7"), deal("1")]
    shown = tandem("list").stdout
    for words in ("agmt-7", "accepted", "12500.00 USD", "waits for approval", "tandem offers approve our-crm/deal/3"):
        assert words in shown
    assert "to be corrected: Acme Robotics: 40 seats: Buyer's AWS Account: 11 digits" in shown


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--state", "accepted"), ["7"]),
        (("--state", "creating", "--state", "accepted"), ["1", "2", "7"]),
        (("--state", "none"), ["3"]),
        (("--problem",), ["2"]),
        (("--waiting",), ["3"]),
        (("--waiting", "--problem"), []),
    ],
)
def test_the_list_can_be_narrowed(tandem: Run, world: World, options: tuple[str, ...], expected: list[str]):
    fed(world, offered("1"), offered("2", problem="x"), offered("3", state=None, approval="waiting"), *journey())
    assert sorted(listed(tandem, *options)) == [deal(each) for each in expected]


def test_a_state_that_there_is_not_is_refused_with_those_that_there_are(tandem: Run, world: World):
    fed(world)
    ended = tandem("list", "--state", "viewed")
    assert ended.exit_code == 2
    assert "no state is called 'viewed'" in " ".join(ended.stderr.split())


@pytest.mark.parametrize("name", ["7", "offer-7", "agmt-7", "O7", deal("7"), f"{HUB}/deal/h-7", "cs-7"])
def test_one_is_shown_by_whatever_is_in_its_chain(tandem: Run, world: World, name: str):
    fed(world, *journey())
    shown = tandem("show", name).stdout
    for words in (
        "offer: our-aws/offer/offer-7",
        "agreements, oldest first: our-aws/agreement/agmt-7",
        "last: The buyer",
    ):
        assert words in shown
    found = json.loads(tandem("show", name, "--json").stdout)
    assert [step["state"] for step in found["steps"]] == [None, "creating", "released", "accepted"]


def test_an_offer_without_a_deal_is_shown_with_the_deals_that_it_may_be_for(tandem: Run, world: World):
    fed(world, matched("x"))
    shown = tandem("show", "offer-x").stdout
    assert "0.80 Acme Robotics: 40 seats" in shown
    assert "tandem offers link our-crm/deal/7 our-aws/offer/offer-x" in shown


def test_what_is_not_known_ends_with_1_and_says_what_to_try(tandem: Run, world: World):
    fed(world, *journey())
    ended = tandem("show", "offer-9")
    assert ended.exit_code == 1
    assert "nothing is known of a private offer of 'offer-9'" in ended.stderr


def test_proposals_come_before_offers_that_fit_no_deal_and_linked_ones_are_left_out(tandem: Run, world: World):
    less_sure = matched("b", confidence=0.6)
    fed(world, matched("a", status="unlinked"), less_sure, matched("c"), matched("d", status="linked"))
    found = json.loads(tandem("unlinked", "--json").stdout)["unlinked"]
    assert [it["offer"].split("-")[-1] for it in found] == ["c", "b", "a"]
    assert "because the same amount" in tandem("unlinked").stdout


def invitation(record_id: str, status: str = "pending") -> Any:
    record = {"title": "Robots", "company": "Acme", "status": status, "expires_at": "2026-12-01T00:00:00Z"}
    return changed(record_id, connection=ACE, entity="cosell_invitation", record=record)


def test_invitations_that_wait_are_listed(tandem: Run, world: World):
    fed(world, invitation("engi-1"), invitation("engi-2", "accepted"))
    assert "our-ace/cosell_invitation/engi-1" in tandem("invitations").stdout
    assert len(json.loads(tandem("invitations", "--all", "--json").stdout)["invitations"]) == 2


TOLD = {
    ("approve", "7"): ("approve_offer", [deal("7")]),
    ("approve", "offer-7"): ("approve_offer", [deal("7")]),
    ("refuse", deal("7"), "--note", "too cheap"): ("refuse_offer", [deal("7")]),
    ("cancel", f"{HUB}/deal/h-7"): ("cancel_offer", [deal("7")]),
    ("extend", "7", "--until", "2999-01-31"): ("extend_offer", [deal("7")]),
    ("link", "7", "offer-x"): ("link", [deal("7"), f"{AWS}/offer/offer-x"]),
    ("unlink", "7", f"{AWS}/offer/offer-7"): ("unlink", [deal("7"), f"{AWS}/offer/offer-7"]),
    ("accept", "engi-1"): ("accept_invitation", [f"{ACE}/cosell_invitation/engi-1"]),
    ("reject", "engi-1"): ("reject_invitation", [f"{ACE}/cosell_invitation/engi-1"]),
}


@pytest.mark.parametrize("words", TOLD, ids=" ".join)
def test_what_a_person_says_is_told_of_the_records_that_are_meant(
    tandem: Run, world: World, published: list[RulingGiven], words: tuple[str, ...]
):
    fed(world, *journey(), matched("x"), invitation("engi-1"))
    found = json.loads(tandem(*words, "--by", "dana", "--json").stdout)
    (given,) = published
    assert (found["id"], found["ruling"], found["refs"], found["by"]) == (given.id, *TOLD[words], "dana")
    assert (str(given.until), given.note) == (
        "2999-01-31" if "--until" in words else "None",
        "too cheap" if "--note" in words else None,
    )


def test_a_whole_name_needs_no_ledger(tandem: Run, published: list[RulingGiven]):
    ended = tandem("approve", deal("9"), "--by", "dana")
    assert ended.stdout == f"approve offer our-crm/deal/9: told as {published[0].id}\n"


WRONG = {
    ("approve", "our-crm/account/1"): (78, "is no record that can be meant here"),
    ("approve", "our-aws/offer/offer-7"): (78, "is no deal. Remedy: name it as our-crm/deal/id or our-hubspot/deal/id"),
    ("approve", "8"): (1, "the ledger knows no deal '8'. Remedy: name it as connection/deal/id"),
    ("approve", "twice"): (1, "is the id of several: our-crm/deal/twice, our-hubspot/deal/twice"),
    ("link", "7", "offer-9"): (1, "the ledger knows no offer 'offer-9'"),
    ("accept", "O7"): (1, "the ledger knows no cosell invitation 'O7'"),
    ("extend", "7", "--until", "2020-01-31"): (78, "2020-01-31 is in the past. Remedy: give the new last day"),
    ("extend", "7", "--until", "soon"): (2, "'soon' does not match the format"),
    ("refuse", "7"): (2, "Missing option '--note'"),
    ("cancel", "7", "--config", "none.toml"): (78, "this deployment ties no deals to private offers"),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_cannot_be_meant_is_refused_with_a_remedy_and_nothing_is_told(
    tandem: Run, world: World, published: list[RulingGiven], words: tuple[str, ...]
):
    twins = [changed("twice", connection=each, entity="deal") for each in ("our-crm", HUB)]
    fed(world, *journey(), *twins)
    ended = tandem(*words)
    code, said = WRONG[words]
    assert (ended.exit_code, published) == (code, [])
    assert said in " ".join(ended.stderr.replace("│", " ").split())


def test_without_a_broker_it_is_said_what_starts_one(tandem: Run, world: World):
    fed(world, *journey())
    ended = tandem("approve", "7")
    assert ended.exit_code == 1
    assert "the embedded broker does not answer" in ended.stderr
