"""Reading requests and writing answers in the platform's JSON; shared by every route, without any of their logic."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from aiohttp import web

from .. import times
from ..auth import Session, require
from ..batches import Outcome
from ..errors import HubSpotError, invalid_input
from ..faults import PortalFault
from ..model import ObjectType
from ..portal import Portal


class Server:
    """The portal in service; a reset puts a new one in its place."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.base_url = ""


SERVER: web.AppKey[Server] = web.AppKey("server", Server)
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)
FAULT: web.RequestKey[PortalFault] = web.RequestKey("fault", PortalFault)
VERSIONS = ("2026-03", "2026-09")


def portal_of(request: web.Request) -> Portal:
    return request.app[SERVER].portal


def version_of(request: web.Request) -> str | None:
    """The date in the path, or None for the numbered versions."""
    return request.match_info.get("version")


def enforces(request: web.Request) -> bool:
    """From 2026-09 on, what admins have made required holds for the API too."""
    return (version_of(request) or "") >= "2026-09"


def type_of(request: web.Request, key: str = "type") -> ObjectType:
    return portal_of(request).schema.require(request.match_info[key])


def allow(request: web.Request, type_: ObjectType, right: str, area: str = "objects") -> None:
    """403 unless the token may read or write this type."""
    require(request[SESSION], f"crm.{area}.{type_.scope}.{right}")


def answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", charset="utf-8")


def no_content() -> web.Response:
    return web.Response(status=204)


def correlation_id(request: web.Request) -> str:
    return str(uuid.UUID(int=portal_of(request).random.getrandbits(128), version=4))


def refuse(request: web.Request, refused: HubSpotError) -> web.Response:
    number = correlation_id(request)
    response = answer(refused.body(number), refused.status)
    response.headers["X-HubSpot-Correlation-Id"] = number
    return response


async def json_object(request: web.Request) -> dict[str, Any]:
    """The parsed body; raises 415 for another content type and 400 for anything but a JSON object."""
    if request.content_type != "application/json":
        raise HubSpotError(415, "Content-Type must be application/json", None)
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError as broken:
        raise invalid_input(f"on line {broken.lineno}, column {broken.colno}: {broken.msg}") from None
    if not isinstance(body, dict):
        raise invalid_input("the body must be an object")
    return body


def names_of(request: web.Request, key: str = "properties") -> list[str]:
    """A list in the query: repeated, or separated by commas."""
    return [one for value in request.query.getall(key, []) for one in value.split(",") if one]


def batch_answer(request: web.Request, outcome: Outcome, good: int = 200) -> web.Response:
    """200 (or 201), or 207 with the errors beside the results."""
    now = times.iso(times.to_milli(portal_of(request).clock()))
    body: dict[str, Any] = {"completedAt": now, "status": "COMPLETE", "startedAt": now, "results": outcome.results}
    if outcome.errors:
        body |= {"errors": outcome.errors, "numErrors": len(outcome.errors)}
    return answer(body, 207 if outcome.errors else good)
