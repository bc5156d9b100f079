"""Builds accounts for the matching tests; never asserts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.matching.features import Features, features


@dataclass(frozen=True)
class AnAccount:
    name: str = "Acme Robotics"
    website: str | None = None
    domains: tuple[str, ...] = ()
    country: str | None = None
    city: str | None = None
    postal_code: str | None = None
    street: str | None = None
    phone: str | None = None
    registration_ids: Mapping[str, str] = field(default_factory=dict)
    former_domains: tuple[str, ...] = ()
    contact_domains: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


def acme(
    name: str = "Acme Robotics", *, ids: Mapping[str, str] | None = None, **known: str | tuple[str, ...] | None
) -> Features:
    return features(AnAccount(name=name, registration_ids=ids or {}, **known))  # type: ignore[arg-type]
