"""Reading requests and writing answers in the platform's JSON; shared by every route, without any of their logic."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from ..account import Account
from ..errors import PartnerStackError, bad
from ..faults import StackFault


class Server:
    """The account in service; a reset puts a new one in its place."""

    def __init__(self, account: Account) -> None:
        self.account = account


SERVER: web.AppKey[Server] = web.AppKey("server", Server)
FAULT: web.RequestKey[StackFault] = web.RequestKey("fault", StackFault)


def account_of(request: web.Request) -> Account:
    return request.app[SERVER].account


def answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", charset="utf-8")


def data(value: Any, message: str = "Success") -> web.Response:
    """The envelope of every good answer (docs.partnerstack.com, Responses)."""
    return answer({"data": value, "message": message, "status": 200})


def refuse(refused: PartnerStackError) -> web.Response:
    return answer(refused.body, refused.status)


async def json_object(request: web.Request) -> dict[str, Any]:
    """The parsed body; raises 400 for anything but a JSON object."""
    try:
        body = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError:
        raise bad("Invalid JSON body") from None
    if not isinstance(body, dict):
        raise bad("Invalid JSON body")
    return body
