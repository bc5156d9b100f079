"""Account mapping: which accounts do we and a partner share; three decisions in a row, each keyed so that no worker needs a whole list.

    changes.account --by record--> keys --by match key--> pairs --by our account--> overlaps --> facts, writes

`keys` boils an account down to features and match keys. `pairs` compares the accounts that meet under a key.
`overlaps` picks the best account of each partner for one of ours, and says so in our CRM.
"""
