"""Which call fails and how: the same plan, seed and calls give the same faults. It never acts itself."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .errors import SalesforceError, row_locked

Kind = Literal[
    "too_many_requests",
    "unavailable",
    "reset_before",
    "reset_after",
    "slow",
    "expired_token",
    "lost_cursor",
    "lock_row",
    "refuse",
    "half_batch",
    "clock_skew",
    "fail_job",
]
# Kinds that are asked at another moment than the arrival of a request.
_NOT_REQUESTS = ("lock_row", "fail_job")
_STATUSES = {
    "INVALID_SESSION_ID": 401, "REQUEST_LIMIT_EXCEEDED": 403, "API_DISABLED_FOR_ORG": 403, "LIMIT_EXCEEDED": 403,
    "API_CURRENTLY_DISABLED": 403, "STORAGE_LIMIT_EXCEEDED": 403, "NOT_FOUND": 404, "ENTITY_IS_DELETED": 404,
    "PRECONDITION_FAILED": 412, "UNKNOWN_EXCEPTION": 500, "SERVER_UNAVAILABLE": 503,
}  # fmt: skip


class FaultRule(BaseModel):
    """One `[[fault]]` of a plan. It fires on the listed calls and, besides, with the probability on every other one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = Field(
        description="what happens; lock_row, and refuse with an object, count row writes, fail_job counts jobs, "
        "every other kind counts requests"
    )
    probability: float = Field(default=0.0, ge=0, le=1, description="chance per matching call")
    nth: tuple[int, ...] = Field(default=(), description="fires on these matching calls, counted from 1")
    times: int | None = Field(default=None, ge=0, description="fires at most so often")
    method: str | None = Field(default=None, description="only this HTTP method")
    path: str | None = Field(default=None, description="only paths in which this regular expression is found")
    retry_after: int | None = Field(default=None, ge=0, description="seconds, sent as Retry-After")
    seconds: float = Field(
        default=1.0,
        description="how late the answer of a slow call is, which is applied at once; how far the org's clock is ahead "
        "during a clock_skew",
    )
    object: str | None = Field(default=None, description="refuse, lock_row, fail_job: only rows or jobs of this object")
    code: str | None = Field(default=None, description="refuse: the error code")
    message: str | None = Field(default=None, description="refuse, fail_job: the vendor's words")
    field: str | None = Field(default=None, description="refuse: the field that the error names")
    status: int | None = Field(default=None, description="refuse: the HTTP status of a whole request")
    rows: int = Field(default=0, ge=0, description="half_batch, fail_job: so many rows are applied, the rest is not")

    @model_validator(mode="after")
    def _complete(self) -> FaultRule:
        if self.kind == "refuse" and self.code is None:
            raise ValueError("a refusal needs a code")
        if self.kind == "slow" and self.seconds < 0:
            raise ValueError("an answer cannot be early; give seconds of 0 or more")
        return self

    def refusal(self) -> SalesforceError:
        """The error of a `refuse` rule."""
        code = str(self.code)
        fields = [self.field] if self.field else []
        named = fields if self.field or self.object else None
        return SalesforceError(
            code, self.message or code.replace("_", " ").lower(), named, self.status or _STATUSES.get(code, 400)
        )


class FaultPlanError(Exception):
    """A plan that cannot be used; the message names the rule, the key and what is wrong with it."""


Rule = TypeVar("Rule", bound=FaultRule)


def plan_of(path: Path, model: type[Rule]) -> tuple[Rule, ...]:
    """The rules of a TOML file with `[[fault]]` tables, each of the emulator's own model."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as broken:
        raise FaultPlanError(f"{path}: cannot be read as TOML ({broken})") from broken
    unknown = set(document) - {"fault"}
    if unknown:
        raise FaultPlanError(f"{path}: unknown key {sorted(unknown)[0]!r}; a plan has only [[fault]] tables")
    return rules_of(document.get("fault", []), model)


def rules_of(raw: object, model: type[Rule]) -> tuple[Rule, ...]:
    if not isinstance(raw, list):
        raise FaultPlanError("a fault plan is a list of rules, each an object with at least 'kind'")
    rules = []
    for number, one in enumerate(raw, 1):
        try:
            rules.append(model.model_validate(one))
        except ValidationError as invalid:
            first = invalid.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "rule"
            known = ", ".join(model.model_fields)
            raise FaultPlanError(f"fault {number}, {key}: {first['msg']}; the keys are {known}") from invalid
    return tuple(rules)


def read_plan(path: Path) -> tuple[FaultRule, ...]:
    return plan_of(path, FaultRule)


def parse_rules(raw: object) -> tuple[FaultRule, ...]:
    return rules_of(raw, FaultRule)


class _Armed:
    """A rule with its own counters and its own random numbers, so that rules do not disturb each other."""

    def __init__(self, rule: FaultRule, seed: str) -> None:
        self.rule, self.calls, self.fired = rule, 0, 0
        self._random = random.Random(seed)
        self._path = re.compile(rule.path) if rule.path else None

    def matches(self, method: str, path: str) -> bool:
        return self.rule.method in (None, method) and (self._path is None or self._path.search(path) is not None)

    def fires(self) -> bool:
        """Counts one matching call; a random number is drawn on each, so `nth` and `times` shift no other draw."""
        self.calls += 1
        drawn = self._random.random() < self.rule.probability
        if not (drawn or self.calls in self.rule.nth) or self.fired == self.rule.times:
            return False
        self.fired += 1
        return True


class Faults:
    """The armed plan of one org."""

    def __init__(self, rules: Sequence[FaultRule], seed: int) -> None:
        self._seed = seed
        self._armed: list[_Armed] = []
        self.arm(rules)

    def arm(self, rules: Sequence[FaultRule]) -> None:
        """Replaces the plan; every counter starts anew."""
        self._armed = [_Armed(rule, f"{self._seed}:{number}") for number, rule in enumerate(rules)]

    def for_request(self, method: str, path: str) -> FaultRule | None:
        """The first rule that fires on this request; each matching rule counts it."""
        candidates = [one for one in self._armed if not _of_rows(one.rule) and one.matches(method, path)]
        fired = [one.rule for one in candidates if one.fires()]
        return fired[0] if fired else None

    def for_row(self, sobject: str, record_id: str | None) -> SalesforceError | None:
        """What refuses this write of a row; every rule for rows of the object counts it."""
        fired = [one.rule for one in self._about(sobject, ("lock_row", "refuse")) if one.fires()]
        if not fired:
            return None
        return row_locked(record_id) if fired[0].kind == "lock_row" else fired[0].refusal()

    def for_job(self, sobject: str) -> FaultRule | None:
        """The rule that fails this bulk job."""
        fired = [one.rule for one in self._about(sobject, ("fail_job",)) if one.fires()]
        return fired[0] if fired else None

    def _about(self, sobject: str, kinds: Sequence[Kind]) -> list[_Armed]:
        return [
            one
            for one in self._armed
            if one.rule.kind in kinds and _of_rows(one.rule) and one.rule.object in (None, sobject)
        ]

    def report(self) -> list[dict[str, object]]:
        return [{**one.rule.model_dump(exclude_defaults=True), "calls": one.calls, "fired": one.fired}
                for one in self._armed]  # fmt: skip


def _of_rows(rule: FaultRule) -> bool:
    return rule.kind in _NOT_REQUESTS or (rule.kind == "refuse" and rule.object is not None)
