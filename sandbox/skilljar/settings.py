"""What an emulated organization is like at its start; it starts nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.clocks import Clock, wall_clock

from .faults import AcademyFault

SCOPES = (
    "students:read",
    "students:write",
    "enrollments:read",
    "enrollments:write",
    "certificates:read",
    "published-courses:read",
)


@dataclass(frozen=True, slots=True)
class AcademySettings:
    """`bare_arrays`: lists of the first API come as bare arrays, as some of its lists do."""

    seed: int = 0
    clock: Clock = wall_clock
    domain: str = "learn.acme.example"
    api_key: str = "sk-live-sandbox"
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105
    scopes: tuple[str, ...] = SCOPES
    token_s: int = 900
    per_minute: int | None = 600
    per_hour: int | None = 5000
    page_limit: int = 1000  # rows of a page of the first API at most
    bare_arrays: bool = False
    failures: int = 5  # deliveries that fail before a webhook is switched off; the vendor says "too many"
    faults: tuple[AcademyFault, ...] = ()
