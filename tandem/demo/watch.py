"""Watches the topics of a running deployment and adds up what happens; it never publishes anything."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from schemas import topics
from schemas.codec import decode
from schemas.entities import Overlap, OverlapStatus
from schemas.messages import (
    AccountChanged,
    ConflictFound,
    DeadLetter,
    LinkDecided,
    OverlapDecided,
    WriteFinished,
    WriteStatus,
)
from tandem.kafka.conf import Conf
from tandem.kafka.tail import Tail

WATCHED = (
    topics.ACCOUNT_CHANGES, topics.OVERLAPS, topics.LINKS, topics.CONFLICTS, topics.OUTCOMES, topics.DEADLETTERS,
)  # fmt: skip


@dataclass
class Tally:
    """What has happened so far: the latest decision of each overlap, link and conflict, and the last outcome by record.

    `finished` is keyed by connection and the write's key.
    """

    changes: Counter[str] = field(default_factory=Counter)
    own_changes: int = 0
    decided: dict[str, OverlapDecided] = field(default_factory=dict)
    links: dict[str, LinkDecided] = field(default_factory=dict)
    conflicts: dict[str, ConflictFound] = field(default_factory=dict)
    outcomes: Counter[WriteStatus] = field(default_factory=Counter)
    finished: dict[tuple[str, str], datetime] = field(default_factory=dict)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    records: int = 0

    @property
    def total(self) -> int:
        """Changes published so far."""
        return self.changes.total()

    @property
    def active(self) -> list[Overlap]:
        """The overlaps that hold now, in whichever of our systems."""
        return [it.overlap for it in self.decided.values() if it.overlap.status is OverlapStatus.ACTIVE]

    def overlaps_of(self, connection: str) -> list[Overlap]:
        """Every overlap of the accounts of one of our systems as it stands, ended ones too."""
        return [it.overlap for it in self.decided.values() if it.connection == connection]

    def active_of(self, connection: str) -> list[Overlap]:
        """Those that hold now."""
        return [overlap for overlap in self.overlaps_of(connection) if overlap.status is OverlapStatus.ACTIVE]

    @property
    def pairs(self) -> list[tuple[str, ...]]:
        """The records that stand for one thing in more than one of our systems."""
        return sorted({link.members for link in self.links.values() if len(link.members) > 1})

    @property
    def written(self) -> int:
        """Writes that changed something in the CRM."""
        return self.outcomes[WriteStatus.APPLIED]

    @property
    def settled(self) -> int:
        """Writes that came to their end, whatever it was."""
        return sum(self.outcomes.values())


class Watch:
    """A tally that is fed from the topics."""

    def __init__(self, conf: Conf) -> None:
        self.tally = Tally()
        self._tail = Tail(conf, [topic.name for topic in WATCHED])

    def read(self, timeout: float) -> int:
        """Take in what has come, waiting at most `timeout` seconds; returns how many records that was."""
        count = 0
        for record in self._tail.read(timeout):
            self._take(decode(record))
            count += 1
        self.tally.records += count
        return count

    def _take(self, message: object) -> None:
        tally = self.tally
        match message:
            case AccountChanged():
                tally.changes[message.connection] += 1
                tally.own_changes += message.own
            case OverlapDecided():
                tally.decided[message.overlap.key] = message
            case LinkDecided():
                tally.links[message.ref] = message
            case ConflictFound():
                tally.conflicts[message.id] = message
            case WriteFinished():
                tally.outcomes[message.status] += 1
                tally.finished[message.connection, message.key] = message.finished_at
            case DeadLetter():
                tally.dead_letters.append(message)

    def close(self) -> None:
        """Stop watching."""
        self._tail.close()
