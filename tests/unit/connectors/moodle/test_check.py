"""A check names what is missing: the token, a function, a permission, a cohort."""

from connectors import moodle
from sandbox.moodle.faults import SiteFault
from sandbox.moodle.settings import CAPABILITIES, FUNCTIONS
from tests.unit.connectors.moodle.conftest import TABLES


def findings(desk, **more):
    checker = moodle.checker(desk.settings(**more), desk.clock, "our-moodle")
    return {each.subject: each for each in checker.check(list(TABLES.values()))}


def wrong(desk, **more):
    return {subject for subject, each in findings(desk, **more).items() if not each.ok}


def test_all_is_well_with_everything_in_place(desk):
    desk.learner()
    found = findings(desk)
    assert {each.ok for each in found.values()} == {True}
    assert found["cohort partner-technical"].detail == "0 members"
    assert {"core_badges_get_user_badges", "core_cohort_add_cohort_members", "user.email"} <= set(found)


def test_a_wrong_token_is_the_only_finding(desk):
    (only,) = findings(desk, token="guessed").values()
    assert (only.ok, "invalidtoken" in only.detail, "token" in only.remedy) == (False, True, True)


def test_web_services_that_are_off_are_named(desk):
    desk.running.arm(SiteFault(kind="disabled", probability=1))
    (only,) = findings(desk).values()
    assert "enable web services" in only.remedy


def test_a_function_that_is_not_offered_is_named(desk):
    desk.running.allow(functions=[each for each in FUNCTIONS if "badges" not in each])
    assert wrong(desk) == {"core_badges_get_user_badges"}


def test_what_the_tokens_user_may_not_see_is_named(desk):
    desk.learner()
    desk.running.allow(capabilities=[each for each in CAPABILITIES if "viewalldetails" not in each])
    assert wrong(desk) == {"user.lang", "user.username"}
    desk.running.allow(capabilities=[each for each in CAPABILITIES if "badges" not in each])
    assert wrong(desk) == {"credential of user 3"}


def test_a_site_on_which_nobody_is_visible_is_no_good_beginning(desk):
    assert wrong(desk) == {"users"}


def test_a_cohort_that_is_not_there_is_named(desk):
    desk.learner()
    more = {"paths": ["partner-sales"], "select": {"by": "cohorts", "cohorts": ["partner-technical"]}}
    assert wrong(desk, **more) == {"cohort partner-sales"}


def test_a_check_changes_nothing(desk):
    desk.learner()
    before = list(desk.site.events)
    findings(desk)
    assert desk.site.events == before
