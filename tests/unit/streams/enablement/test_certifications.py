"""What people learn becomes certifications that count from a day to a day."""

from datetime import date, timedelta

import pytest

from schemas.messages import CertificationDecided, CertificationStatus, ChangeKind, LearnerChanged
from streams.enablement.book import sha1
from tests.unit.streams.enablement.world import START, World, learning_rules, setup

IN_FORCE, LAPSING, LAPSED, REVOKED = CertificationStatus
DAY = timedelta(days=1)


def test_a_badge_counts_until_its_own_last_day_and_the_partner_has_it():
    world = World().acme().badge(expires_at=START + 90 * DAY).look()
    cert = world.cert()
    assert (cert.partner, cert.status, cert.expires_on) == ("acme-cloud-gmbh", IN_FORCE, date(2027, 2, 20))
    assert [it.program for it in world.partners["acme-cloud-gmbh"].certifications] == ["fleet"]


def test_a_certification_is_lapsing_and_then_lapsed_as_the_days_go_by_and_leaves_the_partner():
    world = World().acme().badge(expires_at=START + 90 * DAY).look().walk(100)
    assert [each.status for each in world.of(CertificationDecided)] == [IN_FORCE, LAPSING, LAPSED]
    assert world.partners["acme-cloud-gmbh"].certifications == ()
    assert [it for it in world.notices if it[0] == "certification"] == [
        ("certification", "ada@acme.com: fleet", "2027-02-20")
    ] * 2, "60 and 14 days before"


def test_a_jump_over_all_notices_says_only_the_nearest():
    world = World().acme().badge(expires_at=START + 10 * DAY).look()
    assert len([it for it in world.notices if it[0] == "certification"]) == 1
    world.look()
    assert len([it for it in world.notices if it[0] == "certification"]) == 1


def test_a_renewal_extends_and_gives_notice_anew():
    world = World().acme().badge(expires_at=START + 70 * DAY).look().walk(20)
    assert world.cert().status is LAPSING
    world.badge(number=2, issued=world.now, expires_at=START + 200 * DAY)
    assert (world.cert().status, world.cert().issued_on, world.cert().expires_on) == (
        IN_FORCE,
        START.date(),
        date(2027, 6, 10),
    )
    world.walk(190)
    assert world.cert().status is LAPSED
    assert len({it for it in world.notices if it[0] == "certification"}) == 2


@pytest.mark.parametrize(
    "learner",
    ["mailto:Ada@Acme.com", sha1("ada@acme.com"), "https://any.example|ada@acme.com", "https://lms.example/|7"],
)
def test_a_statement_counts_for_whoever_it_names_in_whatever_way(learner):
    world = World().acme().statement(learner=learner).look()
    world.put("lms/learner/7", email="ada@acme.com")
    assert (world.cert().expires_on, world.cert().evidence) == (date(2027, 11, 22), ("lrs/statement/s1",))


def test_a_statement_of_an_unknown_account_counts_for_nobody():
    world = World().acme().statement(learner="https://else.example|7").put("lms/learner/7", email="ada@acme.com").look()
    assert world.cert() is None


@pytest.mark.parametrize(
    "fields", [{"meaning": "failed"}, {"meaning": "completed", "success": False}, {"item": "other"}]
)
def test_what_proves_nothing_makes_no_certification(fields):
    assert World().acme().statement(**fields).look().cert() is None


@pytest.mark.parametrize("voided_first", [True, False])
def test_a_voided_statement_withdraws_what_it_proved_in_either_order(voided_first):
    world = World().acme().look()
    void = {"meaning": "voided", "item": "s1"}
    if voided_first:
        world.statement(2, **void).statement(1)
    else:
        world.statement(1).statement(2, **void)
    assert world.cert().status is REVOKED
    assert world.partners["acme-cloud-gmbh"].certifications == ()


def test_leaving_a_course_takes_no_certification_away_in_whatever_order_it_is_told():
    course = {"learner": "7", "email": "ada@acme.com", "item": "42"}
    done, left = World(), World()
    completed = done.change("lms/enrollment/e", **course, status="completed", completed_at=START)
    dropped = done.change("lms/enrollment/e", **course, status="dropped")
    deleted = done.change("lms/enrollment/e", ChangeKind.DELETED)
    for world, events in ((done, (completed, dropped, deleted)), (left, (deleted, dropped, completed))):
        world.acme().look()
        for event in events:
            world.take(event)
        assert world.cert().status is IN_FORCE


def test_a_badge_and_the_statement_of_the_same_badge_are_one_certification_with_the_badges_own_last_day():
    world = World().acme().statement(at=START - timedelta(minutes=5)).look()
    assert world.cert().expires_on == date(2027, 11, 22)
    world.badge(expires_at=START + 90 * DAY)
    assert (world.cert().expires_on, len(world.cert().evidence)) == (date(2027, 2, 20), 2)
    world.badge(revoked=True, expires_at=START + 90 * DAY)
    assert world.cert().status is REVOKED, "the statement of it does not keep it alive"


def test_of_two_awards_the_later_end_counts():
    world = World().acme().badge(expires_at=START + 90 * DAY).statement(at=START + 2 * DAY).look(3)
    assert world.cert().expires_on == date(2027, 11, 24)


@pytest.mark.parametrize("gone", ["revoked", "deleted"])
def test_a_badge_that_is_taken_back_is_revoked_and_comes_back_when_it_is_given_again(gone):
    world = World().acme().badge().look()
    world.badge(revoked=True) if gone == "revoked" else world.gone("lms/credential/1")
    assert world.cert().status is REVOKED
    world.badge()
    assert world.cert().status is IN_FORCE


def test_a_program_of_several_needs_counts_while_all_of_them_do():
    world = World().acme().badge(expires_at=START + 90 * DAY).look()
    assert world.cert(program="expert") is None
    world.put("lms/enrollment/e", learner="7", item="43", status="completed", completed_at=START + DAY)
    world.put("lms/learner/7", email="ada@acme.com").look(2)
    expert = world.cert(program="expert")
    assert (expert.status, expert.issued_on, expert.expires_on) == (IN_FORCE, date(2026, 11, 23), date(2027, 2, 20))
    assert world.look(100).cert(program="expert").status is LAPSED


def test_an_item_is_found_by_name_only_where_it_is_of_the_kind_and_the_system_that_the_rules_say():
    course = {"learner": "7", "email": "ada@acme.com", "item": "x", "status": "completed", "completed_at": START}
    world = World().acme().put("lms/enrollment/e", **course, item_name="fleet BASICS (2026)").look()
    assert world.cert().status is IN_FORCE
    path = World().acme().put("lms/enrollment/e", **course, item_name="Fleet Basics", kind="path").look()
    elsewhere = World().acme().put("lrs/enrollment/e", **course, item_name="Fleet Basics").look()
    assert (path.cert(), elsewhere.cert()) == (None, None)


def test_a_certification_that_starts_tomorrow_does_not_count_today():
    world = World().acme().badge(issued=START + DAY).look()
    assert world.cert() is None
    assert world.partners["acme-cloud-gmbh"].certifications == ()
    assert world.walk(1).cert().status is IN_FORCE


def test_a_learner_with_a_new_address_takes_the_certification_along():
    world = World().acme().put("lms/learner/7", email="ada@acme.com").badge(email=None).look()
    assert world.cert().status is IN_FORCE
    world.put("lms/learner/7", email="ada.okafor@acme.com")
    assert world.cert("ada.okafor@acme.com").status is IN_FORCE
    assert world.cert().status is REVOKED


def test_a_learner_who_is_gone_from_the_learning_system_no_longer_counts_for_the_partner_by_domain():
    world = World().acme().put("lms/learner/7", email="ada@acme.com").badge().look()
    world.take(LearnerChanged.model_validate(world.change("lms/learner/7", ChangeKind.DELETED).model_dump()))
    assert (world.cert().partner, world.cert().status) == (None, IN_FORCE)
    assert world.partners["acme-cloud-gmbh"].users == ()


def test_changed_rules_are_applied_to_everything_that_was_read_before():
    programs = tuple(each for each in learning_rules().programs if each.program == "fleet")
    longer = programs[0].model_copy(update={"valid_months": 24, "program": "fleet-2"})
    world = World().acme().badge().look().with_rules(setup(learning=learning_rules(programs=(longer,))))
    for _ in range(70):  # four events a look, a part of everything with each
        world.look()
    assert world.cert().status is REVOKED
    assert world.cert(program="fleet-2").expires_on == date(2028, 11, 22)
    assert [it.program for it in world.partners["acme-cloud-gmbh"].certifications] == ["fleet-2"]
