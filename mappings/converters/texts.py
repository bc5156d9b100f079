"""Texts, lists of them, lines, choices and yes or no, both ways."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from pydantic import Field, JsonValue, model_validator

from mappings.converters.base import Converter, refuse
from mappings.errors import UnconvertibleError, nearest

ELLIPSIS = "…"
SEPARATOR = ";"  # between the values of a multi-select picklist, at Salesforce and at HubSpot


YES = frozenset({"true", "yes", "y", "1"})


NO = frozenset({"false", "no", "n", "0"})


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def shorten(text: str, limit: int) -> str:
    """The text in at most `limit` UTF-16 units (the larger way of counting), with an ellipsis where it was cut."""
    if units(text) <= limit:
        return text
    cut = text[: limit - 1]
    while units(cut) > limit - 1:
        cut = cut[:-1]
    return cut.rstrip() + ELLIPSIS


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
        raise refuse(value, self.NAME)

    def to_vendor(self, value: JsonValue) -> object:
        """The text, cut to the vendor's length."""
        if not isinstance(value, str):
            raise refuse(value, self.NAME)
        return value if self.max_length is None else shorten(value, self.max_length)


class Boolean(Converter):
    """True or false; in texts also yes/no, y/n, 1/0. Round trip: both."""

    NAME: ClassVar[str] = "boolean"

    def to_canonical(self, value: object) -> JsonValue:
        """A bool."""
        word = str(value).strip().lower()
        if isinstance(value, (bool, str, int)) and word in YES | NO:
            return word in YES
        raise refuse(value, self.NAME, "use true or false")

    def to_vendor(self, value: JsonValue) -> object:
        """A bool."""
        if not isinstance(value, bool):
            raise refuse(value, self.NAME)
        return value


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
            raise refuse(value, self.NAME)
        return [line.strip() for line in value.splitlines() if line.strip()]

    def to_vendor(self, value: JsonValue) -> object:
        """One text."""
        if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
            raise refuse(value, self.NAME)
        lines = [" ".join(str(each).splitlines()).strip() for each in value]
        return "\n".join(self._fitting([line for line in lines if line]))

    def _fitting(self, lines: list[str]) -> list[str]:
        if self.max_length is None or not lines:
            return lines
        kept = [shorten(lines[0], self.max_length)]
        used = units(kept[0])
        for line in lines[1:]:
            used += units(line) + 2  # a vendor may store a line break as two characters
            if used > self.max_length:
                break
            kept.append(line)
        return kept


class List(Converter):
    """Texts, at the vendor a list as well; blank ones are left out. Round trip: lists of trimmed texts."""

    NAME: ClassVar[str] = "list"

    def _texts(self, value: object) -> list[str]:
        if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
            return [each.strip() for each in value if each.strip()]
        raise refuse(value, "list of texts")

    def to_canonical(self, value: object) -> JsonValue:
        """A list of texts."""
        return list[JsonValue](self._texts(value))

    def to_vendor(self, value: JsonValue) -> object:
        """A list of texts."""
        return self._texts(value)


class Picks(Converter):
    """Several of a list, at the vendor one text with `;` between them, as of a multi-select picklist.

    `values` is vendor to canonical, read without regard to case and blanks around; what it does not name stands for
    itself. Round trip: lists of trimmed texts without `;`.
    """

    NAME: ClassVar[str] = "picks"
    values: dict[str, str] = Field(default_factory=dict, description="Vendor's spelling to canonical value.")

    @cached_property
    def _canonical(self) -> Mapping[str, str]:
        return {spelling.strip().casefold(): canonical for spelling, canonical in self.values.items()}

    @cached_property
    def _vendor(self) -> Mapping[str, str]:
        return {canonical: spelling for spelling, canonical in reversed(self.values.items())}

    def to_canonical(self, value: object) -> JsonValue:
        """A list of canonical values, each once."""
        if not isinstance(value, str):
            raise refuse(value, "text with ; between the values")
        picked = (each.strip() for each in value.split(SEPARATOR) if each.strip())
        return list[JsonValue](dict.fromkeys(self._canonical.get(each.casefold(), each) for each in picked))

    def to_vendor(self, value: JsonValue) -> object:
        """One text."""
        if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
            raise refuse(value, "list of texts")
        if wrong := next((each for each in value if SEPARATOR in str(each)), None):
            raise UnconvertibleError(f"{wrong!r} holds the separator {SEPARATOR!r}.", "take it out of the value")
        texts = (str(each).strip() for each in value)
        return SEPARATOR.join(dict.fromkeys(self._vendor.get(each, each) for each in texts if each))
