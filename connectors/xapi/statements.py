"""Reads one xAPI statement: who, what, of which item, and by which id it is known; it never asks a store.

Rules: xAPI 1.0.3, Part Two, 2.4 (adlnet/xAPI-Spec). Only what a mapping can use is judged; the rest is left as it is.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, ValidationError, model_validator

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
NAMESPACE = UUID("6f1f0c0e-2f7b-5d0a-9c55-7d0d6b2a4c11")  # of the ids that Tandem gives to statements without one
IRI = r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$"
ACTIVITY = "Activity"


def moment(value: object) -> object:
    """A time as xAPI writes it. Raises `ValueError` for one without a zone, as stores do."""
    if isinstance(value, datetime) or value is None:
        return value
    if not isinstance(value, str):
        raise ValueError("a time is a text, as 2026-11-22T10:00:00Z")  # noqa: TRY004 - what pydantic reports
    found = datetime.fromisoformat(value.strip())
    if found.tzinfo is None:
        raise ValueError("a time has a zone, as 2026-11-22T10:00:00Z")
    return found.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(moment)]


class Malformed(Exception):
    """A statement that no store would take: the field, and what is wrong with it."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field, self.words = field, words


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Account(_Part):
    homePage: str = Field(pattern=IRI)  # noqa: N815 - xAPI's name
    name: str = Field(min_length=1)


class _Actor(_Part):
    objectType: Literal["Agent", "Group"] = "Agent"  # noqa: N815 - xAPI's name
    name: str | None = None
    mbox: str | None = Field(default=None, pattern=r"^mailto:[^@\s]+@[^@\s]+$")
    mbox_sha1sum: str | None = Field(default=None, pattern=r"^[0-9A-Fa-f]{40}$")
    openid: str | None = Field(default=None, pattern=IRI)
    account: _Account | None = None

    @property
    def ids(self) -> list[str]:
        account = None if self.account is None else f"{self.account.homePage}|{self.account.name}"
        mail = None if self.mbox is None else self.mbox.casefold()
        sha1 = None if self.mbox_sha1sum is None else self.mbox_sha1sum.casefold()
        return [each for each in (mail, sha1, self.openid, account) if each is not None]

    @model_validator(mode="after")
    def _one_identity(self) -> "_Actor":
        if len(self.ids) > 1 or (self.objectType == "Agent" and not self.ids):
            raise ValueError("give exactly one of mbox, mbox_sha1sum, openid and account")
        return self


class _Verb(_Part):
    id: str = Field(pattern=IRI)


class _Definition(_Part):
    type: str | None = None
    name: Mapping[str, str] = Field(default_factory=dict)


class _Object(_Part):
    objectType: Literal["Activity", "Agent", "Group", "StatementRef", "SubStatement"] = ACTIVITY  # type: ignore[assignment]  # noqa: N815
    id: str | None = None
    definition: _Definition = _Definition()

    @model_validator(mode="after")
    def _named(self) -> "_Object":
        if self.objectType == ACTIVITY and not re.match(IRI, self.id or ""):
            raise ValueError("the id of an activity is an IRI")
        if self.objectType == "StatementRef" and self.id is not None:
            UUID(self.id)
        return self


class _Score(_Part):
    scaled: float | None = Field(default=None, ge=-1, le=1)


class _Result(_Part):
    success: StrictBool | None = None
    score: _Score = _Score()


class _Context(_Part):
    registration: UUID | None = None


class _Statement(_Part):
    id: UUID | None = None
    actor: _Actor
    verb: _Verb
    object: _Object
    result: _Result = _Result()
    context: _Context = _Context()
    timestamp: Moment | None = None
    stored: Moment | None = None

    @model_validator(mode="after")
    def _voids_a_statement(self) -> "_Statement":
        if self.verb.id == VOIDED and (self.object.objectType != "StatementRef" or self.object.id is None):
            raise ValueError("what is voided is a statement: give its id as a StatementRef")
        return self


@dataclass(frozen=True, slots=True)
class Read:
    """A statement as it was read.

    `id` is its own, or made of what makes it that statement: one that is sent again has the same. `digest` is the same
    for the same words whatever a store adds. `left_out` says why it can mean nothing here, `row` is what a mapping
    sees: the raw statement, with `learner` (id, email, name) and `item` (id, type, name).
    """

    id: str
    row: Mapping[str, Any]
    digest: str
    stored: datetime | None
    at: datetime | None
    given: bool
    left_out: str | None = None


def read(raw: object, language: str = "en") -> Read:
    """A statement as it came. Raises `Malformed`."""
    try:
        it = _Statement.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Malformed(".".join(map(str, first["loc"])) or "statement", first["msg"]) from error
    assert isinstance(raw, Mapping)  # noqa: S101 - no model is made of anything else
    learner = it.actor.ids[0] if it.actor.ids else json.dumps(raw["actor"], sort_keys=True)
    item = it.object.id or json.dumps(raw["object"], sort_keys=True)
    row = {
        **raw,
        "learner": {"id": learner, "email": (it.actor.mbox or "").removeprefix("mailto:"), "name": it.actor.name},
        "item": {"id": item, "type": it.object.definition.type, "name": _named(it.object.definition.name, language)},
    }
    registration = None if it.context.registration is None else str(it.context.registration)
    words = [learner, it.verb.id, item, registration]
    at = None if it.timestamp is None else it.timestamp.isoformat()
    return Read(
        id=str(it.id or uuid5(NAMESPACE, json.dumps([*words, at]))),
        row=row,
        digest=_digest([*words, it.result.success, it.result.score.scaled]),
        stored=it.stored,
        at=it.timestamp,
        given=it.id is not None,
        left_out=_left_out(it),
    )


def _left_out(it: _Statement) -> str | None:
    if it.actor.objectType == "Group":
        return "of a group, not of a person"
    if it.object.objectType != ACTIVITY and it.verb.id != VOIDED:
        return "about something that is no activity"
    return None


def _named(names: Mapping[str, str], language: str) -> str | None:
    """The name in a language, else in one of its regions, else the first."""
    wanted = language.casefold()
    for tag, name in names.items():
        if tag.casefold() == wanted:
            return name
    near = (name for tag, name in names.items() if tag.casefold().partition("-")[0] == wanted.partition("-")[0])
    return next(near, next(iter(names.values()), None))


def _digest(words: object) -> str:
    return hashlib.blake2b(json.dumps(words).encode(), digest_size=8).hexdigest()
