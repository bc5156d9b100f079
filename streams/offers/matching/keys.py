"""Names the blocks in which deals and offers meet, from one of them alone; it never counts or compares anything."""

import re
from math import floor, log

from streams.matching.weights import bits
from streams.offers.matching.rows import DealRow, OfferRow, Terms
from streams.offers.matching.text import SHORT_ID

_VOWELS = re.compile("[aeiouy]")
NAMING = ("deal:", "offer:")
"""Keys that only an id gives: who shares one may have been named."""

WORD_BITS = 4.0  # words that say less are in every list
WORDS = 5
BONES = 3  # consonants and digits: what is left of "hm24", "home24" and "hom24"
AFFIX = 4  # letters at one end of a word: a slip spoils only the other one
BAND = log(1.15)  # amounts of one band differ by up to 15 %


def deal_keys(deal: DealRow) -> tuple[str, ...]:
    """At most about 30."""
    found = [f"deal:{deal.record_id[:SHORT_ID].lower()}", *(f"offer:{named}" for named in deal.offer_ids)]
    if deal.buyer_account:
        found.append(f"buyer:{deal.buyer_account}")
    words = [*deal.words, *deal.labels]
    if len(deal.words) > 2:
        words.append("".join(word[0] for word in deal.words))
    found += _words(words)
    found += [f"number:{number}" for number in deal.numbers]
    found += _bands(deal.terms, 0)
    return tuple(sorted({*found, *_terms(deal.terms)}))


def offer_keys(offer: OfferRow) -> tuple[str, ...]:
    """At most about 40."""
    found = [f"offer:{offer.record_id.lower()}", *(f"deal:{written[:SHORT_ID].lower()}" for written in offer.ids)]
    found += [f"buyer:{account}" for account in offer.buyer_accounts]
    found += _words([*offer.words, *offer.told])
    found += [f"number:{number}" for number in offer.numbers]
    found += _bands(offer.terms, -1, 0, 1)
    return tuple(sorted({*found, *_terms(offer.terms)}))


def _words(words: list[str]) -> list[str]:
    telling = sorted((word for word in dict.fromkeys(words) if bits(word) >= WORD_BITS), key=bits, reverse=True)[:WORDS]
    found = [f"word:{word}" for word in telling]
    if len(words) > 1:
        found.append(f"word:{words[0]}{words[1]}")
    for word in telling:
        if len(word) >= AFFIX:
            found += [f"start:{word[:AFFIX]}", f"end:{word[-AFFIX:]}"]
        if len(bones := _VOWELS.sub("", word)) >= BONES:
            found.append(f"bones:{bones}")
    return found


def _terms(terms: Terms) -> list[str]:
    found = [f"amount:{amount.normalize():f}" for amount in terms.amounts]
    if terms.agreement:
        found.append(f"agreement:{terms.agreement}")
    return found


def _bands(terms: Terms, *steps: int) -> list[str]:
    """The band of each amount, and its neighbours: a discount or a tax often leads to the next one."""
    bands = {floor(log(amount) / BAND) for amount in terms.amounts if amount > 0}
    return [f"band:{band + step}" for band in bands for step in steps]
