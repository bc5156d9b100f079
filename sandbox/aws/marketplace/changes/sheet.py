"""Reads the details of a change and collects what is wrong with them, each with its path; it never raises."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any

from ...core import Shape
from ..times import DURATION, day_of

Complaint = tuple[str, str]  # path, words


class Sheet:
    """A JSON object at a path. Every reader notes a complaint and answers None where the value is not as it should be."""

    def __init__(self, value: Shape, path: str, complaints: list[Complaint]) -> None:
        self.value, self.path, self.complaints = value, path, complaints

    def complain(self, name: str, words: str) -> None:
        self.complaints.append((f"{self.path}.{name}" if name else self.path, words))

    def _at(self, name: str, kind: type, required: bool) -> Any:
        value = self.value.get(name)
        if value is None:
            if required:
                self.complain(name, f"{name} is required.")
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.complain(name, f"{name} must be of type {kind.__name__}.")
            return None
        return value

    def text(self, name: str, low: int, high: int, required: bool = True, without: str = "") -> str | None:
        value = self._at(name, str, required)
        if value is None:
            return None
        if not low <= len(value) <= high:
            self.complain(name, f"{name} must be between {low} and {high} characters.")
        if any(sign in value for sign in without):
            self.complain(name, f"{name} must not contain the characters {' '.join(without)}.")
        return str(value)

    def one_of(self, name: str, allowed: Collection[str], required: bool = True) -> str | None:
        value = self._at(name, str, required)
        if value is not None and value not in allowed:
            self.complain(name, f"{name} must be one of {', '.join(allowed)}.")
        return None if value is None else str(value)

    def account(self, name: str) -> str | None:
        value = self._at(name, str, True)
        if value is not None and not re.fullmatch(r"\d{12}", value):
            self.complain(name, f"{name} must be an AWS account ID of 12 digits.")
        return None if value is None else str(value)

    def accounts(self, name: str, high: int) -> None:
        values = self._at(name, list, False)
        if values is None:
            return
        if not 1 <= len(values) <= high:
            self.complain(name, f"{name} must have between 1 and {high} accounts.")
        for at, value in enumerate(values):
            if not isinstance(value, str) or not re.fullmatch(r"\d{12}", value):
                self.complain(f"{name}[{at}]", "AWS account IDs must be 12 digits.")

    def day(self, name: str, required: bool = True) -> None:
        value = self._at(name, str, required)
        if value is not None and day_of(value) is None:
            self.complain(name, f"{name} must be formatted as YYYY-MM-DD.")

    def duration(self, name: str, required: bool = True) -> None:
        value = self._at(name, str, required)
        if value is not None and not DURATION.fullmatch(value):
            self.complain(name, f"{name} must be an ISO 8601 duration.")

    def money(self, name: str, places: int) -> None:
        value = self._at(name, str, True)
        if value is None:
            return
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        exponent = amount.as_tuple().exponent
        if not amount.is_finite() or amount < 0 or (isinstance(exponent, int) and -exponent > places):
            self.complain(name, f"{name} must be a non-negative decimal with up to {places} decimal places.")

    def whole(self, name: str, low: int, required: bool = True) -> None:
        value = self._at(name, int, required)
        if value is not None and value < low:
            self.complain(name, f"{name} must be greater than or equal to {low}.")

    def sheet(self, name: str, required: bool = True) -> Sheet | None:
        value = self._at(name, dict, required)
        return None if value is None else Sheet(value, f"{self.path}.{name}", self.complaints)

    def sheets(self, name: str, low: int, high: int) -> list[Sheet]:
        values = self._at(name, list, True)
        if values is None:
            return []
        if not low <= len(values) <= high:
            self.complain(name, f"{name} must have between {low} and {high} items.")
        if any(not isinstance(value, dict) for value in values):
            self.complain(name, f"{name} must be a list of objects.")
            return []
        return [Sheet(value, f"{self.path}.{name}[{at}]", self.complaints) for at, value in enumerate(values)]

    def empty(self) -> None:
        if self.value:
            self.complain("", "DetailsDocument must be empty ({}).")

    def some_of(self, *names: str) -> None:
        if not any(name in self.value for name in names):
            self.complain("", f"At least one of {', '.join(names)} must be provided.")
