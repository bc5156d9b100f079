"""An emulated organization with one partner, a source at it, and a runner in miniature."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors import crossbeam
from connectors.base import Change, Progress, Unreadable
from mappings.loader import load
from sandbox.crossbeam.faults import BeamFault
from sandbox.crossbeam.testing import emulator

TABLES = load("crossbeam")
PATH = "/crossbeam/61e68950-415c-4618"


class Beam:
    """What happens at Crossbeam, and connectors to it."""

    def __init__(self, running):
        self.running, self.act, self.network = running, running.act, running.network
        self.acme = running.act("partner", "Acme Cloud")

    def share(self, name="Acme Robotics", partner="Acme Cloud", **members):
        return self.act("share", partner, name, "001A", **members)["partner_crossbeam_record_id"]

    def signal(self, partner="Acme Cloud", **members):
        return self.act("signal", partner, "001A", "Acme Robotics", **members)["event_id"]

    def wait(self, seconds):
        self.running.call(lambda: self.network.clock.advance(seconds))

    def arm(self, **rule):
        self.running.call(lambda: self.network.faults.arm([BeamFault(**rule)]))

    def calls(self, part):
        return sum(count for name, count in self.network.calls.items() if part in name)

    def settings(self, **changes):
        it = self.network.settings
        auth = {
            "method": "refresh_token",
            "client_id": it.client_id,
            "client_secret": it.client_secret,
            "refresh_token": it.refresh_token,
            "sign_in": self.running.base_url,
        }
        base = {
            "base_url": self.running.base_url,
            "auth": auth,
            "organization": it.organization,
            "partners": {"Acme Cloud": "acme"},
            "poll_s": 0,
        }
        return crossbeam.Settings(**{**base, **changes})

    def reading(self, cursors=None, **changes):
        """A source, as after a restart where there are cursors."""
        return Reading(crossbeam.source(self.settings(**changes), self.network.clock, "beam"), cursors)

    def found(self, **changes):
        checker = crossbeam.checker(self.settings(**changes), self.network.clock, "beam")
        return {finding.subject: finding for finding in checker.check(list(TABLES.values()))}


class Reading:
    """A runner in miniature: saves each cursor with its event, unless it is told to lose them."""

    def __init__(self, source, cursors=None):
        self.source, self.cursors, self.told, self.parked, self.notes = source, dict(cursors or {}), [], [], []

    def poll(self, *, lost=False):
        before = len(self.told)
        for event in self.source.changes(TABLES, dict(self.cursors)):
            if isinstance(event, Unreadable):
                self.parked.append(event)
                continue
            if isinstance(event, Change):
                self.told.append(event)
            if isinstance(event, Progress) and event.note:
                self.notes.append(event.note)
            if not lost:
                self.cursors[event.place] = event.cursor
        self.cursors = {place: cursor for place, cursor in self.cursors.items() if cursor is not None}
        return self.told[before:]


@pytest.fixture
def beam():
    with emulator() as running:
        yield Beam(running)


@pytest.fixture
def pushed(beam):
    """A source to which Crossbeam's webhooks go."""
    webhooks = {"secret": beam.network.settings.webhook_secret, "port": 0, "path": PATH, "patience_s": 0}
    reading = beam.reading(webhooks=webhooks, poll_s=1_000_000)
    reading.poll()
    reading.port = reading.source.inbox.receiver.port
    beam.act("webhook", f"http://127.0.0.1:{reading.port}{PATH}")
    with ThreadPoolExecutor(1) as pool:

        def deliver(**options):
            """Start sending; the answers come when the source has answered."""
            return pool.submit(lambda: beam.running.deliver(**options)["requests"])

        def arrived():
            waiting = reading.source.inbox.receiver._waiting
            with waiting.not_empty:
                assert waiting.not_empty.wait_for(lambda: waiting.queue, timeout=5)

        reading.deliver, reading.arrived = deliver, arrived
        yield reading
        reading.source.close()
