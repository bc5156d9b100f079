"""Puts the emulated services together into one platform, by name; no other module knows all of them."""

from __future__ import annotations

from .core import Service
from .marketplace.agreements import Agreements
from .marketplace.catalog import Catalog
from .partner_central.service import PartnerCentral
from .platform import Platform
from .settings import AwsSettings


def build(settings: AwsSettings) -> Platform:
    platform = Platform(settings)
    made: tuple[Service, ...] = (
        Catalog(platform.world, settings),
        Agreements(platform.world, settings),
        PartnerCentral(platform.world, settings),
    )
    platform.world.services.update({one.name: one for one in made})
    return platform
