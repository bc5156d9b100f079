"""Where the decisions about partners publish what they say, and by which key."""

from collections.abc import Callable, Mapping
from typing import Any

from schemas import topics
from schemas.messages import (
    AttributionDecided,
    CertificationDecided,
    FeeDecided,
    LeadRouted,
    Message,
    NoticeGiven,
    PartnerDecided,
    RegistrationDecided,
    RulingGiven,
    ShareDecided,
    TouchRecorded,
)
from schemas.topics import Topic

PARTNERING: Mapping[type[Message], tuple[Topic, Callable[[Any], str]]] = {
    PartnerDecided: (topics.PARTNERS, lambda it: it.partner),
    CertificationDecided: (topics.CERTIFICATIONS, lambda it: f"{it.email}/{it.program}"),
    NoticeGiven: (topics.NOTICES, lambda it: it.partner),
    LeadRouted: (topics.LEADS, lambda it: it.lead),
    RegistrationDecided: (topics.REGISTRATIONS, lambda it: it.registration),
    FeeDecided: (topics.FEES, lambda it: f"{it.deal}/{it.partner}"),
    TouchRecorded: (topics.TOUCHES, lambda it: it.touch),
    AttributionDecided: (topics.ATTRIBUTIONS, lambda it: it.deal),
    ShareDecided: (topics.SHARES, lambda it: it.partner),
}


def order_of(ruling: RulingGiven) -> Topic:
    """The one order that a ruling is given in."""
    if ruling.ruling.endswith("_company"):
        return topics.MATCH_PAIRS
    if ruling.ruling.endswith("_lead"):
        return topics.LEAD_CHANGES
    return topics.REGISTRATION_CHANGES if ruling.ruling.endswith("_registration") else topics.OFFER_CHANGES
