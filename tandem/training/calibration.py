"""Turns log-odds into confidences that keep their word, by a rising line of few knots; it never changes an order.

The line is fitted by likelihood: its rises from knot to knot are the weights of ramps, none below 0 (isotonic), each
drawn a little to the rise that the log-odds themselves claim, so that a stretch with few pairs does not jump.
"""

from collections.abc import Sequence

import numpy as np

from tandem.training.fitting import Floats, Problem, fit, sigmoid

KNOTS = (-8.0, -5.0, -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 4.0, 6.0, 12.0)
# Pairs' worth of belief in the claim of the log-odds, for a rise of one.
PULL = 4.0
LEAST_RISE = 0.0002  # per knot, so that the better of two pairs is never said to be no better
MOST = 0.9999

Line = tuple[tuple[float, float], ...]


def calibrate(log_odds: Floats, y: Floats, share: Floats, start: Line | None = None) -> Line:
    """Knots of log-odds and confidence, both rising. `start`: the line to be drawn to instead of the log-odds' own claim."""
    claimed = np.array(KNOTS) if start is None else _logit(confidence(start, np.array(KNOTS)))
    rises = np.maximum(np.diff(claimed), 0.0)
    ramps = _ramps(log_odds)
    size = ramps.shape[1]
    problem = Problem(
        x=ramps,
        y=y,
        share=share,
        prior=np.concatenate(([claimed[0]], rises)),
        pull=np.concatenate(([PULL], PULL / np.diff(KNOTS))),
        low=np.concatenate(([-np.inf], np.zeros(size - 1))),
        high=np.full(size, np.inf),
    )
    return _line(sigmoid(np.cumsum(fit(problem))))


def confidence(line: Line, log_odds: Floats) -> Floats:
    """As the matcher computes it: linear between the knots, level outside, four digits."""
    x, y = zip(*line, strict=True)
    return np.asarray(np.round(np.interp(log_odds, x, y), 4), dtype=np.float64)


def _ramps(log_odds: Floats) -> Floats:
    """How far along each stretch between two knots a pair is, 0 to 1; first a column of ones."""
    low, high = np.array(KNOTS[:-1]), np.array(KNOTS[1:])
    along = np.clip((log_odds[:, None] - low) / (high - low), 0.0, 1.0)
    return np.column_stack([np.ones(len(log_odds)), along])


def _line(levels: Sequence[float] | Floats) -> Line:
    """Rounded, and rising everywhere: from the top down, each a little below the next."""
    least: list[float] = []
    ceiling = MOST
    for level in reversed([round(float(level), 4) for level in levels]):
        least.append(round(max(min(level, ceiling), 0.0), 4))
        ceiling = least[-1] - LEAST_RISE
    return tuple(zip(KNOTS, reversed(least), strict=True))


def _logit(chance: Floats) -> Floats:
    inside = np.clip(chance, 1e-4, 1 - 1e-4)
    return np.log(inside / (1 - inside))
