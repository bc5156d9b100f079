"""Names the blocks in which deals and offers meet, from one of them alone; it never counts or compares anything."""

import re
from datetime import date, timedelta
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
AROUND = timedelta(days=20)  # a deal may close before its offer is released, or after
MONTHS = 6


def deal_keys(deal: DealRow) -> tuple[str, ...]:
    """Two dozen or so."""
    found = [f"deal:{deal.record_id[:SHORT_ID].lower()}", *(f"offer:{named}" for named in deal.offer_ids)]
    if deal.buyer_account:
        found.append(f"buyer:{deal.buyer_account}")
    words = [*deal.words, *deal.labels]
    if len(deal.words) > 2:
        words.append("".join(word[0] for word in deal.words))
    found += _words(words)
    found += [f"number:{number}" for number in deal.numbers]
    closes = deal.close_date or deal.terms.accept_by
    when = "" if closes is None else f"|{closes.year * 12 + closes.month}"
    found += [f"band:{band}{when}" for band in _bands(deal.terms, 0)]
    return tuple(sorted({*found, *_terms(deal.terms)}))


def offer_keys(offer: OfferRow) -> tuple[str, ...]:
    """Three dozen or so."""
    found = [f"offer:{offer.record_id.lower()}", *(f"deal:{written[:SHORT_ID].lower()}" for written in offer.ids)]
    found += [f"buyer:{account}" for account in offer.buyer_accounts]
    found += _words([*offer.words, *offer.told])
    found += [f"number:{number}" for number in offer.numbers]
    last = offer.terms.accept_by or offer.released_on
    months = [] if last is None else _months(min(offer.released_on or last, last), last)
    bands = _bands(offer.terms, -1, 0, 1)
    found += [f"band:{band}{when}" for band in bands for when in ("", *(f"|{month}" for month in months))]
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


def _bands(terms: Terms, *steps: int) -> list[int]:
    """The band of each amount, and its neighbours: a discount or a tax often leads to the next one."""
    bands = {floor(log(amount) / BAND) for amount in terms.amounts if amount > 0}
    return [band + step for band in sorted(bands) for step in steps]


def _months(first: date, last: date) -> list[int]:
    """The months from a little before the first day to a little after the last one, at most MONTHS."""
    start, end = (day.year * 12 + day.month for day in (first - AROUND, last + AROUND))
    return list(range(start, end + 1))[:MONTHS]
