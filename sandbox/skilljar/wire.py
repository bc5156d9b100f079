"""What the routes share: the organization in service, answers in JSON, and who is asking; no route of its own."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from aiohttp import web

from .academy import Academy
from .errors import Refusal, first, second


@dataclass(slots=True)
class Hook:
    """One webhook, with the headers that whoever set it up wants; it is switched off after too many failures."""

    target_url: str
    headers: dict[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    active: bool = True
    deactivate_reason: str = ""
    sent: int = 0
    failures: int = 0


@dataclass(slots=True)
class Server:
    """The organization in service; a reset puts a new one in its place."""

    academy: Academy
    verbose: bool = False
    base_url: str = ""
    hook: Hook | None = None


SERVER: web.AppKey[Server] = web.AppKey("server", Server)


def academy_of(request: web.Request) -> Academy:
    return request.app[SERVER].academy


def answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", charset="utf-8")


async def json_object(request: web.Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        raise first(400, "JSON parse error") from None
    if not isinstance(body, dict):
        raise first(400, "JSON parse error")
    return body


def require_key(request: web.Request) -> None:
    """The key is the user name, and the password is empty."""
    wanted = base64.b64encode(f"{academy_of(request).settings.api_key}:".encode()).decode()
    if request.headers.get("Authorization") != f"Basic {wanted}":
        raise first(401, "Invalid API key")
    domain = request.match_info.get("domain")
    if domain not in {None, academy_of(request).settings.domain}:
        raise first(404, "Not found.")


def require_token(request: web.Request, scope: str) -> None:
    academy = academy_of(request)
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    until = academy.tokens.get(token)
    if until is None or until <= academy.clock():
        raise second(401, "not_authenticated", "The access token is invalid or expired.")
    if scope not in academy.settings.scopes:
        raise second(403, "permission_denied", f"The scope {scope} is required.")


def spend(request: web.Request) -> None:
    """The limits of a minute and of an hour; the vendor documents no headers of them."""
    academy = academy_of(request)
    now, settings = academy.clock(), academy.settings
    academy.spent = [at for at in academy.spent if now - at < timedelta(hours=1)]
    minute = sum(now - at < timedelta(minutes=1) for at in academy.spent)
    if (settings.per_minute is not None and minute >= settings.per_minute) or (
        settings.per_hour is not None and len(academy.spent) >= settings.per_hour
    ):
        raise Refusal(429, {"detail": "Request was throttled."})
    academy.spent.append(now)
