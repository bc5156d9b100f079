"""The faults of this emulator; counting and chance come from the plan shared with the other emulators."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from sandbox.salesforce.faults import FaultPlanError, FaultRule, Faults, plan_of, rules_of

__all__ = ["AwsFault", "FaultPlanError", "Faults", "parse_rules", "read_plan"]

AwsKind = Literal[
    "throttled", "server_error", "unavailable", "reset_before", "reset_after", "timeout_after", "slow", "refuse"
]


class AwsFault(FaultRule):
    """One `[[fault]]`: what fails, on which calls. `path` is searched in "<service>/<Operation>"."""

    kind: AwsKind = Field(description="what happens")  # type: ignore[assignment]


def read_plan(path: Path) -> tuple[AwsFault, ...]:
    return plan_of(path, AwsFault)


def parse_rules(raw: object) -> tuple[AwsFault, ...]:
    return rules_of(raw, AwsFault)
