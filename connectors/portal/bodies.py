"""What partners may send, field by field, and what is wrong with what they sent; it never looks at who sent it."""

import json
import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from mappings.errors import nearest
from schemas.partners import DealType

LEAD = re.compile(r"[^/\s]+/lead/[^/\s]+")


def _day(value: object) -> object:
    """A day as `2026-12-31`, and nothing else that pydantic would take for one."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise PydanticCustomError("day", "write the day as 2026-12-31")
    return value


def _amount(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise PydanticCustomError("amount", 'write the amount as a number, or better as a text: "12500.00"')
    return str(value)


Short = Annotated[str, Field(min_length=1, max_length=255)]
Mail = Annotated[str, Field(max_length=255, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Day = Annotated[date, BeforeValidator(_day)]
Sum = Annotated[Decimal, BeforeValidator(_amount), Field(ge=0, max_digits=15, decimal_places=2)]


class Standing(StrEnum):
    """What a partner can say of its registration."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    LOST = "lost"


class Verdict(StrEnum):
    """What a partner can say of a lead that it was passed."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WORKING = "working"
    CONVERTED = "converted"
    WON = "won"
    LOST = "lost"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class RegistrationBody(_Body):
    """A deal that a partner registers. A PUT replaces all of it."""

    company: Short = Field(description="The customer's name.", examples=["Acme Robotics"])
    name: Short | None = Field(default=None, description="What the registration is called.")
    website: Short | None = Field(default=None, description="The customer's web address.")
    country: Short | None = Field(default=None, description="The customer's country.")
    city: Short | None = Field(default=None, description="The customer's city.")
    postal_code: Short | None = Field(default=None, description="The customer's postal code.")
    contact_first_name: Short | None = Field(default=None, description="Given name of the contact at the customer.")
    contact_last_name: Short | None = Field(default=None, description="Family name of the contact at the customer.")
    contact_email: Mail | None = Field(default=None, description="Mail address of the contact at the customer.")
    contact_phone: Short | None = Field(default=None, description="Phone number of the contact at the customer.")
    user_email: Mail | None = Field(default=None, description="Who at the partner registers it.")
    products: tuple[Short, ...] = Field(default=(), max_length=50, description="What the customer wants.")
    amount: Sum | None = Field(default=None, description="Expected worth, in `currency`.", examples=["12500.00"])
    currency: str | None = Field(
        default=None, pattern=r"^[A-Z]{3}$", description="ISO 4217 code of the amount.", examples=["EUR"]
    )
    expected_close: Day | None = Field(default=None, description="When it is expected to close.")
    deal_type: DealType | None = Field(default=None, description="How the partner takes part.")
    description: str | None = Field(default=None, max_length=10_000, description="What else is to be said.")
    status: Standing = Field(default=Standing.SUBMITTED, description="A draft is not judged yet.")
    lost_reason: Short | None = Field(default=None, description="Why it was lost.")

    @model_validator(mode="after")
    def _of_a_currency(self) -> Self:
        if self.amount is not None and self.currency is None:
            raise PydanticCustomError("currency", "an amount has a currency: give `currency`, such as EUR")
        return self


class AnswerBody(_Body):
    """What a partner says of a lead that it was passed."""

    answer: Verdict = Field(description="Taken or not; later, what became of it.")
    reason: str | None = Field(default=None, max_length=2000, description="Why it was declined or lost.")


Body = TypeVar("Body", bound=_Body)
Wrong = dict[str, str]


class Unfit(Exception):
    """A body that cannot be taken: `errors` name each field, what is wrong and what to do."""

    def __init__(self, errors: list[Wrong]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


def parsed(kind: type[Body], raw: bytes) -> Body:
    """The body. Raises `Unfit`."""
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise Unfit([wrong("", f"the body is no JSON: {error}", "send a JSON object")]) from None
    if not isinstance(found, dict):
        raise Unfit([wrong("", "the body is no JSON object", "send a JSON object")])
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        raise Unfit([_said(each, kind) for each in error.errors(include_url=False)]) from None


def wrong(field: str, problem: str, remedy: str) -> Wrong:
    """One entry of `errors`."""
    return {"field": field, "problem": problem, "remedy": remedy}


def _said(error: Any, kind: type[_Body]) -> Wrong:
    field, described = ".".join(map(str, error["loc"])), ""
    known = kind.model_fields
    match error["type"]:
        case "extra_forbidden" if field == "partner":
            return wrong(field, "the token says which partner it is", "leave it out")
        case "extra_forbidden":
            return wrong(field, "there is no such field", nearest(field, known))
        case "missing":
            return wrong(field, "it is missing", f"give it: {known[field].description}")
        case "currency":
            field = "currency"
    head = field.partition(".")[0]
    if head in known:
        described = known[head].description or ""
    return wrong(field, error["msg"], f"correct it: {described}" if described else "correct it")
