"""What the commands say to a person who gives them something wrong; no broker and no vendor is there."""

import json
import logging
import signal

import pytest
from typer.testing import CliRunner

from tandem.cli import app

LIST = """
[kafka]
bootstrap = "embedded"
[connections.acme-list]
connector = "partner_list"
party = "partner:acme"
path = "acme.csv"
"""


@pytest.fixture
def tandem(tmp_path, monkeypatch):
    """Runs a command in a folder of its own; what it set up in this process is undone."""
    monkeypatch.chdir(tmp_path)
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level, signals = root.level, {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield lambda *arguments: CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    root.handlers[:], root.level = handlers, level
    for each, handler in signals.items():
        signal.signal(each, handler)


@pytest.fixture
def config(tmp_path):
    (tmp_path / "acme.csv").write_text("id,name\nb1,Acme\n")
    path = tmp_path / "tandem.toml"
    path.write_text(LIST)
    return path


def test_init_writes_a_file_and_says_what_comes_next(tandem, tmp_path):
    done = tandem("init")
    assert (done.exit_code, (tmp_path / "tandem.toml").exists()) == (0, True)
    assert "`tandem check --config tandem.toml`" in done.stdout


def test_init_keeps_a_file_that_is_there_unless_it_is_forced(tandem, config):
    refused = tandem("init")
    assert (refused.exit_code, config.read_text()) == (78, LIST)
    assert "tandem.toml is there already" in refused.stderr
    assert tandem("init", "--force").exit_code == 0
    assert config.read_text() != LIST


@pytest.mark.parametrize("command", [["check"], ["up"], ["stream"], ["broker"], ["source", "x"], ["sink", "x"]])
def test_every_command_says_where_it_looked_for_a_configuration(tandem, command):
    done = tandem(*command)
    assert done.exit_code == 78
    assert "tandem.toml cannot be read (No such file or directory). Remedy: `tandem init` writes one." in done.stderr


def test_the_configuration_may_be_named_in_the_environment(tandem, config, monkeypatch):
    monkeypatch.setenv("TANDEM_CONFIG", str(config))
    assert tandem("check").exit_code == 0


def test_an_unknown_connection_is_answered_with_the_nearest(tandem, config):
    done = tandem("source", "acme-lst")
    assert done.exit_code == 78
    assert done.stderr == "source acme-lst: there is no connection 'acme-lst'; did you mean 'acme-list'?\n"


def test_a_list_cannot_be_written_to(tandem, config):
    done = tandem("sink", "acme-list")
    assert done.exit_code == 78
    assert "connection 'acme-list' has no sink: the connector 'partner_list' cannot be used as one" in done.stderr


def test_removals_can_be_confirmed_only_for_a_list(tandem, config, monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    with config.open("a") as file:
        file.write(
            '[connections.our-crm]\nconnector = "salesforce"\nbase_url = "https://acme.my.salesforce.com"\n'
            'auth = { method = "client_credentials", client_id = "x", client_secret = "env:SECRET" }\n'
        )
    done = tandem("source", "our-crm", "--confirm-removals", "5")
    assert done.exit_code == 78
    assert "connection 'our-crm' (salesforce) has no list whose removals could be confirmed" in done.stderr


def test_only_the_embedded_broker_can_be_run(tandem, config):
    config.write_text(LIST.replace('"embedded"', '"broker-1:9092"'))
    done = tandem("broker")
    assert done.exit_code == 78
    assert "bootstrap is 'broker-1:9092'; only \"embedded\" can be run here" in done.stderr


def test_check_ends_with_zero_only_if_all_is_well(tandem, config, tmp_path):
    assert tandem("check").exit_code == 0
    (tmp_path / "acme.csv").unlink()
    done = tandem("check")
    assert done.exit_code == 1
    assert "1 faults" in done.stdout


def test_check_as_json_has_nothing_else_on_stdout(tandem, config, tmp_path):
    (tmp_path / "acme.csv").write_text("id,Mandant\nb1,Acme\n")
    done = tandem("check", "--json")
    said = json.loads(done.stdout)
    [fault] = [finding for finding in said["findings"] if not finding["ok"]]
    assert (done.exit_code, said["ok"], fault["subject"]) == (1, False, "acme-list: list")
    assert "no column for 'name'; its columns are 'id', 'Mandant'" in fault["detail"]
    assert 'columns = { name = "..." }' in fault["remedy"]


def test_a_typo_in_the_configuration_is_told_by_every_command_in_the_same_words(tandem, config):
    config.write_text(LIST.replace("bootstrap", "bootstrop"))
    for command in (["check"], ["up"], ["source", "acme-list"]):
        done = tandem(*command)
        assert done.exit_code == 78
        assert "unknown key 'kafka.bootstrop'; did you mean 'bootstrap'?" in done.stderr


def test_a_typo_in_the_settings_of_the_kafka_client_is_told_with_its_name(tandem, config):
    options = '"127.0.0.1:1"\n[kafka.options]\n"securty.protocol" = "SASL_SSL"'
    config.write_text(LIST.replace('"embedded"', options))
    for command in (["check"], ["source", "acme-list"]):
        done = tandem(*command)
        assert done.exit_code == 78
        assert '[kafka.options] cannot be used: No such configuration property: "securty.protocol"' in done.stderr


def test_the_version_is_told(tandem):
    assert tandem("--version").stdout.startswith("tandem ")
