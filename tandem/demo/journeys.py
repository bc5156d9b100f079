"""The journeys of the demo: what a user does in one system and must find in the others; each is timed, none is staged."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tandem.demo.partnering import badge_to_lead, registration_conflict, registration_reclaimed
from tandem.demo.selling import deal_to_private_offer
from tandem.demo.stage import CRM, MARKETING, Systems
from tandem.demo.watch import Tally

PATIENCE_S = 60.0
NEW = {"name": "Zyxtron Dynamics GmbH", "domain": "zyxtron-dynamics.example", "country": "Germany", "city": "Kassel"}
Look = Callable[[float], int]


@dataclass(frozen=True, slots=True)
class Journey:
    """How a journey went: whether it arrived, after how many seconds, and what was missing if it did not."""

    ok: bool
    seconds: float
    missing: str = ""

    def told(self) -> dict[str, Any]:
        """As it stands in the demo's JSON."""
        found: dict[str, Any] = {"ok": self.ok, "seconds": round(self.seconds, 2)}
        return found if self.ok else {**found, "missing": self.missing}


def travel(systems: Systems, tally: Tally, look: Look) -> Iterator[tuple[str, Journey]]:
    """Each journey's name and how it went; `look` takes in what the topics say."""
    for name, journey in JOURNEYS.items():
        started = time.monotonic()
        missing = "it was never begun"
        for missing in journey(systems, tally):
            if not missing or time.monotonic() - started > PATIENCE_S:
                break
            look(0.2)
        yield name, Journey(not missing, time.monotonic() - started, missing)


def crm_edit_both_ways(systems: Systems, tally: Tally) -> Iterator[str]:
    """A rep changes a phone number in Salesforce, marketing a city in HubSpot: each finds the other's edit."""
    pair = next((_by_connection(members) for members in tally.pairs if len(members) == 2), None)
    if pair is None:
        yield "no account stands in both of our CRMs"
        return
    account, company = pair[CRM], pair[MARKETING]
    systems.org.edit("Account", account, {"Phone": "+49 561 4711000"})
    systems.ours.edit("companies", company, {"city": "Kassel"})
    while True:
        there = _one(systems.ours.rows("companies"), "id", company)["properties"]
        here = _one(systems.org.rows("Account"), "Id", account)
        wanted = {"phone in HubSpot": there.get("phone") == "+49 561 4711000"}
        wanted["city in Salesforce"] = here.get("BillingCity") == "Kassel"
        yield _lacking(wanted)


def overlap_in_three_crms(systems: Systems, tally: Tally) -> Iterator[str]:
    """A new company enters our Salesforce, our HubSpot and the partner's: the overlap shows in all three."""
    website, country, city = f"https://{NEW['domain']}", NEW["country"], NEW["city"]
    fields = {"Name": NEW["name"], "Website": website, "BillingCountry": country, "BillingCity": city}
    systems.org.create("Account", fields)
    systems.ours.create("companies", dict(NEW))
    systems.partners.create("companies", {**NEW, "name": "Zyxtron Dynamics"})
    while True:
        found = {
            "our Salesforce": systems.org.rows("Partner_Overlap__c"),
            "our HubSpot": systems.ours.rows("partner_overlap"),
            "the partner's HubSpot": systems.partners.rows("partner_overlap"),
        }
        yield _lacking({f"overlap in {where}": _names(rows) for where, rows in found.items()})


JOURNEYS: Mapping[str, Callable[[Systems, Tally], Iterator[str]]] = {
    "crm-edit-both-ways": crm_edit_both_ways,
    "overlap-in-three-crms": overlap_in_three_crms,
    "deal-to-private-offer": deal_to_private_offer,
    "badge-to-lead": badge_to_lead,
    "registration-conflict": registration_conflict,
    "registration-reclaimed": registration_reclaimed,
}


def _names(rows: list[dict[str, Any]]) -> bool:
    """Whether an active overlap among the rows names the new company."""
    flat = (row.get("properties", row) for row in rows)
    return any("Zyxtron" in str(row.values()) and "ctive" in str(row.values()) for row in flat)


def _by_connection(members: tuple[str, ...]) -> dict[str, str]:
    split = (ref.split("/", 2) for ref in members)
    return {connection: record_id for connection, _, record_id in split}


def _one(rows: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    return next(row for row in rows if row[key] == value)


def _lacking(wanted: Mapping[str, bool]) -> str:
    return ", ".join(what for what, is_there in wanted.items() if not is_there)
