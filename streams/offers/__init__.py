"""Private offers: which deal an offer is for, how far it has come, and what has to be done next, decided in one order.

offers.changes --> offers --> facts.offer_link, facts.offer_match, writes to the marketplace, partner system and CRMs

What is read is remembered (`reading`), with what became of our commands (`finishing`) and what people rule (`ruling`). Then
each deal that it concerns is looked at (`settling`): what belongs to it (`linking`, `chain`), how far that has come
(`observing`), whether an offer is to be made (`creating`) or changed (`following`), what Partner Central is told
(`sharing`), what CRMs show (`showing`) and what is told of it (`telling`). All of it follows from what was read last and
from what we have sent, never from the order of events: whatever was lost or came twice, a full look sets it right.
"""

from schemas import topics
from streams.decision import Step
from streams.offers.decide import Offers
from streams.offers.parts import Setup
from streams.offers.state import ROW

__all__ = ["Setup", "steps"]


def steps(setup: Setup) -> tuple[Step, ...]:
    """The step of a deployment that ties its deals to private offers; none where it is connected to no cloud."""
    if not setup.deals or (setup.marketplace is None and setup.partner_central is None):
        return ()
    return (Step("offers", topics.OFFER_CHANGES, ROW, Offers(setup).decide),)
