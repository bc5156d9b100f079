"""A person is put on a path once, whatever breaks and however often the decision comes."""

import pytest

from connectors import skilljar
from connectors.base import Applied, Rejected, Retry
from connectors.errors import RetryLater
from sandbox.skilljar.faults import AcademyFault
from schemas.messages import WriteAction
from tests.unit.connectors.learning_desk import writes
from tests.unit.connectors.skilljar.conftest import WRITE

MOMENT = "2026-11-20T08:00:00Z"


def put(desk, *keys, fields=None, **more):
    given = {"enrolled_at": MOMENT} if fields is None else fields
    wanted = {key: {"email": key.partition("|")[0], "path": key.partition("|")[2], **given} for key in keys}
    return desk.write("path_enrollment", wanted, **more)


def on_paths(desk):
    return list(desk.academy.data.path_enrollments.values())


def test_a_learner_is_put_on_a_path_since_the_moment_that_was_decided(desk):
    ada = desk.learner()
    (outcome,) = put(desk, f"ada@partner.example|{desk.path}")
    (made,) = on_paths(desk)
    assert outcome == Applied(f"path:{made.id}")
    assert (made.learner, made.enrolled_at) == (ada.id, "2026-11-20T08:00:00.000000Z")


def test_a_decision_without_a_moment_is_its_own_moment(desk):
    desk.learner()
    put(desk, f"ada@partner.example|{desk.path}", fields={})
    desk.wait(60)
    assert on_paths(desk)[0].enrolled_at == "2026-11-22T10:00:00.000000Z"


def test_a_second_time_nothing_is_sent_also_when_somebody_else_enrolled_them(desk):
    ada = desk.learner()
    made = desk.running.call(lambda: desk.academy.enroll_path(ada, desk.path, desk.academy.now()))
    assert put(desk, f"ada@partner.example|{desk.path}") == [Applied(f"path:{made.id}", changed=False)]
    assert len(on_paths(desk)) == 1


def test_one_whose_enrolment_was_switched_off_or_has_lapsed_is_enrolled_anew(desk):
    ada = desk.learner()
    old = desk.running.call(lambda: desk.academy.enroll_path(ada, desk.path, desk.academy.now()))
    old.active = False
    (outcome,) = put(desk, f"ada@partner.example|{desk.path}")
    assert outcome.changed
    assert len(on_paths(desk)) == 2


def test_a_connection_that_breaks_after_the_enrolment_ends_in_one_enrolment(desk):
    desk.learner()
    desk.running.arm(AcademyFault(kind="reset_after", nth=(1,), path="path-enrollments", method="POST"))
    with pytest.raises(RetryLater):
        put(desk, f"ada@partner.example|{desk.path}")
    (again,) = put(desk, f"ada@partner.example|{desk.path}")
    assert (again.changed, len(on_paths(desk))) == (False, 1)


def test_a_course_takes_many_at_once_and_each_has_its_outcome(desk):
    ada, bo = desk.learner("ada"), desk.learner("bo")
    desk.enroll(bo)
    course = f"course:{desk.published[0]}"
    first, second, missing = put(desk, *[f"{name}@partner.example|{course}" for name in ("Ada", "bo", "cy")])
    assert first == Applied(f"{ada.id}|{course}")
    assert second == Applied(f"{bo.id}|{course}", changed=False)
    assert isinstance(missing, Retry)
    assert desk.calls("POST /v2/enrollments/") == 1


def test_what_is_not_there_is_refused_with_a_remedy_and_the_others_go_in(desk):
    desk.learner()
    keys = ["ada@partner.example|gone", "ada@partner.example|course:gone", f"ada@partner.example|{desk.path}"]
    first, second, third = put(desk, *keys)
    assert [first.code, second.code] == ["HTTP_404", "HTTP_404"]
    assert isinstance(third, Applied)


@pytest.mark.parametrize("key", ["ada@partner.example", "|x", "ada@partner.example|course:"])
def test_a_key_that_names_no_person_or_no_path_is_refused(desk, key):
    (outcome,) = put(desk, key)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "INVALID_KEY"


def test_nobody_is_taken_off_a_path(desk):
    (outcome,) = put(desk, f"ada@partner.example|{desk.path}", of={"action": WriteAction.ARCHIVE})
    assert outcome.code == "NOT_REMOVABLE"


def test_a_look_shows_who_is_on_which_path(desk):
    ada = desk.learner()
    desk.enroll(ada)
    put(desk, f"ada@partner.example|{desk.path}")
    sink = skilljar.sink(desk.settings(), desk.clock, "our-academy")
    paths = [desk.path, f"course:{desk.published[0]}", f"course:{desk.published[1]}"]
    batch = writes("path_enrollment", {f"ada@partner.example|{path}": {"path": path} for path in paths})
    batch += writes("path_enrollment", {f"bo@partner.example|{desk.path}": {"path": desk.path}, "x": {"path": "x"}})
    found = sink.look(WRITE["path_enrollment"], batch)
    assert found == [{"path": paths[0]}, {"path": paths[1]}, None, None, None]
