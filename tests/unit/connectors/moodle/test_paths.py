"""A person is put on a path once: into a cohort, or into a course; what is silent at Moodle is not silent here."""

import pytest

from connectors import moodle
from connectors.base import Applied, Rejected, Retry
from connectors.errors import RetryLater, StopMapping
from sandbox.moodle.faults import SiteFault
from schemas.messages import WriteAction
from tests.unit.connectors.learning_desk import writes
from tests.unit.connectors.moodle.conftest import WRITE

ADD, ENROL = "core_cohort_add_cohort_members", "enrol_manual_enrol_users"
PATH = "partner-technical"


def put(desk, *keys, **more):
    def fields(key):
        address, _, path = key.partition("|")
        return {"email": address, "path": path, "enrolled_at": "2026-11-22T10:00:00Z"}

    return desk.write("path_enrollment", {key: fields(key) for key in keys}, **more)


def test_a_cohort_brings_its_courses_at_once(desk):
    user = desk.learner()
    assert put(desk, f"ada@partner.example|{PATH}") == [Applied(f"{user}|path:{PATH}")]
    assert desk.site.data.cohorts[1].members == {user}
    assert desk.site.enrolled(user, 2)
    assert desk.site.enrolled(user, 3)


def test_a_course_is_enrolled_in_from_the_day_that_was_decided(desk):
    user = desk.learner()
    assert put(desk, "ada@partner.example|course:2") == [Applied(f"{user}|course:2")]
    assert desk.site.data.enrolments[user, 2, "manual"].started == 1_795_341_600


@pytest.mark.parametrize(("path", "function"), [(PATH, ADD), ("course:2", ENROL)])
def test_a_second_time_nothing_is_sent(desk, path, function):
    desk.learner()
    put(desk, f"ada@partner.example|{path}")
    (again,) = put(desk, f"ada@partner.example|{path}")
    assert (again.changed, desk.calls(function)) == (False, 1)


@pytest.mark.parametrize(("path", "function"), [(PATH, ADD), ("course:2", ENROL)])
def test_a_connection_that_breaks_after_the_enrolment_ends_in_one_enrolment(desk, path, function):
    desk.learner()
    desk.running.arm(SiteFault(kind="reset_after", nth=(1,), path=function))
    with pytest.raises(RetryLater):
        put(desk, f"ada@partner.example|{path}")
    (again,) = put(desk, f"ada@partner.example|{path}")
    assert (again.changed, desk.calls(function)) == (False, 1)


def test_one_who_is_not_there_yet_is_tried_again(desk):
    (outcome,) = put(desk, f"ada@partner.example|{PATH}")
    assert isinstance(outcome, Retry)
    assert "ada@partner.example" in outcome.reason


def test_a_cohort_that_is_not_there_is_refused_and_the_others_go_in(desk):
    user = desk.learner()
    refused, applied = put(desk, "ada@partner.example|no-such-path", f"ada@partner.example|{PATH}")
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("NO_COHORT", "path")
    assert applied == Applied(f"{user}|path:{PATH}")


def test_a_member_who_was_left_out_with_a_warning_is_refused_and_the_others_are_in(desk, monkeypatch):
    from sandbox.moodle import functions, learning

    ada, bo, cy = desk.learner("ada"), desk.learner("bo"), desk.learner("cy")

    def meanwhile(site, arguments):
        """Bo is deleted between our look and the call."""
        if bo in site.data.users:
            del site.data.users[bo]
        return learning.add_cohort_members(site, arguments)

    monkeypatch.setattr(functions, "TABLE", {**functions.TABLE, ADD: meanwhile})
    outcomes = put(desk, *[f"{name}@partner.example|{PATH}" for name in ("ada", "bo", "cy")])
    assert [type(each).__name__ for each in outcomes] == ["Applied", "Rejected", "Applied"]
    assert (outcomes[1].code, f"user id={bo} not exists" in outcomes[1].reason) == ("warning_2", True)
    assert desk.site.data.cohorts[1].members == {ada, cy}


def test_a_member_who_was_added_meanwhile_is_a_member(desk, monkeypatch):
    from sandbox.moodle import functions, learning

    user = desk.learner()

    def meanwhile(site, arguments):
        site.data.cohorts[1].members.add(user)
        return learning.add_cohort_members(site, arguments)

    monkeypatch.setattr(functions, "TABLE", {**functions.TABLE, ADD: meanwhile})
    assert isinstance(put(desk, f"ada@partner.example|{PATH}")[0], Applied)


def test_a_course_that_takes_no_manual_enrolment_refuses_its_own_and_no_other(desk):
    desk.learner("ada")
    desk.site.data.courses[2].manual = False
    outcomes = put(
        desk, "ada@partner.example|course:2", "ada@partner.example|course:3", "ada@partner.example|course:99"
    )
    assert [getattr(each, "code", "applied") for each in outcomes] == ["wsnoinstance", "applied", "invalidcourseid"]


def test_a_role_that_may_not_be_given_is_named_in_the_remedy(desk):
    desk.learner()
    (outcome,) = put(desk, "ada@partner.example|course:2", role_id=1)
    assert (outcome.code, "role_id" in outcome.remedy) == ("wsusercannotassign", True)


def test_a_missing_capability_stops_all(desk):
    desk.learner()
    desk.running.allow(capabilities=["moodle/user:viewdetails", "moodle/cohort:view"])
    with pytest.raises(StopMapping, match="moodle/cohort:assign"):
        put(desk, f"ada@partner.example|{PATH}")


@pytest.mark.parametrize(
    ("key", "code"),
    [("ada@partner.example", "INVALID_KEY"), ("ada@partner.example|course:basics", "INVALID_PATH"), ("ada|x", "INVALID_EMAIL")],
)  # fmt: skip
def test_a_key_that_names_no_person_or_no_path_is_refused(desk, key, code):
    assert put(desk, key)[0].code == code


def test_nobody_is_taken_off_a_path(desk):
    (outcome,) = put(desk, f"ada@partner.example|{PATH}", of={"action": WriteAction.ARCHIVE})
    assert outcome.code == "NOT_REMOVABLE"


def test_a_look_shows_who_is_on_which_path(desk):
    desk.learner()
    keys = [f"ada@partner.example|{PATH}", "ada@partner.example|course:2", "ada@partner.example|course:9", "x|y"]
    put(desk, keys[0])
    sink = moodle.sink(desk.settings(), desk.clock, "our-moodle")
    batch = writes("path_enrollment", {key: {"path": key.partition("|")[2]} for key in keys})
    assert sink.look(WRITE["path_enrollment"], batch) == [{"path": PATH}, {"path": "course:2"}, None, None]
