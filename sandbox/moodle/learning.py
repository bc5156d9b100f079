"""The web service functions about courses, cohorts and badges; each takes a site and its decoded arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import MoodleError, missing_record, warning
from .forms import number, rows, texts
from .model import Cohort, Issue
from .site import Site

Arguments = Mapping[str, Any]
STUDENT_PROGRESS = 100


def enrol_users(site: Site, arguments: Arguments) -> Any:
    """Null, also where they were enrolled; one transaction for all."""
    wanted = rows(arguments, "enrolments", ("roleid", "userid", "courseid"), ("timestart", "timeend", "suspend"))
    with site.transaction():
        for each in wanted:
            user_id, course = number(each["userid"]), site.course(number(each["courseid"]))
            site.require("enrol/manual:enrol")
            if number(each["roleid"]) not in site.settings.roles:
                words = f"You don't have the permission to assign this role ({each['roleid']}) to this user ({user_id})"
                raise MoodleError("wsusercannotassign", words)
            if not course.manual:
                raise MoodleError("wsnoinstance", f"Manual enrolment plugin instance doesn't exist ({course.id})")
            site.user(user_id)
            site.enrol(user_id, course.id, started=number(each.get("timestart", "0")))


def unenrol_users(site: Site, arguments: Arguments) -> Any:
    with site.transaction():
        for each in rows(arguments, "enrolments", ("userid", "courseid"), ("roleid",)):
            site.require("enrol/manual:unenrol")
            site.unenrol(number(each["userid"]), site.course(number(each["courseid"])).id)


def get_users_courses(site: Site, arguments: Arguments) -> Any:
    """Active enrolments only, all at once; a course whose participants we may not see is left out."""
    user = site.user(number(arguments.get("userid")))
    if not site.may("moodle/course:viewparticipants"):
        return []
    found = []
    for course in site.data.courses.values():
        own = [each for each in site.data.enrolments.values() if (each.user, each.course) == (user.id, course.id)]
        if not own:
            continue
        done = (user.id, course.id) in site.data.completions
        shown = STUDENT_PROGRESS if done else max(each.progress for each in own)
        seen = {"completionhascriteria": course.criteria, "progress": shown if course.criteria else None}
        found.append({"id": course.id, "shortname": course.shortname, "fullname": course.fullname,
                      "displayname": course.fullname, "visible": 1, "completed": done, **seen})  # fmt: skip
    return found


def get_course_completion_status(site: Site, arguments: Arguments) -> Any:
    """There is no date of the whole, only those of the criteria."""
    user, course = site.user(number(arguments.get("userid"))), site.course(number(arguments.get("courseid")))
    site.require("report/completion:view")
    if not site.enrolled(user.id, course.id):
        raise MoodleError("usernotenroled", "User is not enrolled in this course")
    if not course.criteria:
        raise MoodleError("nocriteriaset", "No completion criteria set for this course")
    at = site.data.completions.get((user.id, course.id))
    row = {"type": 4, "title": "Activity completion", "status": "No" if at is None else "Yes",
           "complete": at is not None, "timecompleted": at, "details": {}}  # fmt: skip
    return {"completionstatus": {"completed": at is not None, "aggregation": 1, "completions": [row]}, "warnings": []}


def get_cohorts(site: Site, arguments: Arguments) -> Any:
    """No ids: all of them."""
    site.require("moodle/cohort:view")
    ids = [number(each) for each in texts(arguments, "cohortids")]
    chosen = [each for each in site.data.cohorts.values() if not ids or each.id in ids]
    return [
        {"id": each.id, "name": each.name, "idnumber": each.idnumber, "description": "", "visible": True}
        for each in chosen
    ]


def get_cohort_members(site: Site, arguments: Arguments) -> Any:
    site.require("moodle/cohort:view")
    found = []
    for each in texts(arguments, "cohortids"):
        cohort = site.data.cohorts.get(number(each))
        if cohort is None:
            raise missing_record("cohort")
        found.append({"cohortid": cohort.id, "userids": sorted(cohort.members)})
    return found


def add_cohort_members(site: Site, arguments: Arguments) -> Any:
    """What is wrong with one member is a warning without its place; the others are added."""
    warnings = []
    with site.transaction():
        for each in rows(arguments, "members", ("cohorttype", "usertype"), ()):
            (cohort_by, cohort_value), (user_by, user_value) = _named(each["cohorttype"]), _named(each["usertype"])
            if cohort_by not in {"id", "idnumber"} or user_by not in {"id", "username"}:
                warnings.append(warning("1", f"invalid parameter: cohortype={cohort_by}"))
                continue
            cohort = _cohort(site, cohort_by, cohort_value)
            user = next((one for one in site.living() if str(getattr(one, user_by)) == user_value), None)
            if cohort is None:
                warnings.append(warning("2", f"cohort {cohort_by}={cohort_value} not exists"))
            elif user is None:
                warnings.append(warning("2", f"user {user_by}={user_value} not exists"))
            elif user.id in cohort.members:
                both = f"{cohort_by}={cohort_value} {user_by}={user_value}"
                warnings.append(warning("3", f"record already exists: cohort({both})"))
            else:
                site.require("moodle/cohort:assign")
                site.add_member(cohort, user.id)
    return {"warnings": warnings}


def _named(raw: Any) -> tuple[str, str]:
    return str(raw["type"]), str(raw["value"])


def _cohort(site: Site, by: str, value: str) -> Cohort | None:
    return next((each for each in site.data.cohorts.values() if str(getattr(each, by)) == value), None)


def get_user_badges(site: Site, arguments: Arguments) -> Any:
    """Of somebody else only what they show; `issuedid` needs moodle/badges:configuredetails."""
    user = site.user(number(arguments.get("userid", "0")))
    site.require("moodle/badges:viewotherbadges")
    issues = [each for each in site.data.issues.values() if each.user == user.id and each.visible]
    return {"badges": [_badge(site, each) for each in issues], "warnings": []}


def _badge(site: Site, issue: Issue) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": issue.badge, "name": site.data.badges[issue.badge].name, "description": "", "issuername": "Moodle",
        "issuerurl": "", "issuercontact": None, "uniquehash": issue.hash, "dateissued": issue.issued,
        "dateexpire": issue.expires,
    }  # fmt: skip
    return found | ({"issuedid": issue.id} if site.may("moodle/badges:configuredetails") else {})
