"""Every number that matching decides with, in one place; never computes anything but a word's worth.

Weights are log-odds: the confidence is 1 / (1 + exp(-sum)). Those of names and countries were fitted by logistic
regression on data/companies (two folds by company) and rounded; what those lists lack (phone, street) or hardly show
(one domain, two names) is set by hand.
"""

from functools import lru_cache

from streams.matching.tables import common_words

# Bits that a shared word is worth: a listed word has its level, any other is rare, the rarer the longer.
BITS_PER_LETTER = 2.4
RAREST = 12.0
RARE_BITS = 7.0  # from here on one word alone is worth a comparison across countries, and is called rare
ENOUGH_BITS = 24.0  # more shared words than this prove nothing more

BASE = -4.5

# Per 10 bits.
SHARED_WORDS = 2.5
SHORT_ALONE = -3.0
LONG_TAIL = -0.4
LONG_TAIL_UNABBREVIATED = -0.4  # on top, where nothing suggests that the shorter name was cut off
LONG_INSIDE = -1.4

# Each yes or no.
SAME_NAME = 2.1
FIRST_WORD = 0.9
COUNTRY_SAME = 1.5
COUNTRY_DIFFERS = -2.0
DOMAIN_SAME = 5.0
DOMAIN_DIFFERS = -2.4
DOMAIN_SPELLS_NAME = 1.5
DOMAIN_STARTS_NAME = 0.7
CITY_SAME = 0.6
CITY_DIFFERS = -0.7
POSTAL_CODE_SAME = 0.9
PHONE_SAME = 3.0
STREET_SAME = 1.5
STREET_DIFFERS = -1.5

# One domain often serves several trade names: it forgives this share of what the names have against each other.
FORGIVEN_BY_DOMAIN = 0.6

ID_SAME_CONFIDENCE = 0.995
LEAST_SHARED = 4.5  # bits; names that share less, without a shared domain, phone or id, are dropped unweighed
MENTIONED = 0.05  # less confident pairs are not worth a word
OVERLAP = 0.5  # from here on a pair is shown as an overlap
TIE = 0.03  # records of the partner this close to the best one are overlaps too: a partner's list holds duplicates


@lru_cache(maxsize=65536)
def bits(word: str) -> float:
    listed = common_words().get(word)
    return min(BITS_PER_LETTER * len(word), RAREST) if listed is None else listed
