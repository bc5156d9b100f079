"""A sink's world for tests of the push loop: a target that is scripted, a clock in the test's hand."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connectors.base import Applied, Budget, Outcome, Overtaken, Rejected
from connectors.push import Push
from mappings.loader import load
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import DeadLetter, MatchBy, Write, WriteAction, WriteFinished
from tests.support.memory_log import MemoryBroker, MemoryLog

AT = datetime(2026, 11, 22, tzinfo=UTC)
TABLES = {entity: table for entity, table in load("salesforce").items() if table.writes}
TOPIC = topics.writes("our-crm")
GROUP = "sink.our-crm"


class Target:
    """A vendor that holds values, changes nothing where they agree, and answers otherwise where it was told to."""

    def __init__(self, batch_size: int = 200) -> None:
        self.batch_size = batch_size
        self.calls: list[list[tuple[str, dict]]] = []
        self.holds: dict[str, dict] = defaultdict(dict)
        self.effects: dict[tuple[str, str], list] = defaultdict(list)
        self.answers: dict[str, list[Outcome]] = defaultdict(list)  # by key, taken one by one
        self.raises: list[tuple[str, Exception] | None] = []  # by call: ("before" or "after" the writing, error)
        self.refuses: object = None
        self.quota: Budget | None = None

    def budget(self) -> Budget | None:
        return self.quota

    def write(self, tables, batch: Sequence[Write]) -> list[Outcome]:
        assert len(batch) <= self.batch_size
        assert len({write.record for write in batch}) == len(batch)
        assert len({write.entity for write in batch}) == 1
        assert {write.entity for write in batch} <= tables.keys()
        self.calls.append([(write.key, dict(write.fields)) for write in batch])
        when, error = (self.raises.pop(0) if self.raises else None) or ("", None)
        if when == "before":
            raise error
        outcomes = [self._one(write) for write in batch]
        if error:
            raise error
        return outcomes

    def _one(self, write: Write) -> Outcome:
        if self.answers[write.key]:
            return self.answers[write.key].pop(0)
        if write.action is WriteAction.ARCHIVE:
            return Applied(f"id of {write.key}", changed=self.holds.pop(write.key, None) is not None)
        for name, value in (write.expected or {}).items():
            stands = self.holds[write.key].get(name)
            if stands not in (value, write.fields.get(name)):
                return Overtaken(f"{name} is {stands}")
        if self.refuses is not None and self.refuses in write.fields.values():
            return Rejected("FIELD_INTEGRITY", "as the vendor says", "correct it", "best_partner")
        differing = {name: value for name, value in write.fields.items() if self.holds[write.key].get(name) != value}
        self.holds[write.key] |= differing
        for name, value in differing.items():
            self.effects[write.key, name].append(value)
        return Applied(f"id of {write.key}", changed=bool(differing))


class World:
    """A broker with a topic of writes, a target and a clock; `push` is the running process."""

    def __init__(self, partitions: int = 1, faults: Sequence[str | None] = (), batch_size: int = 200) -> None:
        self.broker = MemoryBroker(partitions=partitions, faults=list(faults))
        self.target = Target(batch_size)
        self.now = AT
        self.written = 0
        self.start()

    def start(self) -> None:
        log = MemoryLog(self.broker, GROUP, TOPIC.name)
        self.push = Push("our-crm", TABLES, self.target, log, lambda: self.now)
        log.start(self.push)

    def ask(
        self,
        key: str,
        entity: str = "account_summary",
        expected: dict | None = None,
        action: WriteAction = WriteAction.SET,
        **fields: object,
    ) -> str:
        """A write on the topic; its id."""
        self.written += 1
        write = Write(
            id=f"w{self.written}",
            connection="our-crm",
            entity=entity,
            match_by=MatchBy.ID,
            key=key,
            fields=fields,
            expected=expected,
            action=action,
            decided_at=AT,
        )
        self.broker.append(encode(TOPIC, write.record, write, source="t", event_id=write.id, trace=b"00-abc-def-01"))
        return write.id

    def turn(self, later: float = 0) -> int:
        self.now += timedelta(seconds=later)
        return self.push.turn(0)

    def sent(self) -> list[list[str]]:
        return [[key for key, _ in call] for call in self.target.calls]

    def outcomes(self) -> dict[str, tuple[str, str | None]]:
        """The last outcome of each write: status and code."""
        return {it.write_id: (it.status.value, it.code) for it in self.finished()}

    def finished(self) -> list[WriteFinished]:
        return [decode(record) for record in self.broker.read(topics.OUTCOMES.name)]

    def letters(self) -> list[DeadLetter]:
        return [decode(record) for record in self.broker.read(topics.DEADLETTERS.name)]

    def behind(self) -> int:
        return self.broker.behind(GROUP, TOPIC.name)


REFUSED = Rejected("FIELD_INTEGRITY", "too long, says the vendor", "shorten it", "best_partner")
