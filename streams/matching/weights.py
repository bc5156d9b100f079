"""The numbers of matching that are set by hand, in one place; never computes anything but a word's worth.

Those that labelled pairs teach are in data/model.toml.
"""

from functools import lru_cache

from streams.matching.tables import common_words

# Bits that a shared word is worth: a listed word has its level, any other is rare, the rarer the longer.
BITS_PER_LETTER = 2.4
RAREST = 12.0
RARE_BITS = 7.0  # from here on one word alone is worth a comparison across countries, and is called rare
ENOUGH_BITS = 24.0  # more shared words than this prove nothing more

ID_SAME_CONFIDENCE = 0.995
ID_LOG_ODDS = 12.0  # of a pair that a registration id decides for; against it is the negative
LEAST_SHARED = 4.5  # bits; names that share less, without a shared domain, phone or id, are dropped unweighed
MENTIONED = 0.05  # less confident pairs are not worth a word
TIE = 0.03  # records of the partner this close to the best one are overlaps too: a partner's list holds duplicates


@lru_cache(maxsize=65536)
def bits(word: str) -> float:
    listed = common_words().get(word)
    return min(BITS_PER_LETTER * len(word), RAREST) if listed is None else listed
