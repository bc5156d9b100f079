"""Finds what two accounts have in common or against each other, by name; never weighs it."""

from streams.matching import web, where
from streams.matching.features import Features
from streams.matching.findings import NAMES, SIGNS, Finding
from streams.matching.naming import best_names, names_found

__all__ = ["NAMES", "SIGNS", "Finding", "evidence"]


def evidence(a: Features, b: Features, least: float = 0.0) -> tuple[Finding, ...]:
    """All findings of a pair. Registration ids are not among them: they decide, see `score`.

    Empty if the names share fewer bits than `least` and nothing else ties the two together.
    """
    named = best_names(a, b)
    same = named.same
    domain = web.shared(a, b) if (a.domains or a.contact_domains or a.former_domains) else ""
    street = where.street_found(a, b) if a.street and b.street else where.NOTHING
    phone = where.phone_found(a, b) if a.phones and b.phones else where.NOTHING
    spelled = (
        web.spelling(a, b) if a.domains or b.domains or a.contact_domains or b.contact_domains else web.NO_SPELLING
    )
    here = phone[0] == "phone_same" or street[0] == "street_same"
    tied = same or here or domain or named.acronym or spelled.whole
    if named.names.shared < least and not tied:
        return ()
    excuse = "at_domain" if domain else "at_place" if here else "spelled" if spelled.whole else ""
    found = names_found(a, b, named, excuse, bool(a.city) and a.city == b.city)
    found += web.found(a, b, domain, spelled, same)
    if a.country and b.country:
        found.append(where.country_found(a, b, bool(domain), same))
    found += where.city_found(a, b)
    for each in (street, phone):
        if each[0]:
            found.append(Finding(*each))
    if phone[0] == "phone_same" and street[0] == "street_differs":
        found.append(Finding("phone_same_elsewhere", 1.0))
    return tuple(found)
