"""Calls go out at AWS's pace, in the order in which they were asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.aws.pace import DAY, RATES, Limit, Pace
from connectors.errors import PauseConnection

SELLING, CATALOG = "partnercentral-selling", "marketplace-catalog"


class Watch:
    """A clock that goes on only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def paced(share: float = 1.0, **more) -> tuple[Pace, Watch]:
    watch = Watch()
    return Pace(share, watch, watch.sleep, **more), watch


def times(pace: Pace, watch: Watch, service: str, operations: list[str]) -> list[float]:
    found = []
    for each in operations:
        pace.wait(service, each)
        found.append(watch.now - 1000)
    return found


def test_writes_of_partner_central_go_one_a_second_whatever_they_are():
    pace, watch = paced()
    writes = ["UpdateOpportunity", "AssociateOpportunity", "CreateOpportunity", "StartEngagementFromOpportunityTask"]
    assert times(pace, watch, SELLING, writes) == [0, 1, 2, 3]


def test_reads_do_not_wait_for_writes():
    pace, watch = paced()
    assert times(pace, watch, SELLING, ["UpdateOpportunity", "GetOpportunity", "ListOpportunities"]) == [0, 0, 0]


def test_half_of_the_rate_is_half_as_fast():
    pace, watch = paced(0.5)
    assert times(pace, watch, SELLING, ["UpdateOpportunity"] * 3) == [0, 2, 4]


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["StartChangeSet", "ListEntities", "DescribeEntity", "GetTags"]), max_size=60))
def test_no_second_has_more_calls_than_twice_the_rate_and_no_ten_seconds_more_than_eleven_times(operations):
    pace, watch = paced()
    sent: dict[str, list[float]] = {}
    for each in operations:
        pace.wait(CATALOG, each)
        sent.setdefault(each, []).append(watch.now)
    for each, moments in sent.items():
        rate = RATES[CATALOG].get(each, RATES[CATALOG]["*"]).per_s
        for moment in moments:
            assert sum(moment <= other < moment + 1 for other in moments) <= 2 * rate
            assert sum(moment <= other < moment + 10 for other in moments) <= 11 * rate


def test_a_refusal_for_too_many_calls_holds_the_next_ones_back():
    pace, watch = paced()
    pace.wait(CATALOG, "ListEntities")
    pace.slowed(CATALOG, "ListEntities")
    assert times(pace, watch, CATALOG, ["ListEntities"])[0] >= 1


def test_the_days_calls_end_with_our_share_and_come_back_a_day_later():
    pace, watch = paced(0.5, rates={SELLING: {"read": Limit(1000, 1000), "write": Limit(10, 10)}})
    for _ in range(5):
        pace.wait(SELLING, "UpdateOpportunity")
        watch.sleep(3600)
    pace.wait(SELLING, "GetOpportunity")
    assert (pace.budget().used, pace.budget().quota, pace.budget().reserve) == (5, 10, 5)
    with pytest.raises(PauseConnection, match="used up"):
        pace.wait(SELLING, "UpdateOpportunity")
    watch.now = 1000 + DAY
    pace.wait(SELLING, "UpdateOpportunity")
    assert pace.budget().used == 5


def test_where_nothing_is_limited_nothing_waits_and_there_is_no_budget():
    pace, watch = paced()
    assert times(pace, watch, "sqs", ["ReceiveMessage"] * 50) == [0] * 50
    assert pace.budget() is None
