"""Sets the demo's stage: our CRM in the emulator, a partner's list, a configuration; it knows nothing of the flow itself."""

import csv
import json
import random
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tandem.settings import ConfigError
from tandem.supervisor import end, launch

PARTNER, PARTNER_NAME = "acme", "Acme Cloud"
CRM, LIST = "our-crm", "acme-list"
OWNERS = ("Ines Duarte", "Tom Hale", "Mei Lin", "Jonas Berg", "Amara Obi", "Luca Conti", "Sana Malik", "Eric Dahl")
POPULATIONS = {"Prospect": 0.6, "Open Opportunity": 0.15, "Customer": 0.25}
EDITOR = "admin@tandem.example"
CLIENT = ("tandem-sandbox", "sandbox-secret")
COLUMNS = ("id", "name", "website", "country", "city", "zipcode", "population", "owner")
START_PATIENCE_S = 30

CONFIG = """\
# Written by `tandem demo`: the deployment that it runs. `tandem up --config THIS_FILE` runs the same without the show.
data = "data"

[kafka]
bootstrap = "{bootstrap}"

[streams]
workers = {workers}
web_port = {web_port}

[connections.{crm}]
connector = "salesforce"
party = "us"
interval = 0.3
base_url = "{base_url}"
auth = {{ method = "client_credentials", client_id = "{client_id}", client_secret = "{client_secret}" }}

[connections.{list}]
connector = "partner_list"
party = "partner:{partner}"
name = "{partner_name}"
interval = 0.5
path = "{partner}.csv"
"""


@dataclass
class Emulator:
    """The Salesforce emulator as a process, and its door behind the scenes."""

    base_url: str
    process: "subprocess.Popen[bytes]"

    def ask(self, path: str, body: object | None = None) -> Any:
        """GET, or POST a body, below `/__sandbox__/`; returns the parsed answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base_url}/__sandbox__/{path}", data)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  always our own loopback address
            return json.loads(answer.read())

    def rows(self, sobject: str) -> list[dict[str, Any]]:
        """Every record of an object, deleted ones too."""
        with urllib.request.urlopen(f"{self.base_url}/__sandbox__/dump?object={sobject}", timeout=30) as answer:  # noqa: S310
            return [json.loads(line) for line in answer.read().splitlines()]

    def edit(self, sobject: str, record_id: str, fields: dict[str, Any]) -> None:
        """Change a record as a sales rep would."""
        self.ask("edit", {"user": EDITOR, "object": sobject, "id": record_id, "fields": fields})

    def stop(self) -> None:
        """End the process."""
        end(self.process)


def checkout() -> Path:
    """The source checkout: the demo's data and the emulator are not part of the installed package."""
    root = Path(__file__).parents[2]
    if not (root / "sandbox").is_dir() or not (root / "data" / "companies").is_dir():
        raise ConfigError(
            "the demo needs the source checkout (sandbox/ and data/). Remedy: clone it and run `make demo`."
        )
    return root


def start_emulator(root: Path, folder: Path, seed: int) -> Emulator:
    """Start the emulator with our company list and the shipped Salesforce metadata, and wait until it is ready."""
    ready = folder / "emulator.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sandbox.salesforce", "--seed", str(seed), "--api-limit", "10000000"]
    command += ["--accounts", str(root / "data/companies/ours.csv")]
    command += ["--sfdx", str(root / "deploy/salesforce/force-app")]
    process = launch(command, ready, {"PYTHONPATH": str(root)})
    for _ in range(START_PATIENCE_S * 20):
        lines = ready.read_text().splitlines()
        if lines and lines[-1].startswith("{"):
            return Emulator(json.loads(lines[-1])["base_url"], process)
        if process.poll() is not None:
            raise ConfigError(f"the Salesforce emulator did not start. Remedy: see {ready}")
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise ConfigError(f"the Salesforce emulator was not ready after {START_PATIENCE_S} s. Remedy: see {ready}")


def write_partner_list(root: Path, folder: Path, seed: int) -> Path:
    """The partner's list: the real companies, each with a population and an owner that follow from the seed."""
    chance = random.Random(seed)  # noqa: S311  a demo, no secret
    names, weights = list(POPULATIONS), list(POPULATIONS.values())
    target = folder / f"{PARTNER}.csv"
    with (root / "data/companies/partner.csv").open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    for row in rows:
        row["population"], row["owner"] = chance.choices(names, weights)[0], chance.choice(OWNERS)
    write_rows(target, rows)
    return target


def write_rows(target: Path, rows: list[dict[str, str]]) -> None:
    """Write a partner list in one step, so that no reader sees half of it."""
    half = target.with_suffix(".part")
    with half.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    half.replace(target)


def write_config(folder: Path, base_url: str, bootstrap: str, workers: int, web_port: int) -> Path:
    """The deployment's configuration."""
    path = folder / "tandem.toml"
    path.write_text(
        CONFIG.format(
            bootstrap=bootstrap,
            workers=workers,
            web_port=web_port,
            crm=CRM,
            list=LIST,
            base_url=base_url,
            client_id=CLIENT[0],
            client_secret=CLIENT[1],
            partner=PARTNER,
            partner_name=PARTNER_NAME,
        ),
        encoding="utf-8",
    )
    return path
