"""What a request means and how its answer and its errors are spelled, for our services and for moto's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import orjson
from aiohttp import web

from ..core import ServiceError
from ..platform import Platform
from . import decoding, encoding, models, proxy
from .identity import Signed

_JSON_1_0, _JSON = "application/x-amz-json-1.0", "application/json"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A request understood: whose operation it is, the IAM action it needs, and how it is worked on and refused."""

    service: str
    operation: str
    action: str
    work: Callable[[], Awaitable[web.Response]]
    refuse: Callable[[ServiceError], web.Response]


def of(platform: Platform, request: web.Request, body: bytes, claim: Signed | None) -> Meaning:
    target = request.headers.get("X-Amz-Target", "")
    call = models.by_target(target) or models.by_path(request.method, request.path)
    if call is not None:
        return _ours(platform, request, body, call)
    if claim is None or claim.service in models.SIGNING_NAMES:
        return _nobody(platform, request, target)
    operation = target.rpartition(".")[2] or _action(body)
    return Meaning(
        claim.service, operation, f"{claim.service}:{operation}", lambda: proxy.forward(request, body),
        lambda refused: _refuse_moto(platform, refused, in_json=bool(target)),
    )  # fmt: skip


def _ours(platform: Platform, request: web.Request, body: bytes, call: models.Call) -> Meaning:
    content_type = _JSON if call.rest else _JSON_1_0

    async def work() -> web.Response:
        asked = decoding.members(call, body, request.query)
        service = platform.world.services.get(call.service)
        if service is None:
            raise ServiceError("InternalFailure", f"the emulator was built without {call.service}", 500)
        answered = encoding.answer(call, service.handle(call.operation, asked))
        return _response(200, answered, content_type, platform.request_id())

    def refuse(refused: ServiceError) -> web.Response:
        number = platform.request_id()
        status, words = encoding.error(call.service, refused, number)
        response = _response(status, words, content_type, number)
        response.headers["x-amzn-ErrorType"] = refused.code
        return response

    return Meaning(call.service, call.operation, call.action, work, refuse)


def _nobody(platform: Platform, request: web.Request, target: str) -> Meaning:
    named = target or f"{request.method} {request.path}"

    async def work() -> web.Response:
        raise ServiceError("UnknownOperationException", f"{named} is no operation of an emulated service", 404)

    return Meaning("none", named, "none:Unknown", work, lambda refused: _refuse_moto(platform, refused, in_json=True))


def _refuse_moto(platform: Platform, refused: ServiceError, in_json: bool) -> web.Response:
    number = platform.request_id()
    if in_json:
        body = orjson.dumps({"__type": refused.code, "message": refused.message})
        return _response(refused.status, body, _JSON_1_0, number)
    code, message = escape(refused.code), escape(refused.message)
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    text = f"<ErrorResponse>{error}<RequestId>{number}</RequestId></ErrorResponse>"
    return _response(refused.status, text.encode(), "text/xml", number)


def _response(status: int, body: bytes, content_type: str, number: str) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": content_type, "x-amzn-RequestId": number})


def _action(body: bytes) -> str:
    """The operation of the query protocol."""
    return next(iter(parse_qs(body.decode("utf-8", "replace")).get("Action", [])), "Unknown")
