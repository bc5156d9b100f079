"""One Moodle site in memory, its transactions and its events; it knows no HTTP."""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .errors import missing_record, no_permission
from .faults import Faults
from .model import Badge, Cohort, Course, Enrolment, Event, Issue, User
from .settings import SiteSettings


@dataclass(slots=True)
class Data:
    """What a transaction can take back. Ids are given once: those of rolled-back rows are not given again."""

    users: dict[int, User] = field(default_factory=dict)
    courses: dict[int, Course] = field(default_factory=dict)
    cohorts: dict[int, Cohort] = field(default_factory=dict)
    badges: dict[int, Badge] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    enrolments: dict[tuple[int, int, str], Enrolment] = field(default_factory=dict)
    completions: dict[tuple[int, int], int] = field(default_factory=dict)  # they outlast the enrolment


class Site:
    """`data` is what it holds, `events` what its observers were told, oldest first."""

    def __init__(self, settings: SiteSettings) -> None:
        self.settings, self.data = settings, Data()
        self.faults = Faults(settings.faults, settings.seed)
        self.calls: Counter[str] = Counter()
        self.events: list[Event] = []
        self.shift = timedelta()
        self._last: Counter[str] = Counter()

    def clock(self) -> datetime:
        return self.settings.clock() + self.shift

    def now(self) -> int:
        """Epoch seconds."""
        return int(self.clock().timestamp())

    def next_id(self, kind: str) -> int:
        self._last[kind] += 1
        return self._last[kind]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, but for the events: those have gone out."""
        before = copy.deepcopy(self.data)
        try:
            yield
        except BaseException:
            self.data = before
            raise

    def require(self, capability: str) -> None:
        if capability not in self.settings.capabilities:
            raise no_permission(capability)

    def may(self, capability: str) -> bool:
        return capability in self.settings.capabilities

    def tell(self, name: str, related: int, **other: object) -> None:
        """An event by the token's user, who is 2."""
        self.events.append(Event(name, 2, related, tuple((key, str(value)) for key, value in other.items())))

    def user(self, user_id: int) -> User:
        found = self.data.users.get(user_id)
        if found is None or found.deleted:
            raise missing_record("user")
        return found

    def living(self) -> list[User]:
        return [each for each in self.data.users.values() if not each.deleted]

    def course(self, course_id: int) -> Course:
        found = self.data.courses.get(course_id)
        if found is None:
            raise missing_record("course")
        return found

    def add_user(self, **values: str) -> User:
        made = User(self.next_id("user") + 2, **values)  # type: ignore[arg-type]  # 1 is the guest, 2 the admin
        self.data.users[made.id] = made
        self.tell("\\core\\event\\user_created", made.id)
        return made

    def delete_user(self, user_id: int) -> None:
        """Moodle keeps the row and makes its name and address unusable; memberships and enrolments go."""
        user, data = self.user(user_id), self.data
        user.deleted, user.email = True, hashlib.md5(user.username.encode(), usedforsecurity=False).hexdigest()
        user.username = f"{user.username}.{self.now()}"
        for cohort in data.cohorts.values():
            cohort.members.discard(user_id)
        data.enrolments = {key: each for key, each in data.enrolments.items() if each.user != user_id}

    def enrol(self, user_id: int, course_id: int, method: str = "manual", started: int = 0) -> None:
        """Again it changes nothing; a method is an enrolment of its own."""
        key = (user_id, course_id, method)
        if key not in self.data.enrolments:
            self.data.enrolments[key] = Enrolment(user_id, course_id, method, started=started)
            self.tell("\\core\\event\\user_enrolment_created", user_id, courseid=course_id)

    def unenrol(self, user_id: int, course_id: int, method: str = "manual") -> None:
        """Badges stay, and so does the completion."""
        if self.data.enrolments.pop((user_id, course_id, method), None) is not None:
            self.tell("\\core\\event\\user_enrolment_deleted", user_id, courseid=course_id)

    def add_member(self, cohort: Cohort, user_id: int) -> None:
        cohort.members.add(user_id)
        self.tell("\\core\\event\\cohort_member_added", user_id)
        for course_id in cohort.courses:
            self.enrol(user_id, course_id, f"cohort {cohort.id}")

    def remove_member(self, cohort: Cohort, user_id: int) -> None:
        cohort.members.discard(user_id)
        for course_id in cohort.courses:
            self.unenrol(user_id, course_id, f"cohort {cohort.id}")

    def enrolled(self, user_id: int, course_id: int) -> bool:
        return any((each.user, each.course) == (user_id, course_id) for each in self.data.enrolments.values())

    def complete(self, user_id: int, course_id: int) -> None:
        self.data.completions.setdefault((user_id, course_id), self.now())
        self.tell("\\core\\event\\course_completed", user_id, courseid=course_id)

    def award(self, user_id: int, badge_id: int) -> Issue:
        self.user(user_id)
        number, badge = self.next_id("issue"), self.data.badges[badge_id]
        unique = hashlib.sha1(f"{self.settings.seed} {number}".encode(), usedforsecurity=False).hexdigest()
        expires = None if badge.lasts_s is None else self.now() + badge.lasts_s
        made = Issue(number, badge_id, user_id, unique, self.now(), expires)
        self.data.issues[number] = made
        told: dict[str, object] = {"badgeid": badge_id, "badgeissuedid": number}
        if expires is not None:
            told["other_dateexpire"] = expires
        self.tell("\\core\\event\\badge_awarded", user_id, **told)
        return made
