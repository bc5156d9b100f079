"""What `tandem leads`, `tandem explain lead` and `tandem route` say: empty states, tables, JSON, clear errors; what they tell."""

import csv
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from schemas.messages import LeadRouted, PartnerDecided, RulingGiven, identity
from tandem.leads import command, telling
from tests.unit.tandem.ledger.conftest import file_of_tables as file_of_tables  # noqa: PLC0414 - a fixture
from tests.unit.tandem.ledger.world import World, opened_at

CONFIG = """
mappings = "rules"
[kafka]
bootstrap = "embedded"
[partners]
crms = ["our-crm"]
[connections.our-crm]
connector = "partner_list"
party = "us"
path = "list.csv"
"""
RULES = """
[products]
fleet = []
[[rules]]
name = "in-turn"
when = { territory = ["dach"] }
partner = { serves = ["territory", "product"], tier = "silver" }
rank = { by = "rotation" }
accept_within = "24 hours"
attempts = 3
fallback = "direct"
"""
LEADS = """Last Name;Company;Country;Product interest;Employees
Okafor;Acme Robotics;Germany;fleet;1,200
Reyes;Quorvane Logistics;DE;fleet;
Smith;Zyxtron;US;;
;Nobody;DE;;
"""
PARTNERS = """partner,key,territories,products,tier,certifications
Blue Reseller,blue,dach,fleet,Silver,fleet 2
Green,green,DE,,gold,
Red,red,dach,,,
"""
LEAD = "our-crm/lead/00Q1"
NOW = datetime.now(UTC)
Run = Callable[..., Result]


@pytest.fixture
def tandem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder with a configuration, rules and lists."""
    (tmp_path / "list.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "tandem.toml").write_text(CONFIG)
    for name, text in (("leads.csv", LEADS), ("partners.csv", PARTNERS)):
        (tmp_path / name).write_text(text)
    for folder, text in (("rules", RULES), ("other", RULES.replace('"silver"', '"gold"'))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "routing.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    app = typer.Typer()
    app.add_typer(command.leads, name="leads")
    app.add_typer(command.explain, name="explain")
    app.command("route")(command.route)
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    yield lambda *arguments: CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def world(tmp_path: Path, file_of_tables: Path, tandem: Run) -> World:
    """The ledger of that configuration."""
    (tmp_path / ".tandem").mkdir()
    return World(opened_at(shutil.copy(file_of_tables, tmp_path / ".tandem" / "ledger.db")), now=NOW)


def partner(key: str, tier: str = "silver", **more: Any) -> PartnerDecided:
    given = {
        "id": identity(key, tier),
        "partner": key,
        "name": key.title(),
        "refs": (f"our-crm/partner/p-{key}",),
        "status": "active",
        "territories": ("dach",),
        "tier": tier,
        "tier_rank": ("registered", "silver", "gold").index(tier) + 1,
        "decided_at": NOW,
    }
    return PartnerDecided.model_validate({**given, **more})


def routed(nth: int = 1, state: str = "offered", to: str | None = "blue", lead: str = LEAD) -> LeadRouted:
    won = {
        "partner": "blue",
        "name": "Blue",
        "eligible": True,
        "won": True,
        "reasons": ("serves dach", "it is its turn"),
    }
    lost = {"partner": "green", "name": "Green", "eligible": False, "reasons": ("wants no leads",)}
    given = {
        "id": identity(lead, str(nth)),
        "lead": lead,
        "name": "Ada Okafor, Acme Robotics",
        "state": state,
        "partner": to,
        "partner_name": to and to.title(),
        "assignment": 1,
        "rule": "in-turn",
        "respond_by": NOW + timedelta(hours=24),
        "candidates": (won, lost),
        "further": 3,
        "reasons": ("The rule in-turn applies.",),
        "inputs": {"last_name": "Okafor", "company": "Acme Robotics", "country": "DE", "partner": None},
        "decided_at": NOW - timedelta(days=2) + timedelta(hours=nth),
    }
    return LeadRouted.model_validate(given)


def known(world: World, *messages: Any) -> None:
    world.tell(*messages)
    world.catch_up()


def test_without_leads_it_says_so(tandem: Run, world: World):
    assert "No lead has been routed yet." in tandem("leads", "list").output
    assert json.loads(tandem("leads", "list", "--json").output) == {"leads": []}


def test_leads_are_listed_by_state_and_partner(tandem: Run, world: World):
    known(world, partner("blue"), routed(), routed(1, "direct", None, "our-crm/lead/00Q2"))
    shown = tandem("leads", "list").output
    assert "Blue" in shown
    assert "direct" in shown
    found = json.loads(tandem("leads", "list", "--state", "offered", "--partner", "blue", "--json").output)["leads"]
    assert [it["lead"] for it in found] == [LEAD]
    assert "There are no such leads." in tandem("leads", "list", "--partner", "green").output


@pytest.mark.parametrize("command_line", [("leads", "show"), ("explain", "lead")])
def test_a_lead_is_explained_with_every_candidate_and_every_step(tandem: Run, world: World, command_line: tuple):
    known(world, partner("blue"), routed(1), routed(2, "accepted"))
    shown = tandem(*command_line, "00Q1").output
    for words in (
        "because The rule in-turn applies.",
        "serves dach, it is its turn",
        "wants no leads",
        "3 more",
        "accepted Blue",
    ):
        assert words in shown
    answer = json.loads(tandem(*command_line, LEAD, "--json").output)
    assert (answer["state"], [it["state"] for it in answer["steps"]]) == ("accepted", ["offered", "accepted"])


def test_it_says_of_a_partner_that_was_not_looked_at_why(tandem: Run, world: World):
    known(world, partner("blue"), partner("cyan", "registered"), partner("dune", "gold"), routed())
    assert "cyan: is registered, silver is needed" in tandem("explain", "lead", "00Q1", "--partner", "cyan").output
    assert "others came first" in tandem("explain", "lead", "00Q1", "--partner", "dune").output
    assert "green: " not in tandem("explain", "lead", "00Q1").output


@pytest.mark.parametrize("command_line", [("explain", "lead", "99"), ("leads", "show", "our-crm/lead/99")])
def test_a_lead_that_nobody_knows_ends_with_code_1_and_the_remedy(tandem: Run, world: World, command_line: tuple):
    ended = tandem(*command_line)
    assert ended.exit_code == 1
    assert "Remedy: name it by its id or as connection/lead/id" in ended.output


def test_an_id_of_two_crms_has_to_be_named_whole(tandem: Run, world: World):
    known(world, routed(), routed(lead="our-hubspot/lead/00Q1"))
    assert "is the id of several" in tandem("leads", "show", "00Q1").output


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[RulingGiven]:
    """What was published."""
    found: list[RulingGiven] = []
    monkeypatch.setattr(telling, "publish", lambda _deployment, _order, given: found.append(given))
    return found


@pytest.mark.parametrize(
    ("command_line", "ruling", "to"),
    [
        (("accept", "00Q1"), "accept_lead", None),
        (("decline", LEAD, "--partner", "blue", "--note", "No time"), "decline_lead", "blue"),
        (("assign", "00Q1", "blue"), "assign_lead", "blue"),
        (("assign", "00Q1"), "assign_lead", None),
    ],
)
def test_a_ruling_is_told_of_the_whole_name(
    tandem: Run, world: World, told: list, command_line: tuple, ruling: str, to: str
):
    known(world, partner("blue"), routed())
    ended = tandem("leads", *command_line, "--by", "dana")
    assert ended.exit_code == 0
    (given,) = told
    assert (given.ruling, given.refs, given.partner, given.by) == (ruling, (LEAD,), to, "dana")


def test_a_lead_is_not_given_to_a_partner_that_nobody_knows(tandem: Run, world: World, told: list):
    known(world, partner("blue"), routed())
    ended = tandem("leads", "assign", "00Q1", "blu")
    assert (ended.exit_code, told) == (1, [])
    assert "no partner has the key 'blu'" in ended.output


def test_a_list_of_leads_is_routed_without_a_deployment(tandem: Run, tmp_path: Path):
    (tmp_path / "tandem.toml").unlink()
    ended = tandem("route", "--dry-run", "leads.csv", "--partners", "partners.csv", "--rules", "rules", "--json")
    answer = json.loads(ended.output)
    assert [it["routed"]["partner"] for it in answer["leads"]] == ["blue", "green", None]
    assert answer["leads"][0]["routed"]["inputs"]["employees"] == 1200
    assert [(it["row"], it["reason"]) for it in answer["refused"]] == [(5, "'Last Name': Field required.")]
    assert answer["columns"]["product"] == "Product interest"


def test_the_outcomes_are_shown_and_written_for_a_spreadsheet(tandem: Run, tmp_path: Path):
    shown = tandem("route", "--dry-run", "leads.csv", "--partners", "partners.csv", "--out", "out.csv").output
    assert "Blue Reseller" in shown
    assert "leads.csv row 5" in shown
    assert "nothing was written" in shown
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["partner"], row["state"]) for row in rows] == [
        ("2", "blue", "offered"),
        ("3", "green", "offered"),
        ("4", "", "direct"),
    ]
    assert "Red: is in no tier, silver is needed" in rows[0]["others"]


def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_written_as_text(tandem: Run, tmp_path: Path):
    (tmp_path / "leads.csv").write_text("last name,company,country\n=1+1,Acme,DE\n")
    tandem("route", "--dry-run", "leads.csv", "--partners", "partners.csv", "--out", "out.csv")
    assert "'=1+1" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_a_list_is_routed_with_what_the_ledger_knows(tandem: Run, world: World):
    known(world, partner("blue"), partner("green", "gold", no_leads=True))
    answer = json.loads(tandem("route", "--dry-run", "leads.csv", "--json").output)
    assert [it["routed"]["partner"] for it in answer["leads"]] == ["blue", "blue", None]


def test_other_rules_are_tried_on_the_leads_of_last_month(tandem: Run, world: World):
    known(world, partner("blue"), partner("green", "gold"), routed(1), routed(2, "accepted"))
    same = json.loads(tandem("route", "--since", "30d", "--json").output)
    assert (same["leads"], same["differing"]) == (1, [])
    assert "All 1 leads would have gone where they went." in tandem("route", "--since", "30d").output
    other = json.loads(tandem("route", "--since", "30d", "--rules", "other", "--json").output)
    assert [(it["lead"], it["went_to"], it["would_go_to"]) for it in other["differing"]] == [(LEAD, "Blue", "Green")]
    assert "1 of 1 leads would have gone elsewhere" in tandem("route", "--since", "30d", "--rules", "other").output


@pytest.mark.parametrize(
    ("command_line", "words", "code"),
    [
        (("route",), "give either --dry-run LEADS or --since 30d", 2),
        (("route", "--since", "soon", "--partners", "partners.csv"), "write 30d, 12h or 2w", 78),
        (("route", "--dry-run", "lead.csv", "--partners", "partners.csv"), "did you mean 'leads.csv'?", 78),
        (("route", "--dry-run", "partners.csv", "--partners", "leads.csv"), "has no column for", 78),
        (("route", "--dry-run", "leads.csv", "--rules", "nowhere"), "there is no folder 'nowhere'", 78),
        (("route", "--dry-run", "leads.csv"), "`tandem ledger run` makes it", 78),
    ],
)
def test_what_cannot_be_meant_ends_with_a_remedy(tandem: Run, command_line: tuple, words: str, code: int):
    ended = tandem(*command_line)
    assert words in " ".join(ended.output.split())
    assert ended.exit_code == code


def test_rules_and_partners_that_fit_are_told_as_well(tandem: Run):
    ended = tandem("leads", "check", "--partners", "partners.csv", "--rules", "rules", "--json")
    findings = {it["subject"]: it for it in json.loads(ended.output)["findings"]}
    assert findings["rule in-turn"]["detail"] == "2 of 3 partners could be asked"


def test_a_territory_that_nobody_serves_is_a_fault_with_file_line_and_remedy(tandem: Run, tmp_path: Path):
    path = tmp_path / "rules" / "routing.toml"
    path.write_text(RULES.replace('["dach"]', '["nordics"]'))
    ended = tandem("leads", "check", "--partners", "partners.csv", "--json")
    findings = {it["subject"]: it for it in json.loads(ended.output)["findings"] if not it["ok"]}
    assert ended.exit_code == 1
    assert findings["territory nordics"]["detail"] == "no active partner serves it"
    assert f"({path}, line 6)" in findings["territory nordics"]["remedy"]
    assert findings["rule in-turn"]["detail"] == "no active partner could ever be asked"
    assert "territory uki" not in findings


def test_a_word_of_a_partner_that_no_rule_knows_is_a_fault(tandem: Run, tmp_path: Path):
    (tmp_path / "partners.csv").write_text("name,territories,segments,tier\nBlue,dahc,smb;tiny,silver\n")
    ended = tandem("leads", "check", "--partners", "partners.csv")
    assert "serves 'dahc', which is no territory of routing.toml and no country" in ended.output
    assert "did you mean 'dach'?" in ended.output
    assert "serves 'tiny'" in ended.output


def test_a_list_of_partners_with_an_unknown_tier_names_the_row(tandem: Run, tmp_path: Path):
    (tmp_path / "partners.csv").write_text("name,tier\nBlue,gold\nGreen,golden\n")
    ended = tandem("route", "--dry-run", "leads.csv", "--partners", "partners.csv")
    assert "partners.csv row 3: no tier is called 'golden': did you mean 'gold'?" in ended.output
