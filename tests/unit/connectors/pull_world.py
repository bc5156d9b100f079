"""What the tests of the pull loop share: a scripted source, and the topics as it leaves them."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from connectors.base import Budget, Change, Event
from connectors.publishing import CAUGHT_UP
from connectors.pull import Pull
from mappings.loader import load
from schemas import topics
from schemas.codec import decode
from schemas.messages import AccountChanged, ChangeKind, DeadLetter
from tests.support.memory_log import MemoryBroker, MemoryLog

AT = datetime(2026, 11, 22, tzinfo=UTC)
TABLE = load("partner_list")["account"]
CURSORS = topics.cursors("acme-list")


class Script:
    """Yields what is written down and raises the errors among it; `asked` are the cursors that it was given."""

    def __init__(self, *passes: list[Event | Exception]) -> None:
        self.passes = list(passes)
        self.asked: list[dict[str, str]] = []

    def changes(self, tables, cursors: Mapping[str, str]) -> Iterator[Event]:
        self.asked.append({key: value for key, value in cursors.items() if key != CAUGHT_UP})
        for event in self.passes.pop(0) if self.passes else ():
            if isinstance(event, Exception):
                raise event
            yield event

    def budget(self) -> Budget | None:
        return None


class Waiting(threading.Event):
    """An event on which nobody waits: it notes the seconds; with `ends_after`, it is set while one waits that often."""

    def __init__(self, ends_after: int | None = None) -> None:
        super().__init__()
        self.waited: list[float | None] = []
        self._ends_after = ends_after

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        if len(self.waited) == self._ends_after:
            self.set()
        return self.is_set()


def broker(*faults: str | None) -> MemoryBroker:
    return MemoryBroker(partitions=1, faults=list(faults))


def pull_on(where: MemoryBroker, source, batch: int = 1000, tables=(TABLE,), party="partner:acme", feeds=()) -> Pull:
    journal = MemoryLog(where, "", CURSORS.name)
    tables = {each.entity: each for each in tables}
    return Pull("acme-list", party, tables, source, journal, lambda: AT, batch=batch, feeds=feeds)


def upsert(number: int, name: object = "Acme", version: int = 1, **row: object) -> Change:
    row = {"name": name, **row}
    return Change(
        "account", f"b{number}", ChangeKind.UPSERTED, version, row, AT, cursor=f"v{version}", slot=f"row:b{number}"
    )


def removal(number: int, version: int = 2) -> Change:
    return Change("account", f"b{number}", ChangeKind.DELETED, version, None, AT, cursor=None, slot=f"row:b{number}")


def published(where: MemoryBroker) -> list[AccountChanged]:
    return [decode(record) for record in where.read(topics.ACCOUNT_CHANGES.name)]


def letters(where: MemoryBroker) -> list[DeadLetter]:
    return [decode(record) for record in where.read(topics.DEADLETTERS.name)]


def ids(where: MemoryBroker) -> list[str]:
    return [change.record_id for change in published(where)]
