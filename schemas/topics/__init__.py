"""Every topic of a deployment: its name, key, values and retention; it never creates one."""

from collections.abc import Iterable

from schemas.messages import CursorSaved, Write
from schemas.topics.base import DAY_MS, FOREVER, Cleanup, Topic
from schemas.topics.facts import (
    ATTRIBUTIONS,
    CERTIFICATIONS,
    CONFLICTS,
    CONNECTIONS,
    DEADLETTERS,
    FEES,
    HOT_KEYS,
    LEADS,
    LINKS,
    MATCH_KEYS,
    MATCH_PAIRS,
    NOTICES,
    OFFER_LINKS,
    OFFER_MATCHES,
    OUTCOMES,
    OVERLAPS,
    PARTNERS,
    REGISTRATIONS,
    SHARES,
    SHARING_CHANGES,
    TOUCHES,
)
from schemas.topics.inputs import (
    ACCOUNT_CHANGES,
    ATTRIBUTION_CHANGES,
    CHANGES,
    ENABLEMENT_CHANGES,
    LEAD_CHANGES,
    OFFER_CHANGES,
    ONE_ORDER,
    OUR_CHANGES,
    PARTNER_FEEDS,
    REGISTRATION_CHANGES,
)

__all__ = [
    "ACCOUNT_CHANGES",
    "ATTRIBUTIONS",
    "ATTRIBUTION_CHANGES",
    "CERTIFICATIONS",
    "CHANGES",
    "CONFLICTS",
    "CONNECTIONS",
    "DAY_MS",
    "DEADLETTERS",
    "ENABLEMENT_CHANGES",
    "FEES",
    "FIXED",
    "FOREVER",
    "HOT_KEYS",
    "LEADS",
    "LEAD_CHANGES",
    "LINKS",
    "MATCH_KEYS",
    "MATCH_PAIRS",
    "NOTICES",
    "OFFER_CHANGES",
    "OFFER_LINKS",
    "OFFER_MATCHES",
    "ONE_ORDER",
    "OUR_CHANGES",
    "OUTCOMES",
    "OVERLAPS",
    "PARTNERS",
    "PARTNER_FEEDS",
    "REGISTRATIONS",
    "REGISTRATION_CHANGES",
    "SHARES",
    "SHARING_CHANGES",
    "TOUCHES",
    "Cleanup",
    "Topic",
    "changelog",
    "cursors",
    "every_topic",
    "writes",
]

FIXED = (
    *CHANGES.values(), OUR_CHANGES, OFFER_CHANGES, *PARTNER_FEEDS, MATCH_KEYS, MATCH_PAIRS, HOT_KEYS, OVERLAPS, LINKS, CONFLICTS,
    OFFER_LINKS, OFFER_MATCHES, PARTNERS, CERTIFICATIONS, NOTICES, LEADS, REGISTRATIONS, FEES, TOUCHES, ATTRIBUTIONS,
    SHARING_CHANGES, SHARES, CONNECTIONS, OUTCOMES, DEADLETTERS,
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
