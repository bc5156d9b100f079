"""HubSpot: companies, contacts and deals read by search, journal or webhooks and written in batches; no broker here."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Checkable, Sink, Source
from connectors.hubspot.check import HubSpotCheck
from connectors.hubspot.prepare import prepare
from connectors.hubspot.settings import Settings
from connectors.hubspot.sink import HubSpotSink
from connectors.hubspot.source import HubSpotSource

__all__ = ["Settings", "checker", "prepare", "sink", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where changes come from; `clock` gives aware times. A record is named by its id, not by `connection`."""
    return HubSpotSource(settings, clock)


def sink(settings: Settings, clock: Callable[[], datetime], connection: str) -> Sink:
    """Where writes go; `clock` gives aware times."""
    return HubSpotSink(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return HubSpotCheck(settings, clock)
