"""What Moodle tells as rows of `mappings/moodle.toml`; pure, it calls nobody.

Record ids: a learner's is the user's; an enrolment's is `user|course`, in a learning path `user|path:<cohort>`; a
badge's is `user|hash`, by the hash that every reader is shown (the number of the issue is shown to managers only).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.moodle.forms import id_of, moment

Raw = Mapping[str, Any]
Row = Mapping[str, object]
PATH = "path:"
NOBODY = {"guest"}  # the user that stands for visitors


class Person(NamedTuple):
    """A user that is read."""

    id: str
    email: str
    row: Row


def person(user: Raw) -> Person | None:
    """A user as a learner; None for the guest. What the token's user may not see is None."""
    if user.get("username") in NOBODY:
        return None
    id_, language = id_of(user["id"]), str(user.get("lang") or "")
    active = None if user.get("suspended") is None else not truth(user["suspended"])
    row = {
        "email": user.get("email"),
        "firstname": user.get("firstname"),
        "lastname": user.get("lastname"),
        "institution": user.get("institution") or None,
        # pt_br is the Portuguese of Brazil: ISO 639-1 has the first part only.
        "lang": language.partition("_")[0] or None,
        "active": active,
    }
    return Person(id_, str(user.get("email") or ""), row)


def enrolment_id(user: str, course: object) -> str:
    """The record id of an enrolment in a course."""
    return f"{user}|{id_of(course)}"


def path_id(user: str, cohort: str) -> str:
    """The record id of a membership in a learning path's cohort."""
    return f"{user}|{PATH}{cohort}"


def is_path(record_id: str) -> bool:
    """Whether an enrolment is a membership."""
    return record_id.partition("|")[2].startswith(PATH)


def badge_id(user: str, badge: Raw) -> str:
    """The record id of a badge that somebody holds."""
    return f"{user}|{badge['uniquehash']}"


def user_of(record_id: str) -> str:
    """The user of any record."""
    return record_id.partition("|")[0]


def enrolment(who: Person, course: Raw) -> Row:
    """A course of a learner; when it was completed is asked for apart."""
    progress = course.get("progress")
    started = progress is not None and float(progress) > 0
    return {
        "userid": who.id,
        "email": who.email or None,
        "item": id_of(course["id"]),
        "item_name": course.get("fullname") or course.get("shortname"),
        "kind": "course",
        "status": "completed" if is_complete(course) else "in_progress" if started else "enrolled",
        "progress": progress,
        "completed_at": None,
    }


def is_complete(course: Raw) -> bool:
    """Whether Moodle takes the course to be completed."""
    return truth(course.get("completed"))


def membership(who: Person, cohort: str, name: str) -> Row:
    """A learner's place in a learning path, which Moodle tells no date and no progress of."""
    return {
        "userid": who.id,
        "email": who.email or None,
        "item": cohort,
        "item_name": name or None,
        "kind": "path",
        "status": "enrolled",
        "progress": None,
        "completed_at": None,
    }


def credential(who: Person, badge: Raw, base_url: str) -> Row:
    """A badge that a learner holds; `expires` is None for never."""
    return {
        "userid": who.id,
        "email": who.email or None,
        "item": id_of(badge.get("id", badge["uniquehash"])),
        "name": badge.get("name"),
        "issued": moment(badge.get("dateissued")),
        "expires": moment(badge.get("dateexpire")),
        "url": f"{base_url}/badges/badge.php?hash={badge['uniquehash']}",
    }


def truth(value: object) -> bool:
    """Moodle's yes and no: true, 1, "1", "true"."""
    return value is True or str(value).casefold() in {"1", "true"}
