from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.matching.model import Model
from tandem.training.calibration import KNOTS, calibrate, confidence
from tandem.training.fitting import sigmoid


def labels(log_odds: np.ndarray, chance: np.ndarray, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(log_odds)) < chance).astype(float)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-20, 20), st.booleans()), min_size=1, max_size=60))
def test_whatever_the_pairs_say_a_pair_with_more_log_odds_is_never_less_sure(pairs: list[tuple[float, bool]]):
    log_odds = np.array([value for value, _ in pairs])
    line = calibrate(log_odds, np.array([float(right) for _, right in pairs]), np.ones(len(pairs)))
    assert len(line) <= 12
    assert all(low[0] < high[0] and low[1] <= high[1] for low, high in pairwise(line))
    assert all(0.0 <= y <= 1.0 for _, y in line)


@pytest.mark.parametrize("honesty", [0.3, 0.6, 1.0, 1.5])
def test_log_odds_that_claim_too_much_or_too_little_are_put_right(honesty: float):
    """What is said of new pairs is true of them within three points, wherever there are enough of them."""
    chance = np.random.default_rng(7)
    log_odds = chance.uniform(-5, 5, size=40_000)
    true = sigmoid(honesty * log_odds)
    line = calibrate(log_odds, labels(log_odds, true), np.ones(len(log_odds)))
    said = confidence(line, log_odds)
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (said >= low) & (said < low + 0.1)
        if inside.sum() > 500:
            assert said[inside].mean() == pytest.approx(true[inside].mean(), abs=0.03)


def test_where_there_are_no_pairs_the_line_is_what_the_log_odds_claim():
    line = dict(calibrate(np.array([0.0]), np.array([1.0]), np.array([1e-6])))
    assert line[2.5] == pytest.approx(float(sigmoid(np.array([2.5]))[0]), abs=0.001)


def test_a_calibration_to_begin_from_holds_until_pairs_speak_against_it():
    start = tuple((x, round(float(y), 4)) for x, y in zip(KNOTS, np.linspace(0.01, 0.8, len(KNOTS)), strict=True))
    line = calibrate(np.array([0.0]), np.array([1.0]), np.array([1e-6]), start)
    assert [y for _, y in line] == pytest.approx([y for _, y in start], abs=0.002)


def test_the_matcher_computes_the_same_confidence():
    line = calibrate(np.linspace(-6, 6, 200), (np.linspace(-6, 6, 200) > 0).astype(float), np.ones(200))
    made = Model("v", 0.0, {}, line, 0.9, 0.5, (0.0,) * 4, {})
    log_odds = np.round(np.linspace(-15, 15, 301), 4)
    assert confidence(line, log_odds).tolist() == pytest.approx(
        [made.confidence(float(x)) for x in log_odds], abs=1.1e-4
    )
