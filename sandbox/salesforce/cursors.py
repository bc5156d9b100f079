"""Open query results by locator, so that the next pages are of the same snapshot; it never runs a query."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from . import ids
from .errors import SalesforceError
from .soql.engine import Result

# Ten open cursors per user were the documented allowance; opening one more drops the oldest.
MAX_OPEN = 10
MIN_BATCH, MAX_BATCH = 200, 2000


class Cursors:
    """`page_size` caps every page, below 200 too: the platform promises no batch size, only an upper bound."""

    def __init__(self, page_size: int = MAX_BATCH) -> None:
        self._open: OrderedDict[str, tuple[Result, str]] = OrderedDict()
        self._count = 0
        self._page_size = page_size

    def batch_size(self, options: str | None) -> int:
        """From `Sforce-Query-Options: batchSize=500`, held to 200..2000."""
        wanted = MAX_BATCH
        for part in (options or "").split(","):
            name, _, number = part.strip().partition("=")
            if name.lower() == "batchsize" and number.isdigit():
                wanted = int(number)
        return min(max(MIN_BATCH, min(wanted, MAX_BATCH)), self._page_size)

    def first(self, result: Result, resource: str, size: int, version: str) -> dict[str, Any]:
        locator = ""
        if result.printable > size:
            self._count += 1
            locator = ids.make("01g", self._count)
            self._open[locator] = (result, resource)
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
        return self._page((result, resource), locator, 0, size, version)

    def next(self, text: str, size: int, version: str) -> dict[str, Any]:
        """Raises INVALID_QUERY_LOCATOR for a locator that is unknown or was dropped."""
        locator, _, start = text.rpartition("-")
        known = self._open.get(locator)
        if known is None or not start.isdigit() or not 0 < int(start) < known[0].printable:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(known, locator, int(start), size, version)

    def drop_all(self) -> None:
        self._open.clear()

    def _page(self, opened: tuple[Result, str], locator: str, start: int, size: int, version: str) -> dict[str, Any]:
        result, resource = opened
        end = start + size
        done = end >= result.printable
        page: dict[str, Any] = {"totalSize": result.size, "done": done}
        if not done:
            page["nextRecordsUrl"] = f"/services/data/{version}/{resource}/{locator}-{end}"
        page["records"] = result.page(start, end, version)
        return page
