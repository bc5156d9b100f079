"""The state under one match key: who holds it, how many of each party, and who meets whom; it decides nothing.

Rows are text of their own, not JSON objects: a decision may read a hundred of them, and looks into few.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.messages import AccountCard
from streams.matching.keys import CAP, cap

RULED = "ruled:"  # keys that a person's ruling gives to two records: under them everything passes
COUNTS = "#"  # the name of the row of counts; sorts before every party
SEPARATOR = "\x1e"  # JSON text escapes it, so that no part holds it


def most(key: str) -> int:
    """A key that more than this many accounts of one side hold is hot."""
    return CAP if key.startswith(RULED) else cap(key)


class Holder(NamedTuple):
    """An account that holds the key. `card` and `features` are JSON text; `met`: rows of the other side it passes with.

    `at`: when its last change happened, in ISO 8601.
    """

    version: int
    at: str
    features: str
    card: str = ""
    met: tuple[str, ...] = ()

    def shown(self) -> AccountCard | None:
        """What an overlap shows of it."""
        return AccountCard.model_validate_json(self.card) if self.card else None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many accounts of each party hold the key."""

    by_party: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stale:
    """A row of version 0.1, which kept no counts: as if it were not there, until the account is told of again."""


Row = Holder | Counts | Stale


class Rows:
    """Reads and writes the rows (`streams.decision.RowFormat`)."""

    def dump_json(self, row: Row, /) -> bytes:
        """A row as it is stored."""
        if not isinstance(row, Holder):
            counts = row.by_party if isinstance(row, Counts) else {}
            return b"#" + json.dumps(counts, separators=(",", ":")).encode()
        parts = (str(row.version), row.at, row.features, row.card, *row.met)
        return SEPARATOR.join(parts).encode()

    def validate_json(self, stored: bytes, /) -> Row:
        """A row as it was stored, by this version or one before."""
        if stored[:1] == b"#":
            return Counts(json.loads(stored[1:]))
        if stored[:1] == b"{":
            return Stale()
        version, at, features, card, *met = stored.decode().split(SEPARATOR)
        return Holder(int(version), at, features, card, tuple(met))


def row_of(party: str, ref: str) -> str:
    """The name of the row of a holder."""
    return f"{party}/{ref}"


def party_of(row: str) -> str:
    """Whose row it is."""
    return row.partition("/")[0]


def ref_of(row: str) -> str:
    """The record of a row."""
    return row.partition("/")[2]
