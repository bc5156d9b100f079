"""The emulated systems of the demo as processes, each with its door behind the scenes; no part of the product needs them."""

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tandem.settings import ConfigError
from tandem.supervisor import end, launch

EDITOR = "admin@tandem.example"
START_PATIENCE_S = 60


@dataclass
class Emulator:
    """An emulated system: where it answers, its process, and what else its ready line says."""

    base_url: str
    process: "subprocess.Popen[bytes]"
    ready: dict[str, Any]

    def ask(self, path: str, body: object | None = None) -> Any:
        """GET, or POST a body, below `/__sandbox__/`; returns the parsed answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base_url}/__sandbox__/{path}", data)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  always our own loopback address
            return json.loads(answer.read())

    def lines(self, path: str) -> list[dict[str, Any]]:
        """The rows of an answer that has one in each line."""
        with urllib.request.urlopen(f"{self.base_url}/__sandbox__/{path}", timeout=60) as answer:  # noqa: S310
            return [json.loads(line) for line in answer.read().splitlines()]

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """Every record of an object, deleted ones too."""
        return self.lines(f"dump?object={kind}")

    def stop(self) -> None:
        """End the process."""
        end(self.process)


class Org(Emulator):
    """A Salesforce org; its records are flat rows."""

    def edit(self, sobject: str, record_id: str, fields: dict[str, Any]) -> None:
        """Change a record as a sales rep would."""
        self.ask("edit", {"user": EDITOR, "object": sobject, "id": record_id, "fields": fields})

    def create(self, sobject: str, fields: dict[str, Any]) -> str:
        """A new record of a sales rep; its id."""
        return str(self.ask("edit", {"user": EDITOR, "object": sobject, "fields": fields})["id"])


class Portal(Emulator):
    """A HubSpot portal; its records have properties."""

    def edit(self, kind: str, record_id: str, properties: dict[str, str]) -> None:
        """Change a record as a user would."""
        self.ask("edit", {"object": kind, "id": record_id, "properties": properties})

    def create(self, kind: str, properties: dict[str, str]) -> str:
        """A new record of a user; its id."""
        return str(self.ask("edit", {"object": kind, "properties": properties})["id"])


class Cloud(Emulator):
    """An AWS account that sells: its marketplace and its Partner Central."""

    def act(self, service: str, act: str, **args: Any) -> Any:
        """What a buyer or a reviewer does."""
        return self.ask("act", {"service": service, "act": act, "args": args})["result"]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Every entity of a kind."""
        found: list[dict[str, Any]] = self.ask(f"dump?kind={kind}")
        return found


def start_org(root: Path, folder: Path, seed: int) -> Org:
    """A Salesforce org with our company list and the shipped package."""
    arguments = ["--api-limit", "10000000", "--accounts", str(root / "data/companies/ours.csv")]
    arguments += ["--sfdx", str(root / "deploy/salesforce/force-app")]
    return Org(*start(root, folder, "salesforce", "sandbox.salesforce", seed, arguments))


def start_portal(root: Path, folder: Path, name: str, seed: int, companies: Path) -> Portal:
    """A HubSpot portal with the companies of a list."""
    return Portal(*start(root, folder, name, "sandbox.hubspot", seed, ["--companies", str(companies)]))


def start_cloud(root: Path, folder: Path, seed: int) -> Cloud:
    """An AWS account whose change sets take three seconds, and whose reviewers approve after two."""
    arguments = ["--change-set", "3", "--review", "1", "--approve", "1"]
    return Cloud(*start(root, folder, "aws", "sandbox.aws", seed, arguments))


def start(
    root: Path, folder: Path, name: str, module: str, seed: int, arguments: list[str]
) -> tuple[str, "subprocess.Popen[bytes]", dict[str, Any]]:
    """Start an emulator and wait for its ready line."""
    ready = folder / f"{name}.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", module, "--seed", str(seed), *arguments]
    process = launch(command, ready, {"PYTHONPATH": str(root)})
    for _ in range(START_PATIENCE_S * 20):
        lines = ready.read_text().splitlines()
        if lines and lines[-1].startswith("{"):
            said = json.loads(lines[-1])
            return said["base_url"], process, said
        if process.poll() is not None:
            raise ConfigError(f"the emulator {name} did not start. Remedy: see {ready}")
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise ConfigError(f"the emulator {name} was not ready after {START_PATIENCE_S} s. Remedy: see {ready}")
