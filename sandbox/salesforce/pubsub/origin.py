"""Which API a write came in by: kept per request, read when its transaction commits; it never refuses a request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aiohttp import web
from aiohttp.typedefs import Handler

_ORIGIN: ContextVar[str] = ContextVar("change_origin", default="")
_PATH = re.compile(r"/services/data/v(\d+\.\d)/(jobs/)?")
_CLIENT = re.compile(r"client\s*=\s*([^,;\s]+)")


def current() -> str:
    """The changeOrigin of a write made now; empty for one that no API call made."""
    return _ORIGIN.get()


@contextmanager
def made_by(origin: str) -> Iterator[None]:
    """Writes inside carry this origin, for example `com/salesforce/api/soap/59.0;client=SfdcInternalAPI/`."""
    token = _ORIGIN.set(origin)
    try:
        yield
    finally:
        _ORIGIN.reset(token)


def of_request(path: str, call_options: str) -> str:
    """`com/salesforce/api/rest/59.0;client=X`; the client is there only if Sforce-Call-Options names one."""
    found = _PATH.match(path)
    if found is None:
        return ""
    client = _CLIENT.search(call_options)
    api = "bulkapi" if found.group(2) else "rest"
    return f"com/salesforce/api/{api}/{found.group(1)}" + (f";client={client.group(1)}" if client else "")


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    with made_by(of_request(request.path, request.headers.get("Sforce-Call-Options", ""))):
        return await handler(request)
