"""A check names what is missing: key, domain, client, scope, path."""

from connectors import skilljar
from tests.unit.connectors.skilljar.conftest import TABLES


def findings(desk, **more):
    checker = skilljar.checker(desk.settings(**more), desk.clock, "our-academy")
    return {each.subject: each for each in checker.check(list(TABLES.values()))}


def wrong(desk, **more):
    return {subject for subject, each in findings(desk, **more).items() if not each.ok}


def test_all_is_well_with_everything_in_place(desk):
    desk.certify(desk.learner())
    found = findings(desk)
    assert {each.ok for each in found.values()} == {True}
    assert "Partner technical path" in found["paths"].detail
    assert found[f"path {desk.path}"].detail == "Partner technical path"


def test_a_wrong_key_is_named_and_the_client_is_looked_at_all_the_same(desk):
    found = findings(desk, api_key="old")
    assert [subject for subject, each in found.items() if not each.ok] == ["api_key"]
    assert "client: enrollments:read" in found


def test_a_domain_and_a_path_that_are_not_there_are_named(desk):
    assert wrong(desk, domain="elsewhere.example") == {"domain elsewhere.example", "paths"}
    assert wrong(desk, paths=["gone"]) == {"path gone"}


def test_a_scope_that_is_missing_is_named(desk):
    desk.running.allow(scopes=("enrollments:read", "published-courses:read"))
    assert wrong(desk) == {"client: certificates:read"}


def test_a_client_that_is_not_known_is_named_with_its_remedy(desk):
    found = findings(desk, client={"client_id": "x", "client_secret": "guessed"})
    assert "client_secret" in found["client: enrollments:read"].remedy


def test_a_check_changes_nothing(desk):
    desk.learner()
    before = len(desk.academy.events)
    findings(desk)
    assert len(desk.academy.events) == before
