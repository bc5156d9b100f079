"""How each model of attribution divides a deal among its touches, and so among partners; it decides of no touch."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from mappings.attribution import Position
from streams.attribution.money import divided, places

WEIGHT_DIGITS = 6  # of a share's weight as it is shown; the weights sum to 1 all the same
Parts = list[Fraction]


def first_touch(count: int, weights: Position) -> Parts:
    """All of it to the first."""
    return [Fraction(int(nth == 0)) for nth in range(count)]


def last_touch(count: int, weights: Position) -> Parts:
    """All of it to the last."""
    return [Fraction(int(nth == count - 1)) for nth in range(count)]


def even(count: int, weights: Position) -> Parts:
    """The same to each touch."""
    return [Fraction(1, count)] * count


def position(count: int, weights: Position) -> Parts:
    """The first and the last have their weights, those between share the middle's; of two, in the ratio of theirs."""
    first, middle, last = (Fraction(each) for each in (weights.first, weights.middle, weights.last))
    if count == 1:
        return [Fraction(1)]
    if count == 2:
        return [first / (first + last), last / (first + last)]
    return [first, *[middle / (count - 2)] * (count - 2), last]


MODELS: Mapping[str, Callable[[int, Position], Parts]] = {
    "first_touch": first_touch,
    "last_touch": last_touch,
    "even": even,
    "position": position,
}


def shares(
    model: str, partners: Sequence[str], weights: Position, amount: Decimal, currency: str | None
) -> list[tuple[str, Decimal, Decimal]]:
    """Partner, amount and weight, the largest first. `partners`: who made each touch, the earliest first; at least one."""
    parts: dict[str, Fraction] = {}
    for partner, part in zip(partners, MODELS[model](len(partners), weights), strict=True):
        parts[partner] = parts.get(partner, Fraction()) + part
    parts = {partner: part for partner, part in parts.items() if part}
    amounts = divided(amount, parts, places(amount, currency))
    shown = divided(Decimal(1), parts, WEIGHT_DIGITS)
    return [(each, amounts[each], shown[each]) for each in sorted(parts, key=lambda name: (-parts[name], name))]
