"""What Skilljar tells as rows of `mappings/skilljar.toml`; pure, it calls nobody.

Record ids: a learner's is the user's, an enrolment's is the enrolment's (in a path `path:<id>`), a certificate's is the
certificate's. `item` is the course's id, whatever domain it is published on, or the id of the published path.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.skilljar.academy import Course, linked

Row = Mapping[str, object]
Raw = Mapping[str, Any]
PATH = "path:"


def learner(domain_user: Raw) -> Row:
    """A user of the domain."""
    user = domain_user["user"]
    return {
        "email": user.get("email"),
        "first_name": user.get("first_name") or None,
        "last_name": user.get("last_name") or None,
        "active": domain_user.get("active"),
    }


def enrollment(resource: Raw, courses: Mapping[str, Course], emails: Mapping[str, str]) -> Row:
    """An enrolment in a course; one that was switched off before its end is dropped."""
    told, student = resource["attributes"], linked(resource, "student") or ""
    published = linked(resource, "published-course") or ""
    course = courses.get(published, Course(published, None))
    return {
        "student": student,
        "email": emails.get(student),
        "item": course.id,
        "item_name": course.title,
        "kind": "course",
        "status": _status(told),
        "enrolled_at": told.get("enrolled_at"),
        "completed_at": told.get("completed_at"),
    }


def path_enrollment(raw: Raw, path: str, title: str, now: datetime) -> Row:
    """An enrolment in a path, of which Skilljar tells no progress."""
    user = raw["user"]
    return {
        "student": str(user["id"]),
        "email": user.get("email"),
        "item": path,
        "item_name": title or None,
        "kind": "path",
        "status": "enrolled" if in_force(raw, now) else "dropped",
        "enrolled_at": raw.get("enrolled_at"),
        "completed_at": None,
    }


def in_force(raw: Raw, now: datetime) -> bool:
    """Whether an enrolment gives access."""
    until = raw.get("expires_at")
    return raw.get("active") is not False and (until is None or datetime.fromisoformat(until) > now)


def credential(resource: Raw, courses: Mapping[str, str | None], emails: Mapping[str, str]) -> Row:
    """A certificate; `courses` are titles by course."""
    told, student, course = resource["attributes"], linked(resource, "student") or "", linked(resource, "course") or ""
    return {
        "student": student or None,
        "email": emails.get(student),
        "item": course,
        "name": courses.get(course),
        "issued_at": told.get("issued_at"),
        "expires_at": told.get("expires_at"),
    }


def _status(told: Raw) -> str:
    if told.get("success_status") == "failed":
        return "failed"
    if told.get("progress_status") == "completed":
        return "completed"
    if told.get("active") is False:
        return "dropped"
    return "in_progress" if told.get("progress_status") == "in_progress" else "enrolled"
