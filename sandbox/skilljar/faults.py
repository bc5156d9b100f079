"""The faults of this platform; counting and chance come from the plan shared with the other emulators."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from sandbox.salesforce.faults import FaultPlanError, FaultRule, Faults, plan_of, rules_of

__all__ = ["AcademyFault", "FaultPlanError", "Faults", "parse_rules", "read_plan"]

AcademyKind = Literal[
    "refuse", "too_many_requests", "unavailable", "reset_before", "reset_after", "slow", "expired_token"
]


class AcademyFault(FaultRule):
    """One `[[fault]]`: what fails, on which calls. `refuse` answers `status` with the JSON:API error `code`."""

    kind: AcademyKind = Field(description="what happens")


def read_plan(path: Path) -> tuple[AcademyFault, ...]:
    return plan_of(path, AcademyFault)


def parse_rules(raw: object) -> tuple[AcademyFault, ...]:
    return rules_of(raw, AcademyFault)
