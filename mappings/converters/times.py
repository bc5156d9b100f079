"""Days and moments, both ways; a moment always has a zone."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from mappings.converters.base import Converter, refuse
from mappings.errors import UnconvertibleError


class Date(Converter):
    """A day, canonical `2026-11-22`. Round trip: every date.

    As `midnight` the vendor holds a moment, of which the day in UTC counts; it is written as `2026-11-22T00:00:00Z`.
    """

    NAME: ClassVar[str] = "date"
    format: Literal["day", "midnight"] = Field(default="day", description="Whether the vendor holds a day or a moment.")

    def _day(self, value: object) -> str:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        text = value.strip() if isinstance(value, str) else ""
        with suppress(ValueError):
            # The comparison: fromisoformat would also take 20261122 and 2026-W47-7.
            if date.fromisoformat(text).isoformat() == text:
                return text
        raise refuse(value, self.NAME, "write it as 2026-11-22")

    def to_canonical(self, value: object) -> JsonValue:
        """`2026-11-22`."""
        if self.format == "midnight" and isinstance(value, str) and "T" in value:
            with suppress(ValueError, OverflowError):
                moment = datetime.fromisoformat(value.strip())
                if moment.tzinfo is not None:
                    return moment.astimezone(UTC).date().isoformat()
        return self._day(value)

    def to_vendor(self, value: JsonValue) -> object:
        """As `format` says."""
        return self._day(value) + ("T00:00:00Z" if self.format == "midnight" else "")


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
                raise refuse(value, self.NAME, "write it with its zone, as 2026-11-22T10:00:00Z")
            return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
        except (ValueError, OverflowError) as error:
            if isinstance(error, UnconvertibleError):
                raise
            raise refuse(value, self.NAME, "write it as 2026-11-22T10:00:00Z") from error

    def to_canonical(self, value: object) -> JsonValue:
        """`2026-11-22T10:00:00Z`."""
        return self._instant(value) + "Z"

    def to_vendor(self, value: JsonValue) -> object:
        """As `format` says, in UTC."""
        return self._instant(value) + ("Z" if self.format == "iso" else ".000+0000")
