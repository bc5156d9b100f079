"""An emulated org that users work in, and a runner in miniature that reads it by Change Data Capture."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.base import Change, Progress
from connectors.salesforce import Settings
from connectors.salesforce.source import SalesforceSource
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.salesforce.faults import FaultRule
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, Emulator, emulator

TABLES = load("salesforce")
SFDX = Path(__file__).parents[5] / "deploy" / "salesforce"
AUTH = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}


class World:
    """The org, our clock, and what was told and saved."""

    def __init__(self, running: Emulator) -> None:
        self.running, self.now = running, START
        self.tables: dict[str, EntityMap] = {"account": TABLES["account"]}
        self.settings: dict[str, Any] = {}
        self.cursors: dict[str, str] = {}
        self.told: list[Change] = []
        self.progress: list[Progress] = []
        self._source: SalesforceSource | None = None

    # Tandem

    @property
    def source(self) -> SalesforceSource:
        if self._source is None:
            made = {"base_url": self.running.base_url, "pubsub_address": self.running.pubsub_address, "auth": AUTH}
            made |= {"linger_s": 5, "overlap_s": 5, "page_size": 2, "poll_every_s": 0}
            self._source = SalesforceSource(Settings(**{**made, **self.settings}), lambda: self.now)
        return self._source

    def restart(self, **settings: Any) -> None:
        """The process ends and starts anew."""
        self.settings |= settings
        if self._source is not None:
            self._source.close()
            self._source = None

    def pull(self, stop_after: int | None = None) -> list[Change]:
        """One look; what was told in it. With `stop_after` the process dies after so many events."""
        before, events = len(self.told), self.source.changes(self.tables, dict(self.cursors))
        for number, event in enumerate(events if stop_after != 0 else (), 1):
            self._commit(event)
            if number == stop_after:
                events.close()
                break
        if stop_after is not None:
            self.restart()
        return self.told[before:]

    def _commit(self, event: Any) -> None:
        (self.told if isinstance(event, Change) else self.progress).append(event)
        if event.cursor is None:
            self.cursors.pop(event.place, None)
        else:
            self.cursors[event.place] = event.cursor

    def view(self, entity: str = "account") -> dict[str, Mapping[str, Any]]:
        """What a reader of the changes holds: the row of the highest version of each record that is there."""
        last: dict[str, Change] = {}
        for change in self.told:
            known = last.get(change.record_id)
            if change.entity == entity and (known is None or change.version > known.version):
                last[change.record_id] = change
        return {each: change.row for each, change in last.items() if change.row is not None}

    @property
    def notes(self) -> list[str]:
        return [each.note for each in self.progress if each.note]

    # Users

    def door(self, path: str, **body: Any) -> Any:
        answer = requests.post(f"{self.running.base_url}/__sandbox__/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def edit(self, entity: str = "Account", **body: Any) -> Any:
        return self.door("edit", user="admin@tandem.example", object=entity, **body)

    def create(self, entity: str = "Account", **fields: Any) -> str:
        return str(self.edit(entity, fields=fields)["id"])

    def update(self, record_id: str, entity: str = "Account", **fields: Any) -> None:
        self.edit(entity, id=record_id, fields=fields)

    def delete(self, record_id: str, entity: str = "Account") -> None:
        self.edit(entity, id=record_id, delete=True)

    def together(self, *edits: Mapping[str, Any]) -> list[str]:
        """Several edits in one transaction."""
        return list(self.door("edit", user="admin@tandem.example", edits=[dict(each) for each in edits])["ids"])

    def pubsub(self, action: str, **body: Any) -> None:
        self.door(f"pubsub/{action}", **body)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.running.call(lambda: self.running.org.clock.advance(int(seconds)))

    def state(self, entity: str = "Account") -> dict[str, str]:
        rows = self.running.call(lambda: self.running.org.store.rows(entity))
        return {row["Id"]: row["Name"] for row in rows if not row["IsDeleted"]}

    def calls(self) -> int:
        return self.running.org.usage.used

    def arm(self, **rule: Any) -> None:
        self.running.call(lambda: self.running.org.faults.arm([FaultRule(**rule)]))


@pytest.fixture
def opened() -> Iterator[Callable[..., World]]:
    """Makes worlds whose org is set up as said; closed at the end."""
    worlds: list[tuple[Any, World]] = []

    def make(**settings: Any) -> World:
        # A keepalive ends a look at the stream: it says that all that was committed before it has been delivered.
        made = {"clock": lambda: START, "sfdx": SFDX, "pubsub_keepalive": 0.03, **settings}
        context = emulator(OrgSettings(**made))
        worlds.append((context, World(context.__enter__())))
        return worlds[-1][1]

    yield make
    for context, world in worlds:
        world.restart()
        context.__exit__(None, None, None)


@pytest.fixture
def world(opened: Callable[..., World]) -> World:
    return opened()
