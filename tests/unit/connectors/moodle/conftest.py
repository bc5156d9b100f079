"""An emulated Moodle site, and a connector to it with our own clock; the wire is real, the site is in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors import moodle
from connectors.base import Change, Event, Outcome, Progress, Unreadable
from mappings.loader import load
from sandbox.moodle.site import Site
from sandbox.moodle.testing import START, Emulator, emulator
from schemas.messages import MatchBy, Write

TABLES = load("moodle")
READ = {entity: table for entity, table in TABLES.items() if table.reads}
WRITE = {entity: table for entity, table in TABLES.items() if table.writes}


@dataclass
class Desk:
    """What a test does: act in the site, read it, write to it."""

    running: Emulator
    now: datetime = START
    cursors: dict[str, str] = field(default_factory=dict)
    sources: list[Any] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        return self.running.site

    def settings(self, **more: Any) -> moodle.Settings:
        where = {"base_url": self.running.base_url, "token": self.running.token}
        told = {"select": {"by": "all"}, "list_every_s": 0, "paths": ["partner-technical"]}
        return moodle.Settings(**{**where, **told, **self.more, **more})

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.running.advance(seconds)

    def restart(self, **more: Any) -> None:
        self.more |= more
        self.sources.append(moodle.source(self.settings(), self.clock, "our-moodle"))

    def events(self) -> Iterator[Event]:
        """One pass, whose cursors are saved as it goes."""
        if not self.sources:
            self.restart()
        for event in self.sources[-1].changes(READ, dict(self.cursors)):
            if not isinstance(event, Unreadable):
                if event.cursor is None:
                    self.cursors.pop(event.place, None)
                else:
                    self.cursors[event.place] = event.cursor
            yield event

    def poll(self) -> list[Change]:
        return [event for event in self.events() if isinstance(event, Change)]

    def told(self) -> dict[tuple[str, str], Mapping[str, object] | None]:
        """What one pass tells: (entity, record id) to row."""
        return {(each.entity, each.record_id): each.row for each in self.poll()}

    def learner(self, name: str = "ada", **more: str) -> int:
        address = f"{name}@partner.example"
        values = {"username": address, "email": address, "firstname": name.title(), "lastname": "Okafor", **more}
        return self.running.call(lambda: self.site.add_user(**values).id)

    def calls(self, function: str) -> int:
        return self.site.calls[function]

    def write(self, entity: str, wanted: Mapping[str, Mapping[str, Any]], **more: Any) -> list[Outcome]:
        batch = writes(entity, wanted, **more.pop("of", {}))
        return list(moodle.sink(self.settings(**more), self.clock, "our-moodle").write(WRITE, batch))


def writes(entity: str, wanted: Mapping[str, Mapping[str, Any]], **more: Any) -> list[Write]:
    return [
        Write(id=f"w{number}", connection="our-moodle", entity=entity, key=key, fields=dict(fields), decided_at=START,
              **{"match_by": MatchBy.EXTERNAL_ID, **more})
        for number, (key, fields) in enumerate(wanted.items())
    ]  # fmt: skip


def notes(events: list[Event]) -> list[str]:
    return [each.note for each in events if isinstance(each, Progress) and each.note]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with emulator() as running:
        made = Desk(running)
        yield made
        for source in made.sources:
            source.close()
