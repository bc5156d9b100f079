"""What a finding is, and the names of all kinds there are; it never finds or weighs one."""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Finding(NamedTuple):
    """`value`: bits / 10, or 1.0 for yes, never negative. `write(*about)` is its sentence; None: said with the one before."""

    name: str
    value: float
    write: Callable[..., str] | None = None
    about: tuple[object, ...] = ()


SIGNS: Mapping[str, int] = {
    # What the names say.
    "shared_words": 1,  # bits that both say
    "rare_word": 1,  # one of them is rare
    "same_name": 1,
    "same_spelling": 1,  # to the letter, but for case
    "generic_name": -1,  # same, but of words that many have
    "nothing_left": 1,  # not the same words, but each is an abbreviation or a slip of one of the other name
    "word_begins": 0,  # one word that is the beginning of the other, and nothing else
    "listing_differs": -1,  # one is the name of a share class or receipt
    "swapped": -1,  # shared words stand in another order
    "number_differs": -1,  # "II" and "III"
    "side_differs": -1,  # "North" and "South"
    "first_word": 1,
    "acronym": 1,  # one is the initials of the other
    "other_name": 0,  # it is a further name that agrees, not the first
    "guessed": 0,  # bits that an abbreviation stands for
    "short_alone": -1,  # bits that only the shorter name says
    "long_tail": -1,  # bits that only the longer name says, behind the last shared word
    "long_tail_whole": -1,  # the same again, where nothing suggests that the shorter name was cut off
    "long_inside": -1,  # bits that only the longer name says, before that
    "both_say_more": -1,
    "no_word_shared": -1,  # or next to none
    # The same, where a web domain, a place, or a domain that spells one of the names excuses it.
    "short_alone_at_domain": -1,
    "longer_at_domain": -1,
    "short_alone_at_place": -1,
    "longer_at_place": -1,
    "short_alone_spelled": -1,
    "longer_spelled": -1,
    # The web.
    "domain_same": 1,
    "domain_former": 1,
    "domain_contact": 1,
    "domain_differs": -1,
    "domain_differs_same_name": -1,
    "domain_differs_same_label": -1,
    "domain_spells_name": 1,
    "domain_starts_name": 1,
    "domain_initials": 1,
    # The place.
    "country_same": 1,
    "country_differs": -1,
    "country_differs_same_name": -1,
    "country_differs_at_domain": -1,
    "city_same": 1,
    "city_within": 1,
    "city_differs": -1,
    "postal_code_same": 1,
    "postal_code_near": 0,
    "postal_code_differs": -1,
    "street_same": 1,
    "street_same_alone": 1,  # and no town or postal code that tells whether it is the same street
    "street_number_differs": 0,
    "street_differs": -1,
    "unit_differs": -1,
    "phone_same": 1,
    "phone_same_elsewhere": -1,  # in another street: a shared line
    "phone_near": 1,
    "phone_differs": -1,
}
"""Every kind of finding, and whether it may only speak for a match (1), only against (-1) or either way (0)."""

NAMES: tuple[str, ...] = tuple(SIGNS)
