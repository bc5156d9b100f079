"""What every handler finds in the web application; it has no logic."""

from __future__ import annotations

from aiohttp import ClientSession, web

from ..messaging import Messaging, Places
from ..platform import Platform


class Server:
    """The platform in service (a reset puts a new one in its place) and moto's server beside it."""

    def __init__(self, platform: Platform, messaging: Messaging) -> None:
        self.platform, self.messaging = platform, messaging
        self.base_url = ""
        self.places: Places | None = None  # None until the server listens


SERVER: web.AppKey[Server] = web.AppKey("server", Server)
CLIENT: web.AppKey[ClientSession] = web.AppKey("client", ClientSession)


def platform_of(request: web.Request) -> Platform:
    return request.app[SERVER].platform
