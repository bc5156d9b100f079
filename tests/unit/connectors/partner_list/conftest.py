"""A list on disk, and a caller that commits what it was given as the pull loop does."""

import csv
import io
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from connectors.base import Change, Unreadable
from connectors.partner_list import Settings
from connectors.partner_list.places import Disk
from connectors.partner_list.source import PartnerList
from mappings.loader import load
from schemas.messages import ChangeKind

HEADER = ("id", "name", "city")


@dataclass
class Caller:
    """Commits in batches: `cursors` and `published` always move together."""

    cursors: dict = field(default_factory=dict)
    published: list = field(default_factory=list)
    reports: list = field(default_factory=list)

    def run(self, source, table, *, batch=1, crash_after=None):
        """One pass; returns its events. What was not committed before the crash is lost."""
        events, waiting = [], []
        for event in source.changes({"account": table}, self.cursors):
            if crash_after is not None and len(events) == crash_after:
                return events
            events.append(event)
            waiting.append(event)
            if len(waiting) >= batch:
                self._commit(waiting)
        self._commit(waiting)
        return events

    def _commit(self, events):
        for event in events:
            if isinstance(event, Unreadable):
                self.reports.append(event)
                continue
            if isinstance(event, Change):
                self.published.append(event)
            if event.cursor is None:
                self.cursors.pop(event.place, None)
            else:
                self.cursors[event.place] = event.cursor
        events.clear()

    @property
    def holds(self):
        """What somebody who follows the published changes holds now."""
        records = {}
        for change in self.published:
            if change.kind is ChangeKind.DELETED:
                records.pop(change.record_id, None)
            else:
                records[change.record_id] = change.row
        return records


@dataclass
class Lists:
    """Writes versions of a list, each a minute later than the one before."""

    path: object
    minute: int = 0

    def write(self, content, *, minute=None):
        self.minute = self.minute + 1 if minute is None else minute
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        at = datetime(2026, 11, 22, tzinfo=UTC).timestamp() + 60 * self.minute
        os.utime(self.path, (at, at))

    def rows(self, rows, header=HEADER, **options):
        text = io.StringIO()
        csv.writer(text).writerows([header, *rows])
        self.write(text.getvalue(), **options)

    def source(self, **settings):
        return PartnerList(Settings(path=str(self.path), **settings), Disk(self.path), "acme-list")


@pytest.fixture
def lists(tmp_path):
    return Lists(tmp_path / "acme.csv")


@pytest.fixture
def caller():
    return Caller()


@pytest.fixture(scope="session")
def table():
    return load("partner_list")["account"]


def accounts(count, start=0):
    """Rows of so many accounts."""
    return [(f"b{number}", f"Company {number}", "Berlin") for number in range(start, start + count)]
