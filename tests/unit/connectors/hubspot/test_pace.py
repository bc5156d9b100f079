"""When the next call may go out."""

from connectors.hubspot.pace import Daily, Pace


def headers(**values):
    return {f"X-HubSpot-RateLimit-{name.replace('_', '-')}": str(value) for name, value in values.items()}


def test_a_used_up_window_is_waited_out():
    pace = Pace(4)
    pace.heard(headers(Remaining=0, Interval_Milliseconds=10_000), 100.0)
    assert pace.delay(100.0, search=False) == 10.0
    assert pace.delay(104.0, search=True) == 6.0
    assert pace.delay(110.0, search=False) == 0.0


def test_a_used_up_second_is_waited_out():
    pace = Pace(4)
    pace.heard(headers(Remaining=50, Secondly_Remaining=0), 100.0)
    assert pace.delay(100.0, search=False) == 1.0


def test_what_is_left_of_a_window_is_no_reason_to_wait():
    pace = Pace(4)
    pace.heard(headers(Remaining=1, Secondly_Remaining=1), 100.0)
    assert pace.delay(100.0, search=False) == 0.0


def test_searches_are_counted_by_ourselves():
    pace = Pace(2)
    assert [pace.delay(now, search=True) for now in (0.0, 0.25, 0.5)] == [0.0, 0.0, 0.5]
    assert pace.delay(1.0, search=True) == 0.0
    assert pace.delay(0.5, search=False) == 0.0


def test_the_day_is_remembered_and_other_headers_are_no_numbers():
    pace = Pace(2)
    assert pace.daily is None
    pace.heard(headers(Daily=650_000, Daily_Remaining=1234, Remaining="plenty"), 0.0)
    pace.heard({}, 0.0)
    assert pace.daily == Daily(650_000, 1234)
