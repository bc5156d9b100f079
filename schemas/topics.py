"""Every topic of a deployment: its name, key, values and retention; it never creates one."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from schemas.messages import (
    CHANGED,
    CRM_ENTITIES,
    CaughtUp,
    ConflictFound,
    ConnectionReported,
    CursorSaved,
    DeadLetter,
    DeadLetterResolved,
    LinkDecided,
    Message,
    OfferLinkDecided,
    OfferMatched,
    OursSeen,
    OverlapDecided,
    PairScored,
    Presence,
    RulingGiven,
    TimePassed,
    Write,
    WriteFinished,
)

DAY_MS = 24 * 3600 * 1000
FOREVER = -1


class Cleanup(StrEnum):
    """What Kafka does with old records: drop them by age, or keep the last of each key."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `key` says in words what its records are keyed and partitioned by."""

    name: str
    key: str
    about: str
    messages: tuple[type[Message], ...]
    cleanup: Cleanup = Cleanup.DELETE
    retention_ms: int = 7 * DAY_MS
    partitions: int | None = None  # None: as many as the deployment says

    @property
    def config(self) -> dict[str, str]:
        """The topic-level settings that a broker needs.

        Compacted topics have no retention: an emptied changelog cannot be restored. They keep deletions for a month:
        cached state that was away for less learns of each.
        """
        if self.cleanup is Cleanup.COMPACT:
            kept = {"retention.ms": str(FOREVER), "delete.retention.ms": str(30 * DAY_MS)}
        else:
            kept = {"retention.ms": str(self.retention_ms)}
        return {"cleanup.policy": self.cleanup.value, **kept}


CHANGES = {
    entity: Topic(
        name=f"changes.{entity}",
        key=f"connection/{entity}/record id",
        about=f"Every change of {'an' if entity[0] in 'aeiou' else 'a'} {entity.replace('_', ' ')} in any connected system.",
        messages=(message,),
    )
    for entity, message in CHANGED.items()
}
ACCOUNT_CHANGES = CHANGES["account"]
# One key and one partition: what is decided across all entities is decided in one order.
ONE_ORDER = "ours"
OUR_CHANGES = Topic(
    name="reconcile.changes",
    key="`ours`",
    about="Every change in our own systems and every ruling of a person, in one order (the input of reconciliation).",
    messages=(*(CHANGED[entity] for entity in CRM_ENTITIES), CaughtUp, RulingGiven),
    partitions=1,
)
OFFER_CHANGES = Topic(
    name="offers.changes",
    key="`ours`",
    about="What deals, marketplaces and partner systems say, what became of our writes to the latter, and rulings, in one "
    "order (the input of the link of a deal to its private offer).",
    messages=(
        *(it for name, it in CHANGED.items() if name not in {"contact", "lead"}),
        WriteFinished,
        RulingGiven,
        TimePassed,
    ),
    partitions=1,
)
MATCH_KEYS = Topic(
    name="accounts.keys",
    key="match key",
    about="Which account holds which match key (internal to account mapping).",
    messages=(Presence,),
)
MATCH_PAIRS = Topic(
    name="accounts.pairs",
    key="our record",
    about="Our accounts and the partners' accounts that match them (internal to account mapping).",
    messages=(OursSeen, PairScored),
)
OVERLAPS = Topic(
    name="facts.overlap",
    key="overlap key",
    about="Every overlap as it stands, active or ended.",
    messages=(OverlapDecided,),
    cleanup=Cleanup.COMPACT,
)
OUTCOMES = Topic(
    name="outcomes",
    key="connection/entity/key",
    about="What became of each write.",
    messages=(WriteFinished,),
)
DEADLETTERS = Topic(
    name="deadletters",
    key="dead letter id",
    about="What could not be processed, with the remedy, and what people did about it.",
    messages=(DeadLetter, DeadLetterResolved),
    retention_ms=90 * DAY_MS,
)
LINKS = Topic(
    name="facts.link",
    key="connection/entity/record id",
    about="Which records of our systems are the same thing: the crosswalk.",
    messages=(LinkDecided,),
    cleanup=Cleanup.COMPACT,
)
CONFLICTS = Topic(
    name="facts.conflict",
    key="conflict id",
    about="Where our systems disagree, settled by rule or waiting for a person.",
    messages=(ConflictFound,),
    cleanup=Cleanup.COMPACT,
)
OFFER_LINKS = Topic(
    name="facts.offer_link",
    key="connection/deal/record id",
    about="The chain of each deal: co-sell opportunity, private offer, agreements, licences, and how far it has come.",
    messages=(OfferLinkDecided,),
    cleanup=Cleanup.COMPACT,
)
OFFER_MATCHES = Topic(
    name="facts.offer_match",
    key="connection/offer/record id",
    about="Which deal an offer is for that somebody made by hand: linked, proposed or unlinked.",
    messages=(OfferMatched,),
    cleanup=Cleanup.COMPACT,
)
CONNECTIONS = Topic(
    name="state.connections",
    key="connection/role",
    about="How each process of a connection is, and what it has used of its quota.",
    messages=(ConnectionReported,),
    cleanup=Cleanup.COMPACT,
    partitions=1,
)
FIXED = (
    *CHANGES.values(), OUR_CHANGES, OFFER_CHANGES, MATCH_KEYS, MATCH_PAIRS, OVERLAPS, LINKS, CONFLICTS, OFFER_LINKS,
    OFFER_MATCHES, CONNECTIONS, OUTCOMES, DEADLETTERS,
)  # fmt: skip


def writes(connection: str) -> Topic:
    """The commands for one connection, ordered per record."""
    return Topic(
        name=f"writes.{connection}",
        key="entity/key",
        about=f"What is to be written to {connection}.",
        messages=(Write,),
    )


def cursors(connection: str) -> Topic:
    """Where the source of one connection has got to, one record per slot; its single partition is its order."""
    return Topic(
        name=f"state.source.{connection}",
        key="entity/slot",
        about=f"Where the source of {connection} has got to.",
        messages=(CursorSaved,),
        cleanup=Cleanup.COMPACT,
        partitions=1,
    )


def changelog(lane: str) -> Topic:
    """The state of one lane, one record per row; it has as many partitions as the lane's input."""
    return Topic(
        name=f"state.{lane}",
        key="state key, then the row's name",
        about=f"The state of the lane {lane}: a projection that a replay rebuilds.",
        messages=(),
        cleanup=Cleanup.COMPACT,
    )


def every_topic(sources: Iterable[str], sinks: Iterable[str], lanes: Iterable[str]) -> tuple[Topic, ...]:
    """All topics that a deployment with these connections and lanes needs."""
    return (*FIXED, *map(cursors, sources), *map(writes, sinks), *map(changelog, lanes))
