"""Learning is found by its stamps, and the rest by reading everything now and then; nothing is told twice."""

import pytest

from connectors.errors import NeedsConfirmation, StopMapping
from schemas.messages import ChangeKind
from tests.unit.connectors.skilljar.conftest import READ, canonical

ENROLLMENTS, CERTIFICATES, USERS = (
    "GET /v2/enrollments/",
    "GET /v2/certificates/",
    "GET /v1/domains/learn.acme.example/users",
)
YEAR = 365 * 86_400


def new_only(desk):
    """From now on only what is new is read, not everything."""
    desk.restart(reread_s=10**9, overlap_s=1)
    desk.poll()


def test_a_learner_is_told_as_they_are(desk):
    ada = desk.learner()
    ada.active = False
    assert canonical("learner", desk.told()["learner", ada.id]) == {
        "email": "ada@partner.example",
        "first_name": "Ada",
        "last_name": "Okafor",
        "active": False,
    }


def test_an_enrolment_names_learner_course_and_moment(desk):
    ada = desk.learner()
    made = desk.enroll(ada)
    course = desk.academy.data.courses[made.published]
    assert canonical("enrollment", desk.told()["enrollment", made.id]) == {
        "learner": ada.id,
        "email": "ada@partner.example",
        "item": course.id,
        "item_name": "Robot Fleet Basics",
        "enrolled_at": "2026-11-22T10:00:00Z",
    }


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "enrolled"),
        ({"progress": "in_progress"}, "in_progress"),
        ({"progress": "completed"}, "completed"),
        ({"progress": "completed", "success": "failed"}, "failed"),
        ({"progress": "in_progress", "active": False}, "dropped"),
        ({"progress": "completed", "active": False}, "completed"),
    ],
)
def test_how_far_a_learner_has_come_is_one_word(desk, values, status):
    made = desk.enroll(desk.learner())
    for name, value in values.items():
        setattr(made, name, value)
    assert READ["enrollment"].to_canonical(desk.told()["enrollment", made.id]).status == status


def test_a_path_enrolment_lapses_by_itself(desk):
    ada = desk.learner()
    until = desk.academy.now().replace("2026", "2027")
    at = desk.academy.now()
    made = desk.running.call(lambda: desk.academy.enroll_path(ada, desk.path, at, expires_at=until))
    assert canonical("enrollment", desk.told()["enrollment", f"path:{made.id}"]) == {
        "learner": ada.id,
        "email": "ada@partner.example",
        "item": desk.path,
        "item_name": "Partner technical path",
        "kind": "path",
        "enrolled_at": "2026-11-22T10:00:00Z",
    }
    desk.wait(YEAR)
    (row,) = desk.told().values()
    assert READ["enrollment"].to_canonical(row).status == "dropped"


def test_a_certificate_has_its_end(desk):
    ada = desk.learner()
    made = desk.certify(ada, YEAR)
    assert canonical("credential", desk.told()["credential", made.id]) == {
        "learner": ada.id,
        "email": "ada@partner.example",
        "item": made.course,
        "name": "Robot Fleet Basics",
        "issued_at": "2026-11-22T10:00:00Z",
        "expires_at": "2027-11-22T10:00:00Z",
    }


def test_a_certificate_that_has_lapsed_is_not_taken_back(desk):
    desk.certify(desk.learner(), 60)
    desk.poll()
    desk.wait(120)
    assert desk.poll() == []


def test_a_certificate_that_disappears_is_told_as_gone(desk):
    made = desk.certify(desk.learner())
    desk.poll()
    del desk.academy.data.certificates[made.id]
    (told,) = desk.poll()
    assert (told.entity, told.record_id, told.kind) == ("credential", made.id, ChangeKind.DELETED)


def test_what_is_new_is_found_by_its_stamp_without_reading_everything(desk):
    ada = desk.learner()
    old = desk.enroll(ada)
    new_only(desk)
    desk.wait(3600)
    new, badge = desk.enroll(ada, 1), desk.certify(ada)
    desk.complete(old)
    told = desk.told()
    assert set(told) == {("enrollment", new.id), ("enrollment", old.id), ("credential", badge.id)}
    assert READ["enrollment"].to_canonical(told["enrollment", old.id]).completed_at == desk.now


def test_only_what_is_newer_is_asked_for(desk, monkeypatch):
    ada = desk.learner()
    desk.complete(desk.enroll(ada))
    desk.certify(ada)
    new_only(desk)
    asked = []
    from connectors.skilljar.academy import Academy

    for name in ("enrollments", "certificates"):
        real = getattr(Academy, name)

        def told(self, real=real, **filters):
            asked.append(filters)
            return real(self, **filters)

        monkeypatch.setattr(Academy, name, told)
    desk.poll()
    since = "2026-11-22T09:59:59+00:00"
    assert asked == [{"enrolled_gte": since}, {"completed_gte": since}, {"issued_gte": since}]


def test_where_nothing_is_completed_yet_not_everything_is_asked_for(desk):
    made = desk.enroll(desk.learner())
    desk.wait(60)
    desk.enroll(desk.learner("bo"))
    new_only(desk)
    made.progress = "in_progress"
    assert desk.poll() == []


def test_one_that_shows_up_late_is_found_within_the_overlap(desk):
    ada = desk.learner()
    desk.enroll(ada)
    desk.restart(reread_s=10**9, overlap_s=600)
    desk.poll()
    late = desk.enroll(ada, 1)
    late.enrolled_at = late.enrolled_at.replace("10:00:00", "09:55:00")
    assert ("enrollment", late.id) in desk.told()


def test_progress_is_found_when_everything_is_read_again(desk):
    made = desk.enroll(desk.learner())
    desk.wait(60)
    desk.enroll(desk.learner("bo"))
    desk.restart(reread_s=3600, overlap_s=1)
    desk.poll()
    made.progress = "in_progress"
    assert desk.poll() == []
    desk.wait(3600)
    assert [each.record_id for each in desk.poll()] == [made.id]


def test_between_two_looks_nothing_is_asked(desk):
    desk.learner()
    desk.restart(poll_s=60, list_every_s=600, reread_s=10**9)
    desk.poll()
    desk.academy.calls.clear()
    desk.wait(59)
    desk.poll()
    assert desk.academy.calls.total() == 0
    desk.wait(1)
    desk.poll()
    assert (desk.calls(ENROLLMENTS), desk.calls(CERTIFICATES), desk.calls(USERS)) == (2, 1, 0)


def test_a_restart_does_not_read_everything_again_before_its_time(desk):
    desk.enroll(desk.learner())
    new_only(desk)
    desk.restart()
    desk.academy.calls.clear()
    assert desk.poll() == []
    assert desk.calls(ENROLLMENTS) == 2


def test_a_path_that_is_not_published_stops_the_mapping(desk):
    desk.restart(paths=["gone"])
    with pytest.raises(StopMapping, match="gone"):
        desk.poll()


def test_a_domain_that_suddenly_shows_nobody_is_asked_about(desk):
    for number in range(4):
        desk.learner(f"u{number}")
    desk.restart(max_removed_rows=2)
    desk.poll()
    desk.academy.data.learners.clear()
    with pytest.raises(NeedsConfirmation, match="--confirm-removals 4"):
        desk.poll()
    desk.restart(confirm_removals=4)
    assert {each.kind for each in desk.poll()} == {ChangeKind.DELETED}


def test_a_learner_who_comes_back_has_a_higher_version(desk):
    ada = desk.learner()
    desk.poll()
    ada.on_domain = False
    (gone,) = desk.poll()
    ada.on_domain = True
    (back,) = desk.poll()
    assert (gone.kind, back.kind) == (ChangeKind.DELETED, ChangeKind.RESTORED)
    assert back.version > gone.version
