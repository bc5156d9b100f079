"""The webhooks journal on the wire: entries, the files behind them, subscriptions, and the token endpoint."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from aiohttp import web

from .. import times
from ..auth import OAuthError, require
from ..errors import HubSpotError, invalid_input
from ..journal import MAX_COUNT, JournalPage
from .guards import FILES
from .wire import SERVER, SESSION, answer, correlation_id, json_object, no_content, portal_of

_SCOPE = "developer.webhooks_journal"


async def token(request: web.Request) -> web.Response:
    form = {key: str(value) for key, value in (await request.post()).items()}
    try:
        return answer(portal_of(request).auth.token(form))
    except OAuthError as refused:
        body = {"status": refused.status, "message": refused.message, "correlationId": correlation_id(request)}
        return answer(body, 400)


async def earliest(request: web.Request) -> web.Response:
    _check(request)
    return _one(request, portal_of(request).journal.earliest())


async def latest(request: web.Request) -> web.Response:
    _check(request)
    return _one(request, portal_of(request).journal.latest())


async def following(request: web.Request) -> web.Response:
    """204 when nothing follows yet, 404 for an offset that is unknown or older than three days."""
    _check(request)
    return _one(request, portal_of(request).journal.after(request.match_info["offset"]))


async def batch_earliest(request: web.Request) -> web.Response:
    _check(request)
    return _several(request, portal_of(request).journal.earliest(_count(request)))


async def batch_latest(request: web.Request) -> web.Response:
    _check(request)
    return _several(request, portal_of(request).journal.latest(_count(request)))


async def batch_following(request: web.Request) -> web.Response:
    _check(request)
    return _several(request, portal_of(request).journal.after(request.match_info["offset"], _count(request)))


async def batch_read(request: web.Request) -> web.Response:
    """POST {"inputs": [offsets]}; those that cannot be had are errors of a 207."""
    _check(request)
    offsets = (await json_object(request)).get("inputs")
    if not isinstance(offsets, list) or not 1 <= len(offsets) <= MAX_COUNT:
        raise invalid_input(f"inputs must be a list of 1 to {MAX_COUNT} offsets")
    found = {str(one): portal_of(request).journal.page(str(one)) for one in offsets}
    lost = [
        HubSpotError(404, f"Journal offset {one} has expired or does not exist", "OBJECT_NOT_FOUND",
                     context={"offset": [one]}).row(None)
        for one, page in found.items() if page is None
    ]  # fmt: skip
    return _several(request, [page for page in found.values() if page is not None], lost)


async def file(request: web.Request) -> web.Response:
    """What the signed URL leads to: no token, but an end in time, then 403."""
    portal, offset = portal_of(request), request.match_info["offset"]
    expires = request.query.get("X-Expires", "")
    page = portal.journal.page(offset)
    if request.query.get("X-Signature") != _signature(offset, expires):
        return _denied("SignatureDoesNotMatch", 403)
    if not expires.isdecimal() or int(expires) <= times.millis(portal.clock()):
        return _denied("Request has expired", 403)
    return answer(page.body()) if page is not None else _denied("NoSuchKey", 404)


async def list_subscriptions(request: web.Request) -> web.Response:
    require(request[SESSION], f"{_SCOPE}.subscriptions.read", f"{_SCOPE}.subscriptions.write")
    return answer({"results": list(portal_of(request).journal.subscriptions.values())})


async def subscribe(request: web.Request) -> web.Response:
    require(request[SESSION], f"{_SCOPE}.subscriptions.write")
    return answer(portal_of(request).journal.subscribe(await json_object(request)))


async def unsubscribe(request: web.Request) -> web.Response:
    require(request[SESSION], f"{_SCOPE}.subscriptions.write")
    known = portal_of(request).journal.subscriptions
    if int(request.match_info["id"]) not in known:
        raise HubSpotError(404, "resource not found", "OBJECT_NOT_FOUND")
    del known[int(request.match_info["id"])]
    return no_content()


async def unsubscribe_portal(request: web.Request) -> web.Response:
    require(request[SESSION], f"{_SCOPE}.subscriptions.write")
    portal = portal_of(request)
    if int(request.match_info["id"]) == portal.id:
        portal.journal.subscriptions.clear()
    return no_content()


def _check(request: web.Request) -> None:
    require(request[SESSION], f"{_SCOPE}.read")
    wanted = request.query.get("installPortalId")
    if wanted is not None and wanted != str(portal_of(request).id):
        raise HubSpotError(400, f"The app is not installed in portal {wanted}")


def _count(request: web.Request) -> int:
    count = int(request.match_info["count"])
    if not 1 <= count <= MAX_COUNT:
        raise HubSpotError(400, f"count must be from 1 to {MAX_COUNT}")
    return count


def _one(request: web.Request, pages: list[JournalPage]) -> web.Response:
    return answer(_entry(request, pages[0])) if pages else no_content()


def _several(
    request: web.Request, pages: list[JournalPage], errors: list[dict[str, Any]] | None = None
) -> web.Response:
    now = times.iso(times.to_milli(portal_of(request).clock()))
    body = {
        "status": "COMPLETE",
        "results": [_entry(request, one) for one in pages],
        "startedAt": now,
        "completedAt": now,
    }
    return answer({**body, "errors": errors, "numErrors": len(errors)} if errors else body, 207 if errors else 200)


def _entry(request: web.Request, page: JournalPage) -> dict[str, Any]:
    portal = portal_of(request)
    expires = portal.clock() + timedelta(seconds=portal.settings.journal_url_life)
    query = f"X-Expires={times.millis(expires)}&X-Signature={_signature(page.offset, str(times.millis(expires)))}"
    url = f"{request.app[SERVER].base_url}{FILES}/{page.offset}.json?{query}"
    return {"url": url, "currentOffset": page.offset, "expiresAt": times.iso(expires)}


def _signature(offset: str, expires: str) -> str:
    return hashlib.sha256(f"{offset}:{expires}".encode()).hexdigest()


def _denied(message: str, status: int) -> web.Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>{message}</Message></Error>'
    return web.Response(status=status, text=text, content_type="application/xml")
