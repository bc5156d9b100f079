"""The journeys of partners: who is certified gets the lead, who registers first is protected, who does nothing loses it."""

from collections.abc import Iterator, Mapping
from typing import Any

from tandem.demo.channel import BLUE, NORD, STALE, Ally, earns, lapses, registered
from tandem.demo.emulators import Emulator, Org
from tandem.demo.stage import Systems
from tandem.demo.watch import Tally

LEADS = (
    {"LastName": "Quell", "Company": "Tannwald Intralogistik GmbH", "Website": "https://tannwald-intralogistik.com"},
    {"LastName": "Ried", "Company": "Birkenau Transport AG", "Website": "https://birkenau-transport.com"},
)
REGISTERED = ("Elbtal Foerdertechnik GmbH", "ELBTAL Fördertechnik", "https://elbtal-foerdertechnik.com")


def badge_to_lead(systems: Systems, tally: Tally) -> Iterator[str]:
    """Somebody of one partner earns a badge and the next lead goes there; after it has lapsed, to another partner."""
    org, site = systems.org, systems.site
    issue = earns(site, f"rob@{BLUE.domain}")
    yield from _certified(org, BLUE, 1)
    yield from _routed(org, 0, BLUE)
    lapses(site, issue)
    earns(site, f"eva@{NORD.domain}")
    yield from _certified(org, BLUE, 0)
    yield from _certified(org, NORD, 1)
    yield from _routed(org, 1, NORD)
    yield ""


def registration_conflict(systems: Systems, tally: Tally) -> Iterator[str]:
    """Two partners register one company under two spellings: the earlier one is protected, in the PRM and in the CRM."""
    name, spelt, website = REGISTERED
    early = registered(systems.program, BLUE, name, website)
    late = registered(systems.program, NORD, spelt, website)
    yield from _stands(systems.program, early, "Approved")
    while not _answers(systems.program, late).get("tandem_next_step"):
        yield "what the later partner is told"
    while _protected(systems.org, name) != BLUE.name:
        yield f"{BLUE.name} on the opportunity"
    if _deal(systems.program, late)["stage"] == "Approved":
        yield "both registrations were approved"
        return
    yield ""


def registration_reclaimed(systems: Systems, tally: Tally) -> Iterator[str]:
    """A registration on which nobody has worked for months is reclaimed, and the company is another partner's to register."""
    stale = next(
        each["key"] for each in systems.program.lines("dump?resource=deals") if each["account_name"] == STALE[0]
    )
    yield from _stands(systems.program, stale, "Reclaimed")
    taken = registered(systems.program, NORD, *STALE)
    yield from _stands(systems.program, taken, "Approved")
    yield ""


def _certified(org: Org, partner: Ally, people: int) -> Iterator[str]:
    """What is missing until the partner's account shows so many certified people."""
    while (_account(org, partner).get("Certified_People__c") or 0) != people:
        yield f"{people} certified people of {partner.name} in Salesforce"


def _routed(org: Org, which: int, partner: Ally) -> Iterator[str]:
    fields = {
        "Status": "Open - Not Contacted",
        "Country": "Germany",
        "Product_Interest__c": "fleet",
        "FirstName": "Kim",
    }
    lead = org.create("Lead", {**LEADS[which], **fields})
    while (found := _one(org.rows("Lead"), "Id", lead).get("Routed_Partner_Name__c")) != partner.name:
        yield f"the lead of {LEADS[which]['Company']} is with {found}, not with {partner.name}"


def _stands(program: Emulator, key: str, stage: str) -> Iterator[str]:
    while (found := _deal(program, key)["stage"]) != stage:
        yield f"registration {key} is {found}, not {stage}"


def _protected(org: Org, company: str) -> str | None:
    """The partner that the company's opportunity shows."""
    deals = (row for row in org.rows("Opportunity") if company in str(row.get("Name")))
    return next((deal.get("Deal_Partner_Name__c") for deal in deals), None)


def _account(org: Org, partner: Ally) -> Mapping[str, Any]:
    return _one(org.rows("Account"), "Partner_Key__c", partner.key)


def _deal(program: Emulator, key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _one(program.lines("dump?resource=deals"), "key", key)
    return found


def _answers(program: Emulator, key: str) -> Mapping[str, Any]:
    return {each["api_name"]: each["value"] for each in _deal(program, key).get("fields", ())}


def _one(rows: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    return next((row for row in rows if row.get(key) == value), {})
