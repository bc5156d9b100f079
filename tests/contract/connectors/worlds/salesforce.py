"""An emulated Salesforce org as a user and Tandem have it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from pydantic import JsonValue

from connectors import salesforce
from connectors.base import Sink, Source
from connectors.errors import NeedsConfirmation
from connectors.salesforce.source import SalesforceSource
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.salesforce.faults import FaultRule
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, Emulator, emulator
from schemas.messages import MatchBy, Parent

REPOSITORY = Path(__file__).parents[4]


class _Salesforce:
    """An emulated org with Tandem's package, and our own clock a year behind the org's."""

    overlap_s, page_size, changes = 5, 2, "poll"

    def __init__(self, running: Emulator) -> None:
        self._running, self._now = running, START - timedelta(days=365)

    def settings(self) -> salesforce.Settings:
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
        return salesforce.Settings(
            base_url=self._running.base_url,
            auth=auth,
            overlap_s=self.overlap_s,
            page_size=self.page_size,
            changes=self.changes,
            pubsub_address=self._running.pubsub_address,
            linger_s=5,
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
    """A `SourceWorld`, read by polling."""

    table = load("salesforce")["account"]

    def __init__(self, running: Emulator) -> None:
        super().__init__(running)
        self._sources: list[SalesforceSource] = []

    def restart(self) -> Source:
        while self._sources:
            self._sources.pop().close()
        self._sources.append(SalesforceSource(self.settings(), self.clock))
        return self._sources[-1]

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


class SalesforceEvents(SalesforceAccounts):
    """A `SourceWorld`, read by Change Data Capture."""

    changes = "cdc"


class _SalesforceSink(_Salesforce):
    tables: Mapping[str, EntityMap] = {name: table for name, table in load("salesforce").items() if table.writes}
    table: EntityMap
    entity: str
    key_field: str
    bulk_rows = 0
    parent: Parent | None = None

    def restart(self) -> Sink:
        return salesforce.sink(self.settings().model_copy(update={"bulk_rows": self.bulk_rows}), self.clock, "our-crm")

    def _row(self, key: str) -> dict[str, Any] | None:
        alive = (row for row in self.rows(self.entity) if not row["IsDeleted"])
        return next((row for row in alive if row[self.key_field] == key), None)

    def _id(self, key: str) -> str:
        row = self._row(key)
        assert row is not None
        return str(row["Id"])

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        row = self._row(key)
        return None if row is None else self.table.to_fields(row)

    def effects(self, key: str) -> int:
        ids = [row["Id"] for row in self.rows(self.entity) if row[self.key_field] == key]
        ledger = [write for each in ids for write in self._running.call(lambda each=each: self._writes(each))]
        return sum(1 for write in ledger if write.changed and write.user_id == self._running.org.integration_id)

    def _writes(self, record_id: str) -> list[Any]:
        return list(self._running.org.store.writes(record_id))

    def edit(self, key: str, fields: Mapping[str, JsonValue]) -> None:
        self.wait(1)
        self.act({"id": self._id(key), "fields": self.table.to_vendor(fields)}, self.entity)

    def remove(self, key: str) -> None:
        self.act({"id": self._id(key), "delete": True}, self.entity)

    def parents(self) -> int:
        return sum(row["Tandem_Key__c"] == "crm/a-1" for row in self.rows("Account") if not row["IsDeleted"])

    def break_after(self, call: int) -> None:
        rule = FaultRule(kind="reset_after", nth=(call,), times=1, path="/services/data/")
        self._running.call(lambda: self._running.org.faults.arm([rule]))


class SalesforceSummaries(_SalesforceSink):
    """A `SinkWorld` that finds records by the vendor's id."""

    table, entity, key_field, match_by = load("salesforce")["account_summary"], "Account", "Id", MatchBy.ID
    creates = False
    # A checkbox is never blank, so what is asked of blank fields is asked of the others.
    good: Mapping[str, JsonValue] = {
        name: value for name, value in table.examples[0].canonical.items() if name != "qualified"
    }
    changed: Mapping[str, JsonValue] = {**good, "partner_count": 3}
    bad: Mapping[str, JsonValue] = {**good, "best_partner": "x" * 5000}
    nullable = "best_partner"

    def keys(self, count: int) -> Sequence[str]:
        return [self.act({"fields": {"Name": f"Account {number}"}}) for number in range(count)]


class SalesforceOverlaps(_SalesforceSink):
    """A `SinkWorld` that finds records by external id, and creates them."""

    table, match_by = load("salesforce")["overlap"], MatchBy.EXTERNAL_ID
    creates = True
    entity, key_field = "Partner_Overlap__c", "Overlap_Key__c"
    bad: Mapping[str, JsonValue] = {"partner": "x" * 5000}
    nullable = "partner_owner_name"
    parent = Parent(field="account", entity="account", key="crm/a-1", fields={"name": "Acme Robotics"})

    def __init__(self, running: Emulator) -> None:
        super().__init__(running)
        account = self.act({"fields": {"Name": "Acme Robotics"}})
        examples = [each.canonical for each in self.table.examples[:2]]  # the second is judged by the customer profile
        self.good = {**examples[0], **examples[-1], "account": account}
        self.changed = {**self.good, "status": "ended", "ended_on": "2026-12-01T08:30:00Z"}
        self.bad = {**self.good, "partner_account": "x" * 5000}

    def keys(self, count: int) -> Sequence[str]:
        return [f"overlap-{number}" for number in range(count)]


class SalesforceSummariesInBulk(SalesforceSummaries):
    """Every write as a job of the Bulk API."""

    bulk_rows = 1


class SalesforceOverlapsInBulk(SalesforceOverlaps):
    """Every write as a job of the Bulk API."""

    bulk_rows = 1


def in_org(world: Callable[[Emulator], Any]) -> Callable[[], AbstractContextManager[Any]]:
    @contextmanager
    def opened() -> Iterator[Any]:
        package = REPOSITORY / "deploy" / "salesforce"
        # A keepalive ends a look at the stream: it says that all that was committed before it has been delivered.
        with emulator(OrgSettings(clock=lambda: START, sfdx=package, pubsub_keepalive=0.03)) as running:
            yield world(running)

    return opened
