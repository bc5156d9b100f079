"""Numbers, amounts of money and shares, both ways; they never round what they were given."""

import math
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from pydantic import JsonValue

from mappings.converters.base import Converter, refuse


class Number(Converter):
    """A finite number, in a text with a decimal point or as a number. Round trip: every finite float."""

    NAME: ClassVar[str] = "number"

    def _float(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
            raise refuse(value, self.NAME)
        try:
            number = float(value)
        except (ValueError, OverflowError):
            raise refuse(value, self.NAME, "write it with a decimal point and without thousands separators") from None
        if not math.isfinite(number):
            raise refuse(value, self.NAME)
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
            raise refuse(value, self.NAME)
        return int(number)

    def to_canonical(self, value: object) -> JsonValue:
        """An int."""
        return self._int(value)

    def to_vendor(self, value: JsonValue) -> object:
        """An int."""
        return self._int(value)


class Money(Converter):
    """An amount as an exact decimal, canonically in plain digits without trailing zeros. Round trip: 15 digits."""

    NAME: ClassVar[str] = "money"
    DIGITS: ClassVar[int] = 15  # as many survive a vendor's JSON number

    def _decimal(self, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
            raise refuse(value, self.NAME)
        try:
            amount = Decimal(str(value).strip())
        except InvalidOperation:
            raise refuse(value, self.NAME, "write it with a decimal point and without thousands separators") from None
        if not amount.is_finite():
            raise refuse(value, self.NAME)
        amount = amount.normalize()
        if len(amount.as_tuple().digits) > self.DIGITS:
            raise refuse(value, self.NAME, f"give at most {self.DIGITS} digits")
        return amount

    def to_canonical(self, value: object) -> JsonValue:
        """The amount's digits, as `12500.5`."""
        return format(self._decimal(value), "f")

    def to_vendor(self, value: JsonValue) -> object:
        """A number whose shortest text is the amount."""
        amount = self._decimal(value)
        return int(amount) if amount == amount.to_integral_value() else float(amount)


class Percent(Number):
    """Canonical 0 to 1, at the vendor 0 to 100 with one decimal. Round trip: multiples of 0.001."""

    NAME: ClassVar[str] = "percent"

    def to_canonical(self, value: object) -> JsonValue:
        """0 to 1, with three decimals."""
        number = self._float(value.strip().removesuffix("%") if isinstance(value, str) else value)
        if not 0 <= number <= 100:
            raise refuse(value, self.NAME, "give 0 to 100")
        return round(number / 100, 3)

    def to_vendor(self, value: JsonValue) -> object:
        """0 to 100, with one decimal."""
        number = self._float(value)
        if not 0 <= number <= 1:
            raise refuse(value, self.NAME, "give 0 to 1")
        return round(number * 100, 1)
