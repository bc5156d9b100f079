"""An emulated HubSpot portal that Tandem has prepared, and a connection to it whose calls are counted."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import JsonValue, SecretStr

from connectors import hubspot
from connectors.base import Sink, Source
from connectors.hubspot.settings import AccessToken
from mappings.loader import load
from sandbox.hubspot import times
from sandbox.hubspot.changes import Change
from sandbox.hubspot.model import ObjectType
from sandbox.hubspot.portal import USER
from sandbox.hubspot.search import DEFAULT_PAGE, WINDOW, Page, Searcher
from sandbox.hubspot.store import Record, Write
from sandbox.hubspot.testing import START, Emulator, emulator, standing_still

AGE = timedelta(days=400)
FREE = "/oauth/"  # the token endpoint, which no quota counts
FAST = 1_000_000  # searches a second: the portal has no limits here, and waiting would only cost time


class ByStamp(Searcher):
    """Answers as it is, and at once what is changed since a moment, in that order: 100,000 records are sorted once."""

    def run(self, type_: ObjectType, body: Mapping[str, Any]) -> Page:
        """See `Searcher`."""
        since = _since(type_, body)
        if since is None:
            return super().run(type_, body)
        ordered = self.index.matching(type_.id, "by stamp", lambda rows: sorted(rows, key=_stamp(type_)))
        first, after = bisect_left(ordered, since, key=_stamp(type_)), int(body.get("after") or 0)
        end = min(after + body.get("limit", DEFAULT_PAGE), WINDOW)
        page, total = ordered[first + after : first + end], len(ordered) - first
        last = after + len(page)
        return Page(total, page, str(last) if page and last < total else None)


def _stamp(type_: ObjectType) -> Any:
    return lambda record: record.properties[type_.modified]


def _since(type_: ObjectType, body: Mapping[str, Any]) -> str | None:
    """The moment, where a search asks for what is changed since one, in that order, and for nothing else."""
    stamp = type_.modified
    if body.get("sorts") != [{"propertyName": stamp, "direction": "ASCENDING"}] or body.get("query"):
        return None
    match body.get("filterGroups"):
        case []:
            return ""
        case [{"filters": [{"propertyName": name, "operator": "GTE", "value": value}]}] if name == stamp:
            moment = times.parse(value)
            return None if moment is None else times.iso(moment)
    return None


class Portal:
    """A `benchmarks.api_cost.World`."""

    def __init__(self, running: Emulator) -> None:
        self._running = running
        for each in hubspot.prepare(self._settings(), self.clock):
            if not each.ok:
                raise SystemExit(f"the portal cannot be prepared: {each.subject}: {each.detail}")
        portal = running.portal
        portal.searcher = ByStamp(**{each.name: getattr(portal.searcher, each.name) for each in fields(Searcher)})

    @property
    def endpoints(self) -> Counter[str]:
        """What the portal was asked."""
        return self._running.portal.calls

    def accounts(self, count: int, values: Mapping[str, JsonValue]) -> Sequence[str]:
        """So many more companies, changed last at moments spread over 400 days; their ids."""
        return self._running.call(lambda: self._seeded(count, values))

    def _seeded(self, count: int, values: Mapping[str, JsonValue]) -> Sequence[str]:
        portal = self._running.portal
        type_, owners = portal.schema.require("companies"), list(portal.crm.owners)
        summary = load("hubspot")["account_summary"].to_vendor(values)
        body = {"domain": "acme.com", "country": "Germany", **{name: str(value) for name, value in summary.items()}}
        first = portal.crm.create(type_, {"name": "Acme Robotics GmbH", **body}, USER, START - AGE)
        found = [first.id]
        for number in range(1, count):
            at = times.to_milli((START - AGE + AGE * number / count).astimezone(UTC))
            found.append(portal.store.new_id(type_.id))
            own = {"name": f"Acme Robotics {number} GmbH", "hubspot_owner_id": owners[number % len(owners)]}
            system = {"hs_object_id": found[-1], type_.created: times.iso(at), type_.modified: times.iso(at)}
            record = Record(type_.id, found[-1], {**first.properties, **own, **system}, at, at)
            portal.store.put(record, Write(USER, "CREATE", (), at), frozenset())
            portal.index.heard(Change("CREATE", type_.id, record.id, USER, at))
        return found

    def _settings(self) -> hubspot.Settings:
        auth = AccessToken(method="token", token=SecretStr(self._running.token))
        app_id = self._running.portal.settings.app.app_id
        return hubspot.Settings(base_url=self._running.base_url, auth=auth, app_id=app_id, searches_per_s=FAST)

    def sink(self) -> Sink:
        """A fresh one."""
        return hubspot.sink(self._settings(), self.clock, "bench")

    def source(self) -> Source:
        """A fresh one, by search."""
        return hubspot.source(self._settings(), self.clock, "bench")

    def clock(self) -> datetime:
        """The portal's."""
        return self._running.portal.clock()

    def advance(self, seconds: float) -> None:
        """Time goes by, for both sides."""
        self._running.call(lambda: self._running.portal.clock.advance(seconds))

    def used(self) -> int:
        """Calls that the portal has counted, but for those of the token endpoint."""
        return sum(number for name, number in self.endpoints.items() if FREE not in name)


@contextmanager
def hubspot_portal() -> Iterator[Portal]:
    """A fresh one, at an address of this machine."""
    with emulator(standing_still()) as running:
        yield Portal(running)
