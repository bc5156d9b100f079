"""The faults of this platform; counting and chance come from the plan shared with the other emulators."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from sandbox.salesforce.faults import FaultPlanError, FaultRule, Faults, plan_of, rules_of

__all__ = ["FaultPlanError", "Faults", "PortalFault", "parse_rules", "read_plan"]

PortalKind = Literal[
    "too_many_requests",
    "daily_limit",
    "unavailable",
    "reset_before",
    "reset_after",
    "timeout_after",
    "slow",
    "expired_token",
    "half_reset",
    "half_207",
]


class PortalFault(FaultRule):
    """One `[[fault]]`: what fails, on which calls. The `half_` kinds meet batch writes only."""

    kind: PortalKind = Field(description="what happens")  # type: ignore[assignment]
    rows: int = Field(default=1, ge=0, description="how many inputs of a batch are applied before a half_ fault")


def read_plan(path: Path) -> tuple[PortalFault, ...]:
    return plan_of(path, PortalFault)


def parse_rules(raw: object) -> tuple[PortalFault, ...]:
    return rules_of(raw, PortalFault)
