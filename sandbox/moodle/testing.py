"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the site within reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sandbox.threaded import Threaded, threaded

from .faults import SiteFault
from .seeding import build
from .server import Listener
from .settings import SiteSettings
from .site import Site
from .wire import SERVER

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


def standing_still(**changes: Any) -> SiteSettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z."""
    return replace(SiteSettings(clock=lambda: START), **changes)


class Emulator(Threaded[Listener]):
    """A running emulator. Code that reaches into `site` while requests run goes through `call`."""

    @property
    def site(self) -> Site:
        """The site in service; another one after a reset."""
        return self._listener.app[SERVER].site

    @property
    def token(self) -> str:
        return self.site.settings.token

    def advance(self, seconds: float) -> None:
        self.site.shift += timedelta(seconds=seconds)

    def arm(self, *rules: SiteFault) -> None:
        self.call(lambda: self.site.faults.arm(rules))

    def replace(self, make: Callable[[SiteSettings], Site], **changes: Any) -> None:
        """Another site at the same address."""
        self._listener.app[SERVER].site = make(replace(self.site.settings, **changes))

    def allow(self, **changes: Sequence[str]) -> None:
        """Other `functions`, `capabilities` or whatever else the settings say, for the site as it is."""
        self.site.settings = replace(self.site.settings, **changes)  # type: ignore[arg-type]


def emulator(settings: SiteSettings | None = None) -> AbstractContextManager[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    return threaded("moodle", Listener(build(settings or standing_still())), Emulator)
