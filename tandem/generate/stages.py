"""Which stage reads and writes which topic; the lanes themselves say what they read, the rest is written down here."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings import attribution as attribution_rules
from mappings import engagement, learning, routing, tiers
from mappings.offers import load
from schemas import topics
from schemas.messages import (
    CHANGED,
    CRM_ENTITIES,
    AccountListed,
    CaughtUp,
    DeadLetter,
    DeadLetterResolved,
    Message,
    NameCrowd,
    OursSeen,
    OverlapOffered,
    PairRuled,
    PairScored,
    RulingGiven,
    SharesReviewed,
    TimePassed,
    WriteFinished,
)
from schemas.topics import Topic, changelog, cursors, every_topic, writes
from streams import accounts, attribution, enablement, leads, offers, reconcile, registrations
from streams.accounts.mirror import Sharing
from streams.connected import Connected
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
        Flow(topics.SHARING_CHANGES, "how the list of a partner that takes overlaps changes", (AccountListed,)),
    ),
    "accounts.pairs": (
        Flow(topics.MATCH_PAIRS, "what meets under one key, and how many share a name", (PairScored, NameCrowd)),
        Flow(topics.HOT_KEYS, "keys that too many accounts hold"),
    ),
    "accounts.overlaps": (
        Flow(topics.OVERLAPS, "overlaps decided, changed or ended"),
        Flow(topics.ACCOUNT_CHANGES, "that a person holds two accounts together, to both of them", (PairRuled,)),
        Flow(topics.CONFLICTS, "rulings of people that were given on other evidence"),
        Flow(writes(CONNECTION), "what our system is to show of them"),
        Flow(topics.SHARING_CHANGES, "the same, where a partner's system takes them", (OverlapOffered,)),
    ),
    "sharing": (
        Flow(topics.SHARES, "what left to a partner, was withheld, taken back or held back"),
        Flow(writes(CONNECTION), "what a partner's system is to show, or no longer"),
        Flow(topics.SHARING_CHANGES, "that a part of what was shared is decided again", (SharesReviewed,)),
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
    "enablement": (
        Flow(topics.PARTNERS, "each partner, whenever something of it has changed"),
        Flow(topics.CERTIFICATIONS, "who is certified for what, until when"),
        Flow(topics.NOTICES, "what lapses soon or is late"),
        Flow(writes(CONNECTION), "what CRMs and PRMs show of partners; users and learning paths for new ones"),
    ),
    "leads": (
        Flow(topics.LEADS, "where a lead is, who has it and why"),
        Flow(writes(CONNECTION), "what the CRM shows on the lead, and the lead itself for the partner in the PRM"),
    ),
    "registrations": (
        Flow(topics.REGISTRATIONS, "where a registration stands, whom it protects until when, and why"),
        Flow(topics.FEES, "what a partner is due"),
        Flow(topics.NOTICES, "what expires or rests"),
        Flow(writes(CONNECTION), "what is shown on the registration and its deal, and deals that are made"),
    ),
    "attribution": (
        Flow(topics.TOUCHES, "every part that a partner had"),
        Flow(topics.ATTRIBUTIONS, "who brought a deal and had a part in it"),
        Flow(writes(CONNECTION), "what CRMs show of it on the deal"),
    ),
}
PARKED = Flow(topics.DEADLETTERS, "what could not be processed", (DeadLetter,))
REPORTED = Flow(topics.CONNECTIONS, "how it is, and what it has used of its quota")


def all_topics() -> tuple[Topic, ...]:
    """Every topic of any deployment; names of connections and lanes are parameters in braces."""
    return every_topic([CONNECTION], [CONNECTION], [LANE])


def steps() -> Sequence[Step]:
    """The lanes of a deployment that does all that there is to do."""
    cloud = offers.Setup(deals=("one",), marketplace="cloud", partner_central=None, rules=load())
    connected = Connected(crms=("one",), prms=("two",), learning=("three",))
    return (
        *accounts.steps({"theirs": "Theirs"}, Sharing(targets={"theirs": "one"})),
        *reconcile.steps({"one": {}, "other": {}}, {}, Rules()),
        *offers.steps(cloud),
        *enablement.steps(enablement.Setup(connected, tiers.load(), learning.load())),
        *leads.steps(leads.Setup(connected, routing.load())),
        *registrations.steps(registrations.Setup(connected, engagement.load())),
        *attribution.steps(attribution.Setup(connected, attribution_rules.load())),
    )


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
            *(
                Flow(feed, "the same changes, where it has a part in it, and now and then the time", _told(feed))
                for feed in topics.PARTNER_FEEDS
            ),
            Flow(state, "where it has got to; a tombstone forgets a slot"),
            REPORTED,
            PARKED,
        ),
    )


def _told(feed: Topic) -> tuple[type[Message], ...]:
    """What sources tell of an input."""
    return tuple(it for it in feed.messages if it in {*CHANGED.values(), TimePassed})


def _fed(said: Sequence[Flow]) -> tuple[Flow, ...]:
    """The inputs of decisions about partners to which a lane's facts are passed on."""
    facts = [message for flow in said for message in flow.messages]
    found = {feed: tuple(it for it in feed.messages if it in facts) for feed in topics.PARTNER_FEEDS}
    return tuple(Flow(feed, "the same, for the decision that takes it", told) for feed, told in found.items() if told)


def _lanes() -> list[Stage]:
    kept = changelog(LANE)
    return [
        Stage(
            f"stream:{step.name}",
            f"The lane `{step.name}` of a stream worker.",
            (Flow(step.topic, "its input"), Flow(kept, "its state, on assignment")),
            (
                *PUBLISHED[step.name],
                *_fed(PUBLISHED[step.name]),
                Flow(kept, "what changed in its state, in the same transaction"),
                PARKED,
            ),
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
            *(
                Flow(feed, f"the same of {', '.join(sorted(feed.outcomes_of))}", (WriteFinished,))
                for feed in topics.PARTNER_FEEDS
                if feed.outcomes_of
            ),
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
    ruled = tuple(
        Flow(feed, "what a person says", (RulingGiven,))
        for feed in (
            topics.OUR_CHANGES,
            topics.OFFER_CHANGES,
            topics.LEAD_CHANGES,
            topics.REGISTRATION_CHANGES,
            topics.MATCH_PAIRS,
        )
    )
    ruled += (Flow(topics.SHARING_CHANGES, "what a person says of sharing with a partner", (RulingGiven,)),)
    return Stage(
        "ruling",
        "What people look at and rule: `tandem rule`, `offers`, `leads`, `registrations`, `overlaps`, `sharing`.",
        (Flow(topics.HOT_KEYS, "what `tandem overlaps hot` lists"),),
        ruled,
    )
