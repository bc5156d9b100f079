"""Puts learners on learning paths: into a cohort, or into a course; it takes nobody off again.

The key of a write is `mail|path`, and the path the ID number of a cohort, or `course:<number>`. Moodle keeps no date of
a membership; an enrolment in a course begins at `enrolled_at`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from connectors.base import Applied, Outcome, Rejected, Retry
from connectors.dispositions import Failure
from connectors.moodle.errors import raised
from connectors.moodle.finding import Found, Stored, by_address, rejected
from connectors.moodle.forms import epoch, id_of
from connectors.moodle.settings import Settings
from connectors.moodle.site import Cohort, Site, chunks
from connectors.moodle.splitting import halved
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import Write, WriteAction

COURSE = "course:"
START = "timestart"


class Place(NamedTuple):
    """One person on one path; `start` is epoch seconds, None for now."""

    number: int
    address: str
    path: str
    start: int | None

    @property
    def course(self) -> str | None:
        """The course's number; None where the path is a cohort."""
        return self.path.removeprefix(COURSE) if self.path.startswith(COURSE) else None


class Paths:
    """Writes of the entity `path_enrollment`."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings, self._site = settings, site

    def write(self, table: EntityMap, writes: Sequence[Write]) -> list[Outcome]:
        """One outcome for each write, in order."""
        outcomes: dict[int, Outcome] = {}
        places: list[Place] = []
        for index, write in enumerate(writes):
            place = _place(table, index, write)
            if isinstance(place, Place):
                places.append(place)
            else:
                outcomes[index] = place
        users = by_address(self._site, sorted({each.address for each in places}))
        ready: list[tuple[Place, str]] = []
        for place in places:
            found = users[place.address]
            if isinstance(found, Stored):
                ready.append((place, found.id))
            else:
                outcomes[place.number] = _without(place, found)
        outcomes |= self._into_cohorts([each for each in ready if each[0].course is None])
        outcomes |= self._into_courses([each for each in ready if each[0].course is not None])
        return [outcomes[index] for index in range(len(writes))]

    def look(self, table: EntityMap, writes: Sequence[Write]) -> list[Mapping[str, JsonValue] | None]:
        """The person and the path where Moodle shows both together."""
        places = [_place(table, index, write) for index, write in enumerate(writes)]
        known = [each for each in places if isinstance(each, Place)]
        users = by_address(self._site, sorted({each.address for each in known}))
        cohorts = self._site.cohorts(sorted({each.path for each in known if each.course is None}))
        found: list[Mapping[str, JsonValue] | None] = []
        for place, write in zip(places, writes, strict=True):
            user = users[place.address] if isinstance(place, Place) else None
            on = isinstance(place, Place) and isinstance(user, Stored) and self._is_on(place, user.id, cohorts)
            found.append({name: write.fields[name] for name in write.fields if name in table.fields} if on else None)
        return found

    def _is_on(self, place: Place, user: str, cohorts: Mapping[str, Cohort]) -> bool:
        if place.course is not None:
            return place.course in self._enrolled(user)
        return place.path in cohorts and user in cohorts[place.path].members

    def _enrolled(self, user: str) -> set[str]:
        return {id_of(each["id"]) for each in self._site.courses(user)}

    def _into_cohorts(self, ready: Sequence[tuple[Place, str]]) -> dict[int, Outcome]:
        names = sorted({place.path for place, _ in ready})
        before = self._site.cohorts(names)
        outcomes: dict[int, Outcome] = {}
        for name in names:
            mine = [each for each in ready if each[0].path == name]
            if name not in before:
                reason = f"Moodle shows no cohort with the ID number {name!r}"
                outcomes |= {
                    place.number: Rejected("NO_COHORT", reason, "correct the path", "path") for place, _ in mine
                }
                continue
            members = before[name].members
            outcomes |= {
                place.number: Applied(_id(user, name), changed=False) for place, user in mine if user in members
            }
            outcomes |= self._added(name, [each for each in mine if each[1] not in members])
        return outcomes

    def _added(self, name: str, new: Sequence[tuple[Place, str]]) -> dict[int, Outcome]:
        """Who was left out shows when the members are read again: a warning names nobody, so they go one by one."""
        refused: list[Failure | str] = []
        for some in chunks(new, self._settings.batch):
            refused += halved(some, lambda these: self._all_added(name, these))
        return {
            place.number: rejected(answer) if isinstance(answer, Failure) else Applied(_id(user, name))
            for (place, user), answer in zip(new, refused, strict=True)
        }

    def _all_added(self, name: str, these: Sequence[tuple[Place, str]]) -> list[str]:
        users = [user for _, user in these]
        warnings = self._site.add_members(name, users)
        if warnings:
            cohort = self._site.cohorts([name]).get(name)
            if cohort is None or not cohort.members.issuperset(users):
                raise raised(warnings[0])
        return users

    def _into_courses(self, ready: Sequence[tuple[Place, str]]) -> dict[int, Outcome]:
        enrolled = {user: self._enrolled(user) for user in {user for _, user in ready}}
        outcomes: dict[int, Outcome] = {
            place.number: Applied(_id(user, place.path), changed=False)
            for place, user in ready
            if place.course in enrolled[user]
        }
        new = [each for each in ready if each[0].number not in outcomes]
        for some in chunks(new, self._settings.batch):
            for (place, user), answer in zip(some, halved(some, self._all_enrolled), strict=True):
                failed = isinstance(answer, Failure)
                outcomes[place.number] = rejected(answer) if failed else Applied(_id(user, place.path))  # type: ignore[arg-type]
        return outcomes

    def _all_enrolled(self, these: Sequence[tuple[Place, str]]) -> list[str]:
        self._site.enrol([self._enrolment(place, user) for place, user in these])
        return [user for _, user in these]

    def _enrolment(self, place: Place, user: str) -> dict[str, object]:
        begun = {} if place.start is None else {START: place.start}
        return {"roleid": self._settings.role_id, "userid": user, "courseid": place.course, **begun}


def _place(table: EntityMap, index: int, write: Write) -> Place | Outcome:
    try:
        values = table.to_vendor(write.fields)
    except RowError as error:
        return Rejected("UNCONVERTIBLE", error.reason, error.remedy, error.field)
    address, _, path = write.key.partition("|")
    if not address or not path:
        return Rejected("INVALID_KEY", f"the key {write.key!r} is not mail|path", "correct the producer")
    if write.action is WriteAction.ARCHIVE:
        return Rejected("NOT_REMOVABLE", "nobody is taken off a path here", "take the user off the path in Moodle")
    if path.startswith(COURSE) and not path.removeprefix(COURSE).isdecimal():
        return Rejected("INVALID_PATH", f"{path!r} is not course:<number>", "give the course's number", "path")
    start = values.get(START)
    return Place(index, address, path, None if start is None else epoch(str(start)))


def _without(place: Place, found: Found) -> Outcome:
    """A user who is not there may be on the way: the write that makes it is another one."""
    if isinstance(found, Rejected):
        return found
    return Retry(f"there is no user {place.address} yet")


def _id(user: str, path: str) -> str:
    return f"{user}|{path}" if path.startswith(COURSE) else f"{user}|path:{path}"
