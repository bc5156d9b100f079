"""A new partner's people come onto their learning paths, and its milestones are watched; records show how it stands."""

from datetime import date, timedelta

from mappings.learning import LearningPath, Onboarding
from schemas.messages import LeadRouted, WriteStatus
from streams.connected import Connected
from tests.unit.streams.enablement.world import START, World, learning_rules, setup

KEY = "acme-cloud-gmbh"
AGREED = "2026-11-12"
ADA = {"email": "ada@acme.com", "partner": "1", "role": "Sales", "first_name": "Ada"}


def new(**fields) -> World:
    return World().acme(**{"agreed_on": AGREED, **fields}).put("crm/partner_user/u", **ADA).look()


def test_a_new_partners_person_is_made_a_user_first_and_then_put_on_the_path_of_the_role():
    world = new()
    (user,) = world.writes("learner")
    assert (user.connection, user.key, user.fields["first_name"]) == ("lms", "ada@acme.com", "Ada")
    assert user.fields["organisation"] == "Acme Cloud GmbH"
    assert world.writes("path_enrollment") == []
    world.finish(user)
    (path,) = world.writes("path_enrollment")
    assert (path.key, path.fields["path"], path.fields["enrolled_at"]) == (
        "ada@acme.com|sales-path",
        "sales-path",
        "2026-11-12T00:00:00Z",
    )
    world.finish(path).finish(path).walk(3)
    assert len(world.writes("learner") + world.writes("path_enrollment")) == 2


def test_nothing_is_sent_for_whom_the_learning_system_already_shows():
    world = World().put("lms/learner/7", email="ada@acme.com")
    world.put("lms/enrollment/e", learner="7", item="sales-path", kind="path", status="dropped")
    world.acme(agreed_on=AGREED).put("crm/partner_user/u", **ADA).look()
    assert world.writes("learner") + world.writes("path_enrollment") == []


def test_a_known_learner_is_only_put_on_the_path():
    world = World().put("lms/learner/7", email="ada@acme.com").acme(agreed_on=AGREED)
    world.put("crm/partner_user/u", **ADA).look()
    assert (len(world.writes("learner")), len(world.writes("path_enrollment"))) == (0, 1)


def test_nobody_is_enrolled_for_another_role_or_kind_of_partner_or_an_old_or_unsigned_or_inactive_one():
    others = [{"types": ("referral",)}, {"agreed_on": "2025-01-01"}, {"agreed_on": None}, {"status": "pending"}]
    worlds = [new(**fields) for fields in others]
    worlds.append(World().acme(agreed_on=AGREED).put("crm/partner_user/u", **{**ADA, "role": "technical"}).look())
    assert [world.writes("learner") for world in worlds] == [[]] * 5


def test_what_the_learning_system_refuses_is_said_and_not_sent_again():
    world = new()
    world.finish(world.writes("learner")[0], WriteStatus.REJECTED, "no licence is left").walk(2)
    assert len(world.writes("learner")) == 1
    assert "lms refused ada@acme.com: no licence is left" in world.partners[KEY].next_step


def test_only_what_a_system_has_a_field_for_is_written():
    writable = {("lms", "learner"): ("email", "first_name"), ("crm", "partner_standing"): ("earned_tier",)}
    world = World(setup(writable=writable)).acme(agreed_on=AGREED).put("crm/partner_user/u", **ADA).look()
    assert world.writes("learner")[0].fields == {"email": "ada@acme.com", "first_name": "Ada"}
    assert world.writes("partner_standing")[0].fields == {"earned_tier": "registered"}
    world.sold("10.00", START)
    assert len(world.writes("partner_standing")) == 1, "nothing that it shows has changed"


def test_a_course_as_a_path_is_shown_by_the_course():
    paths = (LearningPath(connection="lms", path="course:42"),)
    rules = learning_rules(onboarding=Onboarding(within_days=120, paths=paths, milestones=()))
    world = World(setup(learning=rules)).put("lms/learner/7", email="ada@acme.com")
    world.put("lms/enrollment/e", learner="7", item="42").acme(agreed_on=AGREED)
    world.put("crm/partner_user/u", **ADA).look()
    assert world.writes("path_enrollment") == []


def test_a_learning_system_that_takes_no_users_leaves_it_to_people():
    connected = Connected(crms=("crm",), prms=("prm",), learning=("lms", "lrs"), takes={})
    world = World(setup(connected=connected)).acme(agreed_on=AGREED).put("crm/partner_user/u", **ADA).look()
    assert "enrol ada@acme.com there by hand" in world.partners[KEY].next_step


def test_milestones_are_late_once_their_day_is_over_and_lateness_is_said_once():
    world = new().walk(60)
    first, second = world.partners[KEY].milestones
    assert (first.name, first.due_on, first.late, first.missing) == (
        "30 days",
        date(2026, 12, 12),
        True,
        ("1 more people that are known",),
    )
    assert second.late
    assert [it for it in world.notices if it[0] == "milestone"] == [
        ("milestone", "30 days", "2026-12-12"),
        ("milestone", "60 days", "2027-01-11"),
    ]
    assert world.writes("partner_standing")[-1].fields["onboarding"] == "30 days, 60 days: late"


def test_a_milestone_is_not_late_on_its_day_and_stays_done_once_it_was():
    world = new().walk(20)
    assert (world.now.date(), world.partners[KEY].milestones[0].late) == (date(2026, 12, 12), False)
    world.put("crm/partner_user/v", email="eve@acme.com", partner="1")
    assert world.partners[KEY].milestones[0].done_on == date(2026, 12, 12)
    world.put("crm/partner_user/v", email="eve@acme.com", partner="1", active=False).walk(5)
    assert (world.partners[KEY].milestones[0].late, world.partners[KEY].milestones[0].missing) == (False, ())


def routed(lead: str, partner: str | None, state: str, minute: int = 0) -> LeadRouted:
    at = START + timedelta(minutes=minute)
    return LeadRouted(
        id=f"{lead}{minute}", lead=f"crm/lead/{lead}", name="x", state=state, partner=partner, decided_at=at
    )


def test_each_record_that_takes_it_shows_the_standing_and_open_leads_and_only_changes_are_written():
    world = World().acme().put("prm/partner/9", name="Acme Cloud").badge().look()
    assert [(it.connection, it.key) for it in world.writes("partner_standing")] == [("crm", "1"), ("prm", "9")]
    world.look(1)
    assert len(world.writes("partner_standing")) == 2
    world.take(routed("a", KEY, "offered"))
    world.take(routed("b", KEY, "working"))
    assert world.writes("partner_standing")[-1].fields["open_leads"] == 2
    world.take(routed("a", KEY, "accepted", 5))
    world.take(routed("a", None, "direct", 1))  # what caused it happened before: the last word counts all the same
    assert world.writes("partner_standing")[-1].fields["open_leads"] == 1
    standing = world.writes("partner_standing")[-1].fields
    assert (standing["partner_key"], standing["earned_tier"], standing["certified_people"]) == (KEY, "silver", 1)
    assert standing["certifications"] == ["ada@acme.com: fleet (fleet, level 1) until 2027-11-22"]
