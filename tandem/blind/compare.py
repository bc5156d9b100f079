"""Measures what blindness costs: the same two lists compared in the clear and by tokens; it sends nothing anywhere."""

from collections.abc import Collection
from dataclasses import dataclass

from streams.matching.batch import match
from streams.matching.features import features
from streams.matching.model import model
from tandem.blind.agreement import weights
from tandem.blind.edge import made
from tandem.blind.join import join
from tandem.blind.keys import Key
from tandem.blind.lists import accounts_of
from tandem.mapping.lists import AccountList

Ids = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One way of comparing at one band. Precision and recall are None without known pairs; `of_clear` is the share of
    the pairs found in the clear, at the same band, that it finds."""

    way: str
    band: str
    found: int
    of_clear: float
    precision: float | None
    recall: float | None
    f1: float | None


def compare(
    ours: AccountList, theirs: AccountList, secret: bytes, gold: Collection[Ids] | None, ignored: Collection[Ids]
) -> list[Line]:
    """A line for each band and way, in the clear first; `secret` is a key for this comparison only."""
    clear, blind = in_the_clear(ours, theirs), by_tokens(ours, theirs, secret)
    numbers, hidden = model(), weights()
    lines: list[Line] = []
    for band, floor, least in (("linked", numbers.linked, hidden.linked), ("shown", numbers.shown, hidden.shown)):
        seen = {pair for pair, sure in clear.items() if sure >= floor} - set(ignored)
        unseen = {pair for pair, sure in blind.items() if sure >= least} - set(ignored)
        for way, found in (("clear", seen), ("blind", unseen)):
            lines.append(_line(way, band, found, seen, None if gold is None else set(gold) - set(ignored)))
    return lines


def in_the_clear(ours: AccountList, theirs: AccountList) -> dict[Ids, float]:
    """The overlaps that `tandem map` finds, with their confidence."""
    mine, other = ({key: features(account) for key, account in accounts_of(each)} for each in (ours, theirs))
    return {(each.ours, each.theirs): each.match.confidence for each in match(mine, other)}


def by_tokens(ours: AccountList, theirs: AccountList, secret: bytes) -> dict[Ids, float]:
    """The overlaps that a hub without the key finds, with their confidence."""
    key = Key("comparison", 1, secret)
    # Rows are named by a salt, which in one process may be anything that the sides do not share.
    mine, other = (made(accounts_of(each), key, secret + side) for side, each in ((b"o", ours), (b"p", theirs)))
    by = weights()
    return {
        (mine.ids[mine.tokens.refs[each.ours]], other.ids[other.tokens.refs[each.theirs]]): each.verdict.confidence
        for each in join(mine.tokens, other.tokens, by, by.shown)
    }


def _line(way: str, band: str, found: set[Ids], seen: set[Ids], known: set[Ids] | None) -> Line:
    of_clear = round(len(found & seen) / max(1, len(seen)), 4)
    if known is None:
        return Line(way, band, len(found), of_clear, None, None, None)
    right = len(found & known)
    precision, recall = right / max(1, len(found)), right / max(1, len(known))
    f1 = 2 * right / max(1, len(found) + len(known))
    return Line(way, band, len(found), of_clear, round(precision, 4), round(recall, 4), round(f1, 4))
