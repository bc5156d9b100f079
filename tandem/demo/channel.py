"""The demo's partners, their PRM and their learning system, emulated, and what the deployment says of them."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tandem.demo.emulators import Emulator, Org, start

PRM, LMS = "our-prm", "our-lms"
PAST_DAYS = 150  # so long ago a partner registered a deal on which nobody has worked since
STALE = ("Moorland Kühlhäuser GmbH", "https://moorland-kuehlhaeuser.com")


@dataclass(frozen=True, slots=True)
class Ally:
    """A partner that is passed leads and registers deals: its key, name and mail domain."""

    key: str
    name: str
    domain: str

    @property
    def program_key(self) -> str:
        """Its key in the PRM."""
        return f"{self.key}_ps"


BLUE = Ally("blue", "Blue Reseller", "blue-reseller.com")
NORD = Ally("nord", "Nordlicht Partner", "nordlicht-partner.com")

CONFIG = """\

[partners]
crms = ["{crm}"]
prms = ["{prm}"]
learning = ["{lms}"]

[connections.{prm}]
connector = "partnerstack"
party = "us"
interval = 0.5
base_url = "{program.base_url}"
public_key = "pk_sandbox"
secret_key = "sk_sandbox"
overlap_s = 1
calls_per_minute = 1000

[connections.{lms}]
connector = "moodle"
party = "us"
interval = 0.5
base_url = "{site.base_url}"
token = "moodle-sandbox-token"
select = {{ by = "all" }}
calls_per_hour = 1000000
list_every_s = 1
"""
RULES = {
    "learning": """\
# What the demo's badge is worth.
[[items]]
id = "fleet-badge"
names = ["Robot Fleet Specialist"]
kinds = ["badge"]

[[programs]]
program = "fleet-specialist"
name = "Robot Fleet Specialist"
product = "fleet"
needs = ["fleet-badge"]
""",
    "routing": """\
# Who gets the demo's leads: those for robot fleets need somebody who is certified.
[products]
fleet = ["Robot Fleet"]

[[rules]]
name = "fleet"
when = { product = ["fleet"], territory = ["dach"] }
partner = { serves = ["territory", "product"], certification = { product = "fleet" } }
rank = { by = "tier" }
accept_within = "8 hours"
attempts = 2
fallback = "next"

[[rules]]
name = "everybody-else"
partner = { serves = ["territory"] }
rank = { by = "rotation" }
accept_within = "24 hours"
attempts = 3
fallback = "direct"
""",
}


def start_program(root: Path, folder: Path, seed: int) -> Emulator:
    """A PartnerStack account with two partners; one registered a deal long ago, and it was approved there."""
    then = datetime.now(UTC) - timedelta(days=PAST_DAYS)
    arguments = ["--per-minute", "100000", "--now", then.strftime("%Y-%m-%dT%H:%M:%SZ")]
    program = Emulator(*start(root, folder, "partnerstack", "sandbox.partnerstack", seed, arguments))
    for ally in (BLUE, NORD):
        form = {"website": f"https://{ally.domain}", "territories": "dach", "products": "fleet", "tandem_key": ally.key}
        told = {"act": "partner", "partner_key": ally.program_key, "name": ally.name, "email": f"ada@{ally.domain}"}
        program.ask("act", {**told, "form": form})
    stale = registered(program, BLUE, *STALE)
    program.ask("act", {"act": "edit", "resource": "deals", "key": stale, "stage": "Approved"})
    program.ask("clock", {"seconds": PAST_DAYS * 86_400})
    return program


def start_site(root: Path, folder: Path, seed: int) -> Emulator:
    """A Moodle site with two courses and a badge, and nobody in it."""
    return Emulator(*start(root, folder, "moodle", "sandbox.moodle", seed, []))


def join(org: Org) -> None:
    """Our Salesforce knows the two as partners."""
    for ally in (BLUE, NORD):
        known = {"Name": ally.name, "Website": f"https://{ally.domain}", "BillingCountry": "Germany"}
        serves = {"Partner_Territories__c": "dach", "Partner_Products__c": "fleet", "Partner_Key__c": ally.key}
        org.create("Account", {**known, **serves, "Is_Partner__c": True})


def registered(program: Emulator, ally: Ally, company: str, website: str) -> str:
    """A partner registers a deal by the PRM's form; the registration's key."""
    domain = website.removeprefix("https://")
    form = {"website": website, "country": "Germany", "email": f"kim@{domain}", "deal_type": "Referral"}
    close = (datetime.now(UTC) + timedelta(days=45)).date().isoformat()
    deal = {"amount": 1_200_000, "close_date": close, "contact_first_name": "Kim", "contact_last_name": "Quell"}
    told = {"act": "submit_deal", "partner_key": ally.program_key, "account_name": company, "form": form, **deal}
    return str(program.ask("act", told)["key"])


def earns(site: Emulator, email: str) -> int:
    """Somebody becomes a learner and earns the site's badge; its number."""
    user = site.ask("users", {"email": email, "firstname": email.partition("@")[0].title(), "lastname": "Okafor"})
    return int(site.ask("award", {"user": user["id"], "badge": 1})["id"])


def lapses(site: Emulator, issue: int) -> None:
    """That badge has lapsed since yesterday."""
    site.ask("issue", {"id": issue, "expires": int(time.time()) - 2 * 86_400})
