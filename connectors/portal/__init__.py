"""Portal: partners register deals and answer leads over HTTP; no broker here, and nothing is written back."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Checkable, Source
from connectors.portal.check import PortalCheck
from connectors.portal.settings import Settings
from connectors.portal.source import PortalSource

__all__ = ["Settings", "checker", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where registrations come from; `clock` gives aware times."""
    return PortalSource(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return PortalCheck(settings)
