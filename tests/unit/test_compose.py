"""The image and the compose file, as far as they can be proved without a Docker engine."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from tandem import cli
from tandem.compose import Deployment
from tandem.settings import Settings, load
from tandem.up import tree

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
CONFIG = ROOT / "deploy" / "compose" / "tandem.toml"
PINNED = re.compile(r"^[a-z0-9./-]+:\d+\.\d+[a-z0-9.-]*$")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SALESFORCE_URL", "https://acme.my.salesforce.com")
    monkeypatch.setenv("SALESFORCE_CLIENT_ID", "id")
    monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "secret")
    monkeypatch.setenv("TANDEM_LEDGER", "postgresql+psycopg://tandem:secret@postgres/tandem")
    return load(CONFIG)


def parsed(arguments: list[str]) -> tuple[str, dict[str, Any]]:
    """The subcommand of `tandem ARGUMENTS` and what it was given; an unknown one, or a wrong option, raises."""
    group: Any = typer.main.get_command(cli.app)
    context = group.make_context("tandem", list(arguments))
    name, command, rest = group.resolve_command(context, list(arguments))
    return name, command.make_context(name, rest, parent=context).params


def mounted(service: dict[str, Any]) -> list[str]:
    """Where the volumes of a service stand in its container."""
    return [volume.removesuffix(":ro").rsplit(":", 1)[1] for volume in service["volumes"]]


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_runs_a_command_line_that_tandem_understands(name: str):
    command, _ = parsed(OURS[name]["command"])
    assert command in {"stream", "sink", "source", "ledger"}


@pytest.mark.parametrize("wrong", [["stream", "--wroker", "0"], ["streams"], ["sink"]])
def test_a_command_line_that_tandem_does_not_understand_would_be_noticed(wrong: list[str]):
    with pytest.raises(Exception, match=r"No such (option|command)|Missing parameter"):
        parsed(wrong)


def test_the_services_are_the_processes_that_tandem_up_would_run(settings: Settings):
    planned = {child.name for child in tree(Deployment(settings), CONFIG, None).children}
    assert planned <= set(OURS)
    for name, service in OURS.items():
        command, params = parsed(service["command"])
        which = params.get("worker" if command == "stream" else "name")
        assert name == (command if which is None else f"{command}-{which}")


def test_the_ledger_waits_for_the_database_that_its_address_names(settings: Settings):
    assert "@postgres/" in OURS["ledger"]["environment"]["TANDEM_LEDGER"]
    assert OURS["ledger"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "healthcheck" in SERVICES["postgres"]
    assert settings.ledger.enabled


def test_each_stream_worker_has_a_number_of_its_own_and_a_partition_to_work_on(settings: Settings):
    numbers = [
        params["worker"] for command, params in (parsed(it["command"]) for it in OURS.values()) if command == "stream"
    ]
    assert sorted(numbers) == list(range(len(numbers)))
    assert len(numbers) <= settings.kafka.partitions


def test_the_configuration_is_handed_in_where_the_image_looks_for_it():
    (place,) = re.findall(r"TANDEM_CONFIG=(\S+)", DOCKERFILE)
    for service in OURS.values():
        assert f"./{CONFIG.relative_to(ROOT).as_posix()}:{place}:ro" in service["volumes"]


def test_each_secret_that_the_configuration_names_is_handed_in_and_none_is_written_down():
    wanted = set(
        re.findall(r"env:([A-Z_]+)", re.sub(r"^#.*$", "", CONFIG.read_text(encoding="utf-8"), flags=re.MULTILINE))
    )
    for service in OURS.values():
        assert set(service["environment"]) == wanted
        assert all(re.search(r"\$\{[A-Z_]+:\?", value) for value in service["environment"].values())


def test_each_variable_that_compose_asks_for_is_in_the_example():
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    example = (ROOT / "deploy" / "compose" / "env.example").read_text(encoding="utf-8")
    assert asked == set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def test_what_tandem_keeps_lies_on_a_volume(settings: Settings):
    for service in OURS.values():
        assert str(settings.data) in mounted(service)
        assert str(Path(settings.connection("acme-list").options.path).parent) in mounted(service)


def test_the_broker_is_the_one_that_the_configuration_names_and_keeps_its_data(settings: Settings):
    kafka = SERVICES["kafka"]
    assert kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{settings.kafka.bootstrap}"
    assert f"kafka:{kafka['environment']['KAFKA_LOG_DIRS']}" in kafka["volumes"]
    assert settings.kafka.replication == 1
    assert {volume.split(":")[0] for it in SERVICES.values() for volume in it["volumes"] if volume[0].isalpha()} == set(
        COMPOSE["volumes"]
    )


def test_each_service_waits_for_a_healthy_broker_and_gives_its_process_time_to_stop():
    for service in OURS.values():
        assert service["depends_on"]["kafka"]["condition"] == "service_healthy"
        assert service["stop_grace_period"] == "30s"
    assert "healthcheck" in SERVICES["kafka"]


def test_the_health_check_of_a_worker_asks_the_port_that_the_configuration_opens(settings: Settings):
    assert f"127.0.0.1:{settings.streams.web_port}/health" in " ".join(SERVICES["stream-0"]["healthcheck"]["test"])


def test_every_image_is_pinned_to_a_release():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    images = [*bases, *(service["image"] for service in SERVICES.values())]
    assert [image for image in images if not PINNED.match(image)] == []
    assert len(set(bases)) == 1


def test_the_image_installs_from_the_lock_and_runs_as_nobody_in_particular():
    steps = DOCKERFILE.splitlines()
    installs = [step for step in steps if "pip install" in step]
    assert [step for step in installs if "--require-hashes" not in step and "--no-deps" not in step] == []
    assert "USER tandem" in steps
    assert 'ENTRYPOINT ["tandem"]' in steps


def test_the_build_context_holds_what_the_image_copies_and_every_package_of_the_wheel():
    copied = {
        name for names in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for name in names.split()
    }
    kept = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
    packages = re.findall(r"^packages = \[(.*)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r'"(\w+)"', packages[0])) <= copied


def test_compose_itself_accepts_the_file():
    answer = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False) if _docker() else None
    if answer is None or answer.returncode:
        pytest.skip("NOT CHECKED: there is no `docker compose` here")
    asked = re.findall(r"^([A-Z_]+)=", (CONFIG.parent / "env.example").read_text(encoding="utf-8"), re.MULTILINE)
    environment = {**os.environ, **dict.fromkeys(asked, "./x")}
    command = ["docker", "compose", "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def _docker() -> bool:
    return any(os.access(Path(folder) / "docker", os.X_OK) for folder in os.get_exec_path())
