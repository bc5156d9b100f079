"""API calls that the connectors spend, beside one call per record and beside the fewest that would do.

    python benchmarks/api_cost.py [--json] [--records N] [--only salesforce.create]

Three jobs for each vendor, through the real connector against the emulator in this process:

    create      N overlaps that are not there yet, by external id, through the loop that drives every sink
    update      N account summaries by the vendor's id, of which 90 % are equal already, through the same loop
    backfill    the first reading of 10 x N accounts

A call is what the vendor's quota counts: every request to Salesforce's /services/data/ but the list of versions, every
request to HubSpot but those of the token endpoint. Sign-in and the events of the Pub/Sub API (gRPC) count for neither.
What a process asks once at its start (describe, what the channel carries, unfinished jobs) is counted; the floor is
without it. How each floor comes about stands in benchmarks/vendors/floors.py. The seconds are those of connector and
emulator together and tell nothing of a vendor.
"""

import argparse
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import JsonValue
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.vendors.floors import FLOORS, Floor
from benchmarks.vendors.hubspot import hubspot_portal
from benchmarks.vendors.salesforce import salesforce_org
from connectors.base import Change, Sink, Source, Unreadable
from connectors.errors import RetryLater
from connectors.push import Push
from mappings.loader import load
from mappings.table import EntityMap
from schemas import topics
from schemas.codec import encode
from schemas.messages import MatchBy, Write, identity
from tests.support.memory_log import MemoryBroker, MemoryLog

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
CONNECTION = "our-crm"
CHANGED = 10  # one summary of so many differs from what stands
PER_BACKFILL = 10  # rows of the backfill for each record of the other jobs
PATIENCE = 1000  # turns of the loop without any outcome
AGREEING: Mapping[str, JsonValue] = {
    "partner_count": 2,
    "best_partner": "Acme Cloud",
    "partner_since": "2026-11-22T10:00:00Z",
}


class World(Protocol):
    """One vendor's system, and a connection to it."""

    @property
    def endpoints(self) -> Counter[str]:
        """By method and path, without ids."""

    def accounts(self, count: int, values: Mapping[str, JsonValue]) -> Sequence[str]:
        """So many accounts with these values of their summaries, past every API; their ids."""

    def sink(self) -> Sink:
        """Of a process that has just begun."""

    def source(self) -> Source:
        """Of a process that has just begun."""

    def clock(self) -> datetime:
        """Of both sides."""

    def advance(self, seconds: float) -> None:
        """Time goes by."""

    def used(self) -> int:
        """Calls that the vendor has counted."""


WORLDS: Mapping[str, Callable[[], AbstractContextManager[World]]] = {
    "salesforce": salesforce_org,
    "hubspot": hubspot_portal,
}


def create(world: World, tables: Mapping[str, EntityMap], count: int) -> Callable[[], None]:
    """New overlaps, each of an account of its own; all of them must be applied."""
    overlap = tables["overlap"].examples[0].canonical
    writes = [
        _write("overlap", MatchBy.EXTERNAL_ID, identity(account, "partner:acme"), {**overlap, "account": account})
        for account in world.accounts(count, {})
    ]
    return lambda: _push(world, tables, writes, {"applied": count})


def update(world: World, tables: Mapping[str, EntityMap], count: int) -> Callable[[], None]:
    """Summaries of accounts: nine of ten must be found equal, the tenth must be applied."""
    writes = [
        _write("account_summary", MatchBy.ID, account, {**AGREEING, "partner_count": 2 if number % CHANGED else 3})
        for number, account in enumerate(world.accounts(count, AGREEING))
    ]
    changed = -(-count // CHANGED)
    return lambda: _push(world, tables, writes, {"applied": changed, "unchanged": count - changed})


def backfill(world: World, tables: Mapping[str, EntityMap], count: int) -> Callable[[], None]:
    """The first reading of all accounts; each must be told once."""
    world.accounts(count, {})
    return lambda: _pull(world, {"account": tables["account"]}, count)


JOBS = {"create": create, "update": update, "backfill": backfill}


@dataclass(frozen=True)
class Case:
    """One job at one vendor."""

    vendor: str
    job: str
    count: int

    @property
    def name(self) -> str:
        """Its key in the figures."""
        return f"{self.vendor}.{self.job}_{self.count}" + ("_90_equal" if self.job == "update" else "")

    @property
    def floor(self) -> Floor:
        """The fewest calls, and why."""
        return FLOORS[self.vendor, self.job](self.count, -(-self.count // CHANGED))


def cases(records: int, only: str) -> Iterator[Case]:
    """All cases whose name begins so."""
    for vendor in WORLDS:
        for job in JOBS:
            case = Case(vendor, job, records * (PER_BACKFILL if job == "backfill" else 1))
            if case.name.startswith(only):
                yield case


def measure(case: Case) -> dict[str, Any]:
    """The figures of one case, in a world of its own."""
    with WORLDS[case.vendor]() as world:
        run = JOBS[case.job](world, load(case.vendor), case.count)
        world.endpoints.clear()
        before, started = world.used(), time.perf_counter()
        run()
        calls, seconds = world.used() - before, time.perf_counter() - started
    return {
        "calls": calls,
        "floor": case.floor.calls,
        "per_record": case.count,
        "per_thousand": round(calls / case.count * 1000, 2),
        "of_floor": round(calls / case.floor.calls, 2),
        "seconds": round(seconds, 1),
        "by_endpoint": dict(world.endpoints.most_common()),
    }


def _write(entity: str, match_by: MatchBy, key: str, fields: Mapping[str, JsonValue]) -> Write:
    return Write(
        id=identity(CONNECTION, entity, key),
        connection=CONNECTION,
        entity=entity,
        match_by=match_by,
        key=key,
        fields=dict(fields),
        decided_at=AT,
    )


def _push(world: World, tables: Mapping[str, EntityMap], writes: Sequence[Write], expected: Mapping[str, int]) -> None:
    """The writes through `connectors.push`, as a deployment runs it, with a log in memory and the emulator's clock."""
    topic, broker = topics.writes(CONNECTION), MemoryBroker()
    broker.publish(
        [encode(topic, write.record, write, source="bench", event_id=write.id, trace=None) for write in writes]
    )
    journal = MemoryLog(broker, "bench", topic.name)
    own = {entity: table for entity, table in tables.items() if table.writes}
    push = Push(CONNECTION, own, world.sink(), journal, world.clock)
    journal.start(push)
    finished = idle = 0
    while finished < len(writes) and idle < PATIENCE:
        done = push.turn(0)
        finished, idle = finished + done, 0 if done else idle + 1
        world.advance(0 if done else 1)
    stats = {name: getattr(push.stats, name) for name in ("applied", "unchanged", "rejected", "overtaken")}
    _check({name: number for name, number in stats.items() if number}, expected)


def _pull(world: World, tables: Mapping[str, EntityMap], count: int) -> None:
    """The source until it is caught up; as the runner does, it is asked again when it says later."""
    source, cursors = world.source(), dict[str, str]()
    told, found = 0, set[str]()
    while True:
        try:
            for event in source.changes(tables, dict(cursors)):
                if isinstance(event, Unreadable):
                    raise SystemExit(f"{event.subject}: {event.reason}; {event.remedy}")
                if isinstance(event, Change):
                    told += 1
                    found.add(event.record_id)
                if event.cursor is None:
                    cursors.pop(event.place, None)
                else:
                    cursors[event.place] = event.cursor
            break
        except RetryLater as later:
            world.advance(1 if later.after is None else later.after)
    _check({"changes": told, "records": len(found)}, {"changes": count, "records": count})


def _check(found: Mapping[str, int], expected: Mapping[str, int]) -> None:
    """A count of calls means nothing where the job was not done."""
    if found != expected:
        raise SystemExit(f"the job was not done: {dict(found)} instead of {dict(expected)}")


def table(measured: Mapping[str, Mapping[str, Any]]) -> Table:
    """The figures for a person."""
    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    made.add_column("case", no_wrap=True)
    for name in ("calls", "floor", "x", "each", "per 1,000", "s"):
        made.add_column(name, justify="right", no_wrap=True)
    for name, row in measured.items():
        numbers = (row["calls"], row["floor"], row["of_floor"], row["per_record"], row["per_thousand"], row["seconds"])
        made.add_row(name, *(f"{number:,}" for number in numbers))
    return made


def main() -> None:
    """Print the measured figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout: case to figures")
    parser.add_argument(
        "--records", type=int, default=10_000, help="N, e.g. 200 for a quick look (default %(default)s)"
    )
    parser.add_argument("--only", default="", metavar="CASE", help="cases whose name begins so, e.g. hubspot.backfill")
    options = parser.parse_args()
    if options.records < 1:
        parser.error("--records: give 1 or more")
    chosen = {case.name: case for case in cases(options.records, options.only)}
    if not chosen:
        names = ", ".join(case.name for case in cases(options.records, ""))
        parser.error(f"--only: no case begins with {options.only!r}; there are {names}")
    # That a sink waits for a bulk job is no news here; a job that is not done ends the run.
    logging.basicConfig(level=logging.ERROR)
    measured = {name: measure(case) for name, case in chosen.items()}
    if options.json:
        print(json.dumps(measured))
        return
    Console().print(table(measured))
    print("\nx: calls by floor; each: one call per record; per 1,000: calls for 1,000 records; s: seconds here")
    for name, case in chosen.items():
        print(f"floor of {name}: {case.floor.how}")


if __name__ == "__main__":
    main()
