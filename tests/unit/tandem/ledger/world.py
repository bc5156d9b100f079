"""Acme Robotics as the topics tell of it, a ledger that is fed from them, and how to compare two ledgers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, event, select, text

from schemas import topics
from schemas.codec import encode
from schemas.entities import Overlap
from schemas.log import Output
from schemas.messages import (
    CHANGED,
    ConflictFound,
    ConnectionReported,
    DeadLetter,
    DeadLetterResolved,
    LinkDecided,
    Message,
    OfferLinkDecided,
    OfferMatched,
    OverlapDecided,
    RulingGiven,
    Write,
    WriteFinished,
    identity,
)
from tandem.ledger.feed import fed
from tandem.ledger.follow import Follower
from tandem.ledger.store import Store, opened
from tandem.ledger.tables import Base
from tests.support.memory_feed import MemoryFeed
from tests.support.memory_log import Crash, MemoryBroker
from tests.unit.tandem.ledger.partner_topics import PARTNERING, order_of

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CRM, HUB, ACME = "our-crm", "our-hubspot", "acme-crm"
AWS, ACE, PRM = "our-aws", "our-ace", "our-prm"
SINKS = [CRM, HUB, AWS, ACE, PRM]
MOVES_BY_ITSELF = {"feeder"}


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def changed(
    record_id: str, version: int = 1, *, connection: str = CRM, entity: str = "account", **more: Any
) -> Message:
    given: dict[str, Any] = {
        "id": identity(connection, record_id, str(version)),
        "connection": connection,
        "party": "us" if connection.startswith("our") else "partner:acme",
        "record_id": record_id,
        "kind": "upserted",
        "version": version,
        "record": {"name": "Acme Robotics"} if entity in {"account", "deal"} else {"last_name": "Okafor"},
        "occurred_at": at(version),
    }
    return CHANGED[entity].model_validate(given | more)


def linked(record_id: str, key: str | None = "T-1", nth: int = 1, **more: Any) -> LinkDecided:
    ref = f"{CRM}/account/{record_id}"
    given: dict[str, Any] = {
        "id": identity("link", record_id, str(nth)),
        "ref": ref,
        "entity": "account",
        "key": key,
        "members": (ref, f"{HUB}/account/h-{record_id}"),
        "rule": "key",
        "reasons": ("same web domain acme.com",),
        "causes": (identity(CRM, record_id, "1"),),
        "decided_at": at(nth),
    }
    return LinkDecided.model_validate(given | more)


def overlapped(record_id: str, nth: int = 1, status: str = "active", **more: Any) -> OverlapDecided:
    overlap = Overlap.model_validate(
        {
            "key": f"{record_id}-acme-p1",
            "account": record_id,
            "partner": "acme",
            "partner_name": "Acme Cloud",
            "partner_account": f"p-{record_id}",
            "partner_account_name": "Acme Robotics Inc.",
            "our_population": "customer",
            "partner_population": "prospect",
            "relation": "same",
            "confidence": 0.93,
            "reasons": ("same web domain acme.com", "same name"),
            "main_reason": "same web domain acme.com",
            "status": status,
            "first_seen": at(1),
            "last_changed": at(nth),
        }
        | more
    )
    causes = (identity(CRM, record_id, "1"), identity(ACME, f"p-{record_id}", "1"))
    given = {"id": identity("overlap", record_id, str(nth)), "connection": CRM, "overlap": overlap, "causes": causes}
    return OverlapDecided.model_validate({**given, "decided_at": at(nth)})


def write(key: str, nth: int = 1, **more: Any) -> Write:
    given: dict[str, Any] = {
        "id": identity("write", key, str(nth)),
        "connection": CRM,
        "entity": "account",
        "match_by": "id",
        "key": key,
        "fields": {"website": "https://acme.com"},
        "reasons": ("HubSpot is the system of record for website",),
        "causes": (identity(CRM, key, "1"),),
        "decided_at": at(nth),
    }
    return Write.model_validate(given | more)


def finished(it: Write, status: str = "applied", **more: Any) -> WriteFinished:
    given: dict[str, Any] = {
        "write_id": it.id,
        "connection": it.connection,
        "entity": it.entity,
        "key": it.key,
        "status": status,
        "target_id": it.key,
        "decided_at": it.decided_at,
        "finished_at": it.decided_at + timedelta(seconds=30),
    }
    return WriteFinished.model_validate(given | more)


def conflict(record_id: str, nth: int = 1, *, still_open: bool = True, **more: Any) -> ConflictFound:
    refs = (f"{CRM}/account/{record_id}", f"{HUB}/account/h-{record_id}")
    given: dict[str, Any] = {
        "id": identity("conflict", record_id),
        "kind": "manual",
        "entity": "account",
        "key": "T-1",
        "refs": refs,
        "field": "phone",
        "kept": "+49 30 1",
        "lost": "+49 30 2",
        "open": still_open,
        "reason": "the systems differ in phone, which no system may overwrite",
        "remedy": "make phone the same in both",
        "found_at": at(nth),
    }
    return ConflictFound.model_validate(given | more)


def letter(name: str, **more: Any) -> DeadLetter:
    given: dict[str, Any] = {
        "id": identity("letter", name),
        "stage": "source:acme-list",
        "subject": f"partners.csv row {name}",
        "code": "EMPTY",
        "reason": "'Name' is empty.",
        "remedy": "fill in 'Name'",
        "parked_at": at(5),
    }
    return DeadLetter.model_validate(given | more)


def resolved(it: DeadLetter, how: str = "discarded", nth: int = 1) -> DeadLetterResolved:
    return DeadLetterResolved.model_validate({"id": it.id, "how": how, "by": "dana", "at": at(10 + nth), "note": "old"})


def reported(connection: str = CRM, role: str = "source", state: str = "running", nth: int = 1, **more: Any) -> Message:
    given: dict[str, Any] = {"connection": connection, "role": role, "state": state, "at": at(nth)}
    return ConnectionReported.model_validate(given | more)


def told(message: Message) -> Output:
    """The message as its stage publishes it."""
    match message:
        case LinkDecided():
            return _out(topics.LINKS, message.ref, message, message.id)
        case OverlapDecided():
            return _out(topics.OVERLAPS, message.overlap.key, message, message.id)
        case ConflictFound():
            return _out(topics.CONFLICTS, message.id, message, message.id)
        case Write():
            return _out(topics.writes(message.connection), message.record, message, message.id)
        case WriteFinished():
            key = f"{message.connection}/{message.entity}/{message.key}"
            return _out(topics.OUTCOMES, key, message, identity(message.write_id, message.finished_at.isoformat()))
        case DeadLetter() | DeadLetterResolved():
            return _out(topics.DEADLETTERS, message.id, message, message.id)
        case ConnectionReported():
            key = f"{message.connection}/{message.role}"
            return _out(topics.CONNECTIONS, key, message, identity(key, message.at.isoformat()))
        case OfferLinkDecided() | OfferMatched() | RulingGiven():
            return _told_of_offers(message)
        case _ if type(message) in PARTNERING:
            decided: Any = message
            topic, key = PARTNERING[type(message)]
            return _out(topic, key(decided), decided, decided.id)
        case _:
            change: Any = message
            return _out(topics.CHANGES[change.ENTITY], change.ref, change, change.id)


def _told_of_offers(message: OfferLinkDecided | OfferMatched | RulingGiven) -> Output:
    match message:
        case OfferLinkDecided():
            return _out(topics.OFFER_LINKS, message.deal, message, message.id)
        case OfferMatched():
            return _out(topics.OFFER_MATCHES, message.offer, message, message.id)
        case RulingGiven():
            return _out(order_of(message), topics.ONE_ORDER, message, message.id)


def _out(topic: topics.Topic, key: str, message: Message, event_id: str) -> Output:
    return encode(topic, key, message, source="test", event_id=event_id, trace=None)


@dataclass
class World:
    """A store, the topics, and a clock that the test turns."""

    store: Store
    broker: MemoryBroker = field(default_factory=lambda: MemoryBroker(partitions=2))
    feed: MemoryFeed = field(init=False)
    now: datetime = T0 + timedelta(hours=1)

    def __post_init__(self) -> None:
        self.feed = MemoryFeed(self.broker, [topic.name for topic in fed(SINKS)])

    def tell(self, *messages: Message) -> None:
        self.broker.publish([told(message) for message in messages])

    def follower(self, batch: int = 100) -> Follower:
        made = Follower(self.store, self.feed, lambda: self.now, batch)
        made.start()
        return made

    def catch_up(self, batch: int = 100) -> Follower:
        """A follower that has fed everything; it counts as a new process."""
        made = self.follower(batch)
        while made.turn(0):
            pass
        return made

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.store.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(select(Base.metadata.tables[table]))]

    def row(self, table: str) -> dict[str, Any]:
        (only,) = self.rows(table)
        return only


def opened_at(path: Path) -> Store:
    """A ledger in a file, whose disk need not survive a power cut."""
    store = opened(f"sqlite:///{path}")
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return store


def emptied(store: Store) -> None:
    """Take all rows out of it."""
    with store.writing() as connection:
        for table in Base.metadata.sorted_tables:
            connection.execute(delete(table))


def contents(store: Store) -> dict[str, list[str]]:
    """Every row of every table, with its position by name instead of by number, in an order that does not depend on luck."""
    with store.reading() as connection:
        names = {
            row.id: f"{row.topic}[{row.partition}] of {row.identity}"
            for row in connection.execute(text("SELECT * FROM position"))
        }
        found = {}
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in connection.execute(select(table))]
            for row in rows:
                if "position_id" in row:
                    row["position_id"] = names[row["position_id"]]
                if table.name == "position":
                    del row["id"]
            found[table.name] = sorted(repr(sorted(row.items())) for row in rows)
    return {name: rows for name, rows in found.items() if name not in MOVES_BY_ITSELF}


class CrashAt:
    """Kills the process at the nth statement or commit that the store does, once."""

    def __init__(self, store: Store, nth: int) -> None:
        self.left, self.engine = nth, store.engine
        event.listen(self.engine, "before_cursor_execute", self._statement)
        event.listen(self.engine, "commit", self._commit)

    def _statement(self, *_: object) -> None:
        self._count()

    def _commit(self, _: object) -> None:
        self._count()

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash

    def remove(self) -> None:
        event.remove(self.engine, "before_cursor_execute", self._statement)
        event.remove(self.engine, "commit", self._commit)
