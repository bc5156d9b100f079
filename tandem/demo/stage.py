"""Sets the demo's stage: our systems and a partner's CRM, emulated, and a configuration; it knows nothing of the flow."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tandem.demo import channel
from tandem.demo.emulators import Cloud, Emulator, Org, Portal, start_cloud, start_org, start_portal
from tandem.settings import ConfigError

COMPANY = "Borealis Software"
PARTNER, PARTNER_NAME = "acme", "Acme Cloud"
CRM, MARKETING, THEIRS = "our-crm", "our-hubspot", "acme-crm"
MARKETPLACE, PARTNER_CENTRAL = "our-aws", "our-ace"
CLIENT = APP = ("tandem-sandbox", "sandbox-secret")
TOKEN, APP_ID = "pat-na1-sandbox", 18221010  # what the emulated portals know
PRODUCT, SOLUTION = "prod-lnjsznntonxi2", "S-0000001"  # what the emulated AWS account sells
IN_BOTH = 400  # so many of our accounts stand in our HubSpot, too

CONFIG = """\
# Written by `tandem demo`: the deployment that it runs. `tandem up --config THIS_FILE` runs the same without the show.
data = "data"
mappings = "mappings"
company = "{company}"

[kafka]
bootstrap = "{bootstrap}"

[streams]
workers = {workers}

[reconcile]
connections = ["{crm}", "{marketing}"]

[offers]
deals = ["{crm}"]
marketplace = "{marketplace}"
partner_central = "{partner_central}"

[connections.{crm}]
connector = "salesforce"
party = "us"
reads = ["account", "deal", "lead", "registration", "partner", "partner_user"]
interval = 0.3
base_url = "{org.base_url}"
pubsub_address = "{pubsub}"
auth = {{ method = "client_credentials", client_id = "{client[0]}", client_secret = "{client[1]}" }}

[connections.{marketing}]
connector = "hubspot"
party = "us"
reads = ["account"]
interval = 0.3
changes = "journal"
base_url = "{ours.base_url}"
auth = {{ method = "token", token = "{token}" }}
app = {{ client_id = "{app[0]}", client_secret = "{app[1]}" }}
app_id = {app_id}

[connections.{theirs}]
connector = "hubspot"
party = "partner:{partner}"
name = "{partner_name}"
overlaps_from = "{crm}"
interval = 0.5
changes = "journal"
base_url = "{partners.base_url}"
auth = {{ method = "token", token = "{token}" }}
app = {{ client_id = "{app[0]}", client_secret = "{app[1]}" }}
app_id = {app_id}

[connections.{marketplace}]
connector = "aws_marketplace"
party = "us"
interval = 0.3
base_url = "{cloud.base_url}"
queue_url = "{cloud.ready[marketplace_queue]}"
linger_s = 1
auth = {{ method = "keys", access_key_id = "{cloud.ready[access_key]}", secret_access_key = "{cloud.ready[secret_key]}" }}

[connections.{partner_central}]
connector = "aws_partner_central"
party = "us"
catalog = "AWS"
interval = 0.3
base_url = "{cloud.base_url}"
queue_url = "{cloud.ready[partner_central_queue]}"
linger_s = 1
auth = {{ method = "keys", access_key_id = "{cloud.ready[access_key]}", secret_access_key = "{cloud.ready[secret_key]}" }}
"""
RULES = """\
# What the demo changes in the rules of private offers: which product is sold, and which solution is shared.
[create]
product = "{product}"

[cosell]
solution = "{solution}"
"""


@dataclass(frozen=True, slots=True)
class Systems:
    """Our Salesforce, our HubSpot, the partner's HubSpot, our AWS, our PartnerStack and our Moodle."""

    org: Org
    ours: Portal
    partners: Portal
    cloud: Cloud
    program: Emulator
    site: Emulator


def checkout() -> Path:
    """The source checkout: the demo's data and the emulators are not part of the installed package."""
    root = Path(__file__).parents[2]
    if not (root / "sandbox").is_dir() or not (root / "data" / "companies").is_dir():
        raise ConfigError(
            "the demo needs the source checkout (sandbox/ and data/). Remedy: clone it and run `make demo`."
        )
    return root


@contextmanager
def systems(root: Path, folder: Path, seed: int) -> Iterator[Systems]:
    """Start the systems and stop them at the end."""
    shared = _first_rows(root / "data/companies/ours.csv", folder / "ours.csv", IN_BOTH)
    with ExitStack() as stack:
        org = start_org(root, folder, seed)
        stack.callback(org.stop)
        ours = start_portal(root, folder, MARKETING, seed, shared)
        stack.callback(ours.stop)
        partners = start_portal(root, folder, THEIRS, seed + 1, root / "data/companies/partner.csv")
        stack.callback(partners.stop)
        cloud = start_cloud(root, folder, seed)
        stack.callback(cloud.stop)
        program = channel.start_program(root, folder, seed)
        stack.callback(program.stop)
        site = channel.start_site(root, folder, seed)
        stack.callback(site.stop)
        channel.join(org)
        yield Systems(org, ours, partners, cloud, program, site)


def _first_rows(source: Path, target: Path, count: int) -> Path:
    with source.open(newline="", encoding="utf-8") as rows, target.open("w", newline="", encoding="utf-8") as out:
        reader = csv.DictReader(rows)
        writer = csv.DictWriter(out, reader.fieldnames or ())
        writer.writeheader()
        writer.writerows(islice(reader, count))
    return target


def write_config(folder: Path, found: Systems, bootstrap: str, workers: int) -> Path:
    """The deployment's configuration."""
    path = folder / "tandem.toml"
    text = CONFIG.format(
        company=COMPANY,
        bootstrap=bootstrap,
        workers=workers,
        crm=CRM,
        marketing=MARKETING,
        theirs=THEIRS,
        marketplace=MARKETPLACE,
        partner_central=PARTNER_CENTRAL,
        cloud=found.cloud,
        partner=PARTNER,
        partner_name=PARTNER_NAME,
        org=found.org,
        pubsub=found.org.ready["pubsub"],
        ours=found.ours,
        partners=found.partners,
        client=CLIENT,
        token=TOKEN,
        app=APP,
        app_id=APP_ID,
    )
    more = channel.CONFIG.format(crm=CRM, prm=channel.PRM, lms=channel.LMS, program=found.program, site=found.site)
    path.write_text(text + more, encoding="utf-8")
    rules = {"offers": RULES.format(product=PRODUCT, solution=SOLUTION), **channel.RULES}
    tables = folder / "mappings"
    tables.mkdir(exist_ok=True)
    for name, table in rules.items():
        (tables / f"{name}.toml").write_text(table, encoding="utf-8")
    return path
