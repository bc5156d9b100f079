"""What the contract tests need of a system: a hand in it, as a user has, and a fresh connector to it."""

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import requests
from pydantic import JsonValue

from connectors import partner_list, salesforce
from connectors.base import Change, Event, Outcome, Sink, Source, Unreadable
from connectors.errors import NeedsConfirmation
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, Emulator, emulator
from schemas.messages import ChangeKind, MatchBy, Write

REPOSITORY = Path(__file__).parents[3]


class SourceWorld(Protocol):
    """A system whose records a source reads; its records are known by name and website."""

    table: EntityMap

    def restart(self) -> Source:
        """A fresh source, as after a restart of the process."""

    def confirm(self, question: NeedsConfirmation) -> Source:
        """A fresh source, started as the question's remedy says."""

    def create(self, name: str) -> str:
        """A new record; its id."""

    def edit(self, record_id: str, name: str) -> None:
        """A user gives a record another name."""

    def delete(self, record_id: str) -> None:
        """A user deletes a record."""

    def wait(self, seconds: int) -> None:
        """Time passes, in the system and for us."""

    def state(self) -> Mapping[str, str]:
        """The living records: id to name."""

    def reset(self) -> None:
        """Back to a system without records."""


class SinkWorld(Protocol):
    """A system that a sink writes to."""

    table: EntityMap
    match_by: MatchBy
    good: Mapping[str, JsonValue]
    changed: Mapping[str, JsonValue]
    bad: Mapping[str, JsonValue]
    nullable: str

    def restart(self) -> Sink:
        """A fresh sink."""

    def keys(self, count: int) -> Sequence[str]:
        """Keys of so many records that can be written."""

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        """What the system holds: canonical values, or None."""

    def effects(self, key: str) -> int:
        """How many times the record's values were changed since it was there."""


@dataclass
class Reader:
    """A runner in miniature: publishes each event and saves its cursor in one step, and can be killed after any."""

    world: SourceWorld
    cursors: dict[str, str] = field(default_factory=dict)
    told: list[Change] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = self.world.restart()

    def poll(self, stop_after: int | None = None) -> int:
        """Events until caught up; with `stop_after`, the process dies after so many and starts anew."""
        events = self._events()
        count = 0
        if stop_after != 0:
            for event in events:
                self._commit(event)
                count += 1
                if count == stop_after:
                    break
        if stop_after is not None:
            self.source = self.world.restart()
        return count

    def _events(self) -> Iterator[Event]:
        try:
            yield from self.source.changes(self.world.table, dict(self.cursors))
        except NeedsConfirmation as question:
            yield from self.world.confirm(question).changes(self.world.table, dict(self.cursors))

    def _commit(self, event: Any) -> None:
        if isinstance(event, Unreadable):
            self.unreadable.append(event)
            return
        if isinstance(event, Change):
            self.told.append(event)
        if event.cursor is None:
            self.cursors.pop(event.slot, None)
        else:
            self.cursors[event.slot] = event.cursor

    def view(self) -> Mapping[str, str]:
        """What a reader of the changes holds: the last version of each record, as long as it is not deleted."""
        last: dict[str, Change] = {}
        for change in self.told:
            known = last.get(change.record_id)
            if known is None or change.version > known.version:
                last[change.record_id] = change
        return {
            record_id: str(self.world.table.to_fields(change.row)["name"])
            for record_id, change in last.items()
            if change.kind is ChangeKind.UPSERTED and change.row is not None
        }


def writes(world: SinkWorld, values: Mapping[str, Mapping[str, JsonValue]]) -> list[Write]:
    """One write for each key."""
    return [
        Write(
            id=f"write-{number}",
            connection="our-crm",
            entity=world.table.entity,
            match_by=world.match_by,
            key=key,
            fields=dict(fields),
            decided_at=datetime(2026, 11, 22, tzinfo=UTC),
        )
        for number, (key, fields) in enumerate(values.items())
    ]


def send(world: SinkWorld, values: Mapping[str, Mapping[str, JsonValue]]) -> Sequence[Outcome]:
    """The outcomes of one batch, by a fresh sink."""
    return world.restart().write(world.table, writes(world, values))


class _Salesforce:
    """An emulated org with Tandem's package, and our own clock a year behind the org's."""

    overlap_s, page_size = 5, 2

    def __init__(self, running: Emulator) -> None:
        self._running, self._now = running, START - timedelta(days=365)

    def settings(self) -> salesforce.Settings:
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
        return salesforce.Settings(
            base_url=self._running.base_url, auth=auth, overlap_s=self.overlap_s, page_size=self.page_size
        )

    def clock(self) -> datetime:
        return self._now

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)
        self._running.call(lambda: self._running.org.clock.advance(seconds))

    def act(self, body: Mapping[str, Any], entity: str = "Account") -> str:
        """A user's edit."""
        body = {"user": "admin@tandem.example", "object": entity, **body}
        answer = requests.post(f"{self._running.base_url}/__sandbox__/edit", json=body, timeout=5)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def rows(self, entity: str) -> list[dict[str, Any]]:
        return self._running.call(lambda: self._running.org.store.rows(entity))

    def reset(self) -> None:
        requests.post(f"{self._running.base_url}/__sandbox__/reset", timeout=5).raise_for_status()
        self._now = START - timedelta(days=365)


class SalesforceAccounts(_Salesforce):
    """A `SourceWorld`."""

    table = load("salesforce")["account"]

    def restart(self) -> Source:
        return salesforce.source(self.settings(), self.clock, "our-crm")

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # an org is never asked about

    def create(self, name: str) -> str:
        return self.act({"fields": {"Name": name}})

    def edit(self, record_id: str, name: str) -> None:
        self.act({"id": record_id, "fields": {"Name": name}})

    def delete(self, record_id: str) -> None:
        self.act({"id": record_id, "delete": True})

    def state(self) -> Mapping[str, str]:
        return {row["Id"]: row["Name"] for row in self.rows("Account") if not row["IsDeleted"]}


class _SalesforceSink(_Salesforce):
    table: EntityMap
    entity: str
    key_field: str

    def restart(self) -> Sink:
        return salesforce.sink(self.settings(), self.clock, "our-crm")

    def _row(self, key: str) -> dict[str, Any] | None:
        return next((row for row in self.rows(self.entity) if row[self.key_field] == key), None)

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        row = self._row(key)
        return None if row is None else self.table.to_fields(row)

    def effects(self, key: str) -> int:
        row = self._row(key)
        ledger = self._running.call(lambda: self._running.org.store.writes(row["Id"])) if row else []
        return sum(1 for write in ledger if write.changed and write.user_id == self._running.org.integration_id)


class SalesforceSummaries(_SalesforceSink):
    """A `SinkWorld` that finds records by the vendor's id."""

    table, entity, key_field, match_by = load("salesforce")["account_summary"], "Account", "Id", MatchBy.ID
    good: Mapping[str, JsonValue] = {
        "partner_count": 2,
        "best_partner": "Acme Cloud",
        "partner_since": "2026-11-22T10:00:00Z",
    }
    changed: Mapping[str, JsonValue] = {**good, "partner_count": 3}
    bad: Mapping[str, JsonValue] = {**good, "best_partner": "x" * 5000}
    nullable = "best_partner"

    def keys(self, count: int) -> Sequence[str]:
        return [self.act({"fields": {"Name": f"Account {number}"}}) for number in range(count)]


class SalesforceOverlaps(_SalesforceSink):
    """A `SinkWorld` that finds records by external id, and creates them."""

    table, match_by = load("salesforce")["overlap"], MatchBy.EXTERNAL_ID
    entity, key_field = "Partner_Overlap__c", "Overlap_Key__c"
    bad: Mapping[str, JsonValue] = {"partner": "x" * 5000}
    nullable = "partner_owner_name"

    def __init__(self, running: Emulator) -> None:
        super().__init__(running)
        account = self.act({"fields": {"Name": "Acme Robotics"}})
        example = self.table.examples[0].canonical
        self.good = {**example, "account": account}
        self.changed = {**self.good, "status": "ended", "ended_on": "2026-12-01T08:30:00Z"}
        self.bad = {**self.good, "partner_account": "x" * 5000}

    def keys(self, count: int) -> Sequence[str]:
        return [f"overlap-{number}" for number in range(count)]


class PartnerListAccounts:
    """A `SourceWorld`: a partner writes the whole list anew at each of a user's edits."""

    table = load("partner_list")["account"]

    def __init__(self, path: Path) -> None:
        self._path, self._now, self._created = path, START, 0
        self._rows: dict[str, str] = {}
        self._write()

    def _write(self) -> None:
        self.wait(1)
        text = io.StringIO()
        csv.writer(text).writerows([("id", "name"), *self._rows.items()])
        self._path.write_text(text.getvalue(), encoding="utf-8")
        os.utime(self._path, (self._now.timestamp(), self._now.timestamp()))

    def _source(self, **settings: Any) -> Source:
        return partner_list.source(partner_list.Settings(path=str(self._path), **settings), lambda: self._now, "acme")

    def restart(self) -> Source:
        return self._source()

    def confirm(self, question: NeedsConfirmation) -> Source:
        said = re.search(r"`tandem source acme --confirm-removals (\d+)`", question.remedy)
        assert said is not None
        return self._source(confirm_removals=int(said[1]))

    def create(self, name: str) -> str:
        self._created += 1
        self._rows[f"b{self._created}"] = name
        self._write()
        return f"b{self._created}"

    def edit(self, record_id: str, name: str) -> None:
        self._rows[record_id] = name
        self._write()

    def delete(self, record_id: str) -> None:
        del self._rows[record_id]
        self._write()

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)

    def state(self) -> Mapping[str, str]:
        return dict(self._rows)

    def reset(self) -> None:
        self._rows.clear()
        self._write()


@contextmanager
def _in_folder() -> Iterator[PartnerListAccounts]:
    with TemporaryDirectory() as folder:
        yield PartnerListAccounts(Path(folder) / "accounts.csv")


def _in_org(world: Callable[[Emulator], Any]) -> Callable[[], AbstractContextManager[Any]]:
    @contextmanager
    def opened() -> Iterator[Any]:
        with emulator(OrgSettings(clock=lambda: START, sfdx=REPOSITORY / "deploy" / "salesforce")) as running:
            yield world(running)

    return opened


SOURCES: Mapping[str, Callable[[], AbstractContextManager[SourceWorld]]] = {
    "salesforce": _in_org(SalesforceAccounts),
    "partner list": _in_folder,
}
SINKS: Mapping[str, Callable[[], AbstractContextManager[SinkWorld]]] = {
    "salesforce by external id": _in_org(SalesforceOverlaps),
    "salesforce by id": _in_org(SalesforceSummaries),
}
