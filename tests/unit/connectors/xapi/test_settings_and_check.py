"""What a connection can be told, and what a check says of it."""

import socket

import pytest
from pydantic import ValidationError

from connectors import xapi
from connectors.errors import BadInput
from tests.support.lrs.memory import START
from tests.unit.connectors.xapi.conftest import KEY, TABLES


def found(**settings):
    checker = xapi.checker(xapi.Settings(**settings), lambda: START, "our-lrs")
    return {finding.subject: finding for finding in checker.check(list(TABLES.values()))}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"endpoint": "https://lrs.acme.com/xAPI"}, "`endpoint` and `auth` together"),
        ({"endpoint": "http://lrs.acme.com/xAPI", "auth": KEY}, "use https"),
        ({"endpoint": "https://lrs.acme.com/xAPI?limit=1", "auth": KEY}, "address and path only"),
        ({"receiver": {"auth": KEY, "path": "xAPI"}}, "pattern"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(settings, words):
    with pytest.raises(ValidationError, match=words):
        xapi.Settings(**settings)


def test_a_connection_without_a_way_says_so_when_it_is_checked_and_when_it_is_used():
    assert found()["statements"].remedy == "give `endpoint` and `auth`, or `receiver`, or both"
    with pytest.raises(BadInput, match="neither a learning record store to read nor a place"):
        list(xapi.source(xapi.Settings(), lambda: START, "our-lrs").changes(TABLES, {}))


def test_the_address_may_be_given_with_what_stores_show():
    settings = xapi.Settings(endpoint="https://lrs.acme.com/data/xAPI/statements/", auth=KEY)
    assert settings.endpoint == "https://lrs.acme.com/data/xAPI"


def test_a_store_that_can_be_read_is_well(store):
    findings = found(endpoint=store.url, auth=KEY)
    assert all(finding.ok for finding in findings.values())
    assert findings["statements"].detail == "can be read; is told through when they are complete"
    assert "speaks xAPI 1.0.3" in findings[f"store at {store.url}"].detail


def test_a_key_that_is_not_taken_is_told_with_its_remedy(store):
    finding = found(endpoint=store.url, auth={**KEY, "secret": "guessed"})[f"store at {store.url}"]
    assert (finding.ok, finding.remedy) == (False, "check `auth` against the client or key in the store's settings")


def test_a_store_that_speaks_another_version_is_told(store):
    finding = found(endpoint=store.url, auth=KEY, version="2.0.0")[f"store at {store.url}"]
    assert not finding.ok


def test_a_receiver_whose_port_is_taken_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (finding,) = [each for name, each in found(receiver={"auth": KEY, "port": port}).items() if "receiver" in name]
    assert (finding.ok, "Address already in use" in finding.detail) == (False, True)
    assert all(each.ok for each in found(receiver={"auth": KEY, "port": port}).values())
