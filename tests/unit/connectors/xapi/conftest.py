"""A store in memory, a source at it, and a runner in miniature."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from connectors import xapi
from connectors.base import Change, Progress, Unreadable
from mappings.loader import load
from tests.support.lrs.memory import START, memory_store

TABLES = {"statement": load("xapi")["statement"]}
KEY = {"method": "basic", "key": "key", "secret": "secret"}
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
COURSE = "http://adlnet.gov/expapi/activities/course"


def said(verb=COMPLETED, item="https://lms.acme.com/course/7", type_=COURSE, **more):
    """Ada has completed a course."""
    return {
        "actor": {"mbox": "mailto:Ada@acme.com", "name": "Ada Okafor"},
        "verb": {"id": verb},
        "object": {"id": item, "definition": {"type": type_, "name": {"de": "Roboter", "en-US": "Robots"}}},
        **more,
    }


class Reading:
    """A runner in miniature: saves each cursor with its event, unless it is told to lose them."""

    def __init__(self, source):
        self.source, self.cursors, self.told, self.parked, self.notes = source, {}, [], [], []

    def poll(self, *, lost=False):
        before, cursors = len(self.told), {}
        for event in self.source.changes(TABLES, dict(self.cursors)):
            if isinstance(event, Unreadable):
                self.parked.append(event)
                continue
            cursors[event.place] = event.cursor
            if isinstance(event, Change):
                self.told.append(event)
            if isinstance(event, Progress) and event.note:
                self.notes.append(event.note)
        if not lost:
            merged = {**self.cursors, **cursors}
            self.cursors = {place: value for place, value in merged.items() if value is not None}
        return self.told[before:]

    def ids(self):
        return [change.record_id for change in self.told]


@pytest.fixture
def store():
    with memory_store() as opened:
        yield opened


@pytest.fixture
def reading(store):
    """A reading of the store, with settings of choice; again, as after a restart, with the cursors of another one."""

    def build(cursors=None, **settings):
        base = {"endpoint": store.url, "auth": KEY, "poll_s": 0}
        made = Reading(xapi.source(xapi.Settings(**{**base, **settings}), lambda: store.now, "our-lrs"))
        made.cursors = dict(cursors or {})
        return made

    return build


class Sending(Reading):
    """A source to which statements are sent."""

    def __init__(self, source):
        super().__init__(source)
        self.pool = ThreadPoolExecutor(4)
        self.poll()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.source.inbox.receiver.port}/xAPI"

    def call(self, method, path, **options):
        headers = {"X-Experience-API-Version": "1.0.3", **options.pop("headers", {})}
        options = {"auth": ("key", "secret"), "timeout": 5, **options}
        return requests.request(method, self.url + path, headers=headers, **options)

    def sent(self, *statements, path="/statements", method="POST"):
        """Start sending; the answer comes when the source has answered."""
        body = statements[0] if method == "PUT" else list(statements)
        sending = self.pool.submit(lambda: self.call(method, path, json=body))
        waiting = self.source.inbox.receiver._waiting
        with waiting.not_empty:
            assert waiting.not_empty.wait_for(lambda: waiting.queue, timeout=5)
        return sending

    def taken(self, *statements, **options):
        """Send, publish, answer: the answer."""
        sending = self.sent(*statements, **options)
        self.poll()
        self.poll()
        return sending.result()


class Ticking:
    """A clock that is a little later each time it is looked at, so that no two processes begin at once."""

    def __init__(self):
        self.now = START

    def __call__(self):
        from datetime import timedelta

        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def sending():
    opened = []

    @contextmanager
    def closing(made):
        yield made
        made.source.close()
        made.pool.shutdown()

    def build(clock=None, **settings):
        receiver = {"auth": KEY, "port": 0, "patience_s": 0, "answer_s": 3, **settings.pop("receiver", {})}
        made = xapi.source(xapi.Settings(receiver=receiver, **settings), clock or Ticking(), "our-lrs")
        context = closing(Sending(made))
        opened.append(context)
        return context.__enter__()

    yield build
    for each in opened:
        each.__exit__(None, None, None)
