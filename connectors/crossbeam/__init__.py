"""Crossbeam: partners' accounts by overlaps, and signals, read and pushed; no broker here, and nothing is written."""

from collections.abc import Callable, Mapping
from datetime import datetime

from connectors.base import Checkable, Source
from connectors.crossbeam.check import CrossbeamCheck
from connectors.crossbeam.settings import Settings
from connectors.crossbeam.source import CrossbeamSource

__all__ = ["Settings", "checker", "partners", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where partners' accounts and signals come from; `clock` gives aware times."""
    return CrossbeamSource(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return CrossbeamCheck(settings)


def partners(settings: Settings) -> Mapping[str, str]:
    """The partners whose accounts this one connection tells: key to what they are called."""
    return {key: name for name, key in settings.partners.items()}
