"""Weighs what two accounts have in common or against each other; never adds the weights up."""

import re
from collections.abc import Callable

from rapidfuzz.distance import OSA

from streams.matching import weights
from streams.matching.compare import NameMatch
from streams.matching.features import Features
from streams.matching.keys import label
from streams.matching.text import ascii_text, fold

Finding = tuple[float, Callable[..., str], tuple[object, ...]]
"""Log-odds (positive: for the match), and what writes its sentence from what: most pairs are dropped unwritten."""

# A name and the label of a domain must share this many letters before a common beginning means anything.
LABEL_START = 4
# Fewer digits are an extension.
SUBSCRIBER_DIGITS = 7
SAME_STREET = 0.7

_PARTS = re.compile(r"[\W_]+")


def names_evidence(a: Features, b: Features, names: NameMatch, shares_domain: bool) -> list[Finding]:
    shared = min(names.shared, weights.ENOUGH_BITS) / 10 * weights.SHARED_WORDS
    whole = "".join(a.words)
    if whole == "".join(b.words):
        return [(shared + weights.SAME_NAME + weights.FIRST_WORD, _same_name, (a.name, b.name))] if whole else []
    found: list[Finding] = []
    if names.shared:
        found.append((shared + (weights.FIRST_WORD if names.first else 0.0), _shared_name, (a.name, b.name, names)))
    tail = weights.LONG_TAIL if names.guessed else weights.LONG_TAIL + weights.LONG_TAIL_UNABBREVIATED
    against = names.short_alone * weights.SHORT_ALONE + names.long_tail * tail + names.long_inside * weights.LONG_INSIDE
    if against:
        held = 1 - weights.FORGIVEN_BY_DOMAIN if shares_domain else 1.0
        found.append((against / 10 * held, _unlike, (a.name, b.name, names)))
    return found


def shared_domain(a: Features, b: Features) -> str:
    """The domain that both have, the first in the alphabet, or ""."""
    return min((domain for domain in a.domains if domain in b.domains), default="") if a.domains and b.domains else ""


def web_evidence(a: Features, b: Features, shared: str) -> list[Finding]:
    if shared:
        return [(weights.DOMAIN_SAME, "same web domain {}".format, (shared,))]
    found: list[Finding] = []
    if a.domains and b.domains:
        found.append((weights.DOMAIN_DIFFERS, "different web domains: {} and {}".format, (a.domains[0], b.domains[0])))
    if a.domains or b.domains:
        sides = ((b, a.domains), (a, b.domains))
        spelled = [
            (_spelled(domain, named.words), domain, named.name) for named, domains in sides for domain in domains
        ]
        weight, domain, name = max(spelled)
        if weight:
            verb = "spells" if weight == weights.DOMAIN_SPELLS_NAME else "begins like"
            found.append((weight, "web domain {} {} the name '{}'".format, (domain, verb, name)))
    return found


def place_evidence(a: Features, b: Features) -> list[Finding]:
    found: list[Finding] = []
    if a.country and b.country:
        if a.country == b.country:
            found.append((weights.COUNTRY_SAME, "same country: {}".format, (a.country,)))
        else:
            found.append((weights.COUNTRY_DIFFERS, "different countries: {} and {}".format, (a.country, b.country)))
    if a.city and b.city:
        if a.city == b.city:
            found.append((weights.CITY_SAME, "same city: {}".format, (a.city.title(),)))
        else:
            cities = (a.city.title(), b.city.title())
            found.append((weights.CITY_DIFFERS, "different cities: {} and {}".format, cities))
    if a.postal_code and a.postal_code == b.postal_code:
        found.append((weights.POSTAL_CODE_SAME, "same postal code {}".format, (a.postal_code.upper(),)))
    if a.phone and b.phone and same_phone(a.phone, b.phone):
        found.append((weights.PHONE_SAME, "same phone number {}".format, (max(a.phone, b.phone, key=len),)))
    if a.street and b.street:
        streets = (a.street.title(), b.street.title())
        if _same_street(a.street, b.street):
            found.append((weights.STREET_SAME, "same street and number: {}".format, streets[:1]))
        else:
            found.append((weights.STREET_DIFFERS, "different streets: {} and {}".format, streets))
    return found


def same_phone(a: str, b: str) -> bool:
    """One may lack the country or area code."""
    return min(len(a), len(b)) >= SUBSCRIBER_DIGITS and (a.endswith(b) or b.endswith(a))


def _same_name(a: str, b: str) -> str:
    if a.casefold() == b.casefold():
        return f"same name '{a}'"
    return f"same name but for legal form or spelling: '{a}' and '{b}'"


def _shared_name(a: str, b: str, names: NameMatch) -> str:
    if not names.short_alone:
        short, long = (a, b) if names.a_is_short else (b, a)
        return f"'{short}' can be read as '{long}'" if names.guessed else f"all of '{short}' is in '{long}'"
    rare = "rare word" if weights.bits(names.word) >= weights.RARE_BITS else "word"
    return f"{rare} '{_as_written(names.word, a, b)}' in both names"


def _unlike(a: str, b: str, names: NameMatch) -> str:
    if names.short_alone:
        return f"the rest of the names differs: '{a}' and '{b}'"
    short, long = (a, b) if names.a_is_short else (b, a)
    return f"'{long}' says more than '{short}'"


def _as_written(word: str, *names: str) -> str:
    """The word as one of the names spells it: "siemen" is "Siemens"."""
    written = (part for name in names for part in _PARTS.split(name) if fold(ascii_text(part)) == word)
    return next(written, word.capitalize())


def _spelled(domain: str, words: tuple[str, ...]) -> float:
    name, sign = "".join(words), label(domain)
    if name == sign:
        return weights.DOMAIN_SPELLS_NAME
    if min(len(name), len(sign)) >= LABEL_START and (name.startswith(sign) or sign.startswith(name)):
        return weights.DOMAIN_STARTS_NAME
    return 0.0


def _same_street(a: str, b: str) -> bool:
    """The house numbers agree, and the words but for "St", "Straße" and slips."""
    numbers_a = [word for word in a.split() if word.isdigit()]
    numbers_b = [word for word in b.split() if word.isdigit()]
    return bool(numbers_a) and numbers_a == numbers_b and OSA.normalized_similarity(a, b) >= SAME_STREET
