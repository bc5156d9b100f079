"""Private offers: which deal an offer is for, how far it has come, and what has to be done next, decided in one order.

offers.changes --> offers --> facts.offer_link, facts.offer_match, writes to the marketplace, partner system and CRMs
"""

from streams.decision import Step
from streams.offers.parts import Setup

__all__ = ["Setup", "steps"]


def steps(setup: Setup) -> tuple[Step, ...]:
    """The step of a deployment that ties its deals to private offers; none where it is connected to no cloud."""
    return ()
