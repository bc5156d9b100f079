"""Worlds in an emulated Skilljar organization; the vendor's rules are the emulator's, not ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from connectors import skilljar
from connectors.base import Sink, Source
from connectors.errors import NeedsConfirmation
from connectors.skilljar.rows import learner
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.skilljar.academy import Academy, Learner
from sandbox.skilljar.faults import AcademyFault
from sandbox.skilljar.testing import START, Emulator, emulator
from schemas.messages import MatchBy, Parent

TABLES = load("skilljar")
MANY = 10**9  # calls: the emulated clock stands still, and so no hour would ever pass


class SkilljarHand:
    """An emulated organization, and our own clock a day ahead of its."""

    def __init__(self, running: Emulator) -> None:
        self._running, self._now, self._made = running, START + timedelta(days=1), 0
        self.reset()

    @property
    def academy(self) -> Academy:
        return self._running.academy

    def settings(self, **more: Any) -> skilljar.Settings:
        settings = self.academy.settings
        told = {
            "base_url": self._running.base_url,
            "domain": settings.domain,
            "api_key": settings.api_key,
            "client": {"client_id": settings.client_id, "client_secret": settings.client_secret},
            "poll_s": 0,
            "list_every_s": 0,
            "reread_s": 0,
            "page_size": 3,
            "calls_per_minute": MANY,
            "calls_per_hour": MANY,
        }
        return skilljar.Settings(**{**told, **more})

    def clock(self) -> datetime:
        return self._now

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)
        self._running.advance(seconds)

    def reset(self) -> None:
        self._running.replace(Academy)
        self._now = START + timedelta(days=1)

    def add(self, last_name: str) -> Learner:
        """Somebody signs up."""
        self._made += 1
        address = f"user{self._made}@partner.example"
        return self._running.call(lambda: self.academy.add(address, "Ada", last_name))


class _SkilljarSource(SkilljarHand):
    table: EntityMap

    def restart(self) -> Source:
        return skilljar.source(self.settings(), self.clock, "our-academy")

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # no world has so many records


class SkilljarLearners(_SkilljarSource):
    """A `SourceWorld` of the users of a domain."""

    table, named = TABLES["learner"], "last_name"

    def create(self, name: str) -> str:
        return self.add(name).id

    def edit(self, record_id: str, name: str) -> None:
        self.academy.data.learners[record_id].last_name = name

    def delete(self, record_id: str) -> None:
        self._running.call(lambda: self.academy.data.learners.pop(record_id))

    def state(self) -> Mapping[str, str]:
        return {id_: each.last_name for id_, each in self.academy.data.learners.items()}


class SkilljarEnrollments(_SkilljarSource):
    """A `SourceWorld` of one learner's courses."""

    table, named = TABLES["enrollment"], "item_name"

    def reset(self) -> None:
        super().reset()
        self._learner = self.add("Okafor")

    def create(self, name: str) -> str:
        course = self._running.call(lambda: self.academy.add_course(name))
        return self._running.call(lambda: self.academy.enroll(self._learner, course.published)).id

    def edit(self, record_id: str, name: str) -> None:
        self.academy.data.courses[self.academy.data.enrollments[record_id].published].title = name

    def delete(self, record_id: str) -> None:
        self._running.call(lambda: self.academy.data.enrollments.pop(record_id))

    def state(self) -> Mapping[str, str]:
        data = self.academy.data
        return {id_: data.courses[each.published].title for id_, each in data.enrollments.items()}


class SkilljarCertificates(_SkilljarSource):
    """A `SourceWorld` of one learner's certificates."""

    table, named = TABLES["credential"], "name"

    def reset(self) -> None:
        super().reset()
        self._learner = self.add("Okafor")

    def create(self, name: str) -> str:
        course = self._running.call(lambda: self.academy.add_course(name))
        return self._running.call(lambda: self.academy.certify(self._learner, course.published)).id

    def _course(self, record_id: str) -> Any:
        wanted = self.academy.data.certificates[record_id].course
        return next(each for each in self.academy.data.courses.values() if each.id == wanted)

    def edit(self, record_id: str, name: str) -> None:
        self._course(record_id).title = name

    def delete(self, record_id: str) -> None:
        self._running.call(lambda: self.academy.data.certificates.pop(record_id))

    def state(self) -> Mapping[str, str]:
        return {id_: self._course(id_).title for id_ in self.academy.data.certificates}


class SkilljarUsers(SkilljarHand):
    """A `SinkWorld` of learners by mail address."""

    tables: Mapping[str, EntityMap] = {entity: table for entity, table in TABLES.items() if table.writes}
    table: EntityMap = TABLES["learner"]
    parent: Parent | None = None
    match_by, creates, nullable, archives = MatchBy.EXTERNAL_ID, True, "last_name", False
    good: Mapping[str, JsonValue] = {"first_name": "Ada", "last_name": "Okafor", "active": True}
    changed: Mapping[str, JsonValue] = {**good, "last_name": "Okafor-Reyes", "active": False}
    bad: Mapping[str, JsonValue] = {**good, "active": None}

    def restart(self) -> Sink:
        return skilljar.sink(self.settings(), self.clock, "our-academy")

    def keys(self, count: int) -> Sequence[str]:
        return [f"Ada.{number}@partner.example" for number in range(count)]

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        found = self.academy.find(key)
        if found is None:
            return None
        user = {"email": found.email, "first_name": found.first_name, "last_name": found.last_name}
        return self.table.to_fields(learner({"user": user, "active": found.active}))

    def effects(self, key: str) -> int:
        found = self.academy.find(key)
        return 0 if found is None else found.writes

    def edit(self, key: str, fields: Mapping[str, JsonValue]) -> None:
        for name, value in self.table.to_vendor(fields).items():
            setattr(self.academy.find(key), name, value or "")

    def remove(self, key: str) -> None:
        found = self.academy.find(key)
        assert found is not None
        self._running.call(lambda: self.academy.data.learners.pop(found.id))

    def parents(self) -> int:
        return 0

    def break_after(self, call: int) -> None:
        self._running.arm(AcademyFault(kind="reset_after", nth=(call,), times=1))


def in_academy(world: Callable[[Emulator], Any]) -> Callable[[], AbstractContextManager[Any]]:
    @contextmanager
    def opened() -> Iterator[Any]:
        with emulator() as running:
            yield world(running)

    return opened
