"""Sharing: what of ours a partner may see, decided for each partner in one order, and taken back when it no longer may.

    accounts.keys, accounts.overlaps, rulings --by partner--> sharing --> facts.sharing, writes to partners' systems

`policy` puts together what is agreed with a partner, `gate` is what everything passes that leaves, `caps` holds back a list
that asks about too many companies, `settling` brings one record at the partner to what may stand there, `decide` takes the
events in.
"""

from collections.abc import Iterable, Mapping

from schemas import topics
from streams.decision import Step
from streams.sharing.decide import Sharings
from streams.sharing.policy import Terms
from streams.sharing.state import ROW

__all__ = ["NAME", "steps"]

NAME = "sharing"


def steps(company: str, terms: Iterable[Terms]) -> tuple[Step, ...]:
    """The step of a deployment that these partners take overlaps from; none where no partner does."""
    found: Mapping[str, Terms] = {each.partner: each for each in terms}
    if not found:
        return ()
    return (Step(NAME, topics.SHARING_CHANGES, ROW, Sharings(company, found).decide),)
