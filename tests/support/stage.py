"""The stage of the chaos run: our Salesforce emulated, and a partner's list that is delivered again and again."""

import csv
import random
from pathlib import Path

from tandem.demo.emulators import Org, start_org
from tandem.demo.stage import CLIENT, CRM, PARTNER, PARTNER_NAME, checkout

__all__ = ["CRM", "LIST", "Org", "checkout", "start_org", "write_config", "write_partner_list", "write_rows"]
LIST = "acme-list"
OWNERS = ("Ines Duarte", "Tom Hale", "Mei Lin", "Jonas Berg", "Amara Obi", "Luca Conti", "Sana Malik", "Eric Dahl")
POPULATIONS = {"Prospect": 0.6, "Open Opportunity": 0.15, "Customer": 0.25}
COLUMNS = ("id", "name", "website", "country", "city", "zipcode", "population", "owner")

CONFIG = """\
data = "data"

[kafka]
bootstrap = "{bootstrap}"

[streams]
workers = {workers}

[connections.{crm}]
connector = "salesforce"
party = "us"
reads = ["account"]
interval = 0.3
base_url = "{org.base_url}"
pubsub_address = "{pubsub}"
auth = {{ method = "client_credentials", client_id = "{client[0]}", client_secret = "{client[1]}" }}

[connections.{list}]
connector = "partner_list"
party = "partner:{partner}"
name = "{partner_name}"
interval = 0.5
path = "{partner}.csv"
"""


def write_partner_list(root: Path, folder: Path, seed: int) -> Path:
    """The partner's list: the real companies, each with a population and an owner that follow from the seed."""
    chance = random.Random(seed)
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


def write_config(folder: Path, org: Org, bootstrap: str, workers: int) -> Path:
    """The deployment's configuration."""
    path = folder / "tandem.toml"
    text = CONFIG.format(
        bootstrap=bootstrap, workers=workers, crm=CRM, list=LIST, org=org, pubsub=org.ready["pubsub"], client=CLIENT,
        partner=PARTNER, partner_name=PARTNER_NAME,
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    return path
