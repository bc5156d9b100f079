"""What of an account is put into the sets that are intersected; it never leaves the machine in the clear."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from streams.matching.features import VERSION as NORMALISER
from streams.matching.features import Account, Features, features
from tandem.settings import ConfigError

VERSION = 1
TYPES: Mapping[str, str] = {
    "domain": "registered web domain",
    "id": "registration number, with its kind",
    "name": "normalised name with the country",
}
"""Each decides by itself: an element that both sets hold is an overlap, and nothing else is."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What both sides must do alike, or their elements could not be equal. `both`: the server gets the result too."""

    share: tuple[str, ...]
    both: bool = False
    version: int = VERSION
    normaliser: int = NORMALISER


@dataclass(frozen=True, slots=True)
class Elements:
    """The set of a list, and of each element the accounts that have it."""

    share: tuple[str, ...]
    accounts: Mapping[str, tuple[str, ...]]

    def ordered(self, key: bytes) -> list[str]:
        """In an order that only who has the key can tell, and that says nothing of the list."""
        return sorted(self.accounts, key=lambda element: hmac.digest(key, element.encode(), "sha256"))

    def digest(self, key: bytes) -> str:
        """Changes when the set does; says nothing without the key."""
        whole = hashlib.sha256()
        for element in self.ordered(key):
            whole.update(element.encode() + b"\n")
        return hmac.digest(key, whole.digest(), "sha256").hex()


def shared(types: Sequence[str]) -> tuple[str, ...]:
    """The types in their own order. Raises `ConfigError`: one that there is not."""
    for each in types:
        if each not in TYPES:
            raise ConfigError(f"--share {each}: there is no such type. Remedy: choose from {', '.join(TYPES)}")
    return tuple(each for each in TYPES if each in types)


def elements(accounts: Iterable[tuple[str, Account]], share: tuple[str, ...]) -> Elements:
    """The set of these accounts, by id. Raises `ConfigError` where none has anything of these types."""
    found: dict[str, dict[str, None]] = {}
    for account_id, account in accounts:
        for kind, value in _of(features(account)):
            if kind in share:
                found.setdefault(f"{kind}:{value}", {})[account_id] = None
    if not found:
        remedy = "add a column of it, or share another type on both sides"
        raise ConfigError(f"no row has any of: {', '.join(share)}. Remedy: {remedy}")
    return Elements(share, {element: tuple(ids) for element, ids in found.items()})


def spoken(element: str) -> str:
    """As the library is given it: elements of two versions are never equal."""
    return f"tandem {VERSION} {NORMALISER} {element}"


def _of(account: Features) -> Iterable[tuple[str, str]]:
    for domain in account.domains:
        yield "domain", domain
    for kind, value in account.ids:
        yield "id", f"{kind}:{value}"
    if account.words and account.country:
        yield "name", f"{''.join(account.words)}|{account.country}"
