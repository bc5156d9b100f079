"""Enablement: who our partners are, what their people are certified for, which tier that gives, and how new ones begin.

enablement.changes --> enablement --> facts.partner, facts.certification, facts.notice, writes to CRMs, PRMs and learning systems

What is read is remembered (`reading`, `evidence`, `sales`). Then the records that it concerns are looked at, to find out who
is one partner (`roster`); the people, whose they are and what they hold (`people`, `spans`); and the partners, their tier
(`ranking`) and onboarding (`onboarding`), which are told and shown (`partners`). All of it follows from what was read last
and from the clock, never from the order of events: whatever was lost or came twice, a full look sets it right. What has a
history is remembered: the key that was made for a partner, since when a tier is held or its needs are not met, which notices
were given. Nothing is decided before every connection was looked at once.
"""

from schemas import topics
from streams.decision import Step
from streams.enablement.decide import Enablement
from streams.enablement.parts import Setup
from streams.enablement.state import ROW

__all__ = ["Setup", "steps"]


def steps(setup: Setup) -> tuple[Step, ...]:
    """The step of a deployment that has partners in a CRM or PRM; none without one."""
    if not setup.connected.crms and not setup.connected.prms:
        return ()
    return (Step("enablement", topics.ENABLEMENT_CHANGES, ROW, Enablement(setup, setup.version).decide),)
