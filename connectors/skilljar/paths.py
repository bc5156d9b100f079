"""Puts learners on published paths and into published courses; it takes nobody off again.

The key of a write is `mail|path`, and the path the id of a published path, or `course:<id of a published course>`. A
path enrolment is idempotent on user and `enrolled_at`, so that one is sent which the decision fixed: any other moment
would be another enrolment (the first API's description).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import JsonValue

from connectors.base import Applied, Outcome, Rejected, Retry
from connectors.dispositions import Refused
from connectors.skilljar.academy import AT_ONCE, Academy
from connectors.skilljar.client import Row
from connectors.skilljar.learners import find, of_failure
from connectors.skilljar.rows import PATH, in_force
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import Write, WriteAction

COURSE = "course:"
THERE = "already_enrolled"


class Place(NamedTuple):
    """One person on one path, since a moment that never changes."""

    number: int
    address: str
    path: str
    since: str


class Paths:
    """Writes of the entity `path_enrollment`."""

    def __init__(self, academy: Academy, clock: Callable[[], datetime]) -> None:
        self._academy, self._clock = academy, clock

    def write(self, table: EntityMap, writes: Sequence[Write]) -> list[Outcome]:
        """One outcome for each write, in order."""
        outcomes: dict[int, Outcome] = {}
        ready: dict[str, list[tuple[Place, str]]] = {}
        for number, write in enumerate(writes):
            place = _place(table, number, write)
            user = find(self._academy, place.address) if isinstance(place, Place) else None
            if not isinstance(place, Place):
                outcomes[number] = place
            elif user is None:
                outcomes[number] = Retry(f"there is no user {place.address} on the domain yet")
            else:
                ready.setdefault(place.path, []).append((place, str(user["user"]["id"])))
        for path, places in ready.items():
            enrol = self._into_course if path.startswith(COURSE) else self._onto_path
            try:
                outcomes |= enrol(path, places)
            except Refused as refused:
                outcomes |= {place.number: of_failure(refused.failure) for place, _ in places}
        return [outcomes[number] for number in range(len(writes))]

    def look(self, table: EntityMap, writes: Sequence[Write]) -> list[Mapping[str, JsonValue] | None]:
        """The person and the path where Skilljar shows both together."""
        found: list[Mapping[str, JsonValue] | None] = []
        for number, write in enumerate(writes):
            place = _place(table, number, write)
            user = find(self._academy, place.address) if isinstance(place, Place) else None
            on = isinstance(place, Place) and user is not None and self._is_on(place.path, str(user["user"]["id"]))
            found.append({name: write.fields[name] for name in write.fields if name in table.fields} if on else None)
        return found

    def _is_on(self, path: str, user: str) -> bool:
        if not path.startswith(COURSE):
            return user in self._enrolled(path)
        listed = self._academy.enrollments(**{"student.id": user})
        published = path.removeprefix(COURSE)
        return any(
            each["relationships"]["published-course"]["data"]["id"] == published and each["attributes"]["active"]
            for each in listed
        )

    def _enrolled(self, path: str) -> dict[str, Row]:
        """Who has access to a path, by user."""
        now = self._clock()
        return {str(each["user"]["id"]): each for each in self._academy.path_enrollments(path) if in_force(each, now)}

    def _onto_path(self, path: str, places: Sequence[tuple[Place, str]]) -> dict[int, Outcome]:
        enrolled = self._enrolled(path)
        outcomes: dict[int, Outcome] = {}
        for place, user in places:
            if user in enrolled:
                outcomes[place.number] = Applied(f"{PATH}{enrolled[user]['id']}", changed=False)
                continue
            try:
                made = self._academy.enroll_on_path(path, user, place.since)
            except Refused as refused:
                outcomes[place.number] = of_failure(refused.failure)
            else:
                outcomes[place.number] = Applied(f"{PATH}{made['id']}")
        return outcomes

    def _into_course(self, path: str, places: Sequence[tuple[Place, str]]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            addresses = list(dict.fromkeys(place.address.lower() for place, _ in some))
            refused = self._academy.enroll_in_course(path.removeprefix(COURSE), addresses)
            for place, user in some:
                failure = refused.get(place.address.lower())
                there = failure is not None and failure.code == THERE
                done = Applied(f"{user}|{path}", changed=not there)
                outcomes[place.number] = done if failure is None or there else of_failure(failure)
        return outcomes


def _place(table: EntityMap, number: int, write: Write) -> Place | Outcome:
    try:
        values = table.to_vendor(write.fields)
    except RowError as error:
        return Rejected("UNCONVERTIBLE", error.reason, error.remedy, error.field)
    address, _, path = write.key.partition("|")
    if not address or not path.removeprefix(COURSE):
        return Rejected("INVALID_KEY", f"the key {write.key!r} is not mail|path", "correct the producer")
    if write.action is WriteAction.ARCHIVE:
        return Rejected("NOT_REMOVABLE", "nobody is taken off a path here", "take the user off the path in Skilljar")
    since = values.get("enrolled_at") or write.decided_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Place(number, address, path, str(since))
