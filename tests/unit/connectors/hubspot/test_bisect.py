"""A batch that is refused whole is halved until the bad ones stand alone."""

import math

from hypothesis import given
from hypothesis import strategies as st

from connectors.hubspot.batches import bisected
from connectors.hubspot.errors import Failure
from connectors.hubspot.transport import Refused


class Batch:
    """Refuses every batch with a bad one in it, naming nobody."""

    def __init__(self, bad):
        self.bad, self.written, self.calls = set(bad), [], 0

    def __call__(self, part):
        self.calls += 1
        if self.bad & set(part):
            raise Refused(400, Failure("VALIDATION_ERROR", "one of them"), None)
        self.written += part
        return [f"written {each}" for each in part]


ROWS = st.lists(st.integers(0, 10_000), unique=True, max_size=100)


@given(ROWS, st.data())
def test_each_good_one_is_written_once_and_each_bad_one_is_told_in_its_place(rows, data):
    bad = data.draw(st.sets(st.sampled_from(rows))) if rows else set()
    batch = Batch(bad)
    results = bisected(rows, batch, lambda failure: f"refused {failure.code}")
    assert results == ["refused VALIDATION_ERROR" if row in bad else f"written {row}" for row in rows]
    assert sorted(batch.written) == sorted(set(rows) - bad)


@given(st.integers(1, 100), st.data())
def test_one_bad_one_in_a_hundred_costs_two_calls_for_each_halving(count, data):
    batch = Batch({data.draw(st.integers(0, count - 1))})
    bisected(list(range(count)), batch, lambda failure: None)
    assert batch.calls <= 1 + 2 * math.ceil(math.log2(count))


def test_good_ones_go_in_one_call_and_none_in_no_call():
    batch = Batch(())
    bisected(list(range(100)), batch, lambda failure: None)
    assert batch.calls == 1
    assert bisected([], batch, lambda failure: None) == []
    assert batch.calls == 1
