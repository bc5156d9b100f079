"""Every number that matching deals to offers decides with, in one place; it computes nothing.

Weights are log-odds: the confidence is 1 / (1 + exp(-sum)). They are set by hand and checked by `benchmarks/offers.py`,
which shows how often pairs of a stated confidence are right.
"""

BASE = -4.7

# An id that names the other one.
NAMED = 11.0
NAMED_CONFIDENCE = 0.99
LITTLE = 0.5  # evidence; an id beside another company or currency and no more than that was pasted from elsewhere

AGREEMENT_SAME = 6.0
AGREEMENT_DIFFERS = -4.0
RESALE_SAME = 3.0
NUMBER_SAME = 5.0

# Who buys. The account and the name say the same thing twice: the weaker of the two only corroborates.
CORROBORATES = 0.25
ACCOUNT_SAME = 5.3
ACCOUNT_DIFFERS = -1.3  # a company has many accounts
COMPANY_SHARED = 5.0  # comes near to this the more bits (see `streams.matching.weights.bits`) both names share
COMPANY_BITS = 7.0
LEAST_SHARED = 4.5  # bits; less is chance
COMPANY_MISSING = -1.2  # per 10 bits
COMPANY_MORE = -0.4  # per 10 bits
COMPANY_WHOLE = 0.8
COMPANY_FIRST = 0.4
COMPANY_DIFFERS = -3.0
SAME_ACCOUNT_FORGIVES = 0.5  # this share of what the name has against the pair
TELLING_BITS = 7.0  # an offer's name with a word like that speaks of some company
TOPIC_SHARED = 1.0  # per 10 bits
TOPIC_BITS = 15.0

PRODUCT_SAME = 0.8
PRODUCT_DIFFERS = -3.0

CURRENCY_SAME = 0.3
CURRENCY_DIFFERS = -2.7

AMOUNT_EXACT = 4.6
AMOUNT_EXACT_ROUND = 2.6
AMOUNT_ROUNDED = 2.3
AMOUNT_TAX = 1.6
AMOUNT_YEARS = 1.8
AMOUNT_DISCOUNT = 1.3
AMOUNT_ODD = 1.1  # on top of the three above, where not both prices are round: chance does not bring that about
AMOUNT_NEAR = ((0.05, 1.0), (0.15, 0.3), (0.3, -0.7), (0.5, -2.0))
AMOUNT_FAR = -3.2

ACCEPT_BY_SAME = 1.5
WITHIN_DATES = 2.0
NEAR_DATES = ((14, 1.1), (45, 0.0), (120, -1.2), (240, -2.6))  # days outside
FAR_DATES = -3.6
STARTS_SAME = 1.5
STARTS_DIFFERS = -1.0
MONTHS_SAME = 0.4
MONTHS_DIFFERS = -1.2
YEAR_SAME = 0.3
YEAR_DIFFERS = -0.4
GRANTS_SAME = 1.5
GRANTS_DIFFER = -0.5

MENTIONED = -3.5  # pairs below are not worth a word
LEAD = 2.5  # log-odds by which a certain match leads over the next best, in both directions
SHOWN = 3  # candidates of an offer
