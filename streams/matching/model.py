"""The learned numbers of the matcher, read once from data/model.toml; it never computes what they are applied to."""

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal

Band = Literal["linked", "to_confirm", "not_shown"]

CROWD = (1, 5, 50)
"""Level 0 of a name: up to so many accounts of the more crowded side hold it; then levels 1, 2 and, beyond, 3."""


@dataclass(frozen=True, slots=True)
class Model:
    """`weights`: log-odds of a finding of value 1, by name. `calibration`: knots of log-odds and confidence, both
    rising. `linked` and `shown`: the least confidence of each band. `crowd`: log-odds of an equal name by level."""

    version: str
    base: float
    weights: Mapping[str, float]
    calibration: tuple[tuple[float, float], ...]
    linked: float
    shown: float
    crowd: tuple[float, ...]
    report: Mapping[str, Any]

    def confidence(self, log_odds: float) -> float:
        """0 to 1, linear between the knots and level outside; four digits, so that ties are ties on every machine."""
        knots = self.calibration
        at = bisect_right(knots, (log_odds, 2.0))
        if at == 0 or at == len(knots):
            return knots[min(at, len(knots) - 1)][1]
        (low, least), (high, most) = knots[at - 1], knots[at]
        return round(least + (most - least) * (log_odds - low) / (high - low), 4)

    def band(self, confidence: float) -> Band:
        """What becomes of a pair that is this sure to be one company."""
        if confidence >= self.linked:
            return "linked"
        return "to_confirm" if confidence >= self.shown else "not_shown"


def crowd_level(holders: int) -> int:
    """The level of a name that so many accounts of one side hold, the side that has more of them."""
    return sum(holders > most for most in CROWD)


def parse(text: str, names: frozenset[str] | None = None) -> Model:
    """The model that a TOML text holds.

    Raises ValueError if knots do not rise, a band is out of order, or the weights are not those of `names`.
    """
    table = tomllib.loads(text)
    made = Model(
        version=table["version"],
        base=float(table["base"]),
        weights={name: float(weight) for name, weight in table["weights"].items()},
        calibration=tuple((float(x), float(y)) for x, y in table["calibration"]),
        linked=float(table["linked"]),
        shown=float(table["shown"]),
        crowd=tuple(float(weight) for weight in table["crowd"]),
        report=table.get("report", {}),
    )
    _checked(made, names)
    return made


def _checked(made: Model, names: frozenset[str] | None) -> None:
    knots = made.calibration
    if not knots or any(low[0] >= high[0] or low[1] > high[1] for low, high in pairwise(knots)):
        raise ValueError("the model's calibration must rise from knot to knot; train it anew")
    if not 0 < made.shown <= made.linked <= 1:
        raise ValueError("the model needs 0 < shown <= linked <= 1; train it anew")
    if len(made.crowd) != len(CROWD) + 1:
        raise ValueError(f"the model needs {len(CROWD) + 1} crowd levels; train it anew")
    if names is not None and names != made.weights.keys():
        odd = ", ".join(sorted(names ^ made.weights.keys()))
        raise ValueError(f"the model and the evidence do not have the same names: {odd}; train it anew")


@cache
def shipped() -> Model:
    """The model of this package."""
    return parse(files("streams.matching").joinpath("data", "model.toml").read_text(encoding="utf-8"))


def model() -> Model:
    """The model of this process: the shipped one, unless its start has named another."""
    return _named[-1] if _named else shipped()


def use(made: Model | None) -> None:
    """To be called where a process starts: match with this model; None: with the shipped one."""
    _named[:] = [] if made is None else [made]


_named: list[Model] = []
