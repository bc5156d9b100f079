"""Rehearses the routing: a list of leads under the rules, or last month's leads under other rules; nothing is written."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mappings.routing import RoutingRules
from schemas.entities import Overlap
from schemas.messages import LeadRouted, PartnerDecided, RegistrationDecided
from tandem.leads.lists import Read
from tandem.leads.rehearsal import Outcome, Rehearsal
from tandem.settings import ConfigError

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
COLUMNS = ("row", "last_name", "company", "state", "partner", "partner_name", "rule", "respond_by", "why", "others")


@dataclass(frozen=True, slots=True)
class Known:
    """What a rehearsal knows of partners, and the list that it comes from, where it is one."""

    partners: Sequence[PartnerDecided]
    registrations: Sequence[RegistrationDecided] = ()
    overlaps: Sequence[Overlap] = ()
    lists: tuple[Read, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A lead that would have gone elsewhere."""

    lead: str
    name: str
    went_to: str
    would_go_to: str
    rule: str | None
    why: str


def listed(rules: RoutingRules, known: Known, leads: Read, at: datetime) -> list[Outcome]:
    """What would become of the leads of a list, in its order, if they came in now."""
    rehearsal = Rehearsal(rules, at)
    rehearsal.know(known.partners, known.registrations, known.overlaps)
    return [rehearsal.route(lead, record_id=f"row-{number}") for number, lead in leads.rows.items()]


def decided_again(rules: RoutingRules, known: Known, facts: Iterable[LeadRouted]) -> list[Difference]:
    """What other rules would have done with leads as they first came in, each by itself; partners are as they are now."""
    found = list(facts)
    if not found:
        return []
    connections = {fact.lead.split("/")[0] for fact in found}
    rehearsal = Rehearsal(rules, min(fact.decided_at for fact in found), sorted(connections))
    rehearsal.know(known.partners, known.registrations)
    differing = []
    for fact in found:
        if fact.inputs is None or "/lead/" not in fact.lead:
            continue
        connection, _, record_id = fact.lead.split("/", 2)
        rehearsal.relate(fact.inputs, fact.related)
        outcome = rehearsal.route(fact.inputs, connection, record_id, fact.decided_at)
        if (outcome.fact.partner if outcome.fact is not None else None) != fact.partner:
            differing.append(_difference(fact, outcome))
        rehearsal.forget(outcome)
    return differing


def _difference(fact: LeadRouted, outcome: Outcome) -> Difference:
    after = outcome.fact
    where = (after.partner_name or after.partner or "direct sales") if after is not None else "left alone"
    why = " ".join(after.reasons) if after is not None else outcome.left_alone or ""
    went = fact.partner_name or fact.partner or "direct sales"
    return Difference(fact.lead, fact.name, went, where, after.rule if after is not None else None, why)


def ago(text: str, now: datetime) -> datetime:
    """`30d` or `12h` before now. Raises `ConfigError`."""
    found = re.fullmatch(r"(\d+)\s*([mhdw])", text.strip())
    if found is None:
        raise ConfigError(f"--since {text!r} says no time. Remedy: write 30d, 12h or 2w")
    return now - timedelta(**{UNITS[found[2]]: int(found[1])})


def write(path: Path, found: Sequence[Outcome]) -> None:
    """The outcomes as a CSV that a spreadsheet opens. Raises `ConfigError`."""
    try:
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([_safe(cell) for cell in _cells(it)] for it in found)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Remedy: name another file") from error


def _cells(it: Outcome) -> list[str]:
    row, fact = it.ref.rpartition("row-")[2], it.fact
    if fact is None:
        return [row, it.lead.last_name, it.lead.company, "left alone", "", "", "", "", it.left_alone or "", ""]
    others = "; ".join(f"{each.name}: {', '.join(each.reasons)}" for each in fact.candidates if not each.won)
    by = fact.respond_by.isoformat() if fact.respond_by is not None else ""
    who = (fact.state.value, fact.partner or "", fact.partner_name or "", fact.rule or "", by)
    return [row, it.lead.last_name, it.lead.company, *who, " ".join(fact.reasons), others]


def _safe(cell: str) -> str:
    """An apostrophe goes before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
