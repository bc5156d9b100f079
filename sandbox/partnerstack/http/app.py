"""Assembles the web application: routes and guards around an account; it opens no socket."""

from __future__ import annotations

from aiohttp import web

from ..account import Account
from . import admin, api, guards
from .wire import SERVER, Server


def build_app(account: Account) -> web.Application:
    app = web.Application(middlewares=guards.middlewares(), client_max_size=10 * 1024 * 1024)
    app[SERVER] = Server(account)
    admin.add_routes(app)
    api.add_routes(app)
    return app
