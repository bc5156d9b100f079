"""The rules as data, so that a test can arm them over HTTP; conditions are the words after a SOQL WHERE."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Validation(_Rule):
    """Refuses a save of rows that meet the condition, as a validation rule's error formula does."""

    kind: Literal["validation"]
    object: str
    when: str
    message: str
    field: str | None = None


class Duplicate(_Rule):
    """Rows that agree in all of the fields are duplicates; a row with an empty one matches nothing.

    `allow` saves, `alert` refuses unless the call says allowSave=true, `block` refuses always.
    """

    kind: Literal["duplicate"]
    object: str
    fields: tuple[str, ...] = Field(min_length=1)
    action: Literal["allow", "alert", "block"] = "alert"
    name: str = "Standard_Duplicate_Rule"
    message: str = "Use one of these records?"


class Lock(_Rule):
    """Rows that meet the condition cannot be changed: `approval` as in an approval, `row` as held by another job."""

    kind: Literal["lock"]
    object: str
    when: str
    by: Literal["approval", "row"]


class Assignment(_Rule):
    """Gives saved rows an owner, unless the call says Sforce-Auto-Assign: FALSE. `owner` is a user id."""

    kind: Literal["assignment"]
    object: str
    owner: str


class Storage(_Rule):
    """The org holds no more rows than this, users aside."""

    kind: Literal["storage"]
    rows: int = Field(ge=0)


Rule = Annotated[Validation | Duplicate | Lock | Assignment | Storage, Field(discriminator="kind")]
_RULES: TypeAdapter[list[Rule]] = TypeAdapter(list[Rule])


class RuleError(Exception):
    """A rule that cannot be used; the message names it and what is wrong."""


def parse_rules(raw: object) -> list[Rule]:
    try:
        return _RULES.validate_python(raw)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "rules"
        raise RuleError(f"rule {where}: {first['msg']}") from invalid
