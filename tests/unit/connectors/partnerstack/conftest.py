"""An emulated account on a real socket, with its clock in the test's hand, and connectors to it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors import partnerstack
from connectors.base import Change
from mappings.loader import load
from sandbox.partnerstack.faults import StackFault
from sandbox.partnerstack.testing import START, emulator, standing_still
from schemas.messages import MatchBy, Write
from tests.support.ports import free_port

TABLES = load("partnerstack")
READ = {entity: table for entity, table in TABLES.items() if table.reads}
PARTNER, SECRET = "acmecloud354", "4f5a6b7c8d9e0f1a2b3c"


class Stack:
    """Hands in an account, and connectors to it. `slept` are the waits that the pace asked for."""

    def __init__(self, running):
        self.running, self.now, self.slept = running, START, []
        self.act("partner", PARTNER, "Acme Cloud", tier="Gold", form={"website": "https://acme-cloud.com"})

    def settings(self, **changes):
        of = self.running.account.settings
        base = {"base_url": self.running.base_url, "public_key": of.public_key, "secret_key": of.secret_key}
        return partnerstack.Settings(**{**base, "overlap_s": 5, "timeout_s": 5, **changes})

    def act(self, name, *arguments, **named):
        return self.running.act(name, *arguments, **named)

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.running.advance(seconds)

    def arm(self, **rule):
        self.running.call(lambda: self.running.account.faults.arm([StackFault(**rule)]))

    def calls(self, part=""):
        return sum(count for name, count in self.running.account.calls.items() if part in name)

    def stored(self, resource, key):
        return self.running.call(lambda: self.running.account.rows[resource][key])

    def answers(self, resource, key):
        return self.act("answers", resource, key)

    def source(self, **changes):
        return partnerstack.source(self.settings(**changes), lambda: self.now, "our-prm")

    def sink(self, **changes):
        return partnerstack.sink(self.settings(**changes), lambda: self.now, "our-prm")

    def check(self, *entities, **changes):
        tables = [TABLES[name] for name in entities or TABLES]
        checker = partnerstack.checker(self.settings(**changes), lambda: self.now, "our-prm")
        return {finding.subject: finding for finding in checker.check(tables)}


class Reading:
    """A runner in miniature: saves each cursor with its event."""

    def __init__(self, source, *entities):
        self.source, self.cursors, self.told = source, {}, []
        self.tables = {name: TABLES[name] for name in entities or READ}

    def poll(self):
        """What is told in one pass."""
        before = len(self.told)
        for event in self.source.changes(self.tables, dict(self.cursors)):
            self.told += [event] if isinstance(event, Change) else []
            if event.cursor is None:
                self.cursors.pop(event.place, None)
            else:
                self.cursors[event.place] = event.cursor
        return self.told[before:]

    def records(self):
        """What one pass tells, as canonical records."""
        return [self.tables[each.entity].to_canonical(each.row) for each in self.poll()]


class Listening:
    """A source that listens, the account's webhooks to it, and its passes."""

    def __init__(self, stack, events, answer_s, entities):
        port = free_port()
        self.stack, self.url = stack, f"http://127.0.0.1:{port}/partnerstack"
        target = f"{self.url}/{SECRET}"
        stack.running.call(lambda: stack.running.account.push.register({"target": target, "events": events}))
        listener = {"public_url": self.url, "secret": SECRET, "port": port, "patience_s": 0, "answer_s": answer_s}
        self.reading = Reading(stack.source(listener=listener), *entities)
        self.pool = ThreadPoolExecutor(1)
        self.reading.poll()
        stack.running.account.calls.clear()

    def deliver(self, **options):
        """Start sending what waits; the statuses come when the source has answered."""
        url = f"{self.stack.running.base_url}/__sandbox__/webhooks/deliver"
        return self.pool.submit(lambda: requests.post(url, json=options, timeout=30).json()["requests"])

    def arrived(self):
        """Wait until a request has come in, without taking it."""
        waiting = self.reading.source.receiver._waiting
        with waiting.not_empty:
            assert waiting.not_empty.wait_for(lambda: waiting.queue, timeout=5)

    def told(self, **options):
        """What one delivery of one webhook tells, and how it was answered."""
        sending = self.deliver(**options)
        self.arrived()
        told = self.reading.poll()
        self.reading.poll()
        return told, sending.result()

    def close(self):
        self.reading.source.close()
        self.pool.shutdown()


def write(entity, key, match_by=MatchBy.ID, fields=None, **more):
    """A write of one record."""
    return Write(
        id=f"write-{key}",
        connection="our-prm",
        entity=entity,
        match_by=match_by,
        key=key,
        fields=fields or {},
        decided_at=datetime(2026, 11, 22, tzinfo=UTC),
        **more,
    )


def written(sink, *batch):
    """The outcomes of one batch."""
    return list(sink.write(TABLES, list(batch)))


@pytest.fixture
def opened():
    """Open accounts with the emulator's settings of choice."""
    running = []

    def build(**settings):
        context = emulator(standing_still(**settings))
        running.append(context)
        return Stack(context.__enter__())

    yield build
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture
def stack(opened):
    return opened()


@pytest.fixture
def listening(stack):
    made = []

    def build(*events, answer_s=4.0, entities=()):
        made.append(Listening(stack, list(events), answer_s, entities))
        return made[-1]

    yield build
    for each in made:
        each.close()
