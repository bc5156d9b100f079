"""Cohorts, enrolments, completions and badges as the web services of 4.5.6 take and show them."""

import pytest

from sandbox.moodle.testing import emulator, standing_still
from tests.contract.sandbox.moodle.conftest import Caller, code, rows

ADD, ENROL, UNENROL = "core_cohort_add_cohort_members", "enrol_manual_enrol_users", "enrol_manual_unenrol_users"
COURSES, STATUS = "core_enrol_get_users_courses", "core_completion_get_course_completion_status"


def member(user, cohort="partner-technical"):
    return {
        "members[0][cohorttype][type]": "idnumber",
        "members[0][cohorttype][value]": cohort,
        "members[0][usertype][type]": "id",
        "members[0][usertype][value]": user,
    }


def enrolment(user, course, role=5):
    return {"roleid": role, "userid": user, "courseid": course}


def test_a_member_of_a_cohort_is_enrolled_in_its_courses_at_once(call):
    (ada,) = call.make("ada")
    assert call(ADD, **member(ada)) == {"warnings": []}
    assert [each["id"] for each in call(COURSES, userid=ada)] == [2, 3]
    (told,) = call("core_cohort_get_cohort_members", **{"cohortids[0]": 1})
    assert told == {"cohortid": 1, "userids": [ada]}


@pytest.mark.parametrize(
    ("user", "cohort", "warning", "words"),
    [(3, "NOPE", "2", "cohort idnumber=NOPE not exists"), (99, "partner-technical", "2", "user id=99 not exists")],
)
def test_what_is_not_there_is_a_success_with_a_warning(call, user, cohort, warning, words):
    call.make("ada")
    (found,) = call(ADD, **member(user, cohort))["warnings"]
    assert (found["warningcode"], found["message"]) == (warning, words)


def test_a_second_membership_is_a_warning_too(call):
    (ada,) = call.make("ada")
    call(ADD, **member(ada))
    assert call(ADD, **member(ada))["warnings"][0]["warningcode"] == "3"


def test_an_enrolment_answers_null_and_again_changes_nothing(call):
    (ada,) = call.make("ada")
    assert [call(ENROL, **rows("enrolments", enrolment(ada, 2))) for _ in range(2)] == [None, None]
    assert len(call.running.site.data.enrolments) == 1


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        (enrolment(3, 99), "invalidcourseid"),
        (enrolment(99, 2), "invaliduser"),
        (enrolment(3, 3, 1), "wsusercannotassign"),
    ],
)
def test_one_bad_enrolment_takes_all_back_but_not_what_was_announced(call, bad, refusal):
    (ada,) = call.make("ada")
    assert code(call(ENROL, **rows("enrolments", enrolment(ada, 2), bad))) == refusal
    assert call.running.site.data.enrolments == {}
    assert call.running.site.events[-1].name.endswith("user_enrolment_created")


def test_a_completion_has_dates_of_its_criteria_only(call):
    (ada,) = call.make("ada")
    call(ENROL, **rows("enrolments", enrolment(ada, 2)))
    call.door("complete", body={"user": ada, "course": 2})
    assert [(each["completed"], each["progress"]) for each in call(COURSES, userid=ada)] == [(True, 100)]
    status = call(STATUS, userid=ada, courseid=2)["completionstatus"]
    assert set(status) == {"completed", "aggregation", "completions"}
    assert status["completions"][0]["timecompleted"] == call.running.site.now()


def test_an_unenrolment_hides_the_course_and_keeps_the_badges(call):
    (ada,) = call.make("ada")
    call(ENROL, **rows("enrolments", enrolment(ada, 2)))
    call.door("award", body={"user": ada, "badge": 1})
    call(UNENROL, **rows("enrolments", {"userid": ada, "courseid": 2}))
    assert call(COURSES, userid=ada) == []
    assert code(call(STATUS, userid=ada, courseid=2)) == "usernotenroled"
    assert len(call("core_badges_get_user_badges", userid=ada)["badges"]) == 1


def test_a_badge_has_its_end_in_epoch_seconds_or_null(call):
    (ada,) = call.make("ada")
    forever = call.door("make", body={"badge": "Pioneer"}).json()["id"]
    for badge in (1, forever):
        call.door("award", body={"user": ada, "badge": badge})
    first, second = call("core_badges_get_user_badges", userid=ada)["badges"]
    assert (first["dateexpire"] - first["dateissued"], second["dateexpire"]) == (365 * 86_400, None)
    assert "issuedid" not in first


def test_a_badge_can_be_hidden_expired_and_revoked_behind_the_scenes(call):
    (ada,) = call.make("ada")
    issue = call.door("award", body={"user": ada, "badge": 1}).json()["id"]
    seen = []
    for act in ({"expires": 5}, {"hide": True}, {"hide": False}, {"revoke": True}):
        call.door("issue", body={"id": issue, **act})
        seen.append([each["dateexpire"] for each in call("core_badges_get_user_badges", userid=ada)["badges"]])
    assert seen == [[5], [], [5], []]


def test_all_cohorts_are_told_where_none_is_asked_for(call):
    call.door("make", body={"cohort": "partner-sales"})
    assert [each["idnumber"] for each in call("core_cohort_get_cohorts")] == ["partner-technical", "partner-sales"]
    assert code(call("core_cohort_get_cohort_members", **{"cohortids[0]": 9})) == "invalidrecord"


def test_ids_come_as_texts_where_the_site_is_like_that():
    with emulator(standing_still(ids_as_text=True)) as running:
        call = Caller(running)
        (ada,) = call.make("ada")
        call(ADD, **member(ada))
        (told,) = call("core_cohort_get_cohort_members", **{"cohortids[0]": 1})
        assert told == {"cohortid": "1", "userids": [str(ada)]}
