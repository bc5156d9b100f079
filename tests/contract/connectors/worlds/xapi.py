"""Learning record stores that are read, and statements that are sent; the store's rules are not ours."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

import requests

from connectors import xapi
from connectors.base import Source
from connectors.errors import NeedsConfirmation
from mappings.loader import load
from tests.contract.connectors.worlds.sending import Sent
from tests.support.lrs.memory import MemoryStore, memory_store

KEY = {"method": "basic", "key": "key", "secret": "secret"}
HEADERS = {"X-Experience-API-Version": "1.0.3"}


def statement(name: str, **more: Any) -> dict[str, Any]:
    """A person has completed a course of this name."""
    return {
        "id": str(uuid4()),
        "actor": {"mbox": "mailto:ada@acme.com", "name": "Ada Okafor"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {
            "id": "https://lms.acme.com/course/7",
            "definition": {"type": "http://adlnet.gov/expapi/activities/course", "name": {"en": name}},
        },
        **more,
    }


class XapiStore:
    """A `SourceWorld`: a store that is read."""

    table = load("xapi")["statement"]
    named = "item_name"
    lacks = frozenset({"edit", "delete"})
    overlap_s = 60

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def settings(self) -> xapi.Settings:
        return xapi.Settings(endpoint=self.store.url, auth=KEY, page_size=2, poll_s=0, overlap_s=self.overlap_s)

    def clock(self) -> datetime:
        return self.store.now

    def restart(self) -> Source:
        return xapi.source(self.settings(), self.clock, "our-lrs")

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # a store is never asked about

    def create(self, name: str) -> str:
        return self.store.put(statement(name))[0]

    def edit(self, record_id: str, name: str) -> None:
        raise AssertionError(f"statement {record_id} never changes, and is not called {name} from now on")

    def delete(self, record_id: str) -> None:
        raise AssertionError(f"statement {record_id} never goes")

    def wait(self, seconds: int) -> None:
        self.store.wait(seconds)

    def state(self) -> Mapping[str, str]:
        return {each["id"]: each["object"]["definition"]["name"]["en"] for each in self.store.statements}

    def reset(self) -> None:
        self.store.statements.clear()

    def close(self) -> None:
        """Nothing is held open."""


class XapiSent(XapiStore):
    """A `SourceWorld`: a sender that sends before each pass what is not taken yet, and all of it when nobody had listened."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self._source: Any = None
        self._waiting: list[dict[str, Any]] = []
        self._sending: Future[Any] | None = None
        self._sender = ThreadPoolExecutor(1)

    def settings(self) -> xapi.Settings:
        return xapi.Settings(receiver={"auth": KEY, "port": 0, "patience_s": 0, "answer_s": 10})

    def restart(self) -> Source:
        self.close()
        self._waiting = list(self.store.statements)
        self._source = super().restart()
        return Sent(self, self._source)

    def create(self, name: str) -> str:
        made = statement(name)
        self.store.statements.append(made)
        self._waiting.append(made)
        return str(made["id"])

    def reset(self) -> None:
        super().reset()
        self.close()
        self._waiting.clear()

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None
        self.settled()

    def settled(self) -> None:
        """Wait for the answer; what was taken need not be sent again."""
        if self._sending is None:
            return
        sent, status = self._sending.result()
        self._sending = None
        if status == 200:
            self._waiting = [each for each in self._waiting if each not in sent]

    def send(self) -> bool:
        """Send what is not taken yet; whether there was anything."""
        self.settled()
        sent = list(self._waiting)
        if not sent:
            return False
        receiver = self._source.inbox.receiver
        url = f"http://127.0.0.1:{receiver.port}/xAPI/statements"
        self._sending = self._sender.submit(
            lambda: (
                sent,
                requests.post(url, json=sent, headers=HEADERS, auth=("key", "secret"), timeout=20).status_code,
            )
        )
        arrived = receiver._waiting
        with arrived.not_empty:
            return bool(arrived.not_empty.wait_for(lambda: arrived.queue, timeout=5))


def at_store(world: Callable[[MemoryStore], Any], **settings: Any) -> Callable[[], AbstractContextManager[Any]]:
    """A fresh store for each use; `settings` of the store."""

    @contextmanager
    def opened() -> Iterator[Any]:
        with memory_store(**settings) as store:
            made = world(store)
            yield made
            made.close()

    return opened
