"""Boils an account down to what matching compares; never looks at a second account."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Protocol, Self

from streams.matching.names import name_words
from streams.matching.tables import countries, nameless_hosts, suffix_list
from streams.matching.text import fold, plain, without_umlauts

VERSION = 1
"""Raise it when `features`, `keys` or `score` answer differently for the same input: stored features are then stale."""


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


@dataclass(frozen=True, slots=True)
class Features:
    """One account as matching sees it. Unknown is "" or (); everything but `name` is normalised."""

    name: str
    words: tuple[str, ...]
    domains: tuple[str, ...]
    country: str
    city: str
    postal_code: str
    street: str
    phone: str
    ids: tuple[tuple[str, str], ...]

    def dumps(self) -> str:
        """JSON text: the values in the order of the fields."""
        texts = (self.country, self.city, self.postal_code, self.street, self.phone)
        row = (self.name, self.words, self.domains, *texts, self.ids)
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Self:
        """The inverse of `dumps`. Raises ValueError if the text was written by another version of this class."""
        row = json.loads(text)
        if len(row) != len(fields(cls)):
            raise ValueError(
                f"features: {len(row)} values instead of {len(fields(cls))}; compute them anew from the account"
            )
        name, words, domains, country, city, postal_code, street, phone, ids = row
        pairs = tuple((kind, value) for kind, value in ids)
        return cls(name, tuple(words), tuple(domains), country, city, postal_code, street, phone, pairs)


def features(account: Account) -> Features:
    hosts = (account.website or "", *account.domains)
    domains = dict.fromkeys(domain for host in hosts if host and (domain := registered_domain(host)))
    return Features(
        name=" ".join(account.name.split()),
        words=name_words(account.name),
        domains=tuple(domains),
        country=country_code(account.country or ""),
        city=place(account.city or ""),
        postal_code=registration_id(account.postal_code or ""),
        street=street_words(account.street or ""),
        phone=_digits(account.phone or ""),
        ids=tuple(
            sorted((kind, value) for kind, text in account.registration_ids.items() if (value := registration_id(text)))
        ),
    )


def registered_domain(url: str) -> str:
    """ "https://www.acme.co.uk/about" -> "acme.co.uk"; "" for hosts that many share, IP addresses and nonsense."""
    domain = _suffix_split(url.strip().lower())
    return "" if domain in nameless_hosts() else domain


@lru_cache(maxsize=1024)
def country_code(text: str) -> str:
    """ISO 3166-1 alpha-2 of a code or a name; "" if it is neither."""
    return countries().get(plain(text), "")


def registration_id(text: str) -> str:
    """Letters and digits only; leading zeros go, because spreadsheets and numeric fields lose them."""
    return "".join(c for c in text.lower() if c.isalnum()).lstrip("0")


def street_words(text: str) -> str:
    return " ".join(fold(word) for word in plain(text).split())


@lru_cache(maxsize=8192)
def place(text: str) -> str:
    """ "St. Gallen" and "ST GALLEN" are both "st gallen", "Köln" and "Koeln" both "koln"."""
    return without_umlauts(plain(text))


def _suffix_split(url: str) -> str:
    return suffix_list()(url).top_domain_under_public_suffix


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit()).lstrip("0")
