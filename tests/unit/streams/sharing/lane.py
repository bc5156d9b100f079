"""The lane of sharing over the log in memory, with offers as account mapping makes them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import (
    AccountCard,
    AccountListed,
    OverlapOffered,
    Ruling,
    RulingGiven,
    ShareDecided,
    Write,
    identity,
)
from streams import sharing
from streams.lane import Lane
from streams.sharing.policy import Terms
from streams.state import in_memory
from tests.support.memory_log import Crash, MemoryBroker, MemoryLog
from tests.unit.streams.sharing.worlds import START, card, overlap

PARTY, CONNECTION = "partner:acme", "acme-crm"


def theirs(number: int) -> str:
    return f"{CONNECTION}/account/b{number}"


def ours(number: int) -> str:
    return f"our-crm/account/00{number}"


def after(seconds: float, days: float = 0) -> datetime:
    return START + timedelta(days=days, seconds=seconds)


def listed(number: int, at: float = 0, days: float = 0, present: bool = True) -> AccountListed:
    when = after(at, days)
    cause = f"listed {number} {at} {days} {present}"
    return AccountListed(party=PARTY, ref=theirs(number), present=present, cause=cause, at=when, seen_at=when)


def offered(
    number: int, at: float = 1, days: float = 0, meets: int | None = None, said: AccountCard | None = None, **fields
) -> OverlapOffered:
    """Our account is an overlap with the partner's of that number, the same one where nothing else is said."""
    met = number if meets is None else meets
    shown = said or card(record_id=f"00{number}", name=f"Company {number}")
    found = overlap(shown.population, account=f"00{number}", partner_account=f"b{met}", **fields)
    when = after(at, days)
    return OverlapOffered(
        party=PARTY,
        connection=CONNECTION,
        ref=ours(number),
        theirs=theirs(met),
        overlap=found,
        card=shown,
        cause=identity("offered", found.model_dump_json(), shown.model_dump_json(), str(when)),
        at=when,
    )


def withdrawn(number: int, at: float = 2, days: float = 0) -> OverlapOffered:
    when = after(at, days)
    return OverlapOffered(party=PARTY, connection=CONNECTION, ref=ours(number), cause=f"gone {number} {at}", at=when)


def ruled(ruling: Ruling, at: float = 3, days: float = 0) -> RulingGiven:
    given = after(at, days)
    return RulingGiven(id=f"{ruling} {given}", ruling=ruling, partner="acme", by="dana", at=given)


class Desk:
    """The lane, restarted with other terms where a test says so; `crm` is what the writes leave at the partner."""

    def __init__(self, terms: Terms, faults: Iterable[str | None] = ()) -> None:
        self.broker = MemoryBroker(partitions=1, faults=list(faults))
        self._published = 0
        self._decoded: dict[str, list] = {}
        self.restart(terms)

    def restart(self, terms: Terms) -> None:
        """A process with this configuration; its state comes from the changelog."""
        [self._step] = sharing.steps("Borealis", [terms])
        self._lane: Lane | None = None

    def take(self, *events: OverlapOffered | AccountListed | RulingGiven) -> "Desk":
        """Take these in, and whatever follows from them."""
        for event in events:
            self._published += 1
            said = f"event {self._published}"
            topic = topics.SHARING_CHANGES
            self.broker.publish([encode(topic, PARTY, event, source="test", event_id=said, trace=None)])
        while self.broker.behind(self._step.name, topics.SHARING_CHANGES.name):
            self._turn()
        return self

    def _turn(self) -> None:
        if self._lane is None:
            journal = MemoryLog(self.broker, self._step.name, topics.SHARING_CHANGES.name)
            self._lane = Lane(self._step, journal, in_memory, batch=5)
            journal.start(self._lane)
        try:
            self._lane.turn(0)
        except Crash:
            self._lane = None

    def writes(self) -> list[Write]:
        return self._read(topics.writes(CONNECTION).name)

    def _read(self, topic: str) -> list:
        """The messages of a topic; each is decoded once."""
        known, records = self._decoded.setdefault(topic, []), self.broker.read(topic)
        known += [decode(record) for record in records[len(known) :]]
        return known

    def crm(self) -> dict[str, dict]:
        """The records in the partner's system, by their account; archived ones are gone."""
        found: dict[str, dict] = {}
        for write in self.writes():
            if write.action == "archive":
                found.pop(write.key, None)
            else:
                found.setdefault(write.key, {}).update(write.fields)
        return {record["account"]: record for record in found.values()}

    def audit(self) -> list[ShareDecided]:
        return self._read(topics.SHARES.name)

    def verdicts(self) -> list[str]:
        return [entry.verdict.value for entry in self.audit()]

    def dead(self) -> list[str]:
        return [decode(record).reason for record in self.broker.read(topics.DEADLETTERS.name)]
