"""What can be wrong with a mapping, a row or a column, always with the remedy; nothing is raised from here."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that is not known: the nearest known one, or all of them where none is near."""
    by_lower = {each.lower(): each for each in known}
    close = get_close_matches(name.lower(), by_lower, n=1)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    return f"known are: {', '.join(sorted(by_lower.values()))}" if by_lower else "there are none to choose from"


class MappingError(ValueError):
    """A mapping table cannot be used. `file`, `table`, `key` and `line` say where, as far as it can be told."""

    def __init__(
        self, reason: str, remedy: str, *, file: str = "", table: str = "", key: str = "", line: int | None = None
    ) -> None:
        where = [file, f"line {line}" if line else "", f"[{table}] {key}".rstrip() if table else key]
        place = ", ".join(filter(None, where))
        super().__init__(f"{place + ': ' if place else ''}{reason} Remedy: {remedy}")
        self.reason, self.remedy = reason, remedy
        self.file, self.table, self.key, self.line = file, table, key, line


class ColumnError(MappingError):
    """The columns of a list do not fit the table: one is missing, ambiguous, or named and not there."""


class UnconvertibleError(ValueError):
    """A converter refuses a value."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


class RowError(ValueError):
    """One value of one row cannot be converted; `field` is the canonical name and `vendor_field` the vendor's."""

    def __init__(self, field: str, vendor_field: str, value: object, reason: str, remedy: str) -> None:
        super().__init__(f"{field} ({vendor_field or 'not mapped'}): {reason} Remedy: {remedy}")
        self.field, self.vendor_field, self.value = field, vendor_field, value
        self.reason, self.remedy = reason, remedy
