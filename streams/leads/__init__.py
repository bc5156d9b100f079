"""Lead routing: which partner gets which lead, why, until when it has to answer, and what became of it, in one order.

leads.changes --> leads --> facts.lead, writes of `lead_assignment` to CRMs and `partner_lead` to PRMs

What is read and what others decide is remembered (`reading`), with what people rule (`ruling`). Then each lead that it
concerns is looked at (`settling`): a right or the first rule that fits says who gets it (`choosing`, by `judging` those that
the `index` finds in `pools`), the offer runs until it is answered (`answers`) or its time is over (`deciding`), and CRM and
PRM are told (`showing`). All of it follows from what was read last and from the clock: whatever was lost or came twice, the
next look sets it right. A lead has one route, and a route has one partner at most.
"""

from schemas import topics
from streams.decision import Step
from streams.leads.decide import Leads
from streams.leads.policy import Setup
from streams.leads.state import ROW

__all__ = ["Setup", "steps"]


def steps(setup: Setup) -> tuple[Step, ...]:
    """The step of a deployment that routes leads; none where no CRM and no PRM takes part."""
    if not setup.connections:
        return ()
    return (Step("leads", topics.LEAD_CHANGES, ROW, Leads(setup).decide),)
