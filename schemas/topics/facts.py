"""What is decided, what became of it, and what passes between the steps of account mapping."""

from schemas.messages import (
    AccountListed,
    AttributionDecided,
    CertificationDecided,
    ConflictFound,
    ConnectionReported,
    DeadLetter,
    DeadLetterResolved,
    FeeDecided,
    HotKeyFound,
    LeadRouted,
    LinkDecided,
    NameCrowd,
    NoticeGiven,
    OfferLinkDecided,
    OfferMatched,
    OursSeen,
    OverlapDecided,
    OverlapOffered,
    PairScored,
    PartnerDecided,
    Presence,
    RegistrationDecided,
    RulingGiven,
    ShareDecided,
    SharesReviewed,
    TouchRecorded,
    WriteFinished,
)
from schemas.topics.base import DAY_MS, FOREVER, Cleanup, Topic

MATCH_KEYS = Topic(
    name="accounts.keys",
    key="match key",
    about="Which account holds which match key (internal to account mapping).",
    messages=(Presence,),
)
MATCH_PAIRS = Topic(
    name="accounts.pairs",
    key="our record",
    about="Our accounts, the partners' accounts that match them, and rulings (internal to account mapping).",
    messages=(OursSeen, PairScored, NameCrowd, RulingGiven),
)
HOT_KEYS = Topic(
    name="facts.hot_key",
    key="match key",
    about="Match keys that too many accounts hold to compare them all.",
    messages=(HotKeyFound,),
    cleanup=Cleanup.COMPACT,
)
OVERLAPS = Topic(
    name="facts.overlap",
    key="overlap key",
    about="Every overlap as it stands, active or ended.",
    messages=(OverlapDecided,),
    cleanup=Cleanup.COMPACT,
)
SHARING_CHANGES = Topic(
    name="sharing.changes",
    key="party",
    about="What could leave to a partner, how its list changes, and rulings, in one order for each partner (the input of "
    "sharing).",
    messages=(OverlapOffered, AccountListed, SharesReviewed, RulingGiven),
)
SHARES = Topic(
    name="facts.sharing",
    key="partner key",
    about="The audit of what left to partners, was withheld, taken back, or held back by a cap.",
    messages=(ShareDecided,),
    retention_ms=FOREVER,
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
PARTNERS = Topic(
    name="facts.partner",
    key="partner key",
    about="Each partner as all our systems together know it: tier, certifications, onboarding.",
    messages=(PartnerDecided,),
    cleanup=Cleanup.COMPACT,
)
CERTIFICATIONS = Topic(
    name="facts.certification",
    key="mail address/program",
    about="Who is certified for what, until when.",
    messages=(CertificationDecided,),
    cleanup=Cleanup.COMPACT,
)
NOTICES = Topic(
    name="facts.notice",
    key="partner key",
    about="What lapses soon or is late, each said once.",
    messages=(NoticeGiven,),
    retention_ms=90 * DAY_MS,
)
LEADS = Topic(
    name="facts.lead",
    key="connection/lead/record id",
    about="Where each lead is, who has it and why.",
    messages=(LeadRouted,),
    cleanup=Cleanup.COMPACT,
)
REGISTRATIONS = Topic(
    name="facts.registration",
    key="connection/registration/record id",
    about="Where each deal registration stands, whom it protects until when, and why.",
    messages=(RegistrationDecided,),
    cleanup=Cleanup.COMPACT,
)
FEES = Topic(
    name="facts.fee",
    key="deal, then the partner key",
    about="What partners are due for deals that were won.",
    messages=(FeeDecided,),
    cleanup=Cleanup.COMPACT,
)
TOUCHES = Topic(
    name="facts.touch",
    key="touch",
    about="Every part that a partner had in an account, dated.",
    messages=(TouchRecorded,),
    cleanup=Cleanup.COMPACT,
)
ATTRIBUTIONS = Topic(
    name="facts.attribution",
    key="connection/deal/record id",
    about="Which partners brought each deal and had a part in it, by several models.",
    messages=(AttributionDecided,),
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
