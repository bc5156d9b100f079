"""What a line of the output says of an overlap, or of a row that could not be used; it never writes it."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from tandem.mapping.lists import AccountList, Refused
from tandem.mapping.pairs import Pair
from tandem.mapping.summary import PLAYS
from tandem.mapping.writing import Layout, Record

OVERLAPS: Layout = {
    "our_id": "text",
    "partner_id": "text",
    "relation": "text",
    "confidence": "number",
    "reasons": "texts",
    "doubts": "texts",
    "rank": "integer",
    "band": "text",
    "kin": "text",
    "play": "text",
    "our_name": "text",
    "partner_name": "text",
    "our_population": "text",
    "partner_population": "text",
    "our_owner": "text",
    "partner_owner": "text",
    "our_website": "text",
    "partner_website": "text",
}
AT_ONCE = 10_000  # records whose cells are read together
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
    waiting = iter(pairs)
    while some := list(islice(waiting, AT_ONCE)):
        mine = _cells("our", ours, [pair.ours for pair in some])
        other = _cells("partner", theirs, [pair.theirs for pair in some])
        for pair, our_cells, their_cells in zip(some, mine, other, strict=True):
            match = pair.match
            play = PLAYS[ours.population(pair.ours), theirs.population(pair.theirs)]
            yield {
                "our_id": pair.ours,
                "partner_id": pair.theirs,
                "relation": match.relation,
                "confidence": match.confidence,
                "reasons": match.reasons,
                "doubts": match.doubts,
                "rank": pair.rank,
                "band": match.band,
                "kin": match.kin,
                "play": play.name if match.relation == "same" else "",
                **our_cells,
                **their_cells,
            }


def introduced(pairs: Iterable[Pair], ours: AccountList, theirs: AccountList) -> Iterator[Record]:
    """A record for each introduction to ask for: to whom, whom to ask, and for whom."""
    for pair in pairs:
        mine, other = ours.accounts[pair.ours], theirs.accounts[pair.theirs]
        yield {
            "our_id": pair.ours,
            "partner_id": pair.theirs,
            "name": mine.name,
            "partner_population": other.population.value,
            "ask": other.owner_name or other.owner_email,
            "for": mine.owner_name or mine.owner_email,
            "confidence": pair.match.confidence,
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


def _cells(side: str, accounts: AccountList, ids: list[str]) -> Iterator[Record]:
    """What a record says of one side, for many at once: an account each would take longer than all the rest."""
    names = ("name", "owner_name", "owner_email", "website")
    columns = (accounts.accounts.of(name, ids) for name in names)
    for account_id, name, owner, email, website in zip(ids, *columns, strict=True):
        yield {
            f"{side}_name": name,
            f"{side}_population": accounts.population(account_id).value,
            f"{side}_owner": owner or email,
            f"{side}_website": website,
        }
