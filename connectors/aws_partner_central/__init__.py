"""AWS Partner Central: co-sell opportunities and invitations read and written; it never sees a broker."""

from collections.abc import Callable
from datetime import datetime

from connectors.aws_partner_central.check import PartnerCentralCheck
from connectors.aws_partner_central.settings import Settings
from connectors.aws_partner_central.sink import PartnerCentralSink
from connectors.aws_partner_central.source import PartnerCentralSource
from connectors.base import Checkable, Sink, Source

__all__ = ["Settings", "checker", "sink", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where changes come from; `clock` gives aware times. A record is named by its id, not by `connection`."""
    return PartnerCentralSource(settings, clock)


def sink(settings: Settings, clock: Callable[[], datetime], connection: str) -> Sink:
    """Where writes go; `clock` gives aware times."""
    return PartnerCentralSink(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return PartnerCentralCheck(settings)
