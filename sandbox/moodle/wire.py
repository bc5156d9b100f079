"""What the routes share: the site in service and answers in JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from .hooks import Hooks
from .site import Site


@dataclass(slots=True)
class Server:
    """The site in service; a reset puts a new one in its place."""

    site: Site
    verbose: bool = False
    base_url: str = ""
    hooks: Hooks = field(default_factory=Hooks)


SERVER: web.AppKey[Server] = web.AppKey("server", Server)


def answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", charset="utf-8")
