"""Puts a site on a socket, and takes it off; it decides nothing that a request does."""

from __future__ import annotations

from sandbox.running import Listening

from .http import build_app
from .site import Site
from .wire import SERVER


class Listener(Listening):
    def __init__(self, site: Site, verbose: bool = False) -> None:
        super().__init__(build_app(site, verbose))

    async def start(self, host: str, port: int) -> str:
        self.app[SERVER].base_url = await super().start(host, port)
        return self.app[SERVER].base_url
