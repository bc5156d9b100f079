"""Writes what people ruled as labelled pairs, for `tandem model train`; it never says who ruled what."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from schemas.entities import Account
from tandem.ledger.overlaps import Verdict

# What matching reads of an account, but for lists and numbers that no CSV of a CRM has.
FIELDS = ("name", "website", "country", "city", "postal_code", "street", "phone", "industry", "employees")
LISTS = ("domains", "former_domains", "contact_domains", "other_names")
HEADER = (
    "our_id",
    "partner_id",
    "verdict",
    *(f"{side}_{name}" for side in ("our", "partner") for name in (*FIELDS, *LISTS)),
)


@dataclass(frozen=True, slots=True)
class Exported:
    """How many pairs were written, and of how many the ledger has no fields (any more)."""

    path: str
    pairs: int
    left_out: int


def export(path: Path, pairs: Iterable[tuple[Verdict, Account | None, Account | None]]) -> Exported:
    """One row a pair, UTF-8. Raises `OSError`."""
    written = left_out = 0
    with path.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(HEADER)
        for verdict, ours, theirs in pairs:
            if ours is None or theirs is None:
                left_out += 1
                continue
            rows.writerow([verdict.ours, verdict.theirs, verdict.verdict, *_cells(ours), *_cells(theirs)])
            written += 1
    return Exported(str(path), written, left_out)


def _cells(account: Account) -> list[object]:
    plain = [getattr(account, name) for name in FIELDS]
    lists = ["; ".join(getattr(account, name)) for name in LISTS]
    return ["" if each is None else each for each in (*plain, *lists)]
