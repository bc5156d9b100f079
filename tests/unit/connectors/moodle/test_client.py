"""Every way in which Moodle says no is an error, HTTP 200 or not."""

import pytest
import requests

from connectors.dispositions import Refused
from connectors.errors import BadCredentials, BadInput, RetryLater, StopMapping
from connectors.moodle.client import Client
from sandbox.moodle.faults import SiteFault

INFO = "core_webservice_get_site_info"


@pytest.fixture
def client(desk):
    made = Client(desk.settings())
    yield made
    made.close()


def test_an_answer_is_what_the_function_gives(client):
    assert client.call(INFO)["release"].startswith("4.5")


def test_a_wrong_token_is_no_credential_though_the_status_is_200(desk):
    with pytest.raises(BadCredentials, match="invalidtoken"):
        Client(desk.settings(token="guessed")).call(INFO)


def test_the_token_is_in_no_address_and_in_no_error(desk, client, monkeypatch):
    asked = []
    send = requests.Session.send

    def remembered(session, request, **more):
        asked.append(request.url)
        return send(session, request, **more)

    monkeypatch.setattr(requests.Session, "send", remembered)
    with pytest.raises(StopMapping) as caught:
        client.call("no_such_function")
    assert all(desk.running.token not in text for text in [*asked, str(caught.value)])


def test_a_function_that_is_not_in_the_service_stops_the_mapping(desk, client):
    desk.running.allow(functions=(INFO,))
    with pytest.raises(StopMapping, match="accessexception"):
        client.call("core_user_get_users", {"criteria": []})


def test_an_empty_body_says_that_web_services_are_off(desk, client):
    desk.running.arm(SiteFault(kind="disabled", nth=(1,)))
    with pytest.raises(StopMapping, match="web services"):
        client.call(INFO)


def test_a_broken_observer_is_tried_again_and_points_to_the_servers_log(desk, client):
    desk.running.arm(SiteFault(kind="crash", nth=(1,)))
    with pytest.raises(RetryLater, match="log"):
        client.call(INFO)


def test_the_seconds_of_retry_after_are_kept(desk, client):
    desk.running.arm(SiteFault(kind="unavailable", nth=(1,), retry_after=17))
    with pytest.raises(RetryLater) as caught:
        client.call(INFO)
    assert caught.value.after == 17


def test_a_broken_connection_is_tried_again(desk, client):
    desk.running.arm(SiteFault(kind="reset_before", nth=(1,)))
    with pytest.raises(RetryLater, match="no answer"):
        client.call(INFO)


def test_a_page_that_is_no_json_names_the_address_as_the_remedy(desk):
    with pytest.raises(StopMapping, match="base_url"):
        Client(desk.settings(base_url=f"{desk.running.base_url}/moodle")).call(INFO)


def test_a_warning_about_a_search_key_is_an_error(client):
    with pytest.raises(Refused, match="not supported"):
        client.call("core_user_get_users", {"criteria": [{"key": "shoesize", "value": "43"}]})


def test_every_call_is_spent_before_it_is_made(desk):
    spent = []
    client = Client(desk.settings(token="guessed"), lambda: spent.append(1))
    with pytest.raises(BadCredentials):
        client.call(INFO)
    assert spent == [1]


def test_text_that_is_no_json_is_no_answer(desk, client, monkeypatch):
    def page(*_, **__):
        found = requests.Response()
        found.status_code, found._content = 200, b"<html>Log in</html>"
        return found

    monkeypatch.setattr(requests.Session, "send", page)
    with pytest.raises(BadInput, match="no JSON"):
        client.call(INFO)
