"""A partner's list of accounts, from a file, a folder, S3 or the web: only ever read, and compared row by row."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from connectors.base import Checkable, Source
from connectors.partner_list.places import Disk, Place
from connectors.partner_list.settings import Settings
from connectors.partner_list.source import PartnerList

__all__ = ["Settings", "checker", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where changes come from; `clock` gives aware times, `connection` is the name for what a person is told to do."""
    return PartnerList(settings, _place(settings, clock), connection)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return PartnerList(settings, _place(settings, clock), connection)


def _place(settings: Settings, clock: Callable[[], datetime]) -> Place:
    # boto3 and requests take a third of a second to import and most lists need neither.
    if settings.path.startswith("s3://"):
        from connectors.partner_list.s3 import bucket  # noqa: PLC0415

        return bucket(settings.path, settings.pattern, settings.endpoint_url, settings.region)
    if settings.path.startswith(("http://", "https://")):
        import requests  # noqa: PLC0415

        from connectors.partner_list.web import Address  # noqa: PLC0415

        return Address(settings.path, requests.Session(), clock)
    return Disk(Path(settings.path), settings.pattern)
