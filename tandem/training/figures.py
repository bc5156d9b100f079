"""Counts how often claims were right: precision, recall and calibration; it never moves a line to look better."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from tandem.training.bands import Judged
from tandem.training.fitting import Floats

EDGES = (0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.0)
FEW = 50  # a bin with fewer pairs says little
WITHIN = 0.05  # how far what is claimed may be from what is true


class Lines(Protocol):
    """Confidences from which on a pair is linked or shown."""

    @property
    def linked(self) -> float:
        """The higher one."""

    @property
    def shown(self) -> float:
        """The lower one."""


Claims = Sequence[tuple[Judged, Lines]]


@dataclass(frozen=True)
class Quality:
    """`pairs` were claimed, `right` of them truly; `true` could have been."""

    pairs: int
    right: int
    true: int

    @property
    def table(self) -> dict[str, float]:
        """Four digits each; of nothing, precision is 1 and recall 0."""
        precision = self.right / self.pairs if self.pairs else 1.0
        found = {"precision": precision, "recall": self.right / max(1, self.true), "f1": self.f1}
        return {"pairs": self.pairs, **{name: round(value, 4) for name, value in found.items()}}

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / max(1, self.pairs + self.true)


def told(claims: Claims) -> dict[str, Any]:
    """The figures of one set, for the report: both bands, the calibration, and what an ideal line would have reached."""
    return {
        "shown": band(claims, "shown").table,
        "linked": band(claims, "linked").table,
        "recall_at_best_line": round(at_best_line(claims), 4),
        "calibration": bins(claims),
    }


def band(claims: Claims, name: str) -> Quality:
    """What was at or above the line of this name, each fold with its own."""
    pairs = right = true = 0
    for one, lines in claims:
        above = one.confidence >= getattr(lines, name)
        pairs += int(np.count_nonzero(above))
        right += int(np.count_nonzero(one.y[above]))
        true += int(np.count_nonzero(one.y)) + one.missed
    return Quality(pairs, right, true)


def at_best_line(claims: Claims, precision: float = 0.99) -> float:
    """The most recall at this precision, the line drawn on the very pairs: what no honest line can exceed."""
    said, y = _all(claims)
    order = np.argsort(-said, kind="stable")
    right = np.cumsum(y[order])
    whole = np.append(np.diff(said[order]) < 0, True)
    reached = right[whole & (right / np.arange(1, len(right) + 1) >= precision)]
    return float(reached.max(initial=0)) / max(1, band(claims, "shown").true)


def bins(claims: Claims) -> list[dict[str, float]]:
    """By stated confidence: how many pairs, what was said on average, and what share was true."""
    said, y = _all(claims)
    found = []
    for low, high in pairwise(EDGES):
        inside = (said >= low) & ((said < high) | (high == EDGES[-1]))
        count = int(np.count_nonzero(inside))
        if count:
            mean, true = round(float(said[inside].mean()), 3), round(float(y[inside].mean()), 3)
            found.append({"from": low, "to": high, "pairs": count, "said": mean, "true": true})
    return found


def off(calibration: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """The bins with enough pairs whose claim is further from the truth than it may be."""
    return [each for each in calibration if each["pairs"] >= FEW and abs(each["said"] - each["true"]) > WITHIN]


def _all(claims: Claims) -> tuple[Floats, Floats]:
    said = np.concatenate([one.confidence for one, _ in claims])
    return said, np.concatenate([one.y for one, _ in claims]).astype(float)
