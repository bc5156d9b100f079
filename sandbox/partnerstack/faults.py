"""The faults of this platform; counting and chance come from the plan shared with the other emulators."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from sandbox.salesforce.faults import FaultPlanError, FaultRule, Faults, plan_of, rules_of

__all__ = ["FaultPlanError", "Faults", "StackFault", "parse_rules", "read_plan"]

StackKind = Literal[
    "too_many_requests", "unavailable", "reset_before", "reset_after", "timeout_after", "slow", "status", "no_json"
]


class StackFault(FaultRule):
    """One `[[fault]]`: what fails, on which calls. `status` answers the status of the rule and does nothing."""

    kind: StackKind = Field(description="what happens")  # type: ignore[assignment]


def read_plan(path: Path) -> tuple[StackFault, ...]:
    return plan_of(path, StackFault)


def parse_rules(raw: object) -> tuple[StackFault, ...]:
    return rules_of(raw, StackFault)
