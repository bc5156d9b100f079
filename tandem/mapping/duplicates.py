"""Accounts of one list that are one company, by the same matcher; it never looks at the other list.

Cheap at a million accounts: only accounts that share a strong key (a registration id; domain and name; name, country and
city) are scored, each with the first of its block.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from streams.matching.features import Features, features
from streams.matching.keys import CAP
from streams.matching.score import score
from tandem.mapping.engine import Held, held
from tandem.mapping.frames import Frame

LINKED = "linked"
AT_ONCE = 16384
LONGEST = 150_000  # accounts of a list in which a command looks for them: seconds, beside those that comparing takes
TELLING = ("name", "website", "phone")


def further(frame: Frame) -> int | None:
    """How many accounts of a list are further records of a company that is there already; None in a list too long.

    Only accounts that share the letters of a name, website, phone or registration number with another are looked at.
    """
    if len(frame) > LONGEST:
        return None
    rows = _suspects(frame)
    suspects = {frame.id(row): features(each) for row, each in zip(rows, _held(frame, rows), strict=True)}
    return sum(len(group) - 1 for group in duplicates(suspects))


def _held(frame: Frame, rows: list[int]) -> Iterator[Held]:
    taken = Frame(frame.table, frame.ids.take(pa.array(rows, pa.int64())), frame.cells.take(pa.array(rows, pa.int64())))
    for low in range(0, len(rows), AT_ONCE):
        yield from held(taken, low, low + AT_ONCE)


def _suspects(frame: Frame) -> list[int]:
    told = [name for name in frame.cells.column_names if name in TELLING or name.startswith("registration_ids.")]
    found = np.zeros(len(frame), dtype=bool)
    for name in told:
        letters = pc.replace_substring_regex(pc.utf8_lower(frame.cells[name]), r"^https?://|^www\.|[^\pL\pN]", "")
        codes = pc.fill_null(letters.combine_chunks().dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
        counts = np.bincount(codes + 1)
        counts[0] = 0  # blank
        found |= (counts[codes + 1] > 1) & (counts[codes + 1] <= CAP)
    return np.flatnonzero(found).tolist()


def duplicates(accounts: Mapping[str, Features]) -> list[tuple[str, ...]]:
    """Groups of two ids and more that are surely one company, each id in one group, in the order of the list."""
    ids = list(accounts)
    leader = list(range(len(ids)))

    def found(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    for block in _blocks(accounts.values()):
        first = accounts[ids[block[0]]]
        for index in block[1:]:
            if found(index) == found(block[0]):
                continue
            match = score(first, accounts[ids[index]])
            if match and match.band == LINKED and match.relation == "same":
                low, high = sorted((found(block[0]), found(index)))
                leader[high] = low
    sizes = Counter(found(index) for index in range(len(ids)))
    groups: dict[int, list[str]] = {index: [] for index, size in sizes.items() if size > 1}
    for index, account_id in enumerate(ids):
        if (head := found(index)) in groups:
            groups[head].append(account_id)
    return [tuple(group) for group in groups.values()]


def _blocks(accounts: Iterable[Features]) -> Iterator[list[int]]:
    """The indexes of accounts that share a key, at most `CAP` of them: a key that more have says nothing."""
    hashes, holders = array("q"), array("l")
    for index, account in enumerate(accounts):
        for key in _keys(account):
            hashes.append(hash(key))
            holders.append(index)
    if not hashes:
        return
    codes, owners = np.frombuffer(hashes, dtype=np.int64), np.frombuffer(holders, dtype=np.int64)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=codes[order[0]] - 1))
    sizes = np.diff(starts, append=len(order))
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        if size <= CAP:
            yield owners[order[start : start + size]].tolist()


def _keys(account: Features) -> Iterator[tuple[str, ...]]:
    for kind, number in account.ids:
        yield ("id", kind, number)
    if account.words and account.domains:
        yield ("domain", account.domains[0], *account.words)
    if account.words and (account.city or account.postal_code):
        yield ("place", account.country, account.city or account.postal_code, *account.words)
