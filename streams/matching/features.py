"""Boils an account down to what matching compares; never looks at a second account."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol, Self

from streams.matching import places
from streams.matching.ids import Ids, recognised
from streams.matching.names import read_name
from streams.matching.suffixes import registered
from streams.matching.tables import countries, nameless_hosts
from streams.matching.text import plain

VERSION = 2
"""Raise it when `features`, `keys` or `score` answer differently for the same input: stored features are then stale."""

MOST_NAMES = 3
MOST_CONTACT_DOMAINS = 3


class Account(Protocol):
    """What matching reads of an account. Empty text and None both mean unknown."""

    @property
    def name(self) -> str: ...
    @property
    def website(self) -> str | None: ...
    @property
    def domains(self) -> tuple[str, ...]: ...
    @property
    def country(self) -> str | None: ...
    @property
    def city(self) -> str | None: ...
    @property
    def postal_code(self) -> str | None: ...
    @property
    def street(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def registration_ids(self) -> Mapping[str, str]: ...


class Features(NamedTuple):
    """One account as matching sees it. Unknown is "" or (); everything but the names is normalised.

    `initials` are those of the name with its filler words. `bad_ids` are numbers that fail their check digits.
    """

    name: str
    words: tuple[str, ...]
    domains: tuple[str, ...] = ()
    country: str = ""
    city: str = ""
    postal_code: str = ""
    street: str = ""
    phones: tuple[str, ...] = ()
    ids: tuple[tuple[str, str], ...] = ()
    initials: str = ""
    former_domains: tuple[str, ...] = ()
    contact_domains: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    other_words: tuple[tuple[str, ...], ...] = ()
    bad_ids: tuple[tuple[str, str], ...] = ()

    def dumps(self) -> str:
        """JSON text: the values in the order of the fields, as far as they are known."""
        known = len(self)
        while known > LEAST and not self[known - 1]:
            known -= 1
        return _ENCODER.encode(self[:known])

    @classmethod
    def loads(cls, text: str) -> Self:
        """The inverse of `dumps`. Raises ValueError if the text was written by another version of this class."""
        row = json.loads(text)
        if not LEAST <= len(row) <= len(cls._fields) or not isinstance(row[7], list):
            raise ValueError(f"features: {len(row)} values that are not of version {VERSION}; compute them anew")
        row[1], row[2], row[7] = tuple(row[1]), tuple(row[2]), tuple(row[7])
        if len(row) > LEAST:
            for at in range(10, min(len(row), 13)):
                row[at] = tuple(row[at])
            for at in range(13, len(row)):
                row[at] = tuple(map(tuple, row[at]))
        row[8] = tuple(map(tuple, row[8]))
        return cls(*row)


LEAST = 10  # so many values always stand in the text
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_NO_IDS = Ids((), ())


def features(account: Account) -> Features:
    """What matching compares of an account. Further names, former domains and those of contacts are optional of it."""
    read = read_name(account.name)
    domains: tuple[str, ...] = ()
    if account.domains:
        domains = _domains((account.website, *account.domains))
    elif account.website and (domain := registered_domain(account.website)):
        domains = (domain,)
    country = country_code(account.country) if account.country else ""
    street = places.street(account.street) if account.street else ""
    postal = places.postal(account.postal_code) if account.postal_code else ""
    ids = recognised(account.registration_ids, country) if account.registration_ids else _NO_IDS
    former: tuple[str, ...] = getattr(account, "former_domains", ())
    contacts: tuple[str, ...] = getattr(account, "contact_domains", ())
    others: tuple[str, ...] = getattr(account, "other_names", ())
    names, words = _others(others, read.words) if others else ((), ())
    return Features(
        " ".join(account.name.split()),
        read.words,
        domains,
        country,
        places.place(account.city) if account.city else "",
        postal or (places.postal_in(street) if street else ""),
        street,
        places.phones(account.phone) if account.phone else (),
        ids.good,
        read.initials,
        _without(_domains(former), domains) if former else (),
        _without(_domains(contacts), domains)[:MOST_CONTACT_DOMAINS] if contacts else (),
        names,
        words,
        ids.bad,
    )


def _domains(hosts: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(domain for host in hosts if host and (domain := registered_domain(host))))


def _without(domains: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(domain for domain in domains if domain not in known)


def _others(names: tuple[str, ...], known: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Further names that say something else than the first, and their words."""
    found: dict[tuple[str, ...], str] = {}
    for name in names:
        words = read_name(name).words
        if words and words != known:
            found.setdefault(words, " ".join(name.split()))
    kept = list(found.items())[:MOST_NAMES]
    return tuple(name for _, name in kept), tuple(words for words, _ in kept)


def registered_domain(url: str) -> str:
    """ "https://www.acme.co.uk/about" -> "acme.co.uk"; "" for hosts that many share, IP addresses and nonsense."""
    domain = registered(url.strip().lower())
    return "" if domain in nameless_hosts() else domain


@lru_cache(maxsize=1024)
def country_code(text: str) -> str:
    """ISO 3166-1 alpha-2 of a code or a name; "" if it is neither."""
    return countries().get(plain(text), "")
