"""The pace keeps to the calls of a minute."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.partnerstack.pace import MINUTE, Pace
from connectors.partnerstack.settings import Settings
from tests.unit.connectors.partnerstack.conftest import PARTNER


@settings(max_examples=40)
@given(st.integers(1, 5), st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_no_minute_ever_has_more_calls_than_are_allowed(most, gaps):
    pace, now, made = Pace(most), 0.0, []
    for gap in gaps:
        now += gap
        while (delay := pace.delay(now)) > 0:
            now += delay
        made.append(now)
    assert all(sum(at - MINUTE < each <= at for each in made) <= most for at in made)


def test_a_call_that_would_be_one_too_many_waits_for_its_minute(stack):
    from connectors.partnerstack.client import Client

    ticking, waits = iter([0.0, 10.0, 20.0, 60.0]), []
    client = Client(
        Settings(**{**stack.settings().model_dump(), "calls_per_minute": 2}), waits.append, ticking.__next__
    )
    for _ in range(3):
        client.read("partnerships", PARTNER)
    assert waits == [40.0]
