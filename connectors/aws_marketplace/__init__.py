"""AWS Marketplace: offers, agreements and change sets read by events and listings, offers made by change sets."""

from collections.abc import Callable
from datetime import datetime

from connectors.aws_marketplace.check import MarketplaceCheck
from connectors.aws_marketplace.settings import Settings
from connectors.aws_marketplace.sink import MarketplaceSink
from connectors.aws_marketplace.source import MarketplaceSource
from connectors.base import Checkable, Sink, Source

__all__ = ["Settings", "checker", "sink", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where changes come from; `clock` gives aware times. A record is named by its id, not by `connection`."""
    return MarketplaceSource(settings, clock)


def sink(settings: Settings, clock: Callable[[], datetime], connection: str) -> Sink:
    """Where writes go; `clock` gives aware times."""
    return MarketplaceSink(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return MarketplaceCheck(settings, clock)
