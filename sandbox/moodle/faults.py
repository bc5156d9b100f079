"""The faults of this platform; counting and chance come from the plan shared with the other emulators."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from sandbox.salesforce.faults import FaultPlanError, FaultRule, Faults, plan_of, rules_of

__all__ = ["FaultPlanError", "Faults", "SiteFault", "parse_rules", "read_plan"]

SiteKind = Literal["refuse", "unavailable", "disabled", "crash", "reset_before", "reset_after", "slow"]


class SiteFault(FaultRule):
    """One `[[fault]]`: what fails, on which calls; a path ends in the function's name.

    `refuse` answers 200 with the exception `code`; `disabled` answers an empty body (web services switched off);
    `crash` is a broken observer plugin: nothing is kept, HTTP 500 with an empty body, and its events went out.
    """

    kind: SiteKind = Field(description="what happens")  # type: ignore[assignment]


def read_plan(path: Path) -> tuple[SiteFault, ...]:
    return plan_of(path, SiteFault)


def parse_rules(raw: object) -> tuple[SiteFault, ...]:
    return rules_of(raw, SiteFault)
