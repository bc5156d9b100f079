from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.training.fitting import Problem, fit, sigmoid


def problem(seed: int, rows: int, truth: list[float], pull: float = 1.0) -> Problem:
    """Rows of chance values whose labels follow the weights in `truth`."""
    chance = np.random.default_rng(seed)
    x = np.column_stack([np.ones(rows), chance.normal(size=(rows, len(truth) - 1))])
    y = (chance.random(rows) < sigmoid(x @ np.array(truth))).astype(float)
    free = np.full(len(truth), np.inf)
    pulls = np.array([0.0, *([pull] * (len(truth) - 1))])
    return Problem(x, y, np.ones(rows), np.zeros(len(truth)), pulls, -free, free)


def slope(it: Problem, weights: np.ndarray) -> np.ndarray:
    return it.x.T @ (it.share * (sigmoid(it.x @ weights) - it.y)) + it.pull * (weights - it.prior)


def test_weights_that_made_the_labels_are_found_again():
    assert fit(problem(1, 20_000, [-1.0, 2.0, -0.5])) == pytest.approx([-1.0, 2.0, -0.5], abs=0.1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.floats(-3, 3), min_size=2, max_size=5))
def test_nothing_near_the_solution_is_better_within_the_bounds(seed: int, truth: list[float]):
    free = problem(seed, 60, truth)
    size = len(truth)
    bounded = replace(free, low=np.array([-np.inf, *([0.0] * (size - 1))]))
    found = fit(bounded)
    assert (found[1:] >= 0).all()
    steep = slope(bounded, found)
    held = (found <= bounded.low) & (steep > 0)
    assert np.abs(np.where(held, 0.0, steep)).max() < 1e-4


def test_a_finding_that_may_only_speak_for_a_match_never_speaks_against_it():
    against = problem(3, 2_000, [0.0, -2.0])
    assert fit(against)[1] < -1.5
    assert fit(replace(against, low=np.array([-np.inf, 0.0])))[1] == 0.0


def test_a_weight_that_no_row_teaches_stays_where_it_was_set_by_hand():
    it = problem(4, 500, [0.5, 1.0, 0.0])
    it.x[:, 2] = 0.0
    found = fit(replace(it, prior=np.array([0.0, 0.0, 3.5])))
    assert found[2] == pytest.approx(3.5)


def test_a_row_that_counts_twice_is_as_good_as_two_rows():
    it = problem(5, 200, [0.2, 1.0])
    twice = replace(it, x=np.vstack([it.x, it.x]), y=np.tile(it.y, 2), share=np.ones(400))
    assert fit(replace(it, share=np.full(200, 2.0))) == pytest.approx(fit(twice))


def test_values_that_are_not_numbers_are_refused():
    it = problem(6, 50, [0.0, 1.0])
    it.x[3, 1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        fit(it)
