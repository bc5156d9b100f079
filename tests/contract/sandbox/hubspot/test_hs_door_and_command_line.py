"""The sandbox door, the seeding, and the process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import sandbox
from sandbox.hubspot.cli import main
from sandbox.hubspot.seeding import build, domain_of
from sandbox.hubspot.testing import emulator, standing_still

from .conftest import Api, where

ROOT = Path(sandbox.__file__).parents[1]
CSV = """id,name,website,country,city,zipcode
p1,Acme Robotics,https://www.acme.example/de,Germany,Bonn,53111
p2,Bolt,,France,,
"""


@pytest.fixture
def companies(tmp_path: Path) -> Path:
    file = tmp_path / "companies.csv"
    file.write_text(CSV)
    return file


def test_companies_come_from_the_list_with_its_ids_and_are_searchable(companies: Path) -> None:
    with emulator(standing_still(companies=companies)) as running:
        api = Api(running)
        (first,) = api.search("companies", where("source_id", "EQ", "p1"), properties=["domain", "zip"]).json()[
            "results"
        ]
        assert (first["properties"]["domain"], first["properties"]["zip"]) == ("acme.example", "53111")
        assert first["createdAt"] < "2026-11-22T10:00:00"
        assert api.ids("companies", where("domain", "NOT_HAS_PROPERTY")) == ["9997"]


def test_the_same_seed_makes_the_same_portal(companies: Path) -> None:
    def rows(seed: int) -> list[dict[str, str]]:
        portal = build(standing_still(companies=companies, seed=seed))
        return [dict(one.properties) for one in portal.store.rows("0-2")]

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("http://www.acme.example/x", "acme.example"),
        ("acme.example", "acme.example"),
        ("", ""),
        ("https://A.example:8", "a.example"),
    ],
)
def test_a_domain_is_the_host_of_the_website(website: str, domain: str) -> None:
    assert domain_of(website) == domain


def test_edits_are_those_of_a_user_unless_another_source_is_named(api: Api) -> None:
    made = api.sandbox("POST", "edit", {"object": "companies", "properties": {"name": "A"}})["id"]
    edit = {"object": "companies", "id": made, "properties": {"name": "B"}, "source": "IMPORT"}
    api.sandbox("POST", "edit", edit)
    assert api.sandbox("GET", f"writes?object=companies&id={made}")[made]["by_source"] == {"CRM_UI": 1, "IMPORT": 1}
    api.sandbox("POST", "edit", {"object": "companies", "id": made, "delete": True})
    dumped = requests.get(f"{api.running.base_url}/__sandbox__/dump?object=companies", timeout=10).text.splitlines()
    assert [json.loads(one)["archived"] for one in dumped] == [True]


def test_calls_are_counted_by_endpoint_without_ids(api: Api) -> None:
    record_id = api.create("companies", name="A")
    api.get("companies", record_id)
    api.get("companies", record_id)
    counted = api.sandbox("GET", "calls")
    assert counted == {
        "total": 3,
        "by_endpoint": {
            "POST /crm/objects/2026-09/companies": 1,
            "GET /crm/objects/2026-09/companies/{id}": 2,
        },
    }
    assert api.sandbox("DELETE", "calls")["total"] == 0


def test_a_reset_brings_the_start_back(companies: Path) -> None:
    with emulator(standing_still(companies=companies)) as running:
        api = Api(running)
        api.create("companies", name="A")
        assert api.sandbox("POST", "reset")["records"]["companies"] == 2
        assert api.objects("GET", "companies/9998").status_code == 404


def test_conditions_that_are_unknown_are_refused(api: Api) -> None:
    refused = requests.put(f"{api.running.base_url}/__sandbox__/conditions", json={"lag": 1}, timeout=10)
    assert (refused.status_code, "index_lag" in refused.json()["error"]) == (400, True)


def test_it_says_when_it_is_ready_and_stops_at_once_on_sigterm(companies: Path) -> None:
    command = [sys.executable, "-m", "sandbox.hubspot", "--port", "0", "--seed", "5", "--verbose"]
    arguments = ["--companies", str(companies), "--now", "2026-11-22T10:00:00Z"]
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        health = requests.get(f"{ready['base_url']}/__sandbox__/health", timeout=10).json()
        assert health["records"]["companies"] == 2
        assert health["now"].startswith("2026-11-22T10:00:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
        assert process.stderr.read().startswith("GET /__sandbox__/health 200 ")
        assert process.stdout.read() == ""


@pytest.mark.parametrize(
    ("option", "content", "says"),
    [("--faults", "[fault", "cannot be read as TOML"), ("--companies", "id,name\n", "column 'city' is missing")],
)
def test_a_file_that_cannot_be_used_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, content: str, says: str
) -> None:
    file = tmp_path / "file"
    file.write_text(content)
    assert main([option, str(file)]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("sandbox.hubspot: ")
    assert says in told.err
    assert told.out == ""
