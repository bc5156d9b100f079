"""What a partner is due for a deal that was won, as decimal money rounded to the currency's minor unit; it pays nothing."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

from schemas.money import minor_digits

DIGITS = 60  # of intermediate results: far more than any amount has, so that only the last step rounds


class Fee(NamedTuple):
    """What is due, from what, and the same in words."""

    amount: Decimal
    currency: str
    percent: Decimal
    basis_amount: Decimal
    basis: str


def fee(basis: Decimal, currency: str, percent: Decimal, kind: str, deal: str) -> Fee:
    """`percent` of `basis`, half a unit rounded up (away from zero), with as many places as the currency has."""
    code = currency.upper()
    with localcontext() as context:
        context.prec = DIGITS
        unit = Decimal(1).scaleb(-minor_digits(code))
        due = (basis * percent / 100).quantize(unit, rounding=ROUND_HALF_UP)
    words = f"{kind.replace('_', ' ')}: {plain(percent)} % of {plain(basis)} {code}, the amount of the deal {deal!r}"
    return Fee(due, code, percent, basis, words)


def plain(number: Decimal) -> str:
    """Without an exponent and without trailing zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
