"""An emulated portal on a real socket, prepared for Tandem, with its clock in the test's hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import requests

from connectors import hubspot
from connectors.base import Change
from mappings.loader import load
from sandbox.hubspot.faults import PortalFault
from sandbox.hubspot.portal import USER
from sandbox.hubspot.testing import START, Emulator, emulator, standing_still
from schemas.messages import MatchBy, Write

TABLES = load("hubspot")


def clock():
    return START


@dataclass
class Portal:
    """A user's hand in a portal, and connectors to it."""

    running: Emulator
    waits: list[float] = field(default_factory=list)

    def settings(self, **changes) -> hubspot.Settings:
        app = self.running.portal.settings.app
        base = {
            "base_url": self.running.base_url,
            "auth": {"method": "token", "token": app.token},
            "app": {"client_id": app.client_id, "client_secret": app.client_secret},
            "app_id": app.app_id,
            "overlap_s": 5,
            "deletions_every_s": 0,
            "searches_per_s": 1_000_000,
            "timeout_s": 5,
        }
        return hubspot.Settings(**{**base, **changes})

    def prepare(self, **changes):
        return list(hubspot.prepare(self.settings(**changes), clock))

    def reset(self):
        requests.post(f"{self.running.base_url}/__sandbox__/reset", timeout=5).raise_for_status()
        self.prepare(overlaps="property")

    def call(self, function):
        return self.running.call(function)

    def type(self, name):
        return self.running.portal.schema.require(name)

    def record(self, name, id_):
        return self.running.portal.store.get(self.type(name).id, id_)

    def create(self, type_, /, **properties):
        return self.call(lambda: self.running.portal.crm.create(self.type(type_), properties, USER).id)

    def edit(self, type_, id_, /, **properties):
        crm = self.running.portal.crm
        self.call(lambda: crm.update(self.type(type_), self.record(type_, id_), properties, USER))

    def delete(self, name, id_):
        self.call(lambda: self.running.portal.crm.archive(self.type(name), self.record(name, id_), USER))

    def restore(self, name, id_):
        self.call(lambda: self.running.portal.crm.restore(self.type(name), self.record(name, id_), USER))

    def purge(self, id_):
        self.call(
            lambda: self.running.portal.crm.gdpr_delete(self.type("contacts"), self.record("contacts", id_), USER)
        )

    def merge(self, name, winner, loser, new_record=True):
        return self.call(lambda: self.running.portal.crm.merge(self.type(name), winner, loser, USER, new_record).id)

    def join(self, contact, company, name="contacts", primary=1):
        book, ends = self.running.portal.associations, (self.type(name), self.type("companies"))
        types = [book.types.get(ends[0].id, ends[1].id, primary)] if primary else []
        self.call(lambda: book.add((ends[0], contact), (ends[1], company), types, USER))

    def part(self, contact, company, name="contacts"):
        book, ends = self.running.portal.associations, (self.type(name), self.type("companies"))
        self.call(lambda: book.remove((ends[0], contact), (ends[1], company), None, USER))

    def company_of(self, id_, name="contacts"):
        book = self.running.portal.associations
        return [each[0] for each in self.call(lambda: book.of(self.type(name), id_, self.type("companies")))]

    def wait(self, seconds):
        self.call(lambda: self.running.portal.clock.advance(seconds))

    def arm(self, **rule):
        self.call(lambda: self.running.portal.faults.arm([PortalFault(**rule)]))

    def calls(self, part=""):
        return sum(count for name, count in self.running.portal.calls.items() if part in name)

    def source(self, **changes):
        return hubspot.source(self.settings(**changes), clock, "acme-crm")

    def sink(self, **changes):
        return hubspot.sink(self.settings(**changes), clock, "acme-crm")


class Reading:
    """A runner in miniature: saves each cursor with its event."""

    def __init__(self, source, *entities):
        self.source, self.cursors, self.told, self.notes = source, {}, [], []
        self.tables = {name: TABLES[name] for name in entities or ("account",)}

    def poll(self):
        """What is told in one pass."""
        before = len(self.told)
        for event in self.source.changes(self.tables, dict(self.cursors)):
            if isinstance(event, Change):
                self.told.append(event)
            elif event.note:
                self.notes.append(event.note)
            if event.cursor is None:
                self.cursors.pop(event.place, None)
            else:
                self.cursors[event.place] = event.cursor
        return self.told[before:]

    def held(self):
        """Record id to its mapped row, by the highest version told."""
        last = {}
        for change in self.told:
            if change.record_id not in last or change.version > last[change.record_id].version:
                last[change.record_id] = change
        return {id_: change.row for id_, change in last.items() if change.row is not None}


def write(entity, key, match_by=MatchBy.EXTERNAL_ID, **fields):
    """A write of one record."""
    decided = datetime(2026, 11, 22, tzinfo=UTC)
    return Write(
        id=key, connection="acme-crm", entity=entity, match_by=match_by, key=key, fields=fields, decided_at=decided
    )


@pytest.fixture
def opened():
    """Open portals with the emulator's settings of choice."""
    running = []

    def build(**settings):
        context = emulator(standing_still(**settings))
        portal = Portal(context.__enter__())
        running.append(context)
        return portal

    yield build
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture
def portal(opened):
    ready = opened()
    assert [each for each in ready.prepare(changes="journal") if not each.ok] == []
    return ready
