"""Leads routed a second, and what one costs, while partners grow tenfold and tenfold again; RocksDB and memory side by side.

    python benchmarks/leads.py [--json] [--leads 3000] [--partners 200 2000 20000] [--rules 50] [--seed 1]

Each cell is the decision as it ships over a lane's state (streams/state.py) in batches of 2,000: 50 rules over ten
territories, three segments and five products, ranked by score, tier or rotation; a tenth of the leads is of a company that
some partner has an overlap with. Counted is the decision of a lead with what it writes, from the parsed message on to the
committed store; partners are loaded before. Times are of the processor, in the thread that decides; `partner_ms` is what one
partner costs when it is told. `flat` compares the cost per lead at the most partners with that at the fewest.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
import sys  # noqa: E402

sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from mappings.routing import load  # noqa: E402
from mappings.routing_rules import RoutingRules  # noqa: E402
from schemas.entities import Account, Lead, Overlap  # noqa: E402
from schemas.messages import (  # noqa: E402
    AccountChanged,
    ChangeKind,
    LeadChanged,
    Message,
    OverlapDecided,
    PartnerDecided,
    TimePassed,
)
from streams.connected import Connected  # noqa: E402
from streams.leads import Setup, steps  # noqa: E402
from streams.state import OpenStore, Overlay, in_memory, rocks_in  # noqa: E402

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
CRM, PRM, KEY, BATCH = "our-crm", "our-prm", b"ours", 2000
CODES = [
    "DE",
    "AT",
    "CH",
    "FR",
    "IT",
    "ES",
    "GB",
    "IE",
    "NL",
    "BE",
    "LU",
    "SE",
    "NO",
    "DK",
    "FI",
    "US",
    "CA",
    "BR",
    "MX",
    "AU",
]
PRODUCTS = ("fleet", "arm", "sense", "vision", "dock")
SEGMENTS = ("smb", "mid-market", "enterprise")
LANGUAGES = ("de", "en", "fr", "es")
TIERS = ("registered", "silver", "gold", "platinum")
SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"]
ACCOUNTS = 500


def main() -> None:
    """Print the measured figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--leads", type=int, default=3000, help="leads of each cell (default %(default)s)")
    parser.add_argument("--partners", type=int, nargs="+", default=[200, 2000, 20000], help="partners of the cells")
    parser.add_argument("--rules", type=int, default=50, help="routing rules (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what is drawn (default %(default)s)")
    parser.add_argument("--stores", nargs="+", default=["rocksdb", "memory"], choices=["rocksdb", "memory"])
    options = parser.parse_args()
    cells = [cell for count in options.partners for cell in measured(count, options)]
    result = {"leads": options.leads, "rules": options.rules, "seed": options.seed, "cells": cells, "flat": flat(cells)}
    if options.json:
        print(json.dumps(result))
        return
    names = ("store", "partners", "leads_per_second", "p50_ms", "p99_ms", "offered", "partner_ms")
    table = Table(*names)
    for each in cells:
        table.add_row(*(f"{each[name]:,}" if isinstance(each[name], int) else str(each[name]) for name in names))
    Console(width=120).print(table)
    print(
        f"{options.leads:,} leads a cell, {options.rules} rules; cost at the most partners to the fewest: {result['flat']}"
    )


def flat(cells: list[dict[str, Any]]) -> dict[str, float]:
    """The median cost at the most partners, as a multiple of that at the fewest."""
    costs = {store: [cell["p50_ms"] for cell in cells if cell["store"] == store] for store in ("rocksdb", "memory")}
    return {store: round(found[-1] / found[0], 2) for store, found in costs.items() if found}


def measured(partners: int, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """So many partners, in each store; they are loaded once and copied."""
    takes = {"lead_assignment": (CRM,), "partner_lead": (PRM,)}
    setup = Setup(Connected((CRM,), (PRM,), takes=takes), rules(options.rules))
    with tempfile.TemporaryDirectory() as folder:
        stores = rocks_in(Path(folder))
        first, random_of = Desk(setup, stores), random.Random(options.seed)
        started = time.thread_time()
        for number, event in enumerate(known(partners, random_of), 1):
            first.tell(event)
            if number % 500 == 0:
                first.commit()
        first.commit()
        each_ms = round((time.thread_time() - started) * 1000 / partners, 2)
        rows = dict(first.store.scan(KEY))
        came = list(leads(options.leads, random_of))
        for name in options.stores:
            desk = first if name == "rocksdb" else Desk(setup, in_memory, rows)
            yield {"store": name, "partners": partners, **cell(desk, came), "partner_ms": each_ms}
        first.close()


def cell(desk: "Desk", came: list[LeadChanged]) -> dict[str, Any]:
    """All leads, one after the other."""
    offered, times, begin = 0, [], time.thread_time()
    for number, event in enumerate(came, 1):
        before = time.thread_time()
        offered += desk.tell(event)
        times.append((time.thread_time() - before) * 1000)
        if number % BATCH == 0:
            desk.commit()
    desk.commit()
    took, cuts = time.thread_time() - begin, quantiles(times, n=100)
    return {
        "leads_per_second": round(len(came) / took),
        "p50_ms": round(cuts[49], 3),
        "p99_ms": round(cuts[98], 3),
        "offered": offered,
    }


class Desk:
    """The lane around the decision, without a broker."""

    def __init__(self, setup: Setup, open_store: OpenStore, rows: Mapping[bytes, bytes] | None = None) -> None:
        (self.step,) = steps(setup)
        self.store = open_store("leads", 0, "bench")
        self.store.apply(rows or {}, 1)
        self.state, self.position = Overlay(self.store, self.step.row), 0

    def tell(self, event: Message) -> int:
        """One decision; returns 1 where a partner was offered a lead."""
        decision = self.step.decide(self.state.view(KEY), event)
        self.state.set(KEY, decision.rows)
        for said in decision.emissions:
            said.message.__pydantic_serializer__.to_json(said.message)
        return int(any(getattr(said.message, "partner", None) for said in decision.emissions))

    def commit(self) -> None:
        """What a transaction ends with."""
        self.position += 1
        self.state.committed(self.state.changes(), self.position)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def rules(count: int) -> RoutingRules:
    """So many rules, over territories, segments, products and sources."""
    shipped = load().model_dump(by_alias=True, exclude={"rules"})
    shipped["intake"] |= {"wait": "0 seconds", "max_age": "14 days", "accept_within": "24 hours"}
    shipped["territories"] = {f"t{n}": {"countries": CODES[2 * n : 2 * n + 2]} for n in range(10)}
    shipped["products"], shipped["tiers"] = dict.fromkeys(PRODUCTS, ()), TIERS
    ranks = [
        {"by": "score", "weights": {"tier": 40, "certified": 20, "load": 20, "overlap": 20}},
        {"by": "rotation"},
        {"by": "tier"},
    ]
    serves = {"serves": ["territory", "segment", "product", "language"]}
    shipped["rules"] = [
        {
            "name": f"rule-{n}",
            "when": {"territory": [f"t{n % 10}"], "product": [PRODUCTS[n // 10 % 5]]} if n + 1 < count else {},
            "partner": {**serves, **({"certification": {"level": 1}} if n % 4 == 0 else {})},
            "rank": ranks[n % 3],
            "accept_within": "24 hours",
            "attempts": 3,
            "fallback": "direct",
        }
        for n in range(count)
    ]
    return RoutingRules.model_validate(shipped)


def known(partners: int, random_of: random.Random) -> Iterator[Message]:
    """Partners, accounts, and overlaps between them."""
    for number in range(partners):
        yield partner(number, random_of)
    for number in range(ACCOUNTS):
        account = Account(name=company(number), website=f"https://{company(number).replace(' ', '')}.com")
        given: dict[str, Any] = {"id": f"a{number}", "connection": CRM, "party": "us", "record_id": f"a{number}"}
        yield AccountChanged(**given, kind=ChangeKind.UPSERTED, version=1, record=account, occurred_at=AT, seen_at=AT)
        yield overlap(number, f"p{random_of.randrange(partners)}")
    yield TimePassed(connection=CRM, at=AT)
    yield TimePassed(connection=PRM, at=AT)


def partner(number: int, random_of: random.Random) -> PartnerDecided:
    """One partner: one to three territories, one to three products, one or two languages."""
    products = random_of.sample(PRODUCTS, random_of.randint(1, 3))
    held = [
        {"email": f"a{n}@p{number}.com", "program": "x", "product": each}
        for each in products
        for n in range(random_of.randint(0, 2))
    ]
    tier = random_of.randrange(4)
    return PartnerDecided.model_validate(
        {
            "id": f"p{number}",
            "partner": f"p{number}",
            "name": f"Partner {number}",
            "refs": (f"{CRM}/partner/{number}", f"{PRM}/partner/{number}"),
            "status": "active",
            "country": random_of.choice(CODES),
            "territories": [f"t{n}" for n in random_of.sample(range(10), random_of.randint(1, 3))],
            "segments": random_of.sample(SEGMENTS, random_of.randint(1, 3)),
            "products": products,
            "languages": random_of.sample(LANGUAGES, random_of.randint(1, 2)),
            "capacity": random_of.choice((None, 1000)),
            "weight": random_of.randint(1, 3),
            "tier": TIERS[tier],
            "tier_rank": tier + 1,
            "certifications": held,
            "decided_at": AT,
        }
    )


def overlap(number: int, partner_key: str) -> OverlapDecided:
    """A partner has an account of ours as a customer."""
    it = Overlap(
        key=f"o{number}", account=f"a{number}", partner=partner_key, partner_name=partner_key, partner_account="x",
        partner_account_name="x", our_population="prospect", partner_population="customer", relation="same",
        confidence=1.0, reasons=(), main_reason="", status="active", first_seen=AT, last_changed=AT,
    )  # fmt: skip
    return OverlapDecided(id=f"o{number}", connection=CRM, overlap=it, causes=(), decided_at=AT)


def leads(count: int, random_of: random.Random) -> Iterator[LeadChanged]:
    """Leads that come in one after the other; every tenth is of an account that we have."""
    for number in range(count):
        name = company(number % ACCOUNTS if number % 10 == 0 else ACCOUNTS + number)
        lead = Lead(
            last_name="Okafor",
            company=name,
            email=f"ada@{name.replace(' ', '')}.com",
            country=random_of.choice(CODES),
            employees=random_of.choice((10, 500, 5000)),
            product=random_of.choice(PRODUCTS),
            language=random_of.choice(LANGUAGES),
            created_at=AT,
        )
        at = AT + timedelta(milliseconds=number)
        given: dict[str, Any] = {"id": f"l{number}", "connection": CRM, "party": "us", "record_id": f"l{number}"}
        yield LeadChanged(**given, kind=ChangeKind.UPSERTED, version=1, record=lead, occurred_at=at, seen_at=at)


def company(number: int) -> str:
    """A name that no other number has."""
    found, words = number * 7919 + 13, []
    for size in (3, 3):
        word = ""
        for _ in range(size):
            found, which = divmod(found, len(SYLLABLES))
            word += SYLLABLES[which]
        words.append(word)
    return f"{words[0]} {words[1]}{number}"


if __name__ == "__main__":
    main()
