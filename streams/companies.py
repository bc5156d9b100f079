"""Which records of a lane speak of one company, by the account matcher; it decides nothing of them.

Rows: `company/<kind>/<ref>` what is known of a record's company, `company_key/<kind>/<match key>\\x1f<ref>` a way to find
it. A key that more than `cap` records of a kind hold proves nothing, and finds none of them.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

from pydantic import BaseModel

from schemas.entities import Account
from streams.book import Pages
from streams.matching.features import Features, features
from streams.matching.keys import CAP, cap, keys
from streams.matching.model import model
from streams.matching.score import Match, score

END = "\x1f"  # after a match key, which may hold any other sign


class CompanyRow(BaseModel):
    """What is known of one record's company."""

    t: Literal["company"] = "company"
    name: str
    features: str
    keys: tuple[str, ...]


class CompanyKey(BaseModel):
    """A row whose name says everything."""

    t: Literal["company_key"] = "company_key"


class Same(NamedTuple):
    """A record of the same company: `match` says how sure that is, and why."""

    ref: str
    name: str
    match: Match


KEY = CompanyKey()


def put(book: Pages[BaseModel], kind: str, ref: str, company: Account) -> bool:
    """Remember a record's company; returns whether anything that matching compares has changed."""
    found = features(company)
    row = CompanyRow(name=found.name, features=found.dumps(), keys=tuple(sorted(keys(found))))
    before = book.get(f"company/{kind}/{ref}", CompanyRow)
    if before == row:
        return False
    _index(book, kind, ref, () if before is None else before.keys, row.keys)
    book.put(f"company/{kind}/{ref}", row)
    return True


def drop(book: Pages[BaseModel], kind: str, ref: str) -> None:
    """Forget a record's company."""
    before = book.get(f"company/{kind}/{ref}", CompanyRow)
    if before is not None:
        _index(book, kind, ref, before.keys, ())
        book.put(f"company/{kind}/{ref}", None)


def same(book: Pages[BaseModel], kinds: Iterable[str], company: Account, at_least: float | None = None) -> list[Same]:
    """The records of these kinds whose company is the given one, the surest first, equal ones by name of the record.

    `at_least`: the least confidence; None: that from which on the model shows a match.
    """
    least = model().shown if at_least is None else at_least
    mine, wanted = features(company), sorted(kinds)
    found = [_judged(book, kind, ref, mine) for kind in wanted for ref in _candidates(book, kind, keys(mine))]
    sure = [each for each in found if each is not None and each.match.confidence >= least]
    return sorted(sure, key=lambda each: (-each.match.confidence, each.ref))


def _candidates(book: Pages[BaseModel], kind: str, held: Iterable[str]) -> list[str]:
    refs: dict[str, None] = {}
    for key in sorted(held):
        prefix = f"company_key/{kind}/{key}{END}"
        most = min(CAP, cap(key))
        names = book.scan(prefix, most + 1)
        if len(names) <= most:
            refs |= dict.fromkeys(name.removeprefix(prefix) for name in names)
    return list(refs)


def _judged(book: Pages[BaseModel], kind: str, ref: str, mine: Features) -> Same | None:
    row = book.get(f"company/{kind}/{ref}", CompanyRow)
    match = None if row is None else score(mine, _loaded(row.features))
    return None if row is None or match is None else Same(ref, row.name, match)


@lru_cache(maxsize=4096)
def _loaded(text: str) -> Features:
    return Features.loads(text)


def _index(book: Pages[BaseModel], kind: str, ref: str, before: Iterable[str], after: Iterable[str]) -> None:
    for key in sorted(set(before) - set(after)):
        book.put(f"company_key/{kind}/{key}{END}{ref}", None)
    for key in sorted(set(after) - set(before)):
        book.put(f"company_key/{kind}/{key}{END}{ref}", KEY)
