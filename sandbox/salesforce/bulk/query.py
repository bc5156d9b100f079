"""Query jobs: SOQL that Bulk API 2.0 takes, run when the job is, and its rows in pages of CSV; it never writes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from ..errors import SalesforceError
from ..soql import ast, engine
from ..soql.parser import parse
from ..store import Store
from ..times import Clock
from . import tables
from .jobs import JobInfo


class QueryJob:
    """A `jobs.Job`. The rows are those of the moment at which the job runs."""

    def __init__(self, info: JobInfo, soql: str, store: Store, clock: Clock) -> None:
        self.info = info
        self._soql, self._store, self._clock = soql, store, clock
        self._header: list[str] = []
        self._rows: list[list[str]] = []

    def work(self, rows: int | None) -> bool:
        """A query is done in one go: it has no rows half done."""
        if rows == 0:
            return False
        scope, query, found = engine.select(self._store, self._soql, self._clock(), self.info.operation == "queryAll")
        columns = [scope.column(item.path) for item in query.select if isinstance(item, ast.FieldItem)]
        # "In version 49.0 and earlier, the order of the columns is returned alphabetically" (query_get_job_results).
        if float(self.info.version[1:]) < 50:
            columns.sort(key=lambda one: one.name)
        self._header = [one.name for one in columns]
        self._rows = [[tables.printed(one.get(row)) for one in columns] for row in found]
        self.info.processed = len(found)
        return True

    def page(self, locator: str | None, size: int) -> tuple[bytes, int, str]:
        """(CSV with a header, rows in it, locator of the next page or `null`)."""
        start = _position(locator) if locator else 0
        if start and start >= len(self._rows):
            raise bad_locator(locator)
        part = self._rows[start : start + size]
        rest = start + len(part)
        between = tables.DELIMITERS[self.info.delimiter]
        header = between.join(tables.quote(name) for name in self._header)
        body = tables.write(header, part, self.info.delimiter, self.info.line_ending)
        return body, len(part), _locator(rest) if rest < len(self._rows) else "null"


def check(store: Store, soql: str, clock: Clock) -> str:
    """The object of a query; raises for SOQL that is wrong, and for what Bulk API 2.0 does not take.

    Refused (docs, "Bulk API 2.0 doesn't support SOQL queries that include"): GROUP BY, OFFSET, aggregate functions,
    parent-to-child queries. The words are ours, after the recorded "Blob field not supported in Bulk V2 Query".
    """
    query = parse(soql)
    refused = _refused(query.select)
    if query.group_by:
        refused = "GROUP BY"
    if query.offset:
        refused = "OFFSET"
    if refused:
        raise SalesforceError("API_ERROR", f"{refused} not supported in Bulk V2 Query with CSV content type")
    scope, _, _ = engine.select(store, soql, clock())
    return scope.sobject.name


def _refused(select: Sequence[ast.SelectItem]) -> str | None:
    names = {ast.Aggregate: "Aggregate functions", ast.ChildQuery: "Aggregate Relationships", ast.FieldsOf: "FIELDS()"}
    return next((names[type(item)] for item in select if type(item) in names), None)


def _locator(position: int) -> str:
    """As on record: MTAwMDA is 10000 in base64 without its padding."""
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def _position(locator: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (binascii.Error, ValueError):
        raise bad_locator(locator) from None


def bad_locator(locator: str | None) -> SalesforceError:
    return SalesforceError("INVALID_QUERY_LOCATOR", f"invalid query locator: {locator}")
