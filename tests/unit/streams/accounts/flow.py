"""Account mapping as a whole, over the log in memory: the three lanes turn until nothing is left to do."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from schemas import topics
from schemas.codec import decode, encode
from schemas.entities import Account, Overlap
from schemas.messages import (
    AccountChanged,
    ChangeKind,
    ConflictFound,
    HotKeyFound,
    OverlapDecided,
    Ruling,
    RulingGiven,
    Write,
    identity,
    record_ref,
)
from streams.accounts import NOT_SHARED, steps
from streams.accounts.mirror import Sharing
from streams.accounts.overlaps import Shown
from streams.lane import Lane
from streams.state import in_memory
from tests.support.memory_log import Crash, MemoryBroker, MemoryLog

START = datetime(2026, 1, 1, tzinfo=UTC)
CONNECTIONS = {"us": "our-crm", "partner:acme": "acme-list", "partner:bolt": "bolt-list"}


def changed(party: str, record_id: str, version: int, account: Account | None) -> AccountChanged:
    connection = CONNECTIONS[party]
    content = "" if account is None else account.model_dump_json()
    return AccountChanged(
        id=identity(connection, record_id, str(version), content),
        connection=connection,
        party=party,
        record_id=record_id,
        kind=ChangeKind.DELETED if account is None else ChangeKind.UPSERTED,
        version=version,
        record=account,
        occurred_at=START + timedelta(seconds=version),
    )


def ruled(ruling: Ruling, ours: str, party: str, theirs: str, at: int) -> RulingGiven:
    """What a person says of our account and one of a partner's, so many seconds after the start."""
    refs = (record_ref("our-crm", "account", ours), record_ref(CONNECTIONS[party], "account", theirs))
    moment = START + timedelta(seconds=at)
    return RulingGiven(id=identity(ruling, *refs, str(at)), ruling=ruling, refs=refs, by="dana", at=moment)


class Flow:
    """The three lanes on one broker; `faults` befall their commits in turn."""

    def __init__(
        self, faults: Iterable[str | None] = (), sharing: Sharing = NOT_SHARED, write: Shown = "shown"
    ) -> None:
        self.broker = MemoryBroker(partitions=2, faults=list(faults))
        self.steps = steps({"acme": "Acme Cloud", "bolt": "Bolt"}, sharing, write=write)
        self._lanes: dict[str, Lane] = {}

    def publish(self, *events: AccountChanged | RulingGiven) -> None:
        for event in events:
            ruling = isinstance(event, RulingGiven)
            topic, key = (topics.MATCH_PAIRS, event.refs[0]) if ruling else (topics.ACCOUNT_CHANGES, event.ref)
            self.broker.publish([encode(topic, key, event, source="test", event_id=event.id, trace=None)])

    def settle(self) -> None:
        """Turn the lanes until all is taken in; one that dies is opened anew."""
        while any(self.broker.behind(step.name, step.topic.name) for step in self.steps):
            for step in self.steps:
                self._turn(step)

    def _turn(self, step) -> None:
        lane = self._lanes.get(step.name)
        if lane is None:
            journal = MemoryLog(self.broker, step.name, step.topic.name)
            lane = self._lanes[step.name] = Lane(step, journal, in_memory, batch=7)
            journal.start(lane)
        try:
            lane.turn(0)
        except Crash:
            del self._lanes[step.name]

    def overlaps(self) -> dict[str, Overlap]:
        """The last decision of each overlap, by key."""
        found = {}
        for record in self.broker.read(topics.OVERLAPS.name):
            message = decode(record)
            assert isinstance(message, OverlapDecided)
            found[message.overlap.key] = message.overlap
        return found

    def active(self) -> dict[tuple[str, str], Overlap]:
        """The overlaps that hold, by our account and partner."""
        return {(o.account, o.partner): o for o in self.overlaps().values() if o.status == "active"}

    def reviews(self) -> list[ConflictFound]:
        """The rulings to look at again, as they stand."""
        found = {record.key: decode(record) for record in self.broker.read(topics.CONFLICTS.name)}
        return [each for each in found.values() if each.open]

    def hot(self) -> dict[str, HotKeyFound]:
        """The last word about each hot key."""
        return {record.key.decode(): decode(record) for record in self.broker.read(topics.HOT_KEYS.name)}

    def writes(self) -> list[Write]:
        return [decode(record) for record in self.broker.read("writes.our-crm")]

    def dead(self) -> list[str]:
        return [decode(record).reason for record in self.broker.read(topics.DEADLETTERS.name)]
