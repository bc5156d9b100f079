"""What the emulator promises, as Crossbeam's published collection has it."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sandbox.crossbeam.cli import main
from sandbox.crossbeam.testing import emulator

ROOT = Path(__file__).parents[4]
FORM = {
    "grant_type": "refresh_token",
    "client_id": "client-sandbox",
    "client_secret": "secret-sandbox",
    "refresh_token": "refresh-sandbox",
}
ACCOUNTS, SIGNALS = "/v1/overlaps/accounts", "/v1/signals/accounts"


class Api:
    """Somebody who is signed in."""

    def __init__(self, running):
        self.running, self.act = running, running.act
        self.uuid = running.act("partner", "Acme Cloud")["uuid"]
        token = requests.post(f"{running.base_url}/oauth/token", data=FORM, timeout=5).json()["access_token"]
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Xbeam-Organization": running.network.settings.organization,
        }

    def ask(self, path, **query):
        return requests.get(self.running.base_url + path, params=query, headers=self.headers, timeout=5)

    def share(self, name, **members):
        return self.act("share", "Acme Cloud", name, "001A", **members)["partner_crossbeam_record_id"]

    def walk(self, path=ACCOUNTS, cursor=None, **query):
        """Everything until there is no more: the records, and the bookmark."""
        found = []
        while True:
            page = self.ask(path, **query, **({} if cursor is None else {"cursor": cursor})).json()
            found += page["data"]
            cursor = page["pagination"]["next_cursor"]
            if not page["pagination"]["has_more"]:
                return found, cursor


@pytest.fixture
def api():
    with emulator() as running:
        yield Api(running)


def test_a_sign_in_with_something_else_is_refused(api):
    wrong = requests.post(f"{api.running.base_url}/oauth/token", data={**FORM, "refresh_token": "x"}, timeout=5)
    assert wrong.status_code == 403
    assert requests.get(f"{api.running.base_url}/v1/users/me", timeout=5).status_code == 401


def test_a_token_is_good_for_a_day(api):
    assert api.ask("/v1/users/me").status_code == 200
    api.running.call(lambda: api.running.network.clock.advance(86_400))
    assert api.ask("/v1/users/me").status_code == 401


def test_all_but_the_users_own_profile_asks_for_the_organization(api):
    del api.headers["Xbeam-Organization"]
    (user,) = api.ask("/v1/users/me").json()["data"]
    assert [each["uuid"] for each in user["organizations"]] == [api.running.network.settings.organization]
    assert api.ask("/v1/partners").status_code == 400


def test_a_next_page_of_partners_is_named_even_where_it_is_empty(api):
    first = api.ask("/v1/partners").json()
    assert [each["name"] for each in first["data"]] == ["Acme Cloud"]
    query = dict(parse_qsl(urlsplit(first["pagination"]["next_href"]).query))
    second = api.ask("/v1/partners", **query).json()
    assert (second["data"], second["pagination"]["next_href"]) == ([], None)


def test_pages_end_where_has_more_is_false_and_their_cursor_is_a_bookmark(api):
    ids = {api.share(f"Company {number}") for number in range(5)}
    found, bookmark = api.walk(limit=2)
    assert {each["partner_crossbeam_record_id"] for each in found} == ids
    assert api.walk(cursor=bookmark)[0] == []
    changed = api.act("change", sorted(ids)[0], partner_record_name="Renamed")[0]
    gone = sorted(ids)[1]
    api.act("unshare", gone)
    told, _ = api.walk(cursor=bookmark)
    deleted = {each["partner_crossbeam_record_id"]: each["is_deleted"] for each in told}
    assert deleted == {changed["partner_crossbeam_record_id"]: False, gone: True}


def test_what_was_deleted_before_the_first_reading_is_not_shown(api):
    api.act("unshare", api.share("Gone"))
    assert api.walk()[0] == []


def test_the_address_of_the_next_page_carries_the_query(api):
    for number in range(3):
        api.share(f"Company {number}")
    page = api.ask(ACCOUNTS, limit=2, **{"partner-id": api.uuid}).json()["pagination"]
    query = dict(parse_qsl(urlsplit(page["next_href"]).query))
    assert query == {"limit": "2", "partner-id": api.uuid, "cursor": page["next_cursor"]}


def test_a_list_can_be_narrowed_to_a_partner_and_a_cursor_of_another_list_loses_changes(api):
    api.act("partner", "Borealis")
    api.act("share", "Borealis", "Theirs", "001B")
    api.share("Ours")
    found, bookmark = api.walk(**{"partner-id": api.uuid})
    assert [each["record_name"] for each in found] == ["Ours"]
    api.share("New")
    assert api.walk(cursor=bookmark)[0] == []
    assert len(api.walk(cursor=bookmark, **{"partner-id": api.uuid})[0]) == 1


def test_signals_are_told_from_a_bookmark_on(api):
    api.act("signal", "Acme Cloud", "001A", "Acme Robotics")
    found, bookmark = api.walk(SIGNALS)
    assert [each["event_type"] for each in found] == ["partner_deal_opened"]
    api.act("signal", "Acme Cloud", "001A", "Acme Robotics", event="partner_deal_closed_won")
    told, _ = api.walk(SIGNALS, cursor=bookmark)
    assert [each["partner_data"]["deal"]["is_won"] for each in told] == [True]


def test_every_record_that_is_handed_out_is_an_export(api):
    api.share("One")
    api.walk()
    api.walk()
    health = requests.get(f"{api.running.base_url}/__sandbox__/health", timeout=5).json()
    assert (health["exported"], health["overlaps"], health["partners"]) == (2, 1, 1)


def test_the_door_says_which_acts_there_are(api):
    refused = requests.post(f"{api.running.base_url}/__sandbox__/act", json={"act": "merge"}, timeout=5)
    assert refused.status_code == 400
    assert "populate, share, signal, unshare, webhook" in refused.json()["error"]


def test_a_webhook_that_nobody_answers_waits_on(api):
    api.act("webhook", "http://127.0.0.1:9/nobody")
    api.act("signal", "Acme Cloud", "001A", "Acme Robotics")
    assert api.running.deliver() == {"requests": [None], "queued": 1}
    assert api.running.deliver(lose=True) == {"requests": [], "queued": 0}


def test_it_says_when_it_is_ready_and_stops_at_once_on_sigterm():
    command = [sys.executable, "-m", "sandbox.crossbeam", "--port", "0", "--now", "2026-11-22T10:00:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        health = requests.get(f"{ready['base_url']}/__sandbox__/health", timeout=10).json()
        assert (ready["ready"], health["now"][:16]) == (True, "2026-11-22T10:00")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_fault_plan_that_cannot_be_used_ends_it_with_a_sentence(tmp_path, capsys):
    (tmp_path / "plan.toml").write_text("[fault")
    assert main(["--faults", str(tmp_path / "plan.toml")]) == 2
    assert capsys.readouterr().err.startswith("sandbox.crossbeam: ")
