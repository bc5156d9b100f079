"""query, queryAll and their next pages."""

from __future__ import annotations

from aiohttp import web

from ..errors import SalesforceError
from ..soql import engine
from .wire import answer, org_of, version_of


async def query(request: web.Request) -> web.Response:
    return _run(request, "query")


async def query_all(request: web.Request) -> web.Response:
    return _run(request, "queryAll")


async def next_page(request: web.Request) -> web.Response:
    cursors = org_of(request).cursors
    size = cursors.batch_size(request.headers.get("Sforce-Query-Options"))
    return answer(cursors.next(request.match_info["locator"], size, version_of(request)))


def _run(request: web.Request, resource: str) -> web.Response:
    org, version = org_of(request), version_of(request)
    text = request.query.get("q")
    if text is None:
        raise SalesforceError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    result = engine.run(org.store, text, org.clock(), with_deleted=resource == "queryAll")
    size = org.cursors.batch_size(request.headers.get("Sforce-Query-Options"))
    return answer(org.cursors.first(result, resource, size, version))
