"""Puts an org on its two sockets, HTTP and gRPC, and takes it off; it decides nothing that a request does."""

from __future__ import annotations

import grpc.aio
from aiohttp import web

from .http.app import build_app
from .http.wire import SERVER
from .org import Org
from .pubsub import origin, service

# Longer than the platform allows, so that the 414 and 431 are ours and not the parser's 400.
_PARSER_LIMIT = 64 * 1024


class Listener:
    """A listening server. `start` returns the base URL; port 0 takes a free one, for the Pub/Sub API as well.

    `pubsub_address` is `host:port` of the Pub/Sub API, once started; it speaks without TLS.
    """

    def __init__(self, org: Org, verbose: bool = False) -> None:
        self.app = build_app(org, verbose)
        self.app.middlewares.append(origin.middleware)
        self.pubsub_address = ""
        self._pubsub: grpc.aio.Server | None = None
        self._runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=0.1, max_line_size=_PARSER_LIMIT, max_field_size=_PARSER_LIMIT
        )

    async def start(self, host: str, port: int, pubsub_port: int = 0) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        address = self._runner.addresses[0]
        base_url = f"http://{host}:{address[1]}"
        self.app[SERVER].base_url = base_url
        self._pubsub, bound = await service.start(lambda: self.app[SERVER].org, host, pubsub_port)
        self.pubsub_address = f"{host}:{bound}"
        return base_url

    async def stop(self) -> None:
        if self._pubsub is not None:
            await self._pubsub.stop(None)
        await self._runner.cleanup()
