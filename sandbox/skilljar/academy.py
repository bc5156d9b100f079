"""One organization in memory: learners of a domain, courses, paths, enrolments, certificates; it knows no HTTP."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .faults import Faults
from .settings import AcademySettings


@dataclass(slots=True)
class Learner:
    """A user of the organization, and of the domain where `on_domain`; `active` is the access to the domain."""

    id: str
    email: str
    first_name: str
    last_name: str
    joined: str
    on_domain: bool = True
    active: bool = True
    inactive: bool = False
    sso: bool = False  # who signs in elsewhere cannot be renamed here
    writes: int = 0  # how often the APIs changed it


@dataclass(slots=True)
class Course:
    """A course and its publication on the domain."""

    id: str
    published: str
    title: str


@dataclass(slots=True)
class Path:
    """A path as it is published on the domain."""

    id: str
    title: str


@dataclass(slots=True)
class Enrollment:
    id: str
    learner: str
    published: str
    enrolled_at: str
    expires_at: str | None = None
    active: bool = True
    progress: str = "not_started"
    completed_at: str | None = None
    success: str = "not_applicable"


@dataclass(slots=True)
class PathEnrollment:
    id: str
    learner: str
    path: str
    enrolled_at: str
    expires_at: str | None = None
    active: bool = True


@dataclass(slots=True)
class Certificate:
    id: str
    learner: str
    course: str
    code: str
    issued_at: str
    expires_at: str | None = None


@dataclass(slots=True)
class Data:
    """All rows by id, in the order in which they were made."""

    learners: dict[str, Learner] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    enrollments: dict[str, Enrollment] = field(default_factory=dict)
    path_enrollments: dict[str, PathEnrollment] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)


class Academy:
    """`data` is what it holds, `events` what its webhooks tell, oldest first."""

    def __init__(self, settings: AcademySettings) -> None:
        self.settings, self.data = settings, Data()
        self.faults = Faults(settings.faults, settings.seed)
        self.calls: Counter[str] = Counter()
        self.events: list[Mapping[str, Any]] = []
        self.tokens: dict[str, datetime] = {}
        self.spent: list[datetime] = []
        self.shift = timedelta()
        self._made = 0

    def clock(self) -> datetime:
        return self.settings.clock() + self.shift

    def now(self, later: timedelta = timedelta()) -> str:
        return spelt(self.clock() + later)

    def next_id(self) -> str:
        """Opaque, and the same for the same seed and order."""
        self._made += 1
        return hashlib.sha1(f"{self.settings.seed} {self._made}".encode(), usedforsecurity=False).hexdigest()[:13]

    def find(self, email: str) -> Learner | None:
        return next((each for each in self.data.learners.values() if each.email == email.lower()), None)

    def add(self, email: str, first_name: str = "", last_name: str = "", *, on_domain: bool = True) -> Learner:
        """A new learner, or the one who has this address already, put on the domain."""
        found = self.find(email)
        if found is None:
            found = Learner(self.next_id(), email.lower(), first_name, last_name, self.now(), on_domain=False)
            self.data.learners[found.id] = found
        if on_domain and not found.on_domain:
            found.on_domain = True
            self.tell("DOMAIN_ENROLLMENT", found)
        return found

    def add_course(self, title: str) -> Course:
        made = Course(self.next_id(), self.next_id(), title)
        self.data.courses[made.published] = made
        return made

    def add_path(self, title: str) -> Path:
        made = Path(self.next_id(), title)
        self.data.paths[made.id] = made
        return made

    def enroll(self, learner: Learner, published: str, expires_at: str | None = None) -> Enrollment:
        made = Enrollment(self.next_id(), learner.id, published, self.now(), expires_at)
        self.data.enrollments[made.id] = made
        self.tell("COURSE_ENROLLMENT", learner, course=self._course(published))
        return made

    def enroll_path(self, learner: Learner, path: str, enrolled_at: str, **more: Any) -> PathEnrollment:
        """The same learner at the same moment is the same enrolment; any other moment is another one."""
        known = self.data.path_enrollments.values()
        same = (
            each for each in known if (each.learner, each.path, each.enrolled_at) == (learner.id, path, enrolled_at)
        )
        found = next(same, None)
        if found is None:
            found = PathEnrollment(self.next_id(), learner.id, path, enrolled_at, **more)
            self.data.path_enrollments[found.id] = found
            self.tell("PATH_ENROLLMENT", learner, path={"id": path, "title": self.data.paths[path].title})
        return found

    def complete(self, enrollment: Enrollment) -> None:
        enrollment.progress, enrollment.completed_at = "completed", self.now()
        learner = self.data.learners[enrollment.learner]
        self.tell("COURSE_COMPLETION", learner, course=self._course(enrollment.published))

    def certify(self, learner: Learner, published: str, lasts_s: int | None = None) -> Certificate:
        expires = None if lasts_s is None else self.now(timedelta(seconds=lasts_s))
        id_ = self.next_id()
        made = Certificate(id_, learner.id, self.data.courses[published].id, id_[:8], self.now(), expires)
        self.data.certificates[made.id] = made
        return made

    def tell(self, event: str, learner: Learner, **about: Any) -> None:
        """No event id, and no certificate of any kind."""
        user = {"id": learner.id, "email": learner.email, "first_name": learner.first_name,
                "last_name": learner.last_name}  # fmt: skip
        domain = {"name": self.settings.domain}
        self.events.append({"event_type": event, "timestamp": self.now(), "user": user, "domain": domain, **about})

    def _course(self, published: str) -> dict[str, str]:
        course = self.data.courses[published]
        return {"id": course.id, "published_course_id": published, "title": course.title}


def spelt(at: datetime) -> str:
    """As both APIs write a moment."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
