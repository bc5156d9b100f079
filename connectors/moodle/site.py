"""The functions of Moodle's web services that Tandem uses, one method each; it decides nothing.

Arguments and answers: facts, lms 2 (Moodle 4.5.6), and the descriptions in Moodle's own externallib.php files.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from connectors.dispositions import Failure, Refused
from connectors.errors import StopMapping
from connectors.moodle.client import Client, warnings_of
from connectors.moodle.errors import of_warning
from connectors.moodle.forms import id_of, moment

Raw = Mapping[str, Any]
Item = TypeVar("Item")
READ = {
    "learner": ("core_user_get_users", "core_user_get_users_by_field"),
    "enrollment": ("core_enrol_get_users_courses", "core_completion_get_course_completion_status"),
    "credential": ("core_badges_get_user_badges",),
}
COHORTS = ("core_cohort_get_cohorts", "core_cohort_get_cohort_members")
WRITE = {
    "learner": ("core_user_get_users_by_field", "core_user_get_users", "core_user_create_users",
                "core_user_update_users"),
    "path_enrollment": ("core_user_get_users_by_field", *COHORTS, "core_cohort_add_cohort_members",
                        "core_enrol_get_users_courses", "enrol_manual_enrol_users"),
}  # fmt: skip
AT_ONCE = 100  # values of one lookup
ALL, ANY = 1, 2  # how criteria make a course complete
NOT_DATED = {"usernotenroled", "nocriteriaset"}  # no criteria to see: left meanwhile, or completed by hand


class Cohort(NamedTuple):
    """`members` are user ids."""

    id: str
    idnumber: str
    name: str
    members: frozenset[str]


class Site:
    """Raises what `Client` raises."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def info(self) -> Raw:
        """Name, release, user and functions of the token."""
        return self._client.call("core_webservice_get_site_info")  # type: ignore[no-any-return]

    def users_by(self, field: str, values: Sequence[str]) -> list[Raw]:
        """The users with one of these values of `id`, `email` or `username`; a value that no user has is left out."""
        found: list[Raw] = []
        for some in chunks(values, AT_ONCE):
            found += self._client.call("core_user_get_users_by_field", {"field": field, "values": some})
        return found

    def users_like(self, address: str) -> list[Raw]:
        """The users whose mail address is like this, where % is anything and case does not count; unpaged."""
        criteria = [{"key": "email", "value": address}]
        return list(self._client.call("core_user_get_users", {"criteria": criteria})["users"])

    def create(self, users: Sequence[Raw]) -> list[str]:
        """The ids of new users, all or none; Moodle makes and mails the passwords where it is to."""
        return [id_of(each["id"]) for each in self._client.call("core_user_create_users", {"users": users})]

    def update(self, users: Sequence[Raw]) -> dict[str, Failure]:
        """Each by its `id`; what was refused of them, by that id. Older sites answer null and refuse all or none."""
        answer = self._client.call_with_warnings("core_user_update_users", {"users": users})
        return {id_of(each.get("itemid")): of_warning(each) for each in warnings_of(answer)}

    def courses(self, user: str) -> list[Raw]:
        """The courses that a user is enrolled in, with progress and completion: one call for all, unpaged."""
        arguments = {"userid": user, "returnusercount": False}
        return list(self._client.call("core_enrol_get_users_courses", arguments))

    def completed_at(self, user: str, course: str) -> str | None:
        """When the criteria of a completed course were met: there is no other date of it."""
        arguments = {"courseid": course, "userid": user}
        try:
            answer = self._client.call("core_completion_get_course_completion_status", arguments)
        except Refused as refused:
            if refused.failure.code in NOT_DATED:
                return None
            raise
        status = answer["completionstatus"]
        dates = [int(each["timecompleted"]) for each in status["completions"] if each.get("timecompleted")]
        if not dates:
            return None
        return moment(min(dates) if int(status.get("aggregation") or ALL) == ANY else max(dates))

    def badges(self, user: str) -> list[Raw]:
        """The badges that a user holds and shows; expired ones too."""
        return list(self._client.call("core_badges_get_user_badges", {"userid": user})["badges"])

    def cohorts(self, idnumbers: Sequence[str]) -> dict[str, Cohort]:
        """Cohorts with their members, by ID number; those that are not there are left out."""
        if not idnumbers:
            return {}
        listed = self._client.call("core_cohort_get_cohorts")
        chosen = {id_of(each["id"]): each for each in listed if each.get("idnumber") in set(idnumbers)}
        if not chosen:
            return {}
        told = self._client.call("core_cohort_get_cohort_members", {"cohortids": list(chosen)})
        members = {id_of(each["cohortid"]): frozenset(map(id_of, each["userids"])) for each in told}
        return {
            each["idnumber"]: Cohort(id_, each["idnumber"], str(each.get("name") or ""), members.get(id_, frozenset()))
            for id_, each in chosen.items()
        }

    def add_members(self, cohort: str, users: Sequence[str]) -> list[Failure]:
        """Members for a cohort; what was refused. A warning does not say of whom it is (facts, lms 2.2)."""
        members = [
            {"cohorttype": {"type": "idnumber", "value": cohort}, "usertype": {"type": "id", "value": each}}
            for each in users
        ]
        answer = self._client.call_with_warnings("core_cohort_add_cohort_members", {"members": members})
        return [of_warning(each) for each in warnings_of(answer)]

    def enrol(self, enrolments: Sequence[Raw]) -> None:
        """Manual enrolments, all or none; one that is there already stays as it is."""
        self._client.call("enrol_manual_enrol_users", {"enrolments": enrolments})


def needed(cohorts: Mapping[str, Cohort], idnumbers: Sequence[str]) -> list[Cohort]:
    """The cohorts of these ID numbers. Raises `StopMapping` for one that is not there."""
    for each in idnumbers:
        if each not in cohorts:
            reason = f"Moodle shows no cohort with the ID number {each!r}"
            raise StopMapping(reason, "correct the setting, or give a cohort this ID number in Moodle")
    return [cohorts[each] for each in idnumbers]


def chunks(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    """The items in order, at most so many at once."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
