"""What a site holds: users, courses, cohorts, badges and what ties them; it refuses nothing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class User:
    id: int
    username: str
    email: str
    firstname: str
    lastname: str
    institution: str = ""
    lang: str = "en"
    auth: str = "manual"
    suspended: bool = False
    deleted: bool = False
    writes: int = 0  # how often the web services changed it


@dataclass(slots=True)
class Course:
    id: int
    shortname: str
    fullname: str
    manual: bool = True  # whether it takes manual enrolments
    criteria: bool = True  # whether it can be completed


@dataclass(slots=True)
class Cohort:
    id: int
    idnumber: str
    name: str
    courses: tuple[int, ...] = ()  # cohort enrolment: members are enrolled in these at once
    members: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Enrolment:
    user: int
    course: int
    method: str = "manual"
    progress: float = 0.0
    started: int = 0


@dataclass(slots=True)
class Badge:
    id: int
    name: str
    lasts_s: int | None = None


@dataclass(slots=True)
class Issue:
    """A badge that somebody holds; times are epoch seconds."""

    id: int
    badge: int
    user: int
    hash: str
    issued: int
    expires: int | None
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """One event as an observer plugin is told of it, at once, also inside a transaction that is rolled back later."""

    name: str
    user: int
    related: int
    other: tuple[tuple[str, str], ...] = ()
