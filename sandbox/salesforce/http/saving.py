"""The writes of one call: the org's, with what the call's headers say about saving; it decides nothing itself."""

from __future__ import annotations

from aiohttp import web

from ..dml import Dml
from ..rules import options
from .wire import org_of, version_of

# How many rows a collection call applies before its connection breaks; set by a half_batch fault.
STOP_AFTER: web.RequestKey[int] = web.RequestKey("stop_after", int)


def dml_of(request: web.Request) -> Dml:
    return org_of(request).dml.bound(options.read(request.headers, version_of(request)))


def stop_after(request: web.Request) -> int | None:
    return request.get(STOP_AFTER)
