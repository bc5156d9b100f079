"""Who shares which key, exactly, in rows of bounded size; it knows nothing of what the keys mean.

A key with more than `CAP` deals or offers pairs nobody. Its members then have a row each, so that one more costs one row
and not the whole list, and so that the key can cool down again: what a key pairs depends on who has it, not on who came
first.
"""

from collections.abc import Iterable
from typing import Any

from streams.book import Pages
from streams.offers.matching.rows import Block, DealRow, Member, OfferRow

CAP = 50


def move(book: Pages[Any], old: DealRow | OfferRow | None, new: DealRow | OfferRow | None) -> set[str]:
    """Put a record under its new keys and take it from the old ones; returns who is to be weighed anew beside it."""
    row = new or old
    if row is None:
        return set()
    before, after = set(old.keys if old else ()), set(new.keys if new else ())
    stirred: set[str] = set()
    for key in sorted(before - after):
        stirred |= _leave(book, key, row)
    for key in sorted(after - before):
        stirred |= _join(book, key, row)
    return stirred - {row.ref}


def deals_of(book: Pages[Any], keys: Iterable[str]) -> set[str]:
    """The deals that share one of these keys."""
    return {ref for key in keys for ref in _block(book, key).deals}


def offers_of(book: Pages[Any], keys: Iterable[str]) -> set[str]:
    """The offers that share one of these keys."""
    return {ref for key in keys for ref in _block(book, key).offers}


def _join(book: Pages[Any], key: str, row: DealRow | OfferRow) -> set[str]:
    was = _block(book, key)
    is_deal = isinstance(row, DealRow)
    block = was.model_copy(
        update={"deal_count": was.deal_count + is_deal, "offer_count": was.offer_count + (not is_deal)}
    )
    if _hot(was):
        book.put(_member(key, row.ref), Member())
        _put(book, key, block)
        return set()
    side = "deals" if is_deal else "offers"
    block = block.model_copy(update={side: tuple(sorted({*getattr(was, side), row.ref}))})
    if not _hot(block):
        _put(book, key, block)
        return set()
    members = {*block.deals, *block.offers}
    for ref in members:
        book.put(_member(key, ref), Member())
    _put(book, key, block.model_copy(update={"deals": (), "offers": ()}))
    return members


def _leave(book: Pages[Any], key: str, row: DealRow | OfferRow) -> set[str]:
    was = _block(book, key)
    is_deal = isinstance(row, DealRow)
    block = was.model_copy(
        update={"deal_count": was.deal_count - is_deal, "offer_count": was.offer_count - (not is_deal)}
    )
    if not _hot(was):
        side = "deals" if is_deal else "offers"
        kept = tuple(ref for ref in getattr(was, side) if ref != row.ref)
        _put(book, key, block.model_copy(update={side: kept}))
        return set()
    book.put(_member(key, row.ref), None)
    if _hot(block):
        _put(book, key, block)
        return set()
    prefix = _member(key, "")
    names = book.scan(prefix, 2 * CAP)
    for name in names:
        book.put(name, None)
    refs = sorted(name.removeprefix(prefix) for name in names)
    deals = tuple(ref for ref in refs if ref.split("/")[1] == "deal")
    offers = tuple(ref for ref in refs if ref.split("/")[1] != "deal")
    _put(book, key, block.model_copy(update={"deals": deals, "offers": offers}))
    return set(refs)


def _hot(block: Block) -> bool:
    return block.deal_count > CAP or block.offer_count > CAP


def _block(book: Pages[Any], key: str) -> Block:
    return book.get(f"match/key/{key}", Block) or Block()


def _put(book: Pages[Any], key: str, block: Block) -> None:
    book.put(f"match/key/{key}", block if block.deal_count or block.offer_count else None)


def _member(key: str, ref: str) -> str:
    return f"match/of/{key}\t{ref}"
