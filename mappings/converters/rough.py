"""Numbers as people write them into lists: with separators, as ranges, in thousands; it never refuses a row for one."""

import re
from decimal import Decimal
from typing import ClassVar

from pydantic import JsonValue

from mappings.converters.numbers import Integer

_NUMBER = r"\d[\d.,' \u00a0\u202f]*"
_ONE = re.compile(
    rf"(?:[a-z]{{2,3}}\b|[^\w\s])?\s*({_NUMBER})\s*(k|m|mn|mio|b|bn|thousand|million|billion)?\b", re.IGNORECASE
)
_TIMES = {"k": 3, "t": 3, "m": 6, "b": 9}
_GROUPS = re.compile(r"(\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+)(?:[.,]\d{1,2})?")
_RANGE = re.compile(r"\s*(?:-|\u2013|\u2014|\bto\b)\s*", re.IGNORECASE)
_LARGEST = 2**53


class Rough(Integer):
    """About how many: "1,200", "1.200", "1.2k", "$5M", "10,001+"; of a range, as "51-200", the middle.

    What is no number is read as blank: it says nothing, and costs no row. Round trip: whole numbers below 2**53.
    """

    NAME: ClassVar[str] = "rough"

    def to_canonical(self, value: object) -> JsonValue:
        """An int, or None."""
        if isinstance(value, Decimal):
            value = format(value, "f") if value.is_finite() else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return int(value) if -_LARGEST < value < _LARGEST else None
        parts = _RANGE.split(value.strip()) if isinstance(value, str) else []
        numbers = [found for each in parts if (found := _number(each)) is not None]
        if not numbers or len(numbers) != len(parts) or len(numbers) > 2:
            return None
        middle = sum(numbers, Decimal(0)) / len(numbers)
        return int(middle) if middle < _LARGEST else None


def _number(text: str) -> Decimal | None:
    found = _ONE.match(text)
    if found is None:
        return None
    digits = found[1].rstrip(" .,'\u00a0\u202f")
    grouped = _GROUPS.fullmatch(digits)
    whole = re.sub(r"\D", "", grouped[1]) if grouped else digits.replace(",", ".")
    if not re.fullmatch(r"\d+(?:\.\d+)?", whole):
        return None
    times = _TIMES[found[2][0].lower()] if found[2] else 0
    return Decimal(whole).scaleb(times)
