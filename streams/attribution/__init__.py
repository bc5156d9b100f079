"""Attribution: every part that partners have in our accounts, dated, and what of each deal is theirs by several models.

attribution.changes --> attribution --> facts.touch, facts.attribution, writes to the deals in CRMs

What proves a touch is read (`proofs`), and recorded or taken back (`touching`); deals and partners are remembered
(`reading`). Then each deal that it concerns is looked at (`settling`): which touches count (`counting`), how the models
divide the amount (`models`, `money`), and what is told of it (`telling`). All of it follows from what was read last, never
from the order in which different records were read.
"""

from schemas import topics
from streams.attribution.book import Setup
from streams.attribution.decide import Attribution
from streams.attribution.state import ROW
from streams.decision import Step

__all__ = ["Setup", "steps"]


def steps(setup: Setup) -> tuple[Step, ...]:
    """The step of a deployment that attributes its deals to partners; none where it is connected to no CRM."""
    if not setup.connected.crms:
        return ()
    return (Step("attribution", topics.ATTRIBUTION_CHANGES, ROW, Attribution(setup).decide),)
