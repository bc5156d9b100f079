"""What `tandem check` finds of a deployment whose broker is not running, and how it is shown."""

import json

import pytest

from connectors.base import Finding
from tandem.check import check_deployment, show_findings
from tandem.compose import Deployment
from tandem.settings import load

LISTS = """
mappings = "own"
[connections.acme-list]
connector = "partner_list"
party = "partner:acme"
path = "acme.csv"
[connections.bolt-list]
connector = "partner_list"
party = "partner:bolt"
path = "bolt.csv"
"""


@pytest.fixture
def deployment(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "tandem.toml").write_text(LISTS)
    (tmp_path / "acme.csv").write_text("id,name\nb1,Acme\n")
    (tmp_path / "bolt.csv").write_text("id,name\nb1,Bolt\n")
    return Deployment(load(tmp_path / "tandem.toml"))


def faults(deployment) -> dict[str, Finding]:
    return {finding.subject: finding for finding in check_deployment(deployment) if not finding.ok}


def test_an_embedded_broker_that_is_not_running_is_no_fault_and_is_not_started(deployment):
    first = next(found for found in check_deployment(deployment) if found.subject.startswith("kafka"))
    assert (first.subject, first.ok) == ("kafka: broker", True)
    assert "`tandem up` starts it" in first.detail
    assert deployment.embedded.answers() is False


def test_what_a_connector_finds_is_told_under_the_name_of_its_connection(deployment, tmp_path):
    assert faults(deployment) == {}
    (tmp_path / "bolt.csv").write_text("id,name\nb1,Bolt\n,Bolt without an id\n")
    assert faults(deployment).keys() == {"bolt-list: rows"}
    (tmp_path / "acme.csv").unlink()
    found = faults(deployment)
    assert found.keys() == {"acme-list: list", "bolt-list: rows"}
    assert found["acme-list: list"].remedy.startswith("correct `path`")


def test_a_mapping_with_a_typo_is_found_with_its_line_and_the_nearest_name(deployment, tmp_path):
    (tmp_path / "own" / "partner_list.toml").write_text('[account.fields]\ncity = "Ort"\nwebsit = "Web"\n')
    found = faults(deployment)
    assert found.keys() == {"acme-list: mapping", "bolt-list: mapping"}
    fault = found["acme-list: mapping"]
    assert "partner_list.toml, line 3, [account.fields] websit: " in fault.detail
    assert fault.remedy == "did you mean 'website'?"


@pytest.mark.parametrize("file", ["offers.toml", "ownership.toml"])
def test_rules_that_cannot_be_read_are_found_before_anything_runs(deployment, tmp_path, file):
    (tmp_path / "own" / file).write_text("[deal\n")
    found = faults(deployment)
    assert found.keys() == {"decisions"}
    assert file in found["decisions"].detail


def test_a_mapping_folder_that_is_not_there_is_found(deployment, tmp_path):
    (tmp_path / "own").rmdir()
    assert "create it" in faults(deployment)["acme-list: mapping"].remedy


FINDINGS = (
    Finding("kafka: broker", False, "none at [::1]:9092 [/dev]", "correct [kafka] in the configuration"),
    Finding("acme-list: list", True, "acme.csv"),
)


def test_findings_as_json_are_one_object(capsys):
    show_findings(FINDINGS, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "findings": [
            {
                "subject": "kafka: broker",
                "ok": False,
                "detail": "none at [::1]:9092 [/dev]",
                "remedy": "correct [kafka] in the configuration",
            },
            {"subject": "acme-list: list", "ok": True, "detail": "acme.csv", "remedy": ""},
        ],
    }
    show_findings(FINDINGS[1:], as_json=True)
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_findings_as_a_table_have_the_remedies_below_and_every_bracket_as_it_is(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    show_findings(FINDINGS, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["FAULT", "kafka:", "broker", "none", "at", "[::1]:9092", "[/dev]"]
    assert lines[2].split() == ["ok", "acme-list:", "list", "acme.csv"]
    assert "kafka: broker: correct [kafka] in the configuration" in lines
    assert lines[-1] == "2 checks, 1 faults"
