"""Says what the places and phones of two accounts say of each other; never looks at names or domains."""

from typing import Any

from rapidfuzz.distance import OSA

from streams.matching.features import Features
from streams.matching.findings import Finding
from streams.matching.places import SUBSCRIBER_DIGITS, parts

SAME_STREET = 0.8
# Digits behind which two numbers are lines of one office.
LINES = 3
NEAR_POSTAL = 3
_COUNTRY, _COUNTRIES = "same country: {}".format, "different countries: {} and {}".format
_STREETS = "different streets: {} and {}".format
NOTHING: tuple[Any, ...] = ("",)


def country_found(a: Features, b: Features, at_domain: bool, same_name: bool) -> Finding:
    """Of two accounts whose countries are known."""
    if a.country == b.country:
        return Finding("country_same", 1.0, _COUNTRY, (a.country,))
    name = "country_differs"
    if at_domain:
        name = "country_differs_at_domain"
    elif same_name:
        name = "country_differs_same_name"
    return Finding(name, 1.0, _COUNTRIES, (a.country, b.country))


def city_found(a: Features, b: Features) -> list[Finding]:
    """City and postal code."""
    found: list[Finding] = []
    ours, theirs = a.city, b.city
    if ours and theirs:
        if ours == theirs:
            found.append(Finding("city_same", 1.0, "same city: {}".format, (ours.title(),)))
        else:
            name, said = "city_differs", "different cities: {} and {}"
            if _within(ours, theirs):
                name, said = "city_within", "cities {} and {}"
            found.append(Finding(name, 1.0, said.format, (ours.title(), theirs.title())))
    ours, theirs = a.postal_code, b.postal_code
    if ours and theirs:
        codes = (ours.upper(), theirs.upper())
        if ours == theirs:
            found.append(Finding("postal_code_same", 1.0, "same postal code {}".format, codes[:1]))
        elif ours[:NEAR_POSTAL] == theirs[:NEAR_POSTAL]:
            found.append(Finding("postal_code_near", 1.0, "neighbouring postal codes {} and {}".format, codes))
        else:
            found.append(Finding("postal_code_differs", 1.0, "different postal codes {} and {}".format, codes))
    return found


def street_found(a: Features, b: Features) -> tuple[Any, ...]:
    """The values of the finding about two known addresses; ("",) for none: another town has a Main Street 1 as well."""
    nearness = _near(a, b)
    if nearness is None:
        return NOTHING
    about = (a.street.title(), b.street.title())
    same = ("street_same" if nearness else "street_same_alone", 1.0, "same street and number: {}".format, about[:1])
    if a.street == b.street:
        return same
    ours, theirs = parts(a.street), parts(b.street)
    like = ours.name == theirs.name or OSA.normalized_similarity(ours.name, theirs.name) >= SAME_STREET
    if not like or (ours.side and theirs.side and ours.side != theirs.side):
        return "street_differs", 1.0, _STREETS, about
    if ours.number != theirs.number or not ours.number:
        return "street_number_differs", 1.0, "one street, other numbers: {} and {}".format, about
    if ours.unit and theirs.unit and ours.unit != theirs.unit:
        return "unit_differs", 1.0, "different units of one house: {} and {}".format, about
    return same


def _near(a: Features, b: Features) -> bool | None:
    """Whether the two are in one town as far as is known; None: they are not."""
    cities, codes = bool(a.city and b.city), bool(a.postal_code and b.postal_code)
    if cities and (a.city == b.city or _within(a.city, b.city)):
        return True
    if codes and a.postal_code[:NEAR_POSTAL] == b.postal_code[:NEAR_POSTAL]:
        return True
    return None if cities or codes else False


def _within(a: str, b: str) -> bool:
    return f" {a} " in f" {b} " or f" {b} " in f" {a} "


def phone_found(a: Features, b: Features) -> tuple[Any, ...]:
    """The values of the finding about known phone numbers; ("",) for none."""
    pairs = [(ours, theirs) for ours in a.phones for theirs in b.phones]
    for ours, theirs in pairs:
        if same_phone(ours, theirs):
            return "phone_same", 1.0, "same phone number {}".format, (max(ours, theirs, key=len),)
    ours, theirs = pairs[0]
    if min(len(ours), len(theirs)) < SUBSCRIBER_DIGITS:
        return NOTHING
    name, said = "phone_differs", "different phone numbers: {} and {}"
    lines = len(ours) == len(theirs) > SUBSCRIBER_DIGITS + 1 and ours[:-LINES] == theirs[:-LINES]
    if lines or OSA.distance(ours, theirs, score_cutoff=1) <= 1:
        name, said = "phone_near", "neighbouring phone numbers: {} and {}"
    return name, 1.0, said.format, (ours, theirs)


def same_phone(a: str, b: str) -> bool:
    """One may lack the country or area code."""
    return min(len(a), len(b)) >= SUBSCRIBER_DIGITS and (a.endswith(b) or b.endswith(a))
