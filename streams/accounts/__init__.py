"""Account mapping: which accounts do we and a partner share, decided in three steps so that no worker needs a whole list.

    changes.account --by record--> keys --by match key--> pairs --by our account--> overlaps --> facts, writes

`keys` boils an account down to features and match keys. `pairs` compares the accounts that meet under a key.
`overlaps` picks the best account of each partner for one of ours, and says so in our CRM; `mirror` says the same in the
partner's, where the deployment shares it.
"""

from collections.abc import Mapping

from streams.accounts import keys, overlaps, pairs
from streams.accounts.mirror import Sharing
from streams.decision import Step

NOT_SHARED = Sharing()


def steps(partner_names: Mapping[str, str], sharing: Sharing = NOT_SHARED) -> tuple[Step, ...]:
    """The steps of a deployment that calls its partners by these names (partner key to display name)."""
    parties = [f"partner:{key}" for key in partner_names]
    return (keys.STEP, pairs.step(parties), overlaps.step(partner_names, sharing))
