"""Worlds in an emulated Moodle site; the vendor's rules are the emulator's, not ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from connectors import moodle
from connectors.base import Sink, Source
from connectors.errors import NeedsConfirmation
from connectors.moodle.rows import person
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.moodle import seeding
from sandbox.moodle.faults import SiteFault
from sandbox.moodle.model import User
from sandbox.moodle.site import Site
from sandbox.moodle.testing import START, Emulator, emulator
from sandbox.moodle.users import details
from schemas.messages import MatchBy, Parent

TABLES = load("moodle")


class MoodleHand:
    """An emulated site, and our own clock a day ahead of its."""

    def __init__(self, running: Emulator) -> None:
        self._running, self._now, self._made = running, START + timedelta(days=1), 0
        self.reset()

    @property
    def site(self) -> Site:
        return self._running.site

    def settings(self, **more: Any) -> moodle.Settings:
        told = {"token": self._running.token, "select": {"by": "all"}, "list_every_s": 0, "calls_per_hour": 1_000_000}
        return moodle.Settings(base_url=self._running.base_url, **{**told, **more})

    def clock(self) -> datetime:
        return self._now

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)
        self._running.advance(seconds)

    def reset(self) -> None:
        self._running.replace(Site)
        self._now = START + timedelta(days=1)

    def add(self, last_name: str) -> User:
        """An admin makes a user by hand."""
        self._made += 1
        address = f"user{self._made}@partner.example"
        return self._running.call(
            lambda: self.site.add_user(username=address, email=address, firstname="Ada", lastname=last_name)
        )


class _MoodleSource(MoodleHand):
    table: EntityMap

    def restart(self) -> Source:
        return moodle.source(self.settings(), self.clock, "our-moodle")

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # no world has so many users


class MoodleLearners(_MoodleSource):
    """A `SourceWorld` of users."""

    table, named = TABLES["learner"], "last_name"

    def create(self, name: str) -> str:
        return str(self.add(name).id)

    def edit(self, record_id: str, name: str) -> None:
        self.site.user(int(record_id)).lastname = name

    def delete(self, record_id: str) -> None:
        self._running.call(lambda: self.site.delete_user(int(record_id)))

    def state(self) -> Mapping[str, str]:
        return {str(each.id): each.lastname for each in self.site.living()}


class MoodleEnrolments(_MoodleSource):
    """A `SourceWorld` of one learner's courses, of which users are read in turns of one."""

    table, named = TABLES["enrollment"], "item_name"

    def settings(self, **more: Any) -> moodle.Settings:
        return super().settings(users_per_pass=1, **more)

    def reset(self) -> None:
        super().reset()
        self._learner = self.add("Okafor").id

    def create(self, name: str) -> str:
        course = self._running.call(lambda: seeding.add_course(self.site, name, name))
        self._running.call(lambda: self.site.enrol(self._learner, course.id))
        return f"{self._learner}|{course.id}"

    def edit(self, record_id: str, name: str) -> None:
        self.site.course(_last(record_id)).fullname = name

    def delete(self, record_id: str) -> None:
        self._running.call(lambda: self.site.unenrol(self._learner, _last(record_id)))

    def state(self) -> Mapping[str, str]:
        enrolled = (each.course for each in self.site.data.enrolments.values())
        return {f"{self._learner}|{course}": self.site.course(course).fullname for course in enrolled}


class MoodleBadges(_MoodleSource):
    """A `SourceWorld` of one learner's badges."""

    table, named = TABLES["credential"], "name"

    def reset(self) -> None:
        super().reset()
        self._learner = self.add("Okafor").id

    def create(self, name: str) -> str:
        badge = self._running.call(lambda: seeding.add_badge(self.site, name))
        return f"{self._learner}|{self._running.call(lambda: self.site.award(self._learner, badge.id)).hash}"

    def edit(self, record_id: str, name: str) -> None:
        self.site.data.badges[self._issue(record_id).badge].name = name

    def delete(self, record_id: str) -> None:
        self._running.call(lambda: self.site.data.issues.pop(self._issue(record_id).id))

    def _issue(self, record_id: str) -> Any:
        return next(each for each in self.site.data.issues.values() if record_id.endswith(each.hash))

    def state(self) -> Mapping[str, str]:
        held = self.site.data.issues.values()
        return {f"{self._learner}|{each.hash}": self.site.data.badges[each.badge].name for each in held}


class MoodleUsers(MoodleHand):
    """A `SinkWorld` of users by mail address."""

    tables: Mapping[str, EntityMap] = {entity: table for entity, table in TABLES.items() if table.writes}
    table: EntityMap = TABLES["learner"]
    parent: Parent | None = None
    match_by, creates, nullable, archives = MatchBy.EXTERNAL_ID, True, "organisation", False
    good: Mapping[str, JsonValue] = {
        "first_name": "Ada",
        "last_name": "Okafor",
        "organisation": "Partner Robotics",
        "language": "de",
        "active": True,
    }
    changed: Mapping[str, JsonValue] = {**good, "organisation": "Partner Automation", "active": False}
    bad: Mapping[str, JsonValue] = {**good, "language": "tlh"}

    def restart(self) -> Sink:
        return moodle.sink(self.settings(batch=7), self.clock, "our-moodle")

    def keys(self, count: int) -> Sequence[str]:
        return [f"Ada.{number}@partner.example" for number in range(count)]

    def user(self, key: str) -> User | None:
        return next((each for each in self.site.living() if each.email.casefold() == key.casefold()), None)

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        user = self.user(key)
        who = None if user is None else person(details(self.site, user) or {})
        return None if who is None else self.table.to_fields(who.row)

    def effects(self, key: str) -> int:
        user = self.user(key)
        return 0 if user is None else user.writes

    def edit(self, key: str, fields: Mapping[str, JsonValue]) -> None:
        for name, value in self.table.to_vendor(fields).items():
            setattr(self.user(key), name, value or "")

    def remove(self, key: str) -> None:
        user = self.user(key)
        assert user is not None
        self._running.call(lambda: self.site.delete_user(user.id))

    def parents(self) -> int:
        return 0

    def break_after(self, call: int) -> None:
        self._running.arm(SiteFault(kind="reset_after", nth=(call,), times=1))


def _last(record_id: str) -> int:
    return int(record_id.rpartition("|")[2])


def in_moodle(world: Callable[[Emulator], Any]) -> Callable[[], AbstractContextManager[Any]]:
    @contextmanager
    def opened() -> Iterator[Any]:
        with emulator() as running:
            yield world(running)

    return opened
