"""Divides an amount into parts that sum to it exactly, in a currency's smallest unit; it knows no deal and no partner."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from schemas.money import minor_digits


def places(amount: Decimal, currency: str | None) -> int:
    """Digits after the point of the unit that an amount is divided in: the currency's, or the amount's if it has more."""
    exponent = amount.as_tuple().exponent
    own = -exponent if isinstance(exponent, int) else 0
    return max(minor_digits(currency), own)


def divided(total: Decimal, parts: Mapping[str, Fraction], digits: int) -> dict[str, Decimal]:
    """The total in the given parts, which sum to 1, with so many digits; the results sum to it exactly.

    Largest remainder: each part is rounded towards zero, and what is left goes, one unit each, to the parts that were
    rounded the most; among equals to the first by name. A negative total is divided like its opposite.
    """
    sign = -1 if total < 0 else 1
    units = Fraction(total) * sign * 10**digits
    exact = {name: units * part for name, part in parts.items()}
    whole = {name: int(each) for name, each in exact.items()}
    left = int(units) - sum(whole.values())
    by_remainder = sorted(parts, key=lambda name: (whole[name] - exact[name], name))
    for name in by_remainder[:left]:
        whole[name] += 1
    return {name: _decimal(sign * count, digits) for name, count in whole.items()}


def _decimal(units: int, digits: int) -> Decimal:
    """Built from its digits, since arithmetic with decimals rounds at the context's precision."""
    return Decimal((int(units < 0), tuple(int(digit) for digit in str(abs(units))), -digits))
