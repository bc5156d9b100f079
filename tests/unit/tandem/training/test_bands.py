import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.training.bands import LINKED_PRECISION, Judged, f1, linked, shown

PAIRS = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=200)


def judged(pairs: list[tuple[int, bool]], missed: int = 0) -> Judged:
    return Judged("set", np.array([level / 20 for level, _ in pairs]), np.array([right for _, right in pairs]), missed)


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_what_is_linked_is_right_as_often_as_a_link_must_be(pairs: list[tuple[int, bool]]):
    one = judged(pairs)
    line = linked([one])
    above = one.confidence >= line
    assert line == 1.0 or one.y[above].mean() >= LINKED_PRECISION


@settings(max_examples=40, deadline=None)
@given(PAIRS, st.integers(0, 5))
def test_no_line_from_a_half_on_has_a_better_f1_than_the_one_that_is_drawn(pairs: list[tuple[int, bool]], missed: int):
    one = judged(pairs, missed)
    line = shown([one])
    assert 0.5 <= line <= 0.9
    levels = [level for level in np.unique(one.confidence) if 0.5 <= level <= 0.9]
    assert all(f1(one, float(level)) <= f1(one, line) for level in levels)


def test_a_few_right_pairs_link_nothing():
    assert linked([judged([(20, True)] * 5)]) == 1.0


def test_the_line_of_links_goes_down_to_where_one_in_a_hundred_is_wrong():
    pairs = [(20, True)] * 300 + [(15, True)] * 98 + [(15, False)] * 2 + [(10, False)] * 50
    assert linked([judged(pairs)]) == 0.75


def test_each_set_counts_the_same_however_many_pairs_it_has():
    """A large set without a fault cannot cover for a small one that is half wrong."""
    large = judged([(19, True)] * 5_000)
    small = judged([(20, True)] * 50 + [(19, False)] * 50)
    assert linked([large]) == 0.95
    assert linked([large, small]) == 1.0
