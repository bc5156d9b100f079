"""The faults of this emulator; counting and chance come from the plan shared with the other emulators."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from sandbox.salesforce.faults import FaultPlanError, FaultRule, Faults

__all__ = ["AwsFault", "FaultPlanError", "Faults", "parse_rules", "read_plan"]

AwsKind = Literal[
    "throttled", "server_error", "unavailable", "reset_before", "reset_after", "timeout_after", "slow", "refuse"
]


class AwsFault(FaultRule):
    """One `[[fault]]`: what fails, on which calls. `path` is searched in "<service>/<Operation>"."""

    kind: AwsKind = Field(description="what happens")  # type: ignore[assignment]


def read_plan(path: Path) -> tuple[AwsFault, ...]:
    """The rules of a TOML file with `[[fault]]` tables."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as broken:
        raise FaultPlanError(f"{path}: cannot be read as TOML ({broken})") from broken
    unknown = set(document) - {"fault"}
    if unknown:
        raise FaultPlanError(f"{path}: unknown key {sorted(unknown)[0]!r}; a plan has only [[fault]] tables")
    return parse_rules(document.get("fault", []))


def parse_rules(raw: object) -> tuple[AwsFault, ...]:
    if not isinstance(raw, list):
        raise FaultPlanError("a fault plan is a list of rules, each an object with at least 'kind'")
    rules = []
    for number, one in enumerate(raw, 1):
        try:
            rules.append(AwsFault.model_validate(one))
        except ValidationError as invalid:
            first = invalid.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "rule"
            known = ", ".join(AwsFault.model_fields)
            raise FaultPlanError(f"fault {number}, {key}: {first['msg']}; the keys are {known}") from invalid
    return tuple(rules)
