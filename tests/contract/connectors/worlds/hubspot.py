"""Worlds in an emulated HubSpot portal; the vendor's rules are the emulator's, not ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import requests
from pydantic import JsonValue

from connectors import hubspot
from connectors.base import Budget, Event, Sink, Source
from connectors.errors import NeedsConfirmation
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.hubspot.faults import PortalFault
from sandbox.hubspot.portal import USER
from sandbox.hubspot.testing import START, Emulator, emulator, standing_still
from schemas.messages import MatchBy, Parent
from tests.support.ports import free_port

TABLES = load("hubspot")
LINK = "association:companies"
FAST = 1_000_000  # searches a second: the emulator's clock stands still, and so no second would ever pass


class _HubSpot:
    """An emulated portal that Tandem has prepared, and our own clock a year behind the portal's."""

    overlap_s, page_size, changes, overlaps = 5, 2, "search", "object"
    behind = timedelta(days=365)

    def __init__(self, running: Emulator) -> None:
        self._running, self._now = running, START - self.behind
        self._prepare()

    def _prepare(self) -> None:
        refused = [each for each in hubspot.prepare(self.settings(), self.clock) if not each.ok]
        assert refused == []

    def settings(self) -> hubspot.Settings:
        app = self._running.portal.settings.app
        return hubspot.Settings(
            base_url=self._running.base_url,
            auth={"method": "token", "token": app.token},
            app={"client_id": app.client_id, "client_secret": app.client_secret},
            app_id=app.app_id,
            changes=self.changes,
            overlap_s=self.overlap_s,
            page_size=self.page_size,
            deletions_every_s=0,
            searches_per_s=FAST,
            overlaps=self.overlaps,
            listener=self.listener(),
        )

    def listener(self) -> dict[str, Any] | None:
        """Where webhooks arrive, in a world that has some."""
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def clock(self) -> datetime:
        return self._now

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)
        self._running.call(lambda: self._running.portal.clock.advance(seconds))

    def type(self, name: str) -> Any:
        return self._running.portal.schema.require(name)

    def act(self, type_: str, **properties: str) -> str:
        """A user creates a record; its id."""
        crm = self._running.portal.crm
        return self._running.call(lambda: crm.create(self.type(type_), properties, USER).id)

    def rows(self, name: str) -> Sequence[Any]:
        return self._running.call(lambda: list(self._running.portal.store.rows(self.type(name).id)))

    def reset(self) -> None:
        requests.post(f"{self._running.base_url}/__sandbox__/reset", timeout=5).raise_for_status()
        self._now = START - self.behind
        self._prepare()


class HubSpotCompanies(_HubSpot):
    """A `SourceWorld` that is searched."""

    table = TABLES["account"]

    def restart(self) -> Source:
        return hubspot.source(self.settings(), self.clock, "acme-crm")

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # a portal is never asked about

    def create(self, name: str) -> str:
        return self.act("companies", name=name)

    def _record(self, record_id: str) -> Any:
        return self._running.portal.store.get("0-2", record_id)

    def edit(self, record_id: str, name: str) -> None:
        crm = self._running.portal.crm
        self._running.call(lambda: crm.update(self.type("companies"), self._record(record_id), {"name": name}, USER))

    def delete(self, record_id: str) -> None:
        crm = self._running.portal.crm
        self._running.call(lambda: crm.archive(self.type("companies"), self._record(record_id), USER))

    def state(self) -> Mapping[str, str]:
        return {row.id: row.properties["name"] for row in self.rows("companies") if not row.archived}


class HubSpotJournal(HubSpotCompanies):
    """A `SourceWorld` whose journal is followed."""

    changes = "journal"


class HubSpotWebhooks(HubSpotCompanies):
    """A `SourceWorld` that pushes webhooks before each pass, as often as they are not acknowledged."""

    changes = "webhooks"
    behind = timedelta()  # a signature holds for five minutes

    def __init__(self, running: Emulator) -> None:
        self._port = free_port()
        self._source: Any = None
        self._sending: Future[Any] | None = None
        self._sender = ThreadPoolExecutor(1)
        super().__init__(running)

    def _prepare(self) -> None:
        super()._prepare()
        events: list[dict[str, str]] = [
            {"eventType": f"company.{what}"} for what in ("creation", "deletion", "merge", "restore")
        ]
        body = {
            "target_url": self._url,
            "subscriptions": [*events, {"eventType": "company.propertyChange", "propertyName": "name"}],
        }
        self._running.call(lambda: self._running.portal.push.configure(body))

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hook"

    def listener(self) -> dict[str, Any] | None:
        return {"public_url": self._url, "port": self._port, "patience_s": 0, "answer_s": 0.05}

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

    def push(self) -> bool:
        """Send what is not acknowledged yet; whether there was anything."""
        self._settled()
        waiting = self._running.portal.push
        if not waiting.queue:
            return False
        self._running.call(lambda: setattr(waiting, "queue", [replace(each, attempt=0) for each in waiting.queue]))
        url = f"{self._running.base_url}/__sandbox__/webhooks/deliver"
        self._sending = self._sender.submit(lambda: requests.post(url, json={"everything": True}, timeout=30))
        arrived = self._source._webhooks.receiver._waiting
        with arrived.not_empty:
            return bool(arrived.not_empty.wait_for(lambda: arrived.queue, timeout=5))


@dataclass
class _Pushed:
    """A source at which the portal's webhooks arrive when it is asked."""

    world: HubSpotWebhooks
    source: Source

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        found = False
        for event in self.source.changes(tables, cursors):
            found = True
            yield event
        # What a search has found just now has no need of being pushed; the next pass brings the webhooks.
        if not found and self.world.push():
            yield from self.source.changes(tables, cursors)

    def budget(self) -> Budget | None:
        return self.source.budget()


class _HubSpotSink(_HubSpot):
    tables: Mapping[str, EntityMap] = {entity: table for entity, table in TABLES.items() if table.writes}
    parent: Parent | None = None
    table: EntityMap
    object: str
    key_property: str

    def restart(self) -> Sink:
        return hubspot.sink(self.settings(), self.clock, "acme-crm")

    def _record(self, key: str) -> Any:
        alive = (row for row in self.rows(self.object) if not row.archived)
        return next((row for row in alive if row.properties.get(self.key_property) == key), None)

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        record = self._record(key)
        if record is None:
            return None
        row: dict[str, Any] = {name: record.properties.get(name) for name in self.table.vendor_fields}
        if LINK in row:
            row[LINK] = self._company(record)
        return self.table.to_fields(row)

    def _company(self, record: Any) -> str | None:
        start, end = self.type(self.object), self.type("companies")
        found = self._running.call(lambda: self._running.portal.associations.of(start, record.id, end))
        return found[0][0] if found else None

    def effects(self, key: str) -> int:
        portal, record = self._running.portal, self._record(key)
        ledger = self._running.call(lambda: portal.store.writes(record.type_id, record.id)) if record else []
        return sum(1 for write in ledger if write.changed and write.actor == portal.integration)

    def edit(self, key: str, fields: Mapping[str, JsonValue]) -> None:
        self.wait(1)
        crm, values = self._running.portal.crm, self.table.to_vendor(fields)
        texts = {name: "" if value is None else str(value) for name, value in values.items()}
        self._running.call(lambda: crm.update(self.type(self.object), self._record_now(key), texts, USER))

    def _record_now(self, key: str) -> Any:
        rows = self._running.portal.store.rows(self.type(self.object).id)
        return next(row for row in rows if row.properties.get(self.key_property) == key)

    def remove(self, key: str) -> None:
        crm = self._running.portal.crm
        self._running.call(lambda: crm.archive(self.type(self.object), self._record_now(key), USER))

    def parents(self) -> int:
        return sum(row.properties.get("tandem_key") == "crm/a-1" for row in self.rows("companies") if not row.archived)

    def break_after(self, call: int) -> None:
        rule = PortalFault(kind="reset_after", nth=(call,), times=1, path="/crm")
        self._running.call(lambda: self._running.portal.faults.arm([rule]))


class HubSpotSummaries(_HubSpotSink):
    """A `SinkWorld` that finds records by the vendor's id."""

    table, object, key_property, match_by = TABLES["account_summary"], "companies", "hs_object_id", MatchBy.ID
    creates = False
    good: Mapping[str, JsonValue] = table.examples[0].canonical
    changed: Mapping[str, JsonValue] = {**good, "partner_count": 3}
    bad: Mapping[str, JsonValue] = {**good, "best_partner": "x" * 70_000}
    nullable = "best_partner"

    def keys(self, count: int) -> Sequence[str]:
        return [self.act("companies", name=f"Account {number}") for number in range(count)]


class HubSpotOverlaps(_HubSpotSink):
    """A `SinkWorld` that finds records of a custom object by a unique property, and creates them with an association."""

    table, object, key_property, match_by = TABLES["overlap"], "partner_overlap", "overlap_key", MatchBy.EXTERNAL_ID
    creates = True
    nullable = "partner_owner_name"
    parent = Parent(field="account", entity="account", key="crm/a-1", fields={"name": "Acme Robotics"})

    def __init__(self, running: Emulator) -> None:
        super().__init__(running)
        account = self.act("companies", name="Acme Robotics")
        examples = [each.canonical for each in self.table.examples[:2]]  # the second is judged by the customer profile
        self.good = {**examples[0], **examples[-1], "account": account}
        self.changed = {**self.good, "status": "ended", "ended_on": "2026-12-01T08:30:00Z"}
        self.bad = {**self.good, "partner_account": "x" * 70_000}

    def keys(self, count: int) -> Sequence[str]:
        return [f"overlap-{number}" for number in range(count)]


def in_portal(world: Callable[[Emulator], Any], **changes: Any) -> Callable[[], AbstractContextManager[Any]]:
    """A fresh portal for each use; `changes` to the emulator's settings."""

    @contextmanager
    def opened() -> Iterator[Any]:
        with emulator(standing_still(**changes)) as running:
            made = world(running)
            yield made
            made.close()

    return opened
