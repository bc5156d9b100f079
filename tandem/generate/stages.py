"""Which stage reads and writes which topic; the lanes themselves say what they read, the rest is written down here."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.offers import load
from schemas import topics
from schemas.messages import (
    CHANGED,
    CRM_ENTITIES,
    CaughtUp,
    DeadLetter,
    DeadLetterResolved,
    Message,
    OursSeen,
    PairScored,
    RulingGiven,
    WriteFinished,
)
from schemas.topics import Topic, changelog, cursors, every_topic, writes
from streams import accounts, offers, reconcile
from streams.decision import Step
from streams.reconcile import Rules
from tandem.kafka.log import group_id
from tandem.ledger.feed import fed

CONNECTION, LANE = "{connection}", "{lane}"


@dataclass(frozen=True, slots=True)
class Flow:
    """One topic as a stage uses it: the messages are all of the topic's where none are named."""

    topic: Topic
    why: str
    only: tuple[type[Message], ...] = ()

    @property
    def messages(self) -> tuple[type[Message], ...]:
        """What goes through."""
        return self.only or self.topic.messages


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of process or lane. `group` is its consumer group; a source and the ledger have none."""

    name: str
    about: str
    receives: tuple[Flow, ...]
    sends: tuple[Flow, ...]
    group: str = ""


# What each lane publishes (a test runs the lanes and compares).
PUBLISHED: dict[str, tuple[Flow, ...]] = {
    "accounts.keys": (
        Flow(topics.MATCH_KEYS, "the match keys that an account holds or has let go of"),
        Flow(topics.MATCH_PAIRS, "our accounts as they are now", (OursSeen,)),
    ),
    "accounts.pairs": (Flow(topics.MATCH_PAIRS, "what matches under one key", (PairScored,)),),
    "accounts.overlaps": (
        Flow(topics.OVERLAPS, "overlaps decided, changed or ended"),
        Flow(writes(CONNECTION), "what our system, and a partner's that shares them, is to show of them"),
    ),
    "reconcile": (
        Flow(topics.LINKS, "which records are the same thing"),
        Flow(topics.CONFLICTS, "where our systems disagree"),
        Flow(writes(CONNECTION), "what keeps our systems in step"),
        Flow(
            topics.OUR_CHANGES,
            "the same word once more, where one decision would be too large",
            (CaughtUp, RulingGiven),
        ),
    ),
    "offers": (
        Flow(topics.OFFER_LINKS, "the chain of each deal, whenever something of it has changed"),
        Flow(topics.OFFER_MATCHES, "which deal an offer is for that somebody made by hand"),
        Flow(writes(CONNECTION), "what is to be made or changed at the cloud vendor, and what the CRMs are to show"),
    ),
}
PARKED = Flow(topics.DEADLETTERS, "what could not be processed", (DeadLetter,))
REPORTED = Flow(topics.CONNECTIONS, "how it is, and what it has used of its quota")


def all_topics() -> tuple[Topic, ...]:
    """Every topic of any deployment; names of connections and lanes are parameters in braces."""
    return every_topic([CONNECTION], [CONNECTION], [LANE])


def steps() -> Sequence[Step]:
    """The lanes of a deployment that maps accounts, keeps two systems in step and ties deals to private offers."""
    cloud = offers.Setup(deals=("one",), marketplace="cloud", partner_central=None, rules=load())
    return (*accounts.steps({}), *reconcile.steps({"one": {}, "other": {}}, {}, Rules()), *offers.steps(cloud))


def stages() -> Sequence[Stage]:
    """From the edge that reads to the edge that writes, then what answers people and what hears them."""
    return (_source(), *_lanes(), _sink(), _ledger(), _ruling())


def _source() -> Stage:
    state = cursors(CONNECTION)
    return Stage(
        "source",
        "Publishes the changes of one connection, with its cursor in the same transaction.",
        (Flow(state, "where the last one had got to, at its start"),),
        (
            *(Flow(topic, f"changes of {entity.replace('_', ' ')}s") for entity, topic in topics.CHANGES.items()),
            Flow(
                topics.OUR_CHANGES,
                "the same changes, where it is one of ours that is reconciled, and that the first pass is over",
                (*(CHANGED[entity] for entity in CRM_ENTITIES), CaughtUp),
            ),
            Flow(
                topics.OFFER_CHANGES,
                "the same changes, where it has a part in private offers, and now and then the time",
                tuple(it for it in topics.OFFER_CHANGES.messages if it not in {WriteFinished, RulingGiven}),
            ),
            Flow(state, "where it has got to; a tombstone forgets a slot"),
            REPORTED,
            PARKED,
        ),
    )


def _lanes() -> list[Stage]:
    kept = changelog(LANE)
    return [
        Stage(
            f"stream:{step.name}",
            f"The lane `{step.name}` of a stream worker.",
            (Flow(step.topic, "its input"), Flow(kept, "its state, on assignment")),
            (*PUBLISHED[step.name], Flow(kept, "what changed in its state, in the same transaction"), PARKED),
            group_id(step.name),
        )
        for step in steps()
    ]


def _sink() -> Stage:
    return Stage(
        "sink",
        "Brings the writes of one connection to it, each to one outcome.",
        (Flow(writes(CONNECTION), "what to write"),),
        (
            Flow(topics.OUTCOMES, "what became of each write"),
            Flow(topics.OFFER_CHANGES, "the same, where it is a cloud vendor's", (WriteFinished,)),
            REPORTED,
            PARKED,
        ),
        group_id(f"sink.{CONNECTION}"),
    )


def _ledger() -> Stage:
    again = "the input of a dead letter that a person tries again, as it was"
    return Stage(
        "ledger",
        "Writes what is said into the database that answers questions; publishes what people do about dead letters.",
        tuple(Flow(topic, "what to write down") for topic in fed([CONNECTION])),
        (
            Flow(topics.DEADLETTERS, "what people did about dead letters", (DeadLetterResolved,)),
            *(Flow(topic, again) for topic in (topics.ACCOUNT_CHANGES, topics.OUR_CHANGES, writes(CONNECTION))),
        ),
    )


def _ruling() -> Stage:
    ruled = Flow(topics.OUR_CHANGES, "what a person says", (RulingGiven,))
    return Stage("ruling", "`tandem rule`: what people tell the reconciliation.", (), (ruled,))
