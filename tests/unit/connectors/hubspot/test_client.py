"""What the calls make of limits, tokens, silence and refusals."""

import pytest

from connectors.base import Change
from connectors.errors import BadCredentials, PauseConnection, RetryLater, StopMapping
from connectors.hubspot.client import Client
from tests.unit.connectors.hubspot.conftest import TABLES, Reading, clock


class Time:
    """A clock that goes on only while somebody waits."""

    def __init__(self, portal):
        self.portal, self.now, self.waits = portal, 0.0, []

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds
        self.portal.wait(seconds)


@pytest.fixture
def paced(opened):
    def build(**settings):
        portal = opened(**{"private_burst": 20, "search_per_second": 5, **settings})
        time = Time(portal)
        return portal, time, Client(portal.settings(searches_per_s=4), clock, time.wait, lambda: time.now)

    return build


def test_no_search_is_ever_refused_for_coming_too_fast(paced):
    _, time, client = paced()
    for _ in range(13):
        client.search("0-2", {"limit": 1})
    assert time.waits == [1.0, 1.0, 1.0]


def test_no_call_is_ever_refused_for_coming_too_fast(paced):
    portal, time, client = paced()
    for _ in range(45):
        client.get(client.paths.properties("0-2"))
    assert portal.running.portal.limits.used == 45
    assert sum(time.waits) >= 20


def test_a_client_without_the_portals_time_zone_looks_again_after_an_hour(paced):
    _, _, client = paced(daily_limit=1)
    client.get(client.paths.properties("0-2"))
    with pytest.raises(PauseConnection) as raised:
        client.get(client.paths.properties("0-2"))
    assert raised.value.after == 3600.0


def test_silence_is_no_answer(portal):
    portal.arm(kind="slow", path="properties", nth=(1,), times=1, seconds=2)
    client = Client(portal.settings(timeout_s=0.2), clock)
    with pytest.raises(RetryLater, match="no answer from"):
        client.get(client.paths.properties("0-2"))


def test_a_wrong_token_is_not_tried_twice(portal):
    client = Client(portal.settings(auth={"method": "token", "token": "wrong"}), clock)
    before = portal.calls("properties")
    with pytest.raises(BadCredentials) as raised:
        client.get(client.paths.properties("0-2"))
    assert portal.calls("properties") - before == 1
    assert "wrong" not in str(raised.value)


def test_a_wrong_secret_of_the_app_is_told_without_the_secret(portal):
    app = {"client_id": "tandem-sandbox", "client_secret": "not-it"}
    client = Client(portal.settings(app=app), clock)
    with pytest.raises(BadCredentials, match="refused the sign-in") as raised:
        client.journal("latest")
    assert "not-it" not in str(raised.value)


def test_an_unknown_object_stops_the_mapping(portal):
    client = Client(portal.settings(), clock)
    with pytest.raises(StopMapping, match="UNKNOWN_OBJECT_TYPE"):
        client.search("widgets", {"limit": 1})


@pytest.mark.parametrize("kind", ["too_many_requests", "unavailable", "reset_before"])
def test_a_walk_that_breaks_off_goes_on_where_it_was_and_loses_nothing(portal, kind):
    ids = []
    for number in range(12):
        portal.wait(60)
        ids.append(portal.create("companies", name=f"Company {number}"))
    portal.arm(kind=kind, path="/search", nth=(4,), times=1)
    reading = Reading(portal.source(page_size=3))
    with pytest.raises(RetryLater):
        reading.poll()
    broken_off = [change.record_id for change in reading.told]
    assert 0 < len(broken_off) < 12
    reading.poll()
    assert [change.record_id for change in reading.told] == ids


def test_both_kinds_of_path_read_the_same(portal):
    acme, ada = portal.create("companies", name="Acme"), portal.create("contacts", lastname="Okafor")
    portal.join(ada, acme)
    found = []
    for api in ("v3", "2026-09"):
        source = portal.source(api=api)
        tables = {name: TABLES[name] for name in ("account", "contact")}
        found.append([event.row for event in source.changes(tables, {}) if isinstance(event, Change)])
    assert found[0] == found[1]
    assert len(found[0]) == 2
