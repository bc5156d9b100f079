"""Reads pairs of ids that are known to be one company, or that shall not count; it never judges them."""

from dataclasses import dataclass
from pathlib import Path

from connectors.errors import BadInput
from mappings.errors import UnconvertibleError
from tandem.mapping.files import Source, in_words_of, opened
from tandem.mapping.lists import TEXT, AccountList

Ids = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KnownPairs:
    """Pairs of our id and the partner's id. `strange` have an id that the lists do not."""

    pairs: frozenset[Ids]
    strange: tuple[Ids, ...] = ()


def read_pairs(path: Path, ours: AccountList, theirs: AccountList) -> KnownPairs:
    """The first two columns of a list. A first line of two ids of the lists is a pair, not column names.

    Raises `BadInput` where there are not two columns, or no pair has ids of both lists; `ConfigError`.
    """
    source = Source(path)
    found = opened(source)
    if len(found.columns) < 2:
        raise BadInput(f"{path} has one column.", "write our id and the partner's id in the first two columns")
    first, second = found.columns[:2]
    pairs: list[Ids] = [(first, second)] if first in ours.accounts and second in theirs.accounts else []
    with in_words_of(source):
        rows = list(found.rows((first, second)))
    for row in rows:
        if row.fault:
            raise BadInput(f"{path} row {row.number}: {row.fault.reason}", row.fault.remedy)
        try:
            pairs.append((_id(row.cells.get(first)), _id(row.cells.get(second))))
        except UnconvertibleError as error:
            raise BadInput(f"{path} row {row.number}: {error.reason}", error.remedy) from error
    strange = tuple(pair for pair in pairs if pair[0] not in ours.accounts or pair[1] not in theirs.accounts)
    if len(strange) == len(pairs):
        raise BadInput(
            f"no row of {path} has an id of {ours.source.name} in the column {first!r} and one of {theirs.source.name}"
            f" in {second!r}.",
            "write our id and the partner's id in the first two columns, in this order",
        )
    return KnownPairs(frozenset(pairs), strange)


def _id(cell: object) -> str:
    return "" if cell is None else str(TEXT.to_canonical(cell))
