"""Hands requests for SQS, SNS, EventBridge and STS to moto's server, as calls of the emulated account; it changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

from .state import CLIENT, SERVER, platform_of

_NOT_FORWARDED = {"connection", "content-length", "transfer-encoding", "expect", "keep-alive"}
_LONGEST_POLL_S = 60


async def client(app: web.Application) -> AsyncIterator[None]:
    """The connections to moto; long polls of many consumers may wait side by side."""
    timeout = ClientTimeout(total=_LONGEST_POLL_S)
    async with ClientSession(timeout=timeout, connector=TCPConnector(limit=0), auto_decompress=False) as session:
        app[CLIENT] = session
        yield


async def forward(request: web.Request, body: bytes) -> web.Response:
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
    headers["x-moto-account-id"] = platform_of(request).settings.account
    url = f"{request.app[SERVER].messaging.url}{request.raw_path}"
    async with request.app[CLIENT].request(request.method, url, data=body, headers=headers) as given:
        kept = {name: value for name, value in given.headers.items() if name.lower() not in _NOT_FORWARDED}
        return web.Response(status=given.status, body=await given.read(), headers=kept)
