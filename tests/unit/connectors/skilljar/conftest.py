"""An emulated Skilljar organization, and a connector to it with our own clock; the wire is real, the rest in memory."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import skilljar
from connectors.base import Sink, Source
from mappings.loader import load
from sandbox.skilljar.academy import Academy, Certificate, Enrollment, Learner
from sandbox.skilljar.testing import START, Emulator, emulator
from tests.unit.connectors.learning_desk import LearningDesk

TABLES = load("skilljar")
READ = {entity: table for entity, table in TABLES.items() if table.reads}
WRITE = {entity: table for entity, table in TABLES.items() if table.writes}
MANY = 10**9


class Desk(LearningDesk[Emulator]):
    """What a test does: act in the organization, read it, write to it."""

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

    def source(self) -> Source:
        return skilljar.source(self.settings(), self.clock, "our-academy")

    def sink(self, **more: Any) -> Sink:
        return skilljar.sink(self.settings(**more), self.clock, "our-academy")

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


def canonical(entity: str, row: Any) -> dict[str, Any]:
    return READ[entity].to_canonical(row).model_dump(mode="json", exclude_defaults=True)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with emulator() as running:
        made = Desk(running, START, TABLES)
        yield made
        made.close()
