"""Webhooks: registered for, queued in either spelling, unsigned, sent when the door is asked to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sandbox.partnerstack.testing import emulator, standing_still

from .conftest import PARTNER, Api


class Target:
    """Who hears; answers with the next of `statuses`, then 200."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                outer.headers.append(dict(self.headers))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Silent."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.server.shutdown()
    made.server.server_close()


def register(api: Api, target: Target, *events: str) -> str:
    return str(api.data("POST", "webhooks", {"target": target.url, "events": list(events)})["key"])


def test_webhooks_are_registered_listed_and_taken_back(api: Api, target: Target) -> None:
    assert api.refused("POST", "webhooks", {"target": target.url}) == (400, "target and events are required")
    key = register(api, target, "deal.created")
    (listed,) = api.data("GET", "webhooks")["items"]
    assert listed == {"key": key, "target": target.url, "events": ["deal.created"]}
    assert api("DELETE", f"webhooks/{key}").status_code == 200
    assert api.data("GET", "webhooks")["items"] == []
    assert api.refused("DELETE", f"webhooks/{key}")[0] == 404


def test_both_spellings_are_sent_to_who_wants_them_and_none_is_signed(api: Api, target: Target) -> None:
    register(api, target, "deal_created", "deal.created", "deal.deleted")
    deal = api.running.act("submit_deal", PARTNER, "Acme")["key"]
    api.running.act("edit", "deals", deal, account_name="Acme AG")
    api.running.act("archive", "deals", deal)
    assert api.sandbox("POST", "webhooks/deliver", {})["requests"] == [200, 200, 200]
    assert [each["event"] for each in target.heard] == ["deal_created", "deal.created", "deal.deleted"]
    assert {each["key"] for each in target.heard} == {deal}
    assert (isinstance(target.heard[0]["id"], int), target.heard[0]["archived"]) == (True, False)
    assert not any("signature" in name.casefold() for headers in target.headers for name in headers)


def test_newer_bodies_may_bear_no_name_of_their_event(target: Target) -> None:
    with emulator(standing_still(bodies="bare")) as running:
        api = Api(running)
        running.act("partner", PARTNER, "Acme Cloud")
        register(api, target, "deal.created")
        running.act("submit_deal", PARTNER, "Acme")
        api.sandbox("POST", "webhooks/deliver", {})
    assert ("event" in target.heard[0], target.heard[0]["account_name"]) == (False, "Acme")


def test_what_is_not_answered_waits_on_and_can_come_twice_or_be_lost(api: Api, target: Target) -> None:
    register(api, target, "deal.created")
    api.running.act("submit_deal", PARTNER, "Acme")
    target.statuses = [503]
    assert api.sandbox("POST", "webhooks/deliver", {}) == {"requests": [503], "queued": 1}
    assert api.sandbox("POST", "webhooks/deliver", {"duplicates": True}) == {"requests": [200, 200], "queued": 0}
    api.running.act("submit_deal", PARTNER, "Borealis")
    assert api.sandbox("POST", "webhooks/deliver", {"lose": True})["lost"] == 1
    assert api.sandbox("GET", "webhooks") == {"hooks": 1, "queued": 0, "sent": 2}
