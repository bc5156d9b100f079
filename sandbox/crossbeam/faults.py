"""The faults of this platform; counting and chance come from the plan shared with the other emulators."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from sandbox.salesforce.faults import FaultPlanError, FaultRule, Faults, plan_of, rules_of

__all__ = ["BeamFault", "FaultPlanError", "Faults", "parse_rules", "read_plan"]

BeamKind = Literal["too_many_requests", "unavailable", "reset_before", "expired_token", "no_json", "status"]


class BeamFault(FaultRule):
    """One `[[fault]]`: what fails, on which calls. `status` answers the status of the rule."""

    kind: BeamKind = Field(description="what happens")  # type: ignore[assignment]


def read_plan(path: Path) -> tuple[BeamFault, ...]:
    return plan_of(path, BeamFault)


def parse_rules(raw: object) -> tuple[BeamFault, ...]:
    return rules_of(raw, BeamFault)
