"""What `tandem partners` says: empty states, tables for people, JSON for programs, clear errors."""

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tandem.compose import now
from tandem.partners import command
from tests.unit.tandem.ledger.conftest import file_of_tables as file_of_tables  # noqa: PLC0414 - a fixture
from tests.unit.tandem.ledger.partner_world import (
    CRM,
    PRM,
    attributed,
    certified,
    due,
    journey,
    noticed,
    partner,
    registered,
    routed,
)
from tests.unit.tandem.ledger.world import World, opened_at

CONFIG = """
[kafka]
bootstrap = "embedded"

[connections.our-crm]
connector = "partner_list"
party = "us"
path = "list.csv"
"""
Run = Callable[..., Result]


@pytest.fixture
def tandem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder with a configuration."""
    (tmp_path / "list.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "tandem.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    yield lambda *arguments: CliRunner().invoke(command.partners, list(arguments), catch_exceptions=False)
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def world(tmp_path: Path, file_of_tables: Path) -> World:
    """The ledger of that configuration."""
    (tmp_path / ".tandem").mkdir()
    return World(opened_at(shutil.copy(file_of_tables, tmp_path / ".tandem" / "ledger.db")), now=now())


def fed(world: World, *messages: Any) -> None:
    world.tell(*messages)
    world.catch_up()
    world.store.close()


def listed(tandem: Run, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(tandem("list", "--json", *options).stdout)["partners"]
    return found


def shown(tandem: Run, name: str, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tandem("show", name, "--json", *options).stdout)
    return found


def test_where_there_is_nothing_it_is_said(tandem: Run, world: World):
    fed(world, partner(status="inactive"))
    assert "No partner is active" in tandem("list").stdout
    assert "Nothing lapses soon and nothing is late" in tandem("notices").stdout


def test_the_list_shows_tier_certifications_open_leads_onboarding_and_what_lapses_next(tandem: Run, world: World):
    leads = [routed(f"l{nth}", state=state) for nth, state in enumerate(["offered", "working", "converted", "lost"])]
    fed(world, partner(), *leads)
    assert listed(tandem) == [
        {
            "partner": "blue",
            "name": "Blue Reseller",
            "status": "active",
            "tier": "gold",
            "certified": 1,
            "certifications": 1,
            "open_leads": 2,
            "onboarding": "30 days: late, due on 2026-04-01",
            "next_lapse_on": "2026-09-01",
            "next_step": None,
        }
    ]
    for words in ("Blue Reseller", "gold", "1 person, 1 in force", "30 days: late", "2026-09-01"):
        assert words in tandem("list").stdout


def test_the_list_is_by_name_and_leaves_out_those_that_are_not_active_unless_asked(tandem: Run, world: World):
    fed(world, partner("red"), partner("blue", name="Zeta"), partner("grey", status="prospect"))
    assert [it["partner"] for it in listed(tandem)] == ["red", "blue"]
    assert [it["partner"] for it in listed(tandem, "--all")] == ["grey", "red", "blue"]
    assert "gold (prospect)" in tandem("list", "--all").stdout


@pytest.mark.parametrize(
    ("changed", "key", "value"),
    [
        ({"milestones": []}, "onboarding", ""),
        ({"milestones": [{"name": "30 days", "due_on": "2026-04-01", "done_on": "2026-03-01"}]}, "onboarding", "done"),
        ({"tier_lapses_on": "2026-05-01"}, "next_lapse_on", "2026-05-01"),
        ({"certifications": []}, "next_lapse_on", None),
    ],
)
def test_a_line_says_the_first_thing_that_comes(tandem: Run, world: World, changed: Any, key: str, value: Any):
    fed(world, partner(**changed))
    assert listed(tandem)[0][key] == value


@pytest.mark.parametrize("name", ["blue", "Blue Reseller", "blue reseller", "part_blue", f"{CRM}/partner/p-blue"])
def test_one_is_shown_by_its_key_its_name_or_one_of_its_records(tandem: Run, world: World, name: str):
    fed(world, *journey(), partner("red"))
    found = shown(tandem, name)
    assert found["line"]["partner"] == "blue"
    assert found["refs"] == [f"{CRM}/partner/p-blue", f"{PRM}/partner/part_blue"]
    assert found["people"] == ["ada@blue.com"]
    assert [it["program"] for it in found["certifications"]] == ["fleet"]
    assert [it["status"] for it in found["registrations"]] == ["converted"]
    assert [it["state"] for it in found["leads"]] == ["converted"]
    assert [(it["amount"], it["currency"]) for it in found["fees"]] == [("1250.00", "EUR")]
    assert (found["sourced"], found["influenced"]) == (1, 1)


def test_people_are_shown_the_same(tandem: Run, world: World):
    fed(world, *journey())
    said = tandem("show", "blue").stdout
    for words in (
        "Blue Reseller blue: active",
        "tier: gold",
        "people: ada@blue.com",
        "because because of the rules",
        "Fleet specialist",
        "in force",
        "a certified seller",
        f"{PRM}/registration/r7",
        f"{CRM}/lead/l7",
        "referral fee",
        "Deals: brought 1, a part in 1",
        "first touch",
        "12500.00 EUR",
    ):
        assert words in said


def test_attribution_is_added_up_by_model_and_currency_as_decimals(tandem: Run, world: World):
    deals = [
        attributed(f"{CRM}/deal/1", shares="blue=0.10 red=0.20"),
        attributed(f"{CRM}/deal/2", shares="blue=0.20"),
        attributed(f"{CRM}/deal/3", shares="red=5.00 blue=5.00", currency="USD"),
        attributed(f"{CRM}/deal/4", shares="red=1.00"),
    ]
    fed(world, partner(), *deals)
    found = shown(tandem, "blue")
    assert (found["sourced"], found["influenced"]) == (2, 3)
    assert {(it["currency"], it["amount"], it["deals"]) for it in found["attribution"]} == {
        ("EUR", "0.30", 2),
        ("USD", "5.00", 1),
    }
    assert {it["model"] for it in found["attribution"]} == {"first_touch", "last_touch", "even", "position"}


def test_a_deal_in_which_it_has_no_part_any_more_is_not_counted(tandem: Run, world: World):
    fed(world, partner(), attributed(shares="blue=1.00"), attributed(nth=8, shares="red=1.00"))
    assert (shown(tandem, "blue")["influenced"], shown(tandem, "blue")["attribution"]) == (0, [])


def test_of_many_leads_and_registrations_the_latest_are_shown(tandem: Run, world: World):
    fed(world, partner(), *(routed(f"l{n}", n) for n in range(5)), *(registered(f"r{n}", n) for n in range(5)))
    found = shown(tandem, "blue", "--limit", "2")
    assert [it["lead"] for it in found["leads"]] == [f"{CRM}/lead/l4", f"{CRM}/lead/l3"]
    assert [it["registration"] for it in found["registrations"]] == [f"{PRM}/registration/r4", f"{PRM}/registration/r3"]


def test_what_belongs_to_another_partner_is_not_shown(tandem: Run, world: World):
    fed(world, partner("red"), *journey(), due(partner="green"), certified("green"))
    found = shown(tandem, "red")
    assert [found[name] for name in ("certifications", "registrations", "leads", "fees", "attribution")] == [[]] * 5


def test_a_partner_that_is_not_known_ends_with_1_and_says_what_to_try(tandem: Run, world: World):
    fed(world, partner())
    ended = tandem("show", "violet")
    assert ended.exit_code == 1
    assert "the ledger knows no partner 'violet'" in ended.stderr
    assert "tandem partners list --all" in ended.stderr


def test_a_name_that_two_partners_have_is_not_guessed(tandem: Run, world: World):
    fed(world, partner("red", name="Twin"), partner("blue", name="Twin"))
    ended = tandem("show", "twin")
    assert ended.exit_code == 1
    assert "several partners are called: blue, red" in ended.stderr


def test_a_record_that_it_had_once_does_not_find_it(tandem: Run, world: World):
    fed(world, partner(), partner(nth=2, refs=()))
    assert tandem("show", "part_blue").exit_code == 1


def days(tandem: Run, *options: str) -> list[str]:
    return [it["due_on"] for it in json.loads(tandem("notices", "--json", *options).stdout)["notices"]]


def test_notices_are_listed_by_day_and_those_whose_day_is_over_only_on_demand(tandem: Run, world: World):
    today = now().date()
    soon, later, over = (today + timedelta(days=each) for each in (1, 30, -2))
    fed(world, *(noticed(due=each) for each in (later, over, soon)))
    assert days(tandem) == [soon.isoformat(), later.isoformat()]
    assert days(tandem, "--all") == [over.isoformat(), soon.isoformat(), later.isoformat()]
    assert "Renew it." in tandem("notices").stdout


def test_notices_can_be_narrowed(tandem: Run, world: World):
    far = date(2999, 1, 1)
    fed(
        world,
        noticed(due=far),
        noticed("red", due=far + timedelta(days=1)),
        noticed(due=far + timedelta(days=2), about="tier"),
    )
    assert days(tandem, "--partner", "red") == ["2999-01-02"]
    assert days(tandem, "--about", "tier") == ["2999-01-03"]
    assert days(tandem, "--partner", "red", "--about", "tier") == []


def test_without_a_ledger_it_is_said_what_makes_it(tandem: Run):
    ended = tandem("list")
    assert ended.exit_code != 0
    assert "`tandem ledger run` makes it" in " ".join(ended.stderr.split())
