"""Puts an org on its two sockets, HTTP and gRPC, and takes it off; it decides nothing that a request does."""

from __future__ import annotations

from typing import Any

import grpc.aio

from sandbox.running import Listening

from .http.app import build_app
from .http.wire import SERVER
from .org import Org
from .pubsub import origin, service

# Longer than the platform allows, so that the 414 and 431 are ours and not the parser's 400.
_PARSER_LIMIT = 64 * 1024


class Listener(Listening):
    """A listening server. Port 0 takes a free one, for the Pub/Sub API as well.

    `pubsub_address` is `host:port` of the Pub/Sub API, once started; it speaks without TLS.
    """

    def __init__(self, org: Org, verbose: bool = False, pubsub_port: int = 0) -> None:
        super().__init__(build_app(org, verbose), _PARSER_LIMIT)
        self.app.middlewares.append(origin.middleware)
        self.pubsub_address = ""
        self._pubsub_port = pubsub_port
        self._pubsub: grpc.aio.Server | None = None

    async def start(self, host: str, port: int) -> str:
        self.app[SERVER].base_url = base_url = await super().start(host, port)
        self._pubsub, bound = await service.start(lambda: self.app[SERVER].org, host, self._pubsub_port)
        self.pubsub_address = f"{host}:{bound}"
        return base_url

    async def stop(self) -> None:
        if self._pubsub is not None:
            await self._pubsub.stop(None)
        await super().stop()

    def ready(self) -> dict[str, Any]:
        return {"pubsub": self.pubsub_address}
