"""Deal registration: whose deal is this, until when, and what the partner earns of it, decided in one order.

registrations.changes --> registrations --> facts.registration, facts.fee, facts.notice, writes to PRMs and CRMs

What is read is remembered (`reading`), with what became of the deal that was asked for (`finishing`) and what people rule
(`ruling`). Then each registration that it concerns is looked at (`settling`): whose it is and which records it has
(`twins`), what may stand against it (`conflicts`), what the rules say of that (`quality`, `judging`: pure functions), what
was set by hand in its own system (`hearing`), who approves (`approving`), what time does to it (`protecting`), its deal and
fee (`converting`, `fees`), and what is told (`telling`). Each change of status goes through one table (`transitions`) and
one guard (`standing`), which approves nothing beside another partner's protection of the same company.
"""

from schemas import topics
from schemas.messages import identity
from streams.decision import Step
from streams.registrations.decide import Registrations
from streams.registrations.parts import Setup
from streams.registrations.state import ROW

__all__ = ["Setup", "steps"]


def steps(setup: Setup) -> tuple[Step, ...]:
    """The step of a deployment in which partners can register deals; none where it is connected to no CRM and no PRM."""
    if not setup.connections:
        return ()
    version = identity(setup.rules.model_dump_json())
    return (Step("registrations", topics.REGISTRATION_CHANGES, ROW, Registrations(setup, version).decide),)
