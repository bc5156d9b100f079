"""What a line of the output says of an overlap, or of a row that could not be used; it never writes it."""

import json
from collections.abc import Iterable, Iterator

from schemas.entities import Account
from tandem.mapping.lists import AccountList, Refused
from tandem.mapping.pairs import Pair
from tandem.mapping.writing import Layout, Record

OVERLAPS: Layout = {
    "our_id": "text",
    "partner_id": "text",
    "relation": "text",
    "confidence": "number",
    "reasons": "texts",
    "doubts": "texts",
    "rank": "integer",
    "our_name": "text",
    "partner_name": "text",
    "our_population": "text",
    "partner_population": "text",
    "our_owner": "text",
    "partner_owner": "text",
    "our_website": "text",
    "partner_website": "text",
}
REJECTED: Layout = {
    "file": "text",
    "row": "integer",
    "code": "text",
    "column": "text",
    "reason": "text",
    "remedy": "text",
    "cells": "text",
    "surplus": "texts",
}


def overlaps(pairs: Iterable[Pair], ours: AccountList, theirs: AccountList) -> Iterator[Record]:
    """A record for each pair, as `OVERLAPS` lays it out."""
    for pair in pairs:
        match = pair.match
        yield {
            "our_id": pair.ours,
            "partner_id": pair.theirs,
            "relation": match.relation,
            "confidence": match.confidence,
            "reasons": match.reasons,
            "doubts": match.doubts,
            "rank": pair.rank,
            **_side("our", ours.accounts[pair.ours]),
            **_side("partner", theirs.accounts[pair.theirs]),
        }


def rejected(rows: Iterable[Refused]) -> Iterator[Record]:
    """A record for each refused row, as `REJECTED` lays it out; `cells` is the row as a JSON object."""
    for row in rows:
        yield {
            "file": row.file,
            "row": row.row,
            "code": row.fault.code,
            "column": row.fault.column,
            "reason": row.fault.reason,
            "remedy": row.fault.remedy,
            "cells": json.dumps(row.cells, default=str, ensure_ascii=False),
            "surplus": row.surplus,
        }


def _side(side: str, account: Account) -> dict[str, object]:
    return {
        f"{side}_name": account.name,
        f"{side}_population": account.population.value,
        f"{side}_owner": account.owner_name or account.owner_email,
        f"{side}_website": account.website,
    }
