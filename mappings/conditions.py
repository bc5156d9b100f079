"""When a vendor's row stands for an entity: which values some of its fields must or must not have; it converts nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """A vendor field and the values that count; `RecordType.DeveloperName` is a path through nested objects.

    Texts are compared without case and blanks around; "" is a blank value, and a blank yes-or-no is a no.
    """

    field: str
    values: tuple[str | bool, ...]

    def holds(self, row: Mapping[str, object]) -> bool:
        """Whether the row's value is one of them; a parent that is not there has blank fields."""
        return _word(_value(row, self.field)) in {word for each in self.values for word in _words(each)}


def takes(when: Iterable[Condition], unless: Iterable[Condition], row: Mapping[str, object]) -> bool:
    """Whether all of the first hold and none of the second."""
    return all(each.holds(row) for each in when) and not any(each.holds(row) for each in unless)


def fields_of(*conditions: Sequence[Condition]) -> frozenset[str]:
    """The vendor fields that they look at."""
    return frozenset(each.field for some in conditions for each in some)


def _value(row: Mapping[str, object], field: str) -> object:
    if field in row:
        return row[field]
    value: object = row
    for step in field.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _words(value: str | bool) -> tuple[str, ...]:
    return ("false", "") if value is False else (_word(value),)


def _word(value: object) -> str:
    return "" if value is None else str(value).strip().casefold()
