"""Fits a logistic regression whose weights keep their signs; it never knows what a column means.

Penalised likelihood with bounds, by a projected Newton method (D. P. Bertsekas, SIAM J. Control 20, 1982): with some
dozens of columns it needs about ten solves of a small system, so that numpy is enough.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

STEPS = 200
SETTLED = 1e-9


@dataclass(frozen=True)
class Problem:
    """`x`: rows by columns; `y`: 0 or 1; `share`: how much a row counts. Of each column: where its weight is drawn to
    (`prior`), how hard (`pull`, 0: not at all), and between which bounds it stays."""

    x: Floats
    y: Floats
    share: Floats
    prior: Floats
    pull: Floats
    low: Floats
    high: Floats

    def loss(self, weights: Floats) -> float:
        """What is least at the solution: the penalised negative log-likelihood."""
        margin = self.x @ weights
        misfit = np.logaddexp(0.0, margin) - self.y * margin
        return float(self.share @ misfit + 0.5 * self.pull @ (weights - self.prior) ** 2)


def fit(problem: Problem) -> Floats:
    """The weights. Raises ValueError if a value is no finite number, or if the weights do not settle."""
    if not (np.isfinite(problem.x).all() and np.isfinite(problem.share).all()):
        raise ValueError("a value is not finite; the findings of a pair are numbers from 0 on")
    weights = np.clip(problem.prior, problem.low, problem.high)
    for _ in range(STEPS):
        moved = _step(problem, weights)
        far = float(np.max(np.abs(moved - weights)))
        weights = moved
        if far < SETTLED:
            return weights
    raise ValueError(f"the weights do not settle in {STEPS} steps; look for a column that repeats another")


def _step(problem: Problem, weights: Floats) -> Floats:
    chance = sigmoid(problem.x @ weights)
    slope = problem.x.T @ (problem.share * (chance - problem.y)) + problem.pull * (weights - problem.prior)
    held = ((weights <= problem.low) & (slope > 0)) | ((weights >= problem.high) & (slope < 0))
    free = np.flatnonzero(~held)
    if not free.size:
        return weights
    inside = problem.x[:, free]
    bend = inside.T @ (inside * (problem.share * chance * (1 - chance))[:, None])
    # A column that no row has, and that nothing pulls, would leave the system without a solution.
    bend[np.diag_indices_from(bend)] += problem.pull[free] + 1e-9
    direction = np.zeros_like(weights)
    direction[free] = np.linalg.solve(bend, slope[free])
    return _along(problem, weights, direction, slope)


def _along(problem: Problem, weights: Floats, direction: Floats, slope: Floats) -> Floats:
    """As far in the direction as the loss keeps falling; where it cannot fall any more, the weights as they were."""
    now, length = problem.loss(weights), 1.0
    while length > 1e-6:
        moved = np.clip(weights - length * direction, problem.low, problem.high)
        if problem.loss(moved) <= now - 1e-4 * float(slope @ (weights - moved)):
            return moved
        length /= 2
    return weights


def sigmoid(margin: Floats) -> Floats:
    """Log-odds to probability, for any size of number."""
    return np.exp(-np.logaddexp(0.0, -margin))
