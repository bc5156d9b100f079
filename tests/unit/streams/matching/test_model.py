"""The learned numbers, and what is refused as such."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.findings import NAMES
from streams.matching.model import Model, crowd_level, model, parse

TEXT = """
version = "test"
base = -1.0
shown = 0.5
linked = 0.9
crowd = [0, -1, -2, -3]
calibration = [[-1, 0.1], [0, 0.5], [2, 0.9]]
[weights]
same_name = 2.0
"""


@pytest.fixture(scope="module")
def small() -> Model:
    return parse(TEXT)


def test_the_shipped_model_has_a_weight_for_every_finding_and_no_other() -> None:
    assert set(model().weights) == set(NAMES)


def test_the_shipped_crowd_levels_never_speak_for_a_match() -> None:
    assert all(more <= fewer <= 0 for fewer, more in pairwise(model().crowd))


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_higher_log_odds_are_never_less_sure(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= model().confidence(low) <= model().confidence(high) <= 1


@pytest.mark.parametrize(
    ("log_odds", "sure"), [(-5, 0.1), (-1, 0.1), (-0.5, 0.3), (0, 0.5), (1, 0.7), (2, 0.9), (9, 0.9)]
)
def test_the_confidence_is_linear_between_knots_and_level_outside(small: Model, log_odds: float, sure: float) -> None:
    assert small.confidence(log_odds) == pytest.approx(sure)


@pytest.mark.parametrize(
    ("sure", "band"), [(0.95, "linked"), (0.9, "linked"), (0.89, "to_confirm"), (0.49, "not_shown")]
)
def test_the_band_begins_at_its_least_confidence(small: Model, sure: float, band: str) -> None:
    assert small.band(sure) == band


@pytest.mark.parametrize(("holders", "level"), [(0, 0), (1, 0), (2, 1), (5, 1), (6, 2), (50, 2), (51, 3), (10_000, 3)])
def test_a_name_is_the_more_crowded_the_more_hold_it(holders: int, level: int) -> None:
    assert crowd_level(holders) == level


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[0, 0.5]", "[0, 0.05]", "must rise"),
        ("[0, 0.5]", "[-2, 0.5]", "must rise"),
        ("shown = 0.5", "shown = 0.95", "0 < shown <= linked"),
        ("crowd = [0, -1, -2, -3]", "crowd = [0]", "crowd levels"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused_with_the_remedy(old: str, new: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"{said}.*train it anew"):
        parse(TEXT.replace(old, new))


def test_a_model_of_other_evidence_is_refused_and_names_what_differs() -> None:
    with pytest.raises(ValueError, match="city_same"):
        parse(TEXT, frozenset({"same_name", "city_same"}))
