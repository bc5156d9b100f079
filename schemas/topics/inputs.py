"""What sources say, and what the decisions that work in one order take in."""

from schemas.messages import (
    CHANGED,
    CRM_ENTITIES,
    CaughtUp,
    CertificationDecided,
    LeadRouted,
    OfferLinkDecided,
    OverlapDecided,
    PairRuled,
    PartnerDecided,
    RegistrationDecided,
    RulingGiven,
    TimePassed,
    WriteFinished,
)
from schemas.topics.base import Topic

CHANGES = {
    entity: Topic(
        name=f"changes.{entity}",
        key=f"connection/{entity}/record id",
        about=f"Every change of {'an' if entity[0] in 'aeiou' else 'a'} {entity.replace('_', ' ')} in any connected system.",
        messages=(message, PairRuled) if entity == "account" else (message,),
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
        *(
            CHANGED[name]
            for name in (
                "account",
                "deal",
                "offer",
                "offer_set",
                "resale_authorization",
                "change_set",
                "agreement",
                "cosell",
                "cosell_invitation",
            )
        ),
        WriteFinished,
        RulingGiven,
        TimePassed,
    ),
    partitions=1,
    outcomes_of=frozenset(
        {"offer", "cosell", "cosell_submission", "cosell_solution", "cosell_offer", "cosell_invitation"}
    ),
)
ENABLEMENT_CHANGES = Topic(
    name="enablement.changes",
    key="`ours`",
    about="Partners, their people, what they learn and what they sell, in one order (the input of enablement).",
    messages=(
        *(
            CHANGED[name]
            for name in (
                "partner",
                "partner_user",
                "learner",
                "enrollment",
                "credential",
                "statement",
                "partner_customer",
                "transaction",
                "deal",
            )
        ),
        LeadRouted,
        WriteFinished,
        RulingGiven,
        TimePassed,
    ),
    partitions=1,
    outcomes_of=frozenset({"learner", "path_enrollment"}),
)
LEAD_CHANGES = Topic(
    name="leads.changes",
    key="`ours`",
    about="Leads and everything that has a say in who gets them, in one order (the input of lead routing).",
    messages=(
        *(CHANGED[name] for name in ("lead", "partner_lead", "account", "deal")),
        PartnerDecided,
        OverlapDecided,
        RegistrationDecided,
        RulingGiven,
        TimePassed,
    ),
    partitions=1,
)
REGISTRATION_CHANGES = Topic(
    name="registrations.changes",
    key="`ours`",
    about="Deal registrations and everything that may stand against them, in one order (the input of deal registration).",
    messages=(
        *(CHANGED[name] for name in ("registration", "account", "deal")),
        PartnerDecided,
        OfferLinkDecided,
        WriteFinished,
        RulingGiven,
        TimePassed,
    ),
    partitions=1,
    outcomes_of=frozenset({"deal"}),
)
ATTRIBUTION_CHANGES = Topic(
    name="attribution.changes",
    key="`ours`",
    about="Deals and every part that partners have in their accounts, in one order (the input of attribution).",
    messages=(
        *(CHANGED[name] for name in ("deal", "signal")),
        PartnerDecided,
        OverlapDecided,
        LeadRouted,
        RegistrationDecided,
        OfferLinkDecided,
        CertificationDecided,
        TimePassed,
    ),
    partitions=1,
)
PARTNER_FEEDS = (ENABLEMENT_CHANGES, LEAD_CHANGES, REGISTRATION_CHANGES, ATTRIBUTION_CHANGES)
