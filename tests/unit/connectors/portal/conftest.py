"""A portal on a real socket, its partners, and a runner in miniature."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import requests

from connectors import portal
from connectors.base import Change
from mappings.loader import load

TABLES = load("portal")
ACME, BOREALIS = "acme-token-0123456789", "borealis-token-0123456789"
START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ROBOTICS = {"company": "Acme Robotics", "website": "https://robotics.example", "amount": "12500.00", "currency": "EUR"}


class Portal:
    """A portal whose clock goes on by a second with each look, its calls, and what was told."""

    def __init__(self, tables=TABLES, **settings):
        self.now, self.tables = START, tables
        self.settings = portal.Settings(
            **{
                "tokens": [{"partner": "acme", "token": ACME}, {"partner": "borealis", "token": BOREALIS}],
                "port": 0,
                "patience_s": 0,
                "answer_s": 5,
                **settings,
            }
        )
        self.pool, self.cursors, self.told = ThreadPoolExecutor(4), {}, []
        self.source = None
        self.restart()

    def restart(self):
        self.close()
        self.source = portal.source(self.settings, self.clock, "portal")
        self.poll()

    def clock(self):
        self.now += timedelta(seconds=1)
        return self.now

    def close(self):
        if self.source is not None:
            self.source.close()

    def poll(self, *, lost=False):
        events = list(self.source.changes(self.tables, dict(self.cursors)))
        if not lost:
            self.told += [each for each in events if isinstance(each, Change)]
            self.cursors |= {each.place: each.cursor for each in events}
        return events

    @property
    def url(self):
        return f"http://127.0.0.1:{self.source.inbox.receiver.port}"

    def call(self, method, path, body=None, token=ACME, key=None, **headers):
        headers |= {} if token is None else {"Authorization": f"Bearer {token}"}
        headers |= {} if key is None else {"Idempotency-Key": key}
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=10)

    def sent(self, *args, **options):
        """Start a call that waits to be kept."""
        waiting = self.source.inbox.receiver._waiting
        before = len(waiting.queue)
        sending = self.pool.submit(lambda: self.call(*args, **options))
        with waiting.not_empty:
            assert waiting.not_empty.wait_for(lambda: len(waiting.queue) > before, timeout=5)
        return sending

    def kept(self, *args, **options):
        """A call, published and answered: status and body."""
        sending = self.sent(*args, **options)
        self.poll()
        self.poll()
        return sending.result().status_code, sending.result().json()

    def register(self, key="r-1", body=None, token=ACME):
        return self.kept("POST", "/v1/registrations", body or ROBOTICS, token=token, key=key)

    def change(self, key="r-1", body=None, token=ACME):
        return self.kept("PUT", f"/v1/registrations/{key}", body or ROBOTICS, token=token)

    def answer(self, lead, verdict, token=ACME, **more):
        path = f"/v1/leads/{quote(lead, safe='')}/answer"
        return self.kept("POST", path, {"answer": verdict, **more}, token=token)

    def last(self):
        """The record that was told last."""
        change = self.told[-1]
        return TABLES[change.entity].to_canonical(change.row)


@pytest.fixture
def opened():
    made = []

    def build(*args, **settings):
        made.append(Portal(*args, **settings))
        return made[-1]

    yield build
    for each in made:
        each.close()
        each.pool.shutdown()


@pytest.fixture
def at(opened):
    return opened()
