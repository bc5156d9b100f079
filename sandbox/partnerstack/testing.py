"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the account within reach."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sandbox.threaded import Threaded, threaded

from .account import Account, AccountSettings
from .acts import Acts
from .http.wire import SERVER
from .server import Listener

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


def standing_still(**changes: Any) -> AccountSettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z and, as no minute would ever pass, without a limit."""
    return replace(AccountSettings(clock=lambda: START, per_minute=None), **changes)


class Emulator(Threaded[Listener]):
    """A running emulator. `account` is its state: `account.clock.advance(60)`, `account.faults.arm([...])`."""

    @property
    def account(self) -> Account:
        """The account in service; another one after a reset."""
        return self._listener.app[SERVER].account

    def act(self, name: str, *arguments: Any, **named: Any) -> Any:
        """What people do by hand; see `acts`."""
        return self.call(lambda: getattr(Acts(self.account), name)(*arguments, **named))

    def advance(self, seconds: float) -> None:
        self.call(lambda: self.account.clock.advance(seconds))

    def reset(self) -> None:
        """An empty account with the same settings."""
        server = self._listener.app[SERVER]
        self.call(lambda: setattr(server, "account", Account(server.account.settings)))


def emulator(settings: AccountSettings | None = None) -> AbstractContextManager[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    return threaded("partnerstack", Listener(Account(settings or standing_still())), Emulator)
