"""Worlds in an emulated PartnerStack account; the vendor's rules are the emulator's, not ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from pydantic import JsonValue

from connectors import partnerstack
from connectors.base import Budget, Event, Sink, Source
from connectors.errors import NeedsConfirmation
from connectors.partnerstack import rows
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.partnerstack.faults import StackFault
from sandbox.partnerstack.model import KINDS
from sandbox.partnerstack.testing import START, Emulator, emulator
from schemas.messages import MatchBy, Parent
from tests.support.ports import free_port

TABLES = load("partnerstack")
SECRET = "4f5a6b7c8d9e0f1a2b3c"
PARTNER = "acmecloud354"


class _Account:
    """An emulated account with one partner, and our own clock a year behind PartnerStack's."""

    def __init__(self, running: Emulator) -> None:
        self._running = running
        self._begin()

    def _begin(self) -> None:
        self._now = START - timedelta(days=365)
        self._running.act("partner", PARTNER, "Acme Cloud")

    def settings(self) -> partnerstack.Settings:
        of = self._running.account.settings
        return partnerstack.Settings(
            base_url=self._running.base_url,
            public_key=of.public_key,
            secret_key=of.secret_key,
            listener=self.listener(),
            page_size=2,
            overlap_s=5,
            sweep_s=self.sweep_s,
            calls_per_minute=4000,
        )

    sweep_s = 0

    def listener(self) -> dict[str, Any] | None:
        """Where webhooks arrive, in a world that has some."""
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def clock(self) -> datetime:
        return self._now

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)
        self._running.advance(seconds)

    def rows(self, resource: str) -> Mapping[str, Any]:
        return self._running.call(lambda: dict(self._running.account.rows[resource]))

    def reset(self) -> None:
        self._running.reset()
        self._begin()


class StackDeals(_Account):
    """A `SourceWorld` of deals, found by listing."""

    table, named = TABLES["registration"], "company"

    def restart(self) -> Source:
        return partnerstack.source(self.settings(), self.clock, "our-prm")

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # an account is never asked about

    def create(self, name: str) -> str:
        return str(self._running.act("submit_deal", PARTNER, name)["key"])

    def edit(self, record_id: str, name: str) -> None:
        self._running.act("edit", "deals", record_id, account_name=name)

    def delete(self, record_id: str) -> None:
        self._running.act("archive", "deals", record_id)

    def state(self) -> Mapping[str, str]:
        return {key: each.record["account_name"] for key, each in self.rows("deals").items() if not each.archived}


class StackPartners(StackDeals):
    """A `SourceWorld` of partnerships, whose lists show less than the records themselves."""

    table, named = TABLES["partner"], "name"

    def _begin(self) -> None:
        self._now, self._made = START - timedelta(days=365), 0

    def create(self, name: str) -> str:
        self._made += 1
        return str(self._running.act("partner", f"partner{self._made}", name)["partner_key"])

    def edit(self, record_id: str, name: str) -> None:
        self._running.act("edit", "partnerships", record_id, team={"key": f"stck_{record_id}", "name": name})

    def delete(self, record_id: str) -> None:
        self._running.act("archive", "partnerships", record_id)

    def state(self) -> Mapping[str, str]:
        every = self.rows("partnerships").values()
        return {each.record["partner_key"]: each.record["team"]["name"] for each in every if not each.archived}


class StackWebhooks(StackDeals):
    """A `SourceWorld` of deals that pushes before each pass, in both spellings; after the start nothing is listed."""

    sweep_s = 10**8

    def __init__(self, running: Emulator) -> None:
        self._port = free_port()
        self._source: Any = None
        self._sending: Future[Any] | None = None
        self._sender = ThreadPoolExecutor(1)
        super().__init__(running)

    def _begin(self) -> None:
        super()._begin()
        target = f"http://127.0.0.1:{self._port}/hook/{SECRET}"
        events = ["deal_created", "deal.updated", "deal.deleted"]
        self._running.call(lambda: self._running.account.push.register({"target": target, "events": events}))

    def listener(self) -> dict[str, Any] | None:
        return {
            "public_url": f"http://127.0.0.1:{self._port}/hook",
            "secret": SECRET,
            "port": self._port,
            "patience_s": 0,
            "answer_s": 0.2,
            "poll_every_s": 10**8,
        }

    def restart(self) -> Source:
        self.close()
        self._source = super().restart()
        return _Pushed(self, self._source)

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
        self._settled()

    def _settled(self) -> None:
        if self._sending is not None:
            self._sending.result()

    def answered(self) -> bool:
        """Whether nothing is being sent."""
        return self._sending is None or self._sending.done()

    def push(self) -> bool:
        """Send what waits; whether there was anything."""
        self._settled()
        if not self._running.account.push.queue:
            return False
        url = f"{self._running.base_url}/__sandbox__/webhooks/deliver"
        self._sending = self._sender.submit(lambda: requests.post(url, json={}, timeout=30))
        arrived = self._source.receiver._waiting
        with arrived.not_empty:
            return bool(arrived.not_empty.wait_for(lambda: arrived.queue, timeout=5))


@dataclass
class _Pushed:
    """A source at which webhooks arrive, one after the other, when it is asked."""

    world: StackWebhooks
    source: Source

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        told = False
        for event in self.source.changes(tables, cursors):
            told = True
            yield event
        # What the start has found by listing has no need of being pushed; the next pass brings the webhooks.
        kept = dict(cursors)
        while not told and self.world.push():
            while not self.world.answered():
                for event in self.source.changes(tables, kept):
                    kept[event.place] = event.cursor  # type: ignore[assignment, union-attr]
                    yield event

    def budget(self) -> Budget | None:
        return self.source.budget()


class _StackSink(_Account):
    tables: Mapping[str, EntityMap] = {entity: table for entity, table in TABLES.items() if table.writes}
    parent: Parent | None = None
    table: EntityMap
    member: str

    def restart(self) -> Sink:
        return partnerstack.sink(self.settings(), self.clock, "our-prm")

    def _stored(self, key: str) -> Any:
        wanted = key if self.member == "key" else rows.external_key(key)
        every = self.rows(self.table.object).values()
        return next((each for each in every if each.record[self.member] == wanted and not each.archived), None)

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        stored = self._stored(key)
        if stored is None:
            return None
        item = self._running.account.show(KINDS[self.table.object], stored)
        row = rows.shaped(item, "USD")
        return self.table.to_fields(rows.picked(row, self.table.vendor_fields))

    def effects(self, key: str) -> int:
        stored = self._stored(key)
        return 0 if stored is None else stored.writes.count("api")

    def edit(self, key: str, fields: Mapping[str, JsonValue]) -> None:
        self.wait(1)
        _, answers = rows.written(self.table.to_vendor(fields), "USD", key)
        self._running.act("edit", self.table.object, self._stored(key).record["key"], form=answers)

    def remove(self, key: str) -> None:
        self._running.act("archive", self.table.object, self._stored(key).record["key"])

    def parents(self) -> int:
        return 0

    def break_after(self, call: int) -> None:
        rule = StackFault(kind="reset_after", nth=(call,), times=1, path="/api")
        self._running.call(lambda: self._running.account.faults.arm([rule]))


class StackOutcomes(_StackSink):
    """A `SinkWorld` of what is shown on deals, found by their keys."""

    table, member, match_by, creates, archives = TABLES["registration_outcome"], "key", MatchBy.ID, False, False
    good: Mapping[str, JsonValue] = {
        "status": "approved",
        "reasons": ["Nobody else works with Acme Robotics", "It came first"],
        "approved_by": "rule clear-field",
        "protected_until": "2027-02-20",
        "margin": "12.5",
    }
    changed: Mapping[str, JsonValue] = {**good, "status": "expired", "margin": "15"}
    bad: Mapping[str, JsonValue] = {**good, "margin": "much"}
    nullable = "approved_by"

    def keys(self, count: int) -> Sequence[str]:
        made = [self._running.act("submit_deal", PARTNER, f"Company {number}", stage=None) for number in range(count)]
        return [str(each["key"]) for each in made]


class StackStandings(_StackSink):
    """A `SinkWorld` of what is shown on partnerships, found by their partner keys."""

    table, member, match_by, creates, archives = TABLES["partner_standing"], "key", MatchBy.ID, False, False
    good: Mapping[str, JsonValue] = {
        "earned_tier": "gold",
        "tier_since": "2026-10-01",
        "tier_reasons": ["5 certified people"],
        "certified_people": 5,
        "next_step": "Nothing to do",
    }
    changed: Mapping[str, JsonValue] = {**good, "earned_tier": "silver", "certified_people": 2}
    bad: Mapping[str, JsonValue] = {**good, "certified_people": "many"}
    nullable = "next_step"

    def _begin(self) -> None:
        self._now = START - timedelta(days=365)

    def keys(self, count: int) -> Sequence[str]:
        made = [self._running.act("partner", f"partner{number}", f"Partner {number}") for number in range(count)]
        return [str(each["partner_key"]) for each in made]

    def _stored(self, key: str) -> Any:
        every = self.rows("partnerships").values()
        return next((each for each in every if each.record["partner_key"] == key and not each.archived), None)


class StackLeads(_StackSink):
    """A `SinkWorld` of leads that are passed to a partner, found by our lead's name."""

    table, member, match_by, creates = TABLES["partner_lead"], "external_key", MatchBy.EXTERNAL_ID, True
    good: Mapping[str, JsonValue] = {
        "partner": PARTNER,
        "last_name": "Okafor",
        "first_name": "Ada",
        "company": "Acme Robotics",
        "amount": "12500.5",
        "currency": "USD",
        "status": "offered",
        "respond_by": "2026-11-24T10:00:00Z",
        "reason": "Gold partner for fleet in dach",
    }
    changed: Mapping[str, JsonValue] = {**good, "status": "withdrawn", "reason": "The partner was silent"}
    bad: Mapping[str, JsonValue] = {**good, "partner": "nobody"}
    nullable = "reason"

    def keys(self, count: int) -> Sequence[str]:
        return [f"our-crm/lead/00Q{number}" for number in range(count)]


def in_account_of_partnerstack(world: Callable[[Emulator], Any]) -> Callable[[], AbstractContextManager[Any]]:
    """A fresh account for each use."""

    @contextmanager
    def opened() -> Iterator[Any]:
        with emulator() as running:
            made = world(running)
            yield made
            made.close()

    return opened
