"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the organization within reach."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sandbox.threaded import Threaded, threaded

from .academy import Academy
from .faults import AcademyFault
from .seeding import build
from .server import Listener
from .settings import AcademySettings
from .wire import SERVER

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


def standing_still(**changes: Any) -> AcademySettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z and, as no minute would ever pass, without limits."""
    return replace(AcademySettings(clock=lambda: START, per_minute=None, per_hour=None), **changes)


class Emulator(Threaded[Listener]):
    """A running emulator. Code that reaches into `academy` while requests run goes through `call`."""

    @property
    def academy(self) -> Academy:
        """The organization in service; another one after a reset."""
        return self._listener.app[SERVER].academy

    def advance(self, seconds: float) -> None:
        self.academy.shift += timedelta(seconds=seconds)

    def arm(self, *rules: AcademyFault) -> None:
        self.call(lambda: self.academy.faults.arm(rules))

    def replace(self, make: Callable[[AcademySettings], Academy], **changes: Any) -> None:
        """Another organization at the same address."""
        self._listener.app[SERVER].academy = make(replace(self.academy.settings, **changes))

    def allow(self, **changes: Any) -> None:
        """Other `scopes` or whatever else the settings say, for the organization as it is."""
        self.academy.settings = replace(self.academy.settings, **changes)


def emulator(settings: AcademySettings | None = None) -> AbstractContextManager[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    return threaded("skilljar", Listener(build(settings or standing_still())), Emulator)
