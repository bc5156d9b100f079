"""Sends writes in calls of the sObject collections, and a single one under a condition; it decides nothing."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors.base import Applied
from connectors.errors import RetryLater
from connectors.salesforce.client import Client, Mismatch
from connectors.salesforce.errors import Failure, Recovery, disposition, of_row
from connectors.salesforce.writing.rows import HEADERS, Item, Result, apart, key_field
from mappings.table import EntityMap
from schemas.messages import MatchBy, WriteAction

# The most that one call of the collections resource takes (developer.salesforce.com, sObject Collections).
COLLECTION = 200


class Collections:
    """Upserts by external id, updates and deletions by id. Raises where the org is busy, or no row can succeed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def save(self, table: EntityMap, items: Sequence[Item]) -> dict[int, Result]:
        """What became of each item."""
        done: dict[int, Result] = {}
        for match_by in MatchBy:
            for together in apart([item for item in items if item.match_by is match_by]):
                path = "composite/sobjects"
                if match_by is MatchBy.EXTERNAL_ID:
                    path = f"{path}/{table.object}/{key_field(table, match_by)}"
                done |= self._in_chunks(together, partial(self._saved, table, path))
        return done

    def delete(self, items: Sequence[Item]) -> dict[int, Result]:
        """What became of each item, by `target`; one that is gone already is applied, unchanged."""
        done: dict[int, Result] = {}
        for together in apart(items):
            done |= self._in_chunks(together, self._deleted)
        return done

    def save_as_read(self, table: EntityMap, item: Item) -> Result:
        """One record, if it is still as it was read: Salesforce itself looks (REST guide, Conditional Requests)."""
        path = f"sobjects/{table.object}/{item.target}"
        try:
            self._client.rest("PATCH", path, dict(item.values), {**HEADERS, **item.condition})
        except Mismatch as mismatch:
            return _failure(mismatch)
        return Applied(item.target)

    def _in_chunks(
        self, items: Sequence[Item], call: Callable[[Sequence[Item]], Sequence[Result]]
    ) -> dict[int, Result]:
        done: dict[int, Result] = {}
        for start in range(0, len(items), COLLECTION):
            done |= _halving(items[start : start + COLLECTION], call)
        return done

    def _saved(self, table: EntityMap, path: str, items: Sequence[Item]) -> Sequence[Result]:
        body = {"allOrNone": False, "records": [item.record(table) for item in items]}
        return _results(items, self._client.rest("PATCH", path, body, HEADERS))

    def _deleted(self, items: Sequence[Item]) -> Sequence[Result]:
        path = f"composite/sobjects?ids={','.join(quote(item.target, safe='') for item in items)}&allOrNone=false"
        results = _results(items, self._client.rest("DELETE", path, None, HEADERS))
        return [archived(item, result) for item, result in zip(items, results, strict=True)]


def archived(item: Item, result: Result) -> Result:
    """The result, unless it is of an archive that met a deleted record: that has nothing left to do."""
    gone = isinstance(result, Failure) and disposition(result).recovery is Recovery.RESOLVE
    if gone and item.write.action is WriteAction.ARCHIVE:
        return Applied(item.target, changed=False)
    return result


def _halving(items: Sequence[Item], call: Callable[[Sequence[Item]], Sequence[Result]]) -> dict[int, Result]:
    """A call that is refused as a whole because of one row is made again in halves, until that row is alone."""
    try:
        return {item.index: result for item, result in zip(items, call(items), strict=True)}
    except Mismatch as mismatch:
        failure = _failure(mismatch)
        if len(items) == 1:
            return {items[0].index: failure}
        half = len(items) // 2
        return {**_halving(items[:half], call), **_halving(items[half:], call)}


def _failure(mismatch: Mismatch) -> Failure:
    """The failure of the row; raises where no row can succeed."""
    if disposition(mismatch.failure).recovery is Recovery.STOP:
        raise mismatch
    return mismatch.failure


def _results(items: Sequence[Item], results: Any) -> Sequence[Result]:
    """Raises where Salesforce answers for another number of rows: nothing is guessed."""
    if len(results or []) != len(items):
        raise RetryLater(f"Salesforce answered {len(results or [])} results for {len(items)} records")
    return [Applied(each["id"]) if each["success"] else of_row(each["errors"]) for each in results]
