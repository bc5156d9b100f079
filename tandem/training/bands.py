"""Draws the two lines of confidence, from which on a pair is linked or shown, from pairs that the weights have not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streams.matching.weights import TIE
from tandem.training.examples import Examples
from tandem.training.fitting import Bools, Floats

LINKED_PRECISION = 0.99
LEAST_SHOWN, MOST_SHOWN = 0.5, 0.9
FEW = 20  # fewer right pairs above a level prove nothing about it


@dataclass(frozen=True)
class Judged:
    """The pairs of one set that could be shown, with what is claimed and what is true of them; `missed` true pairs can
    never be shown."""

    name: str
    confidence: Floats
    y: Bools
    missed: int


def judged(some: Examples, rows: Bools, confidence: Floats, missed: int) -> Judged:
    """`rows` of the set, with `confidence` for these: each of our accounts' best, and what ties with it."""
    kept = best(some, rows, confidence)
    lost = int(np.count_nonzero(some.y[rows] & ~kept))
    return Judged(some.name, confidence[kept], some.y[rows][kept], missed + lost)


def best(some: Examples, rows: Bools, confidence: Floats) -> Bools:
    """Of these rows, those that the matcher would show if they were sure enough."""
    if not some.best_only:
        return np.ones(len(confidence), dtype=bool)
    ours = some.ours[rows]
    top = np.zeros(int(ours.max(initial=0)) + 1)
    np.maximum.at(top, ours, confidence)
    return np.asarray(confidence >= np.round(top[ours] - TIE, 4))


def shown(sets: Sequence[Judged]) -> float:
    """The confidence from which on the mean F1 of the sets is highest."""
    levels = _levels(sets)
    return float(max(levels, key=lambda level: (np.mean([f1(each, level) for each in sets]), level)))


def linked(sets: Sequence[Judged]) -> float:
    """The least confidence from which on a share of 0.99 is right, each set counting the same; 1 if there is none."""
    said = np.concatenate([each.confidence for each in sets])
    right = np.concatenate([each.y for each in sets])
    count = np.concatenate([np.full(len(each.y), 1 / max(1, _true(each))) for each in sets])
    order = np.argsort(-said, kind="stable")
    level, share = said[order], np.cumsum((count * right)[order]) / np.cumsum(count[order])
    whole = np.append(level[1:] < level[:-1], True)  # a level takes all of its pairs or none
    at = np.flatnonzero((share >= LINKED_PRECISION) & whole & (np.cumsum(right[order]) >= FEW))
    return float(level[at[-1]]) if at.size else 1.0


def _true(one: Judged) -> int:
    return int(np.count_nonzero(one.y)) + one.missed


def f1(one: Judged, level: float) -> float:
    """Of the pairs at or above a level."""
    above = one.confidence >= level
    right = int(np.count_nonzero(one.y[above]))
    return 2 * right / max(1, int(np.count_nonzero(above)) + _true(one))


def _levels(sets: Sequence[Judged]) -> Sequence[float]:
    """Hundredths from a half on: a line that is drawn finer would be drawn around single pairs, and what is more likely
    wrong than right is not shown."""
    found = np.unique(np.round(np.concatenate([each.confidence for each in sets]), 2))
    inside = [float(level) for level in found if LEAST_SHOWN <= level <= MOST_SHOWN]
    return inside or [LEAST_SHOWN]
