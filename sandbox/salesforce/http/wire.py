"""Reading requests and writing answers in the platform's JSON; shared by every route, without any of their logic."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from ..errors import SalesforceError, no_such_resource
from ..metadata.model import ObjectDef
from ..org import Org


class Server:
    """The org in service; a reset puts a new one in its place."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.base_url = ""


SERVER: web.AppKey[Server] = web.AppKey("server", Server)
USER: web.RequestKey[str] = web.RequestKey("user", str)


def org_of(request: web.Request) -> Org:
    return request.app[SERVER].org


def user_of(request: web.Request) -> str:
    return request[USER]


def version_of(request: web.Request) -> str:
    return request.match_info["version"]


def sobject_of(request: web.Request) -> ObjectDef:
    """The object of the path; an unknown one is a 404, as for any unknown resource."""
    found = org_of(request).schema.get(request.match_info["sobject"])
    if found is None:
        raise no_such_resource()
    return found


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(body), status=status, headers=headers, content_type="application/json", charset="UTF-8"
    )


def refuse(*errors: SalesforceError) -> web.Response:
    return answer([one.as_request_error() for one in errors], errors[0].status)


async def json_body(request: web.Request) -> Any:
    """The parsed body; raises UNSUPPORTED_MEDIA_TYPE (415) or JSON_PARSER_ERROR (400)."""
    if request.content_type != "application/json":
        raise SalesforceError(
            "UNSUPPORTED_MEDIA_TYPE", f"Content type not supported: {request.content_type}; send JSON", status=415
        )
    raw = await request.read()
    if not raw.strip():
        raise SalesforceError(
            "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body."
        )
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as broken:
        raise SalesforceError(
            "JSON_PARSER_ERROR", f"{broken.msg} at [line:{broken.lineno}, column:{broken.colno}]"
        ) from None


async def json_object(request: web.Request) -> dict[str, Any]:
    body = await json_body(request)
    if not isinstance(body, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "The request body must be a JSON object")
    return body
