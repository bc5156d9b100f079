"""A partner that registers deals at the portal, and sends again what was not taken."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from connectors import portal
from connectors.base import Source
from connectors.errors import NeedsConfirmation
from mappings.loader import load
from tests.contract.connectors.worlds.sending import Sent

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TOKEN = "acme-token-0123456789"
MANY = 32  # requests at once


class PortalRegistrations:
    """A `SourceWorld`: before each pass the partner sends what is not taken yet, and all of it after a restart."""

    table = load("portal")["registration"]
    named = "company"
    lacks = frozenset({"delete"})

    def __init__(self) -> None:
        self._now, self._made = START, 0
        self._companies: dict[str, str] = {}
        self._waiting: set[str] = set()
        self._sending: list[tuple[str, str, Future[int]]] = []
        self._sender = ThreadPoolExecutor(MANY)
        self._source: Any = None

    def clock(self) -> datetime:
        return self._now

    def restart(self) -> Source:
        self.close()
        self._waiting = set(self._companies)
        settings = portal.Settings(tokens=[{"partner": "acme", "token": TOKEN}], port=0, patience_s=0, answer_s=10)
        self._source = portal.source(settings, self.clock, "portal")
        return Sent(self, self._source)

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # a partner is never asked about

    def create(self, name: str) -> str:
        self._made += 1
        self.edit(f"r-{self._made}", name)
        return f"r-{self._made}"

    def edit(self, record_id: str, name: str) -> None:
        self._companies[record_id] = name
        self._waiting.add(record_id)

    def delete(self, record_id: str) -> None:
        raise AssertionError(f"registration {record_id} is withdrawn, and stays")

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)

    def state(self) -> Mapping[str, str]:
        return dict(self._companies)

    def reset(self) -> None:
        self.close()
        self._companies.clear()
        self._waiting.clear()

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None
        self.settled()

    def settled(self) -> None:
        """Wait for the answers; what was taken as it still is need not be sent again."""
        for id_, company, answer in self._sending:
            if answer.result() == 200 and self._companies.get(id_) == company:
                self._waiting.discard(id_)
        self._sending = []

    def send(self) -> bool:
        """Send what is not taken yet; whether there was anything."""
        self.settled()
        waiting = sorted(self._waiting)[:MANY]
        receiver = self._source.inbox.receiver
        for id_ in waiting:
            company = self._companies[id_]
            self._sending.append((id_, company, self._sender.submit(self._put, receiver.port, id_, company)))
        arrived = receiver._waiting
        with arrived.not_empty:
            return bool(waiting and arrived.not_empty.wait_for(lambda: len(arrived.queue) == len(waiting), timeout=5))

    def _put(self, port: int, id_: str, company: str) -> int:
        url, headers = f"http://127.0.0.1:{port}/v1/registrations/{id_}", {"Authorization": f"Bearer {TOKEN}"}
        return requests.put(url, json={"company": company}, headers=headers, timeout=20).status_code


@contextmanager
def at_portal() -> Iterator[PortalRegistrations]:
    world = PortalRegistrations()
    yield world
    world.close()
