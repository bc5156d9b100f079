"""xAPI: statements read from a learning record store or sent to a receiver; no broker here, and nothing is written."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Checkable, Source
from connectors.xapi.check import XapiCheck
from connectors.xapi.settings import Settings
from connectors.xapi.source import XapiSource

__all__ = ["Settings", "checker", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where statements come from; `clock` gives aware times. A statement is named by its id, not by `connection`."""
    return XapiSource(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return XapiCheck(settings)
