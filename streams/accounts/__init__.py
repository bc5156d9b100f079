"""Account mapping: which accounts do we and a partner share, decided in three steps so that no worker needs a whole list.

    changes.account --by record--> keys --by match key--> pairs --by our account--> overlaps --> facts, writes

`keys` boils an account down to features and match keys. `pairs` compares the accounts that meet under a key, and counts
who holds it. `overlaps` scores what met, knows what people ruled, picks the best account of each partner for one of ours,
and says so in our CRM; `mirror` offers the same to the partner, where the deployment shares it.
"""

from collections.abc import Mapping

from mappings.icp import Icp
from streams.accounts import keys, mirror, overlaps, pairs
from streams.accounts.mirror import Sharing
from streams.accounts.overlaps import Setup, Shown
from streams.decision import Step

NOT_SHARED = Sharing()


def steps(
    partner_names: Mapping[str, str], sharing: Sharing = NOT_SHARED, icp: Icp | None = None, write: Shown = "shown"
) -> tuple[Step, ...]:
    """The steps of a deployment that calls its partners by these names (partner key to display name)."""
    parties = [f"partner:{key}" for key in partner_names]
    setup = Setup(partner_names, sharing, icp, write)
    return (keys.step(sharing), pairs.step(parties), overlaps.step(setup), *mirror.steps(sharing, partner_names))
