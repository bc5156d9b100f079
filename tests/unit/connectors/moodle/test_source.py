"""Learning is read by comparing: everything once, changes as they are, and nothing twice."""

from datetime import timedelta

import pytest

from connectors.base import Unreadable
from connectors.errors import NeedsConfirmation, RetryLater, StopMapping
from sandbox.moodle.faults import SiteFault
from sandbox.moodle.testing import START
from schemas.messages import ChangeKind
from tests.unit.connectors.moodle.conftest import READ, notes

COURSES = "core_enrol_get_users_courses"
COMPLETION = "core_completion_get_course_completion_status"


def canonical(entity, row):
    return READ[entity].to_canonical(row).model_dump(mode="json", exclude_defaults=True)


def on_the_path(desk, name="ada"):
    """A learner in the cohort, and so in both of its courses."""
    user = desk.learner(name)
    desk.running.call(lambda: desk.site.add_member(desk.site.data.cohorts[1], user))
    return user


def award(desk, user):
    return desk.running.call(lambda: desk.site.award(user, 1))


def test_a_learner_is_told_as_they_are(desk):
    user = desk.learner(institution="Partner Robotics", lang="pt_br")
    assert canonical("learner", desk.told()["learner", str(user)]) == {
        "email": "ada@partner.example",
        "first_name": "Ada",
        "last_name": "Okafor",
        "organisation": "Partner Robotics",
        "language": "pt",
    }


def test_a_suspended_learner_is_not_active(desk):
    user = desk.learner()
    desk.site.user(user).suspended = True
    assert READ["learner"].to_canonical(desk.told()["learner", str(user)]).active is False


def test_a_cohort_that_is_a_path_is_an_enrolment_and_so_are_its_courses(desk):
    user = on_the_path(desk)
    told = desk.told()
    assert canonical("enrollment", told["enrollment", f"{user}|path:partner-technical"]) == {
        "learner": str(user),
        "email": "ada@partner.example",
        "item": "partner-technical",
        "item_name": "Partner technical path",
        "kind": "path",
    }
    assert told["enrollment", f"{user}|2"]["item_name"] == "Robot Fleet Basics"


def test_a_completed_course_says_when_by_its_criteria(desk):
    user = on_the_path(desk)
    desk.poll()
    desk.wait(3600)
    desk.running.call(lambda: desk.site.complete(user, 2))
    ((_, row),) = desk.told().items()
    found = READ["enrollment"].to_canonical(row)
    assert (found.status, found.progress, found.completed_at) == ("completed", 1, START + timedelta(hours=1))


def test_the_date_of_a_completion_is_asked_for_once(desk):
    user = on_the_path(desk)
    desk.running.call(lambda: desk.site.complete(user, 2))
    for _ in range(3):
        desk.poll()
    assert desk.calls(COMPLETION) == 1


def test_progress_is_told_as_a_share(desk):
    user = desk.learner()
    desk.running.call(lambda: desk.site.enrol(user, 2))
    desk.poll()
    desk.site.data.enrolments[user, 2, "manual"].progress = 40
    found = READ["enrollment"].to_canonical(desk.told()["enrollment", f"{user}|2"])
    assert (found.status, found.progress) == ("in_progress", 0.4)


def test_an_unenrolment_ends_an_enrolment_and_coming_back_restores_it(desk):
    user = desk.learner()
    desk.running.call(lambda: desk.site.enrol(user, 2))
    desk.poll()
    desk.running.call(lambda: desk.site.unenrol(user, 2))
    (gone,) = desk.poll()
    desk.running.call(lambda: desk.site.enrol(user, 2))
    (back,) = desk.poll()
    assert (gone.kind, back.kind) == (ChangeKind.DELETED, ChangeKind.RESTORED)
    assert gone.version < back.version


def test_an_unenrolment_takes_no_completion_and_no_badge_back(desk):
    user = on_the_path(desk)
    award(desk, user)
    desk.running.call(lambda: desk.site.complete(user, 2))
    desk.poll()
    desk.running.call(lambda: desk.site.remove_member(desk.site.data.cohorts[1], user))
    assert set(desk.told()) == {("enrollment", f"{user}|3"), ("enrollment", f"{user}|path:partner-technical")}


def test_a_badge_says_when_it_was_issued_and_when_it_lapses(desk):
    user = desk.learner()
    issue = award(desk, user)
    found = canonical("credential", desk.told()["credential", f"{user}|{issue.hash}"])
    assert found == {
        "learner": str(user),
        "email": "ada@partner.example",
        "item": "1",
        "name": "Robot Fleet Specialist",
        "issued_at": "2026-11-22T10:00:00Z",
        "expires_at": "2027-11-22T10:00:00Z",
        "url": f"{desk.running.base_url}/badges/badge.php?hash={issue.hash}",
    }


def test_a_badge_that_never_lapses_has_no_end(desk):
    user = desk.learner()
    desk.site.data.badges[1].lasts_s = None
    issue = award(desk, user)
    assert READ["credential"].to_canonical(desk.told()["credential", f"{user}|{issue.hash}"]).expires_at is None


def test_a_badge_that_has_lapsed_is_not_revoked(desk):
    user = desk.learner()
    issue = award(desk, user)
    desk.poll()
    desk.site.data.issues[issue.id].expires = desk.site.now() - 1
    (told,) = desk.poll()
    assert told.kind is ChangeKind.UPSERTED
    desk.wait(60)
    assert desk.poll() == []


def test_a_badge_that_disappears_is_told_as_gone(desk):
    user = desk.learner()
    issue = award(desk, user)
    desk.poll()
    del desk.site.data.issues[issue.id]
    (told,) = desk.poll()
    assert (told.entity, told.record_id, told.kind) == ("credential", f"{user}|{issue.hash}", ChangeKind.DELETED)


def test_a_deleted_user_takes_every_record_along_the_completed_ones_too(desk):
    user = on_the_path(desk)
    award(desk, user)
    desk.running.call(lambda: desk.site.complete(user, 2))
    before = set(desk.told())
    desk.running.call(lambda: desk.site.delete_user(user))
    told = desk.poll()
    assert {(each.entity, each.record_id) for each in told} == before
    assert {each.kind for each in told} == {ChangeKind.DELETED}


def test_ids_as_texts_are_the_same_records(desk):
    award(desk, on_the_path(desk))
    assert desk.poll() != []
    desk.running.allow(ids_as_text=True)
    assert desk.poll() == []


@pytest.mark.parametrize(
    ("select", "names"),
    [
        ({"by": "all"}, {"ada", "bo", "cy"}),
        ({"by": "domains", "domains": ["partner.example"]}, {"ada", "bo"}),
        ({"by": "cohorts", "cohorts": ["partner-technical"]}, {"bo"}),
    ],
)
def test_only_the_chosen_are_read(desk, select, names):
    desk.learner("ada")
    on_the_path(desk, "bo")
    desk.learner("cy", email="cy@elsewhere.example")
    desk.restart(select=select)
    told = [row for (entity, _), row in desk.told().items() if entity == "learner"]
    assert {row["firstname"].lower() for row in told} == names


def test_a_cohort_that_is_not_there_stops_the_mapping(desk):
    desk.restart(paths=["partner-sales"])
    with pytest.raises(StopMapping, match="partner-sales"):
        desk.poll()


def test_users_have_their_turn_pass_by_pass(desk):
    for name in ("ada", "bo", "cy"):
        on_the_path(desk, name)
    desk.restart(users_per_pass=2)
    desk.poll()
    asked = []
    for _ in range(3):
        desk.site.calls.clear()
        desk.poll()
        asked.append(desk.calls(COURSES))
    assert asked == [2, 2, 2]
    assert desk.cursors["/turn"] == "5"


def test_a_change_of_anybody_is_found_within_a_whole_turn(desk):
    users = [on_the_path(desk, name) for name in ("ada", "bo", "cy")]
    desk.restart(users_per_pass=1)
    desk.poll()
    desk.running.call(lambda: desk.site.complete(users[2], 2))
    found = [change.record_id for _ in range(3) for change in desk.poll()]
    assert found == [f"{users[2]}|2"]


def test_the_first_reading_is_whole_or_says_that_it_goes_on_later(desk):
    for number in range(8):
        on_the_path(desk, f"user{number}")
    desk.restart(calls_per_hour=16)
    told, passes = [], 0
    while True:
        try:
            told.extend(desk.events())
        except RetryLater as later:
            passes += 1
            desk.wait(int(later.after or 0) + 1)
        else:
            break
    changes = [(each.entity, each.record_id) for each in told if hasattr(each, "record_id")]
    assert passes > 1
    assert len(changes) == len(set(changes)) == 8 * 4
    assert notes(told)[-1] == "8 of 8 users"
    assert desk.cursors["/turn"] == "all"


def test_no_pass_makes_more_calls_than_the_hour_allows(desk):
    for number in range(10):
        on_the_path(desk, f"user{number}")
    desk.poll()
    desk.restart(calls_per_hour=20)
    desk.site.calls.clear()
    for _ in range(20):
        try:
            desk.poll()
        except RetryLater:
            break
        if desk.sources[-1].budget().used >= 20:
            break
    assert desk.sources[-1].budget().quota == 20
    assert sum(desk.site.calls[name] for name in (COURSES, "core_badges_get_user_badges")) <= 20


def test_the_list_of_users_is_read_again_only_when_it_is_time(desk):
    desk.learner()
    desk.restart(list_every_s=300)
    desk.poll()
    second = desk.learner("bo")
    assert desk.poll() == []
    desk.wait(300)
    assert ("learner", str(second)) in desk.told()


def test_a_user_whose_learning_is_refused_is_reported_once_and_the_others_go_on(desk):
    first, second = on_the_path(desk, "ada"), on_the_path(desk, "bo")
    refusal = {"kind": "refuse", "code": "guestsarenotallowed", "path": COURSES}
    desk.running.arm(SiteFault(**refusal, nth=(1, 3)))
    events = list(desk.events())
    (report,) = [each for each in events if isinstance(each, Unreadable)]
    assert (report.subject, report.code) == (f"user {first}", "guestsarenotallowed")
    assert f"{second}|2" in {getattr(each, "record_id", "") for each in events}
    assert [each for each in desk.events() if isinstance(each, Unreadable)] == []
    assert f"{first}|2" in {change.record_id for change in desk.poll()}
    assert f"/problem:{first}" not in desk.cursors


def test_a_lost_permission_on_badges_stops_and_revokes_nothing(desk):
    award(desk, desk.learner())
    desk.poll()
    desk.running.allow(capabilities=[])
    with pytest.raises(StopMapping):
        for change in desk.poll():
            assert change.kind is not ChangeKind.DELETED


def test_a_site_that_suddenly_shows_nobody_is_asked_about(desk):
    for number in range(4):
        desk.learner(f"user{number}")
    desk.restart(max_removed_rows=2)
    desk.poll()
    for user in list(desk.site.data.users):
        desk.running.call(lambda user=user: desk.site.delete_user(user))
    with pytest.raises(NeedsConfirmation, match="--confirm-removals 4"):
        desk.poll()
    desk.restart(confirm_removals=4)
    assert {each.kind for each in desk.poll()} == {ChangeKind.DELETED}
