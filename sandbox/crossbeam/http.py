"""The wire of the emulated organization: sign-in, partners, overlaps, signals, and the door of the sandbox."""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
from collections.abc import Mapping
from typing import Any, cast

import aiohttp
import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from .acts import Acts
from .faults import BeamFault, FaultPlanError, parse_rules
from .network import DEFAULT_PAGE, MAX_PAGE, BeamError, Network

PREFIX = "/__sandbox__"
TIMEOUT = aiohttp.ClientTimeout(total=20)


class Server:
    """The organization in service; a reset puts a new one in its place."""

    def __init__(self, network: Network) -> None:
        self.network, self.base_url = network, ""


SERVER: web.AppKey[Server] = web.AppKey("server", Server)


def build_app(network: Network) -> web.Application:
    app = web.Application(middlewares=[_guarded, _faulty])
    app[SERVER] = Server(network)
    for method, path, handler in (
        ("POST", "/oauth/token", token), ("GET", "/v1/users/me", me), ("GET", "/v1/partners", partners),
        ("GET", "/v1/overlaps/accounts", overlaps), ("GET", "/v1/signals/accounts", signals),
        ("GET", f"{PREFIX}/health", health), ("POST", f"{PREFIX}/reset", reset), ("POST", f"{PREFIX}/act", act),
        ("GET", f"{PREFIX}/calls", calls), ("GET", f"{PREFIX}/dump", dump), ("POST", f"{PREFIX}/clock", advance),
        ("PUT", f"{PREFIX}/faults", faults), ("DELETE", f"{PREFIX}/faults", faults),
        ("POST", f"{PREFIX}/webhooks/deliver", deliver_webhooks), ("POST", f"{PREFIX}/expire-tokens", expire),
    ):  # fmt: skip
        app.router.add_route(method, path, handler)
    return app


def network_of(request: web.Request) -> Network:
    return request.app[SERVER].network


def answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", charset="utf-8")


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except BeamError as refused:
        return answer({"message": refused.message}, refused.status)


@web.middleware
async def _faulty(request: web.Request, handler: Handler) -> web.StreamResponse:
    network = network_of(request)
    if request.path.startswith(PREFIX):
        return await handler(request)
    network.calls[f"{request.method} {request.path}"] += 1
    rule = cast("BeamFault | None", network.faults.for_request(request.method, request.path))
    match None if rule is None else rule.kind:
        case "too_many_requests" | "unavailable" | "status":
            assert rule is not None
            status = {"too_many_requests": 429, "unavailable": 503}.get(rule.kind, rule.status or 500)
            response = answer({"message": "told to fail"}, status)
            if rule.retry_after is not None:
                response.headers["Retry-After"] = str(rule.retry_after)
            return response
        case "no_json":
            return web.Response(text="<html>", content_type="text/html")
        case "expired_token":
            network.expire_tokens()
        case "reset_before":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
    return await handler(request)


async def token(request: web.Request) -> web.Response:
    form = await request.post()
    return answer(network_of(request).grant({name: str(value) for name, value in form.items()}))


async def me(request: web.Request) -> web.Response:
    network = _believed(request, anywhere=True)
    organization = {"uuid": network.settings.organization, "name": network.settings.name}
    return answer({"data": [{"id": 12345, "organizations": [organization]}], "warnings": []})


async def partners(request: web.Request) -> web.Response:
    """As in the collection's example a next page is named even where it is empty."""
    network, limit, page = _believed(request), _limit(request), int(request.query.get("page", "1"))
    found = list(network.partners.values())[(page - 1) * limit : page * limit]
    more = f"{_address(request)}/v1/partners?limit={limit}&page={page + 1}" if found else None
    return answer({"data": found, "pagination": {"limit": limit, "page": page, "next_href": more}})


async def overlaps(request: web.Request) -> web.Response:
    return _paged(request, "overlaps", request.query.get("partner-id"))


async def signals(request: web.Request) -> web.Response:
    return _paged(request, "signals", request.query.get("partner_id"))


def _paged(request: web.Request, kind: str, partner: str | None) -> web.Response:
    network, limit = _believed(request), _limit(request)
    filters = {} if partner is None else {"partner": partner}
    page = network.page(kind, filters, limit, request.query.get("cursor"))
    query = {**request.query, "limit": str(limit), "cursor": page["pagination"]["next_cursor"]}
    page["pagination"]["next_href"] = str(request.url.with_query(query))
    return answer(page)


async def health(request: web.Request) -> web.Response:
    network = network_of(request)
    living = sum(not each.deleted for each in network.rows["overlaps"].values())
    counts = {"partners": len(network.partners), "overlaps": living, "signals": len(network.rows["signals"])}
    return answer({"ok": True, "now": network.clock().isoformat(), "exported": network.exported, **counts})


async def reset(request: web.Request) -> web.Response:
    """An organization without partners, with the same settings."""
    server = request.app[SERVER]
    server.network = Network(server.network.settings)
    return await health(request)


async def act(request: web.Request) -> web.Response:
    """POST {"act": name, ...arguments}; see `acts.py`."""
    body = await _object(request)
    name, acts = str(body.pop("act", "")), Acts(network_of(request))
    known = sorted(each for each, _ in inspect.getmembers(Acts, inspect.isfunction) if not each.startswith("_"))
    if name not in known:
        return answer({"error": f"no act is called {name!r}; known are {', '.join(known)}"}, 400)
    try:
        return answer(getattr(acts, name)(**body))
    except TypeError as refused:
        return answer({"error": str(refused)}, 400)


async def calls(request: web.Request) -> web.Response:
    counted = network_of(request).calls
    return answer({"total": counted.total(), "by_endpoint": dict(counted)})


async def dump(request: web.Request) -> web.Response:
    """Every overlap and signal as JSON lines, deleted ones too."""
    rows = network_of(request).rows
    lines = [
        orjson.dumps({**each.item, "is_deleted": each.deleted}) for kind in rows.values() for each in kind.values()
    ]
    return web.Response(body=b"\n".join(lines), content_type="application/x-ndjson")


async def advance(request: web.Request) -> web.Response:
    """POST {"seconds": n} moves time forward."""
    clock, body = network_of(request).clock, await _object(request)
    clock.advance(float(body.get("seconds", 0)))
    return answer({"now": clock().isoformat()})


async def faults(request: web.Request) -> web.Response:
    """PUT a list of rules, DELETE them all."""
    armed = network_of(request).faults
    try:
        armed.arm(parse_rules(orjson.loads(await request.read())) if request.method == "PUT" else ())
    except (FaultPlanError, orjson.JSONDecodeError) as refused:
        return answer({"error": str(refused)}, 400)
    return answer(armed.report())


async def expire(request: web.Request) -> web.Response:
    network_of(request).expire_tokens()
    return answer({})


async def deliver_webhooks(request: web.Request) -> web.Response:
    """POST {"duplicates"?, "lose"?, "timestamp_offset"?}: sends what waits; what is not answered 2xx waits on."""
    return answer(await deliver(network_of(request), await _object(request)))


async def deliver(network: Network, options: Mapping[str, Any]) -> dict[str, Any]:
    """The statuses that were answered, one for each request."""
    waiting, network.webhook.queue = network.webhook.queue, []
    if options.get("lose") is True:
        return {"requests": [], "queued": 0}
    statuses: list[int | None] = []
    async with aiohttp.ClientSession(timeout=TIMEOUT) as client:
        for item in waiting:
            times, offset = 2 if options.get("duplicates") is True else 1, int(options.get("timestamp_offset", 0))
            statuses += [await _send(client, network, item, offset) for _ in range(times)]
            if statuses[-1] is None or statuses[-1] >= 300:
                network.webhook.queue.append(item)
    return {"requests": statuses, "queued": len(network.webhook.queue)}


async def _send(client: aiohttp.ClientSession, network: Network, item: Mapping[str, Any], offset: int) -> int | None:
    body, timestamp = orjson.dumps(item), str(int(network.clock().timestamp()) + offset)
    signed = hmac.new(network.settings.webhook_secret.encode(), body + timestamp.encode(), hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Crossbeam-Timestamp": timestamp,
        "X-Crossbeam-Signature-256": base64.b64encode(signed).decode(),
    }
    network.exported += 1
    try:
        async with client.post(network.webhook.target, data=body, headers=headers) as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return None


def _believed(request: web.Request, *, anywhere: bool = False) -> Network:
    network = network_of(request)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    organization = request.headers.get("Xbeam-Organization")
    network.believe(given if scheme == "Bearer" else "", organization, anywhere=anywhere)
    return network


def _limit(request: web.Request) -> int:
    told = request.query.get("limit", str(DEFAULT_PAGE))
    if not told.isdecimal() or int(told) < 1:
        raise BeamError(400, "limit is a number of records")
    return min(int(told), MAX_PAGE)


def _address(request: web.Request) -> str:
    return str(request.url.origin())


async def _object(request: web.Request) -> dict[str, Any]:
    body = orjson.loads(await request.read() or b"{}")
    return body if isinstance(body, dict) else {}
