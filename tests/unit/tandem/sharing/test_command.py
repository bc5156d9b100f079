"""What `tandem sharing` says: what is agreed, what cannot work, what a partner sees, and what left."""

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from schemas.messages import RulingGiven, ShareDecided
from tandem.compose import now
from tandem.sharing import command, telling
from tests.unit.tandem.ledger.conftest import file_of_tables as file_of_tables  # noqa: PLC0414 - a fixture
from tests.unit.tandem.ledger.world import CRM, World, at, changed, opened_at, overlapped

CONFIG = """
company = "Borealis"
mappings = "mappings"

[kafka]
bootstrap = "embedded"

[connections.our-crm]
connector = "salesforce"
base_url = "https://borealis.my.salesforce.com"
auth = { method = "client_credentials", client_id = "1", client_secret = "2" }

[connections.acme-crm]
connector = "hubspot"
party = "partner:acme"
name = "Acme Cloud"
overlaps_from = "our-crm"
auth = { method = "token", token = "pat" }

[connections.bolt-list]
connector = "partner_list"
party = "partner:bolt"
path = "bolt.csv"
"""
OURS = 'ours = { by = "Dana", on = 2026-01-01 }\n'
Run = Callable[..., Result]


@pytest.fixture
def tandem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder with a configuration."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "bolt.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "tandem.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    yield lambda *arguments: CliRunner().invoke(command.sharing, list(arguments), catch_exceptions=False)
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def world(tmp_path: Path, file_of_tables: Path) -> World:
    """The ledger of that configuration."""
    (tmp_path / ".tandem").mkdir()
    return World(opened_at(shutil.copy(file_of_tables, tmp_path / ".tandem" / "ledger.db")), now=now())


def policy(text: str) -> None:
    Path("mappings/sharing.toml").write_text(text, encoding="utf-8")


def fed(world: World, *messages: Any) -> None:
    world.tell(*messages)
    world.catch_up()
    world.store.close()


def decided(verdict: str, nth: int = 1, **more: Any) -> ShareDecided:
    return ShareDecided.model_validate(
        {"id": f"{verdict} {nth}", "partner": "acme", "verdict": verdict, "decided_at": at(nth)} | more
    )


def answer(ended: Result) -> Any:
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def partner(tandem: Run, key: str = "acme") -> dict[str, Any]:
    [found] = answer(tandem("show", key, "--json"))["partners"]
    return found


def test_a_connected_partner_sees_overlaps_and_one_whose_list_we_only_read_nothing(tandem: Run):
    acme, bolt = answer(tandem("show", "--json"))["partners"]
    assert (acme["open"], acme["written_into"], acme["levels"]["customer"]) == (True, ["acme-crm"], "overlaps")
    assert (bolt["open"], bolt["written_into"]) == (False, [])
    assert "we have not agreed" in bolt["closed_by"]
    assert "nothing leaves" in tandem("show").stdout


def test_the_ledger_tells_what_people_ruled_besides_the_file(tandem: Run, world: World):
    policy("[partners.acme]\n" + OURS)
    fed(world, decided("consented", 1, by="mei"), decided("capped", 2, count=100))
    found = partner(tandem, "Acme Cloud")
    assert (found["open"], found["held_back"], found["rulings_known"]) == (True, 100, True)
    assert found["theirs"].startswith("mei on 2026-03-02")


def test_a_withdrawal_closes_it_whatever_came_before(tandem: Run, world: World):
    fed(world, decided("consented", 1, by="mei"), decided("withdrawn", 2, by="dana"))
    assert partner(tandem)["closed_by"] == "withdrawn by dana"


def test_a_partner_that_nobody_knows_is_told_with_the_nearest(tandem: Run):
    ended = tandem("show", "acmee")
    assert ended.exit_code == 78
    assert "did you mean 'acme'" in ended.stderr


def findings(tandem: Run) -> dict[str, tuple[bool, str, str]]:
    told = json.loads(tandem("check", "--json").stdout)["findings"]
    return {each["subject"]: (each["ok"], each["detail"], each["remedy"]) for each in told}


def test_the_default_is_well_and_says_what_it_is(tandem: Run):
    assert tandem("check").exit_code == 0
    assert "by default" in findings(tandem)["partner acme"][1]


def test_what_cannot_work_is_told_with_the_remedy(tandem: Run):
    policy('[populations.top]\nreport = "Top"\n[partners.acme]\n' + OURS + "[partners.acne]\n" + OURS)
    assert tandem("check").exit_code == 1
    found = findings(tandem)
    assert found["population top"][0] is False
    assert "lists" in found["population top"][2]
    assert "tandem sharing consent acme" in found["partner acme"][2]
    assert "did you mean 'acme'" in found["partner acne"][2]


def test_a_file_that_is_wrong_is_told_with_its_line(tandem: Run):
    policy('[partners.acme]\nlevel = "al"\n')
    ended = tandem("check")
    assert ended.exit_code == 78
    assert "sharing.toml, line 2" in ended.stderr


ACCOUNT = {"name": "Acme Robotics", "website": "acme.com", "population": "customer", "owner_name": "Dana"}
OTHER = {"name": "Zyxtron", "population": "prospect"}


def test_the_preview_shows_what_leaves_and_nothing_else(tandem: Run, world: World):
    fed(world, changed("1", record=ACCOUNT), changed("2", record=OTHER), overlapped("1"))
    found = answer(tandem("preview", "acme", "--json"))
    assert (found["open"], found["connection"]) == (True, CRM)
    [row] = found["overlaps"]["rows"]
    assert (row["account"], row["partner_account_name"], row["partner_owner_name"]) == ("p-1", "Acme Robotics", "Dana")
    assert [row["name"] for row in found["accounts"]["rows"]] == ["Acme Robotics"]
    assert "Zyxtron" not in json.dumps(found)
    assert "Zyxtron" not in tandem("preview", "acme").stdout


def test_the_preview_follows_the_rules(tandem: Run, world: World):
    policy("[partners.acme]\n" + OURS + 'theirs = { by = "Mei", on = 2026-01-01 }\nlevel = "all"\nfields = "minimal"\n')
    fed(world, changed("1", record=ACCOUNT), changed("2", record=OTHER), overlapped("1"))
    found = answer(tandem("preview", "acme", "--json"))
    assert found["accounts"]["rows"] == [{"name": "Acme Robotics"}, {"name": "Zyxtron"}]


def test_a_preview_for_a_partner_without_consent_is_empty_and_says_why(tandem: Run, world: World):
    policy("[partners.acme]\n" + OURS)
    fed(world, changed("1", record=ACCOUNT), overlapped("1"))
    found = answer(tandem("preview", "acme", "--json"))
    assert (found["open"], found["overlaps"]["count"], found["counts"]["cells"]) == (False, 0, [])
    assert "the partner has not agreed" in tandem("preview", "acme").stdout


def test_the_audit_lists_what_happened_the_oldest_first(tandem: Run, world: World):
    said = [decided("granted", 1, ref="our-crm/account/1", theirs="acme-crm/account/p1"), decided("withheld", 2)]
    fed(world, *said, decided("capped", 3, count=10, reasons=("too many",)))
    entries = answer(tandem("audit", "--json"))["entries"]
    assert [each["verdict"] for each in entries] == ["granted", "withheld", "capped"]
    assert [
        each["verdict"] for each in answer(tandem("audit", "acme", "--verdict", "capped", "--json"))["entries"]
    ] == ["capped"]
    assert "too many" in tandem("audit").stdout
    assert "no entry" in tandem("audit", "bolt").stdout


def test_as_the_partner_may_read_it_the_audit_tells_of_nothing_that_it_did_not_see(tandem: Run, world: World):
    granted = decided("granted", 1, ref="our-crm/account/1", theirs="acme-crm/account/p1", fields=("partner",))
    fed(world, granted, decided("withheld", 2, ref="our-crm/account/7"))
    told = tandem("audit", "acme", "--as-partner").stdout
    assert [each["account"] for each in json.loads(told)["entries"]] == ["acme-crm/account/p1"]
    assert "our-crm" not in told


def test_without_a_ledger_the_audit_says_what_makes_one(tandem: Run):
    ended = tandem("audit")
    assert ended.exit_code != 0
    assert "tandem ledger run" in ended.stderr


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[RulingGiven, str]]:
    """What was published, and under which key."""
    found: list[tuple[RulingGiven, str]] = []
    monkeypatch.setattr(telling, "publish", lambda _deployment, order, given, key: found.append((given, key)))
    return found


@pytest.mark.parametrize("name", ["consent", "revoke", "release"])
def test_a_ruling_is_told_in_the_partner_s_own_order(tandem: Run, told: list, name: str):
    given = answer(tandem(name, "acme", "--by", "dana", "--note", "as agreed", "--json"))
    [(published, key)] = told
    assert (published.ruling, published.partner, published.by) == (f"{name}_sharing", "acme", "dana")
    assert key == "partner:acme"
    assert given["note"] == "as agreed"


def test_a_ruling_over_a_partner_that_nothing_is_written_to_is_refused(tandem: Run, told: list):
    ended = tandem("revoke", "bolt")
    assert ended.exit_code == 78
    assert "overlaps_from" in ended.stderr
    assert told == []
