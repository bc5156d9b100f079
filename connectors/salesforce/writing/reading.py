"""Reads the records that writes are for, in few calls; it never writes and never judges."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from email.utils import format_datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from connectors.errors import StopMapping
from connectors.salesforce import soql
from connectors.salesforce.client import Client, Mismatch, Row
from connectors.salesforce.errors import Recovery, disposition
from connectors.salesforce.writing.rows import ID_LENGTH, Item, key_field
from mappings.errors import nearest
from mappings.table import EntityMap
from schemas.messages import MatchBy

# The most that one call of the collections resource takes to read by POST (developer.salesforce.com, Get Records).
RETRIEVED = 2000
TAGGED = "Account"  # the only object whose rows have an ETag (developer.salesforce.com, Conditional Request Headers)


class Reader:
    """Records as they stand now, with the fields that the mapping needs."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def stored(self, table: EntityMap, items: Sequence[Item]) -> dict[int, Row]:
        """By index of the item. One that is unknown, deleted, or there several times is absent: the write tells it."""
        found: dict[int, Row] = {}
        for match_by in MatchBy:
            chosen = [item for item in items if item.match_by is match_by]
            fields = sorted({"Id"}.union(*(item.watched(table) for item in chosen)))
            if not chosen:
                continue
            if match_by is MatchBy.EXTERNAL_ID:
                keyed = self.by_key(table, [item.key for item in chosen], fields)
                found |= {item.index: keyed[item.key] for item in chosen if item.key in keyed}
            else:
                rows = self._by_id(table, [item.key for item in chosen if _is_id(item.key)], fields)
                found |= {i.index: rows[i.key[:ID_LENGTH]] for i in chosen if i.key[:ID_LENGTH] in rows}
        return found

    def by_key(self, table: EntityMap, keys: Iterable[str], fields: Sequence[str]) -> dict[str, Row]:
        """Records by external id, as it was asked for."""
        name, wanted = key_field(table, MatchBy.EXTERNAL_ID), list(dict.fromkeys(keys))
        rows = self._all(table, list(dict.fromkeys([name, *fields])), name, wanted)
        exact: dict[str, list[Row]] = {}
        folded: dict[str, list[Row]] = {}
        for row in rows:
            exact.setdefault(str(row[name]), []).append(row)
            folded.setdefault(_folded(str(row[name])), []).append(row)
        # A field compares without regard to case unless it is marked so: what comes back is what Salesforce means.
        found = {key: exact.get(key) or folded.get(_folded(key), []) for key in wanted}
        return {key: same[0] for key, same in found.items() if len(same) == 1}

    def _all(self, table: EntityMap, fields: Sequence[str], name: str, wanted: Sequence[str]) -> list[Row]:
        """Every record of the values: where the org cuts an answer short, those that are missing are asked for again."""
        rows: list[Row] = []
        whole = False
        while wanted and not whole:
            pages = [self._client.query(query) for query in soql.lookups(table.object, fields, name, wanted)]
            rows += [row for page in pages for row in page.rows]
            if rows and name not in rows[0]:
                # A query takes any case, an answer has Salesforce's own.
                reason = f"Salesforce answers {table.object} without {name!r}"
                raise StopMapping(reason, f"in mappings/{table.system}.toml, {nearest(name, rows[0])}")
            seen = {_folded(str(row[name])) for row in rows}
            left = [value for value in wanted if _folded(value) not in seen]
            whole = all(page.whole for page in pages) or len(left) == len(wanted)
            wanted = left
        return rows

    def _by_id(self, table: EntityMap, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Row]:
        """Records by the first 15 characters of their id."""
        rows: list[Row | None] = []
        if any("." in name for name in fields):
            # Only a query follows a path to a parent.
            rows += self._all(table, fields, "Id", ids)
        else:
            for chunk in _chunks(ids, RETRIEVED):
                rows += self._retrieved(table, chunk, fields)
        return {row["Id"][:ID_LENGTH]: row for row in rows if row is not None}

    def _retrieved(self, table: EntityMap, ids: list[str], fields: Sequence[str]) -> list[Row | None]:
        body = {"ids": ids, "fields": list(fields)}
        try:
            return self._client.rest("POST", f"composite/sobjects/{table.object}", body) or []
        except Mismatch as mismatch:
            if disposition(mismatch.failure).recovery is Recovery.STOP:
                raise
            # One id of another object refuses the reading of all; the write tells it for that row alone.
            if len(ids) == 1:
                return []
            half = len(ids) // 2
            return [*self._retrieved(table, ids[:half], fields), *self._retrieved(table, ids[half:], fields)]

    def one(self, table: EntityMap, item: Item) -> tuple[Row, dict[str, str]] | None:
        """One record, and the headers under which it is written only as long as it is as it was read; None if absent.

        Raises `Mismatch`, also where several records have the external id.
        """
        names = sorted({"Id", "LastModifiedDate", *item.watched(table)})
        try:
            answer = self._client.raw("GET", path_of(table, item), params={"fields": ",".join(names)})
        except Mismatch as mismatch:
            known = disposition(mismatch.failure).recovery
            if mismatch.failure.code == "NOT_FOUND" or known is Recovery.RESOLVE:
                return None
            raise
        row = answer.json()
        tag = answer.headers.get("ETag")
        if table.object == TAGGED and tag:
            return row, {"If-Match": tag}
        return row, {"If-Unmodified-Since": http_date(row["LastModifiedDate"])}


def path_of(table: EntityMap, item: Item) -> str:
    """The row resource of an item below /services/data/vNN.N/."""
    if item.match_by is MatchBy.ID:
        return f"sobjects/{table.object}/{quote(item.key, safe='')}"
    return f"sobjects/{table.object}/{key_field(table, item.match_by)}/{quote(item.key, safe='')}"


def http_date(stamp: str) -> str:
    """A stamp of an answer as HTTP headers have it: whole seconds."""
    return format_datetime(soql.parsed(stamp).astimezone(UTC), usegmt=True)


def _folded(value: str) -> str:
    return value.strip().casefold()


def _is_id(text: str) -> bool:
    return len(text) in {ID_LENGTH, 18} and text.isalnum() and text.isascii()


def _chunks(values: Sequence[Any], size: int) -> Iterable[list[Any]]:
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
