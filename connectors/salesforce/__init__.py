"""Salesforce: records read from change events and queries, written in collections and in bulk; it never sees a broker."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Checkable, Sink, Source
from connectors.salesforce.check import SalesforceCheck
from connectors.salesforce.settings import Settings
from connectors.salesforce.sink import SalesforceSink
from connectors.salesforce.source import SalesforceSource

__all__ = ["Settings", "checker", "sink", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where changes come from; `clock` gives aware times. A record is named by its id, not by `connection`."""
    return SalesforceSource(settings, clock)


def sink(settings: Settings, clock: Callable[[], datetime], connection: str) -> Sink:
    """Where writes go; `clock` gives aware times."""
    return SalesforceSink(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return SalesforceCheck(settings, clock)
