"""Puts a portal on a socket, and takes it off; it decides nothing that a request does."""

from __future__ import annotations

from sandbox.running import Listening

from .http.app import build_app
from .http.wire import SERVER
from .portal import Portal

# Longer than the platform allows, so that the 414 is ours and not the parser's 400.
_PARSER_LIMIT = 128 * 1024


class Listener(Listening):
    def __init__(self, portal: Portal, verbose: bool = False) -> None:
        super().__init__(build_app(portal, verbose), _PARSER_LIMIT)

    async def start(self, host: str, port: int) -> str:
        self.app[SERVER].base_url = await super().start(host, port)
        return self.app[SERVER].base_url
