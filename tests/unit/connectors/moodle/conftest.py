"""An emulated Moodle site, and a connector to it with our own clock; the wire is real, the site is in memory."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import moodle
from connectors.base import Event, Progress, Sink, Source
from mappings.loader import load
from sandbox.moodle.site import Site
from sandbox.moodle.testing import START, Emulator, emulator
from tests.unit.connectors.learning_desk import LearningDesk

TABLES = load("moodle")
READ = {entity: table for entity, table in TABLES.items() if table.reads}
WRITE = {entity: table for entity, table in TABLES.items() if table.writes}


class Desk(LearningDesk[Emulator]):
    """What a test does: act in the site, read it, write to it."""

    @property
    def site(self) -> Site:
        return self.running.site

    def settings(self, **more: Any) -> moodle.Settings:
        where = {"base_url": self.running.base_url, "token": self.running.token}
        told = {"select": {"by": "all"}, "list_every_s": 0, "paths": ["partner-technical"]}
        return moodle.Settings(**{**where, **told, **self.more, **more})

    def source(self) -> Source:
        return moodle.source(self.settings(), self.clock, "our-moodle")

    def sink(self, **more: Any) -> Sink:
        return moodle.sink(self.settings(**more), self.clock, "our-moodle")

    def learner(self, name: str = "ada", **more: str) -> int:
        address = f"{name}@partner.example"
        values = {"username": address, "email": address, "firstname": name.title(), "lastname": "Okafor", **more}
        return self.running.call(lambda: self.site.add_user(**values).id)

    def calls(self, function: str) -> int:
        return self.site.calls[function]


def notes(events: list[Event]) -> list[str]:
    return [each.note for each in events if isinstance(each, Progress) and each.note]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with emulator() as running:
        made = Desk(running, START, TABLES)
        yield made
        made.close()
