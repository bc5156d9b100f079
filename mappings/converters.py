"""The closed vocabulary of two-way converters that a mapping table can name; a converter never looks at another field.

Values that are blank (None or an empty text) never reach a converter: the table keeps them as None in both directions.
"""

import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from mappings.errors import UnconvertibleError, nearest

ELLIPSIS = "…"
YES = frozenset({"true", "yes", "y", "1"})
NO = frozenset({"false", "no", "n", "0"})


def is_blank(value: object) -> bool:
    """Whether a vendor's value says nothing: None, or a text of blanks."""
    return value is None or (isinstance(value, str) and not value.strip())


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def shorten(text: str, limit: int) -> str:
    """The text in at most `limit` UTF-16 units (the larger way of counting), with an ellipsis where it was cut."""
    if _units(text) <= limit:
        return text
    cut = text[: limit - 1]
    while _units(cut) > limit - 1:
        cut = cut[:-1]
    return cut.rstrip() + ELLIPSIS


def _refuse(value: object, what: str, remedy: str = "") -> UnconvertibleError:
    return UnconvertibleError(
        f"{value!r} is no {what}.", remedy or "correct the value, or map it with another converter"
    )


class Converter(BaseModel):
    """One field both ways. A converter's options are its pydantic fields. Both methods raise `UnconvertibleError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    NAME: ClassVar[str]

    @property
    def when_blank(self) -> JsonValue:
        """What a row without a value means when it is read as a record."""
        return None

    def to_canonical(self, value: object) -> JsonValue:
        """A vendor's value as canonical JSON."""
        raise _refuse(value, self.NAME)

    def to_vendor(self, value: JsonValue) -> object:
        """A canonical JSON value as the vendor takes it."""
        raise _refuse(value, self.NAME)


class Text(Converter):
    """Text without blanks around it; numbers become their digits. Round trip: trimmed texts within `max_length`."""

    NAME: ClassVar[str] = "text"
    max_length: int | None = Field(default=None, ge=2, description="Longer text is cut on write, with an ellipsis.")

    def to_canonical(self, value: object) -> JsonValue:
        """The text as it stands."""
        if isinstance(value, str):
            return value.strip()
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return str(value)
        raise _refuse(value, self.NAME)

    def to_vendor(self, value: JsonValue) -> object:
        """The text, cut to the vendor's length."""
        if not isinstance(value, str):
            raise _refuse(value, self.NAME)
        return value if self.max_length is None else shorten(value, self.max_length)


class Number(Converter):
    """A finite number, in a text with a decimal point or as a number. Round trip: every finite float."""

    NAME: ClassVar[str] = "number"

    def _float(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
            raise _refuse(value, self.NAME)
        try:
            number = float(value)
        except (ValueError, OverflowError):
            raise _refuse(value, self.NAME, "write it with a decimal point and without thousands separators") from None
        if not math.isfinite(number):
            raise _refuse(value, self.NAME)
        return number

    def to_canonical(self, value: object) -> JsonValue:
        """A float."""
        return self._float(value)

    def to_vendor(self, value: JsonValue) -> object:
        """A float."""
        return self._float(value)


class Integer(Number):
    """A whole number; vendors also send it as 2.0 or as text. Round trip: whole numbers below 2**53."""

    NAME: ClassVar[str] = "integer"

    def _int(self, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        number = self._float(value)
        if not number.is_integer():
            raise _refuse(value, self.NAME)
        return int(number)

    def to_canonical(self, value: object) -> JsonValue:
        """An int."""
        return self._int(value)

    def to_vendor(self, value: JsonValue) -> object:
        """An int."""
        return self._int(value)


class Percent(Number):
    """Canonical 0 to 1, at the vendor 0 to 100 with one decimal. Round trip: multiples of 0.001."""

    NAME: ClassVar[str] = "percent"

    def to_canonical(self, value: object) -> JsonValue:
        """0 to 1, with three decimals."""
        number = self._float(value.strip().removesuffix("%") if isinstance(value, str) else value)
        if not 0 <= number <= 100:
            raise _refuse(value, self.NAME, "give 0 to 100")
        return round(number / 100, 3)

    def to_vendor(self, value: JsonValue) -> object:
        """0 to 100, with one decimal."""
        number = self._float(value)
        if not 0 <= number <= 1:
            raise _refuse(value, self.NAME, "give 0 to 1")
        return round(number * 100, 1)


class Boolean(Converter):
    """True or false; in texts also yes/no, y/n, 1/0. Round trip: both."""

    NAME: ClassVar[str] = "boolean"

    def to_canonical(self, value: object) -> JsonValue:
        """A bool."""
        word = str(value).strip().lower()
        if isinstance(value, (bool, str, int)) and word in YES | NO:
            return word in YES
        raise _refuse(value, self.NAME, "use true or false")

    def to_vendor(self, value: JsonValue) -> object:
        """A bool."""
        if not isinstance(value, bool):
            raise _refuse(value, self.NAME)
        return value


class Date(Converter):
    """A day, `2026-11-22` on both sides. Round trip: every date."""

    NAME: ClassVar[str] = "date"

    def _day(self, value: object) -> str:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        text = value.strip() if isinstance(value, str) else ""
        with suppress(ValueError):
            # The comparison: fromisoformat would also take 20261122 and 2026-W47-7.
            if date.fromisoformat(text).isoformat() == text:
                return text
        raise _refuse(value, self.NAME, "write it as 2026-11-22")

    def to_canonical(self, value: object) -> JsonValue:
        """`2026-11-22`."""
        return self._day(value)

    def to_vendor(self, value: JsonValue) -> object:
        """`2026-11-22`."""
        return self._day(value)


class DateTime(Converter):
    """An instant, canonical `2026-11-22T10:00:00Z`. Round trip: whole seconds.

    Salesforce writes `2026-11-22T10:00:00.000+0000`.
    """

    NAME: ClassVar[str] = "datetime"
    format: Literal["salesforce", "iso"] = Field(default="salesforce", description="How it is written; both are read.")

    def _instant(self, value: object) -> str:
        try:
            moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
            if not isinstance(moment, datetime) or moment.tzinfo is None:
                raise _refuse(value, self.NAME, "write it with its zone, as 2026-11-22T10:00:00Z")
            return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
        except (ValueError, OverflowError) as error:
            if isinstance(error, UnconvertibleError):
                raise
            raise _refuse(value, self.NAME, "write it as 2026-11-22T10:00:00Z") from error

    def to_canonical(self, value: object) -> JsonValue:
        """`2026-11-22T10:00:00Z`."""
        return self._instant(value) + "Z"

    def to_vendor(self, value: JsonValue) -> object:
        """As `format` says, in UTC."""
        return self._instant(value) + ("Z" if self.format == "iso" else ".000+0000")


class Choice(Converter):
    """One of a list; `values` is vendor to canonical, read without regard to case and blanks around.

    Several spellings may mean the same: the first is written. Round trip: every canonical value of `values`.
    """

    NAME: ClassVar[str] = "choice"
    values: dict[str, str] = Field(min_length=1, description="Vendor's spelling to canonical value.")
    default: str | None = Field(default=None, description="What other values and blanks mean; else refused.")

    @cached_property
    def _canonical(self) -> Mapping[str, str]:
        return {spelling.strip().casefold(): canonical for spelling, canonical in self.values.items()}

    @cached_property
    def _vendor(self) -> Mapping[str, str]:
        return {canonical: spelling for spelling, canonical in reversed(self.values.items())}

    @model_validator(mode="after")
    def _each_spelling_means_one_thing(self) -> "Choice":
        for spelling, canonical in self.values.items():
            if self._canonical[spelling.strip().casefold()] != canonical:
                raise ValueError(f"the spelling {spelling!r} stands for two values, since case and blanks do not count")
        return self

    @property
    def when_blank(self) -> JsonValue:
        """The default."""
        return self.default

    def to_canonical(self, value: object) -> JsonValue:
        """The canonical value of a spelling."""
        found = self._canonical.get(str(value).strip().casefold(), self.default)
        if found is None:
            raise UnconvertibleError(
                f"{value!r} is none of {', '.join(map(repr, self.values))}.",
                "correct the value, or add the spelling to `values` of the mapping, or set a `default` there",
            )
        return found

    def to_vendor(self, value: JsonValue) -> object:
        """The first spelling of a canonical value."""
        if not isinstance(value, str) or value not in self._vendor:
            raise UnconvertibleError(f"{value!r} has no spelling at the vendor.", nearest(str(value), self._vendor))
        return self._vendor[value]


class Lines(Converter):
    """Sentences, at the vendor one text with a line for each. Round trip: trimmed lines that fit `max_length`."""

    NAME: ClassVar[str] = "lines"
    max_length: int | None = Field(default=None, ge=2, description="Lines that no longer fit are left out.")

    def to_canonical(self, value: object) -> JsonValue:
        """A list of sentences."""
        if not isinstance(value, str):
            raise _refuse(value, self.NAME)
        return [line.strip() for line in value.splitlines() if line.strip()]

    def to_vendor(self, value: JsonValue) -> object:
        """One text."""
        if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
            raise _refuse(value, self.NAME)
        lines = [" ".join(str(each).splitlines()).strip() for each in value]
        return "\n".join(self._fitting([line for line in lines if line]))

    def _fitting(self, lines: list[str]) -> list[str]:
        if self.max_length is None or not lines:
            return lines
        kept = [shorten(lines[0], self.max_length)]
        used = _units(kept[0])
        for line in lines[1:]:
            used += _units(line) + 2  # a vendor may store a line break as two characters
            if used > self.max_length:
                break
            kept.append(line)
        return kept


CONVERTERS: Mapping[str, type[Converter]] = {
    each.NAME: each for each in (Text, Integer, Number, Percent, Boolean, Date, DateTime, Choice, Lines)
}
