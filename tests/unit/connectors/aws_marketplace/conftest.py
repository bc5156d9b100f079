"""An emulated seller's account on a real socket, with its clock in the test's hand, and connectors to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors import aws_marketplace
from connectors.aws.pace import Pace
from connectors.aws.settings import Keys
from connectors.aws_marketplace.check import MarketplaceCheck
from connectors.aws_marketplace.sink import MarketplaceSink
from connectors.aws_marketplace.source import MarketplaceSource
from connectors.base import Change, Event, Outcome, Unreadable
from mappings.loader import load
from sandbox.aws.core import acts_of
from sandbox.aws.settings import FULL, Key
from sandbox.aws.testing import Emulator, emulator
from schemas.messages import ChangeKind, MatchBy, Write

TABLES = load("aws_marketplace")
CATALOG, AGREEMENTS = "marketplace-catalog", "marketplace-agreement"
BUYER = "111122223333"


def unhurried() -> Pace:
    """The emulated clock stands still, and no quota holds."""
    return Pace(1.0, lambda: 0.0, lambda _: None, rates={})


@dataclass
class Market:
    """A seller's hand in the marketplace, a buyer's, and connectors to it."""

    running: Emulator
    settings_: dict[str, Any] = field(default_factory=dict)

    def settings(self, key: Key = FULL, **changes: Any) -> aws_marketplace.Settings:
        base = {
            "base_url": self.running.base_url,
            "auth": Keys(method="keys", access_key_id=key.access, secret_access_key=key.secret),
            "queue_url": self.running.places.marketplace_url,
            "linger_s": 0,
            "overlap_s": 5,
        }
        return aws_marketplace.Settings(**{**base, **changes})

    def clock(self) -> datetime:
        return self.running.platform.clock()

    def source(self, **changes: Any) -> MarketplaceSource:
        return MarketplaceSource(self.settings(**changes), self.clock, unhurried())

    def sink(self, **changes: Any) -> MarketplaceSink:
        return MarketplaceSink(self.settings(**changes), self.clock, unhurried())

    def check(self, **changes: Any) -> MarketplaceCheck:
        return MarketplaceCheck(self.settings(**changes), self.clock)

    def seller(self, what: str, **arguments: Any) -> Any:
        return self.running.call(lambda: acts_of(self.running.world.services[CATALOG])[what](**arguments))

    def buyer(self, what: str, **arguments: Any) -> Any:
        return self.running.call(lambda: acts_of(self.running.world.services[AGREEMENTS])[what](**arguments))

    def write(self, fields: Mapping[str, Any], key: str = "link-1", **changes: Any) -> Outcome:
        return self.sink().write(TABLES, [asked(fields, key, **changes)])[0]

    @property
    def catalog(self) -> Any:
        return self.running.world.services[CATALOG]

    @property
    def agreements(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.catalog.agreements()
        return found


def asked(fields: Mapping[str, Any], key: str = "link-1", **changes: Any) -> Write:
    base = {
        "id": f"write-{key}", "connection": "our-aws", "entity": "offer", "match_by": MatchBy.EXTERNAL_ID, "key": key,
        "fields": dict(fields), "decided_at": datetime(2026, 11, 22, tzinfo=UTC),
    }  # fmt: skip
    return Write.model_validate({**base, **changes})


@dataclass
class Follower:
    """A runner in miniature: each event is committed as it comes."""

    market: Market
    settings_: dict[str, Any] = field(default_factory=dict)
    entities: tuple[str, ...] = tuple(TABLES)
    cursors: dict[str, str] = field(default_factory=dict)
    told: list[Change] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.source = self.market.source(**self.settings_)

    def follow(self, stop_after: int | None = None) -> list[Change]:
        """One pass; with `stop_after` the process dies after so many events. Returns the new changes."""
        before = len(self.told)
        tables = {name: TABLES[name] for name in self.entities}
        for number, event in enumerate(self.source.changes(tables, dict(self.cursors)), 1):
            self._commit(event)
            if number == stop_after:
                self.restart()
                break
        return self.told[before:]

    def _commit(self, event: Event) -> None:
        if isinstance(event, Unreadable):
            self.unreadable.append(event)
            return
        if isinstance(event, Change):
            self.told.append(event)
        if event.cursor is None:
            self.cursors.pop(event.place, None)
        else:
            self.cursors[event.place] = event.cursor

    def view(self, entity: str) -> dict[str, dict[str, Any]]:
        """What a reader of the changes holds, canonical."""
        last: dict[str, Change] = {}
        for change in self.told:
            known = last.get(change.record_id)
            if change.entity == entity and (known is None or change.version > known.version):
                last[change.record_id] = change
        return {
            key: TABLES[entity].to_canonical(change.row or {}).model_dump(mode="json")
            for key, change in last.items()
            if change.kind is ChangeKind.UPSERTED
        }


@pytest.fixture
def market() -> Iterator[Market]:
    with emulator() as running:
        yield Market(running)
