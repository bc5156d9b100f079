"""Puts an account on a socket, and takes it off; it decides nothing that a request does."""

from __future__ import annotations

from sandbox.running import Listening

from .account import Account
from .http.app import build_app


class Listener(Listening):
    def __init__(self, account: Account) -> None:
        super().__init__(build_app(account))
