"""PartnerStack: partners, registrations, leads and what was earned, read by listing or on webhooks, and written; no broker."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Checkable, Sink, Source
from connectors.partnerstack.check import PartnerStackCheck
from connectors.partnerstack.settings import Settings
from connectors.partnerstack.sink import PartnerStackSink
from connectors.partnerstack.source import PartnerStackSource

__all__ = ["Settings", "checker", "sink", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where changes come from; `clock` gives aware times. A record is named by its key, not by `connection`."""
    return PartnerStackSource(settings, clock)


def sink(settings: Settings, clock: Callable[[], datetime], connection: str) -> Sink:
    """Where writes go."""
    return PartnerStackSink(settings)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return PartnerStackCheck(settings)
