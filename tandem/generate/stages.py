"""Which stage reads and writes which topic; the lanes themselves say what they read, the rest is written down here."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas import topics
from schemas.messages import Message, OursSeen, PairScored
from schemas.topics import Topic, changelog, cursors, every_topic, writes
from streams.accounts import steps
from tandem.kafka.log import group_id

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
    """One kind of process or lane. `group` is its consumer group; a source has none."""

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
        Flow(writes(CONNECTION), "what our system is to show of them"),
    ),
}
PARKED = Flow(topics.DEADLETTERS, "what could not be processed")


def all_topics() -> tuple[Topic, ...]:
    """Every topic of any deployment; names of connections and lanes are parameters in braces."""
    return every_topic([CONNECTION], [CONNECTION], [LANE])


def stages() -> Sequence[Stage]:
    """From the edge that reads to the edge that writes."""
    return (_source(), *_lanes(), _sink())


def _source() -> Stage:
    state = cursors(CONNECTION)
    return Stage(
        "source",
        "Publishes the changes of one connection, with its cursor in the same transaction.",
        (Flow(state, "where the last one had got to, at its start"),),
        (
            Flow(topics.ACCOUNT_CHANGES, "changes of accounts"),
            Flow(state, "where it has got to; a tombstone forgets a slot"),
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
        for step in steps({})
    ]


def _sink() -> Stage:
    return Stage(
        "sink",
        "Brings the writes of one connection to it, each to one outcome.",
        (Flow(writes(CONNECTION), "what to write"),),
        (Flow(topics.OUTCOMES, "what became of each write"), PARKED),
        group_id(f"sink.{CONNECTION}"),
    )
