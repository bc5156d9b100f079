"""An emulated Skilljar organization, and a connector to it with our own clock; the wire is real, the rest in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors import skilljar
from connectors.base import Change, Event, Outcome, Unreadable
from mappings.loader import load
from sandbox.skilljar.academy import Academy, Certificate, Enrollment, Learner
from sandbox.skilljar.testing import START, Emulator, emulator
from schemas.messages import MatchBy, Write

TABLES = load("skilljar")
READ = {entity: table for entity, table in TABLES.items() if table.reads}
WRITE = {entity: table for entity, table in TABLES.items() if table.writes}
MANY = 10**9


@dataclass
class Desk:
    """What a test does: act in the organization, read it, write to it."""

    running: Emulator
    now: datetime = START
    cursors: dict[str, str] = field(default_factory=dict)
    sources: list[Any] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def academy(self) -> Academy:
        return self.running.academy

    @property
    def published(self) -> list[str]:
        return list(self.academy.data.courses)

    @property
    def path(self) -> str:
        return next(iter(self.academy.data.paths))

    def settings(self, **more: Any) -> skilljar.Settings:
        settings = self.academy.settings
        told = {
            "base_url": self.running.base_url,
            "domain": settings.domain,
            "api_key": settings.api_key,
            "client": {"client_id": settings.client_id, "client_secret": settings.client_secret},
            "paths": [self.path] if self.academy.data.paths else [],
            "poll_s": 0,
            "list_every_s": 0,
            "reread_s": 0,
            "calls_per_minute": MANY,
            "calls_per_hour": MANY,
        }
        return skilljar.Settings(**{**told, **self.more, **more})

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.running.advance(seconds)

    def restart(self, **more: Any) -> None:
        self.more |= more
        self.sources.append(skilljar.source(self.settings(), self.clock, "our-academy"))

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

    def learner(self, name: str = "ada") -> Learner:
        return self.running.call(lambda: self.academy.add(f"{name}@partner.example", name.title(), "Okafor"))

    def enroll(self, learner: Learner, course: int = 0) -> Enrollment:
        return self.running.call(lambda: self.academy.enroll(learner, self.published[course]))

    def complete(self, enrollment: Enrollment) -> None:
        self.running.call(lambda: self.academy.complete(enrollment))

    def certify(self, learner: Learner, lasts_s: int | None = None) -> Certificate:
        return self.running.call(lambda: self.academy.certify(learner, self.published[0], lasts_s))

    def calls(self, endpoint: str) -> int:
        return self.academy.calls[endpoint]

    def write(self, entity: str, wanted: Mapping[str, Mapping[str, Any]], **more: Any) -> list[Outcome]:
        batch = writes(entity, wanted, **more.pop("of", {}))
        return list(skilljar.sink(self.settings(**more), self.clock, "our-academy").write(WRITE, batch))


def writes(entity: str, wanted: Mapping[str, Mapping[str, Any]], **more: Any) -> list[Write]:
    return [
        Write(id=f"w{number}", connection="our-academy", entity=entity, key=key, fields=dict(fields), decided_at=START,
              **{"match_by": MatchBy.EXTERNAL_ID, **more})
        for number, (key, fields) in enumerate(wanted.items())
    ]  # fmt: skip


def canonical(entity: str, row: Any) -> dict[str, Any]:
    return READ[entity].to_canonical(row).model_dump(mode="json", exclude_defaults=True)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with emulator() as running:
        made = Desk(running)
        yield made
        for source in made.sources:
            source.close()
