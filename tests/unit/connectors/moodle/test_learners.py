"""A learner is looked up, then made, changed or left alone; each has an outcome of its own."""

import pytest

from connectors import moodle
from connectors.base import Applied, Overtaken, Rejected
from connectors.errors import BadCredentials, RetryLater
from sandbox.moodle.faults import SiteFault
from schemas.messages import MatchBy, WriteAction
from tests.unit.connectors.learning_desk import writes
from tests.unit.connectors.moodle.conftest import WRITE

CREATE, UPDATE = "core_user_create_users", "core_user_update_users"
ADA = {"first_name": "Ada", "last_name": "Okafor"}


def user(desk, address):
    return next(each for each in desk.site.living() if each.email == address)


def test_a_new_learner_has_a_lowercase_name_and_a_password_of_moodles_making(desk):
    (outcome,) = desk.write("learner", {"Ada@Partner.example": ADA})
    made = user(desk, "Ada@Partner.example")
    assert outcome == Applied(str(made.id))
    assert (made.username, made.auth) == ("ada@partner.example", "manual")


def test_a_learner_who_signs_in_elsewhere_needs_no_password(desk):
    (outcome,) = desk.write("learner", {"ada@partner.example": ADA}, auth="oauth2")
    assert isinstance(outcome, Applied)
    assert user(desk, "ada@partner.example").auth == "oauth2"


def test_one_who_is_there_in_another_case_is_not_made_twice(desk):
    id_ = desk.learner(email="ADA@partner.example")
    (outcome,) = desk.write("learner", {"ada@partner.example": {**ADA, "organisation": "Partner Robotics"}})
    assert outcome == Applied(str(id_))
    assert user(desk, "ADA@partner.example").institution == "Partner Robotics"
    (again,) = desk.write("learner", {"ada@partner.example": {**ADA, "organisation": "Partner Robotics"}})
    assert again == Applied(str(id_), changed=False)


def test_one_who_can_no_longer_sign_in_is_suspended_and_later_is_not(desk):
    desk.learner()
    desk.write("learner", {"ada@partner.example": {"active": False}})
    assert user(desk, "ada@partner.example").suspended
    desk.write("learner", {"ada@partner.example": {"active": True}})
    assert not user(desk, "ada@partner.example").suspended


def test_a_new_learner_who_must_not_sign_in_is_made_and_suspended(desk):
    (outcome,) = desk.write("learner", {"ada@partner.example": {**ADA, "active": False}})
    assert isinstance(outcome, Applied)
    assert user(desk, "ada@partner.example").suspended


@pytest.mark.parametrize(
    ("address", "fields", "code", "field"),
    [
        ("nobody", ADA, "INVALID_EMAIL", "email"),
        ("ada@partner.example", {"first_name": "Ada"}, "FIELD_MISSING", "last_name"),
        ("ada@partner.example", {**ADA, "last_name": None}, "NOT_EMPTY", "last_name"),
        ("ada@partner.example", {**ADA, "email": "bo@partner.example"}, "KEY_MISMATCH", "email"),
        ("ada@partner.example", {**ADA, "language": "tlh"}, "invalidparameter", None),
        ("ada@partner.example", {**ADA, "active": "perhaps"}, "UNCONVERTIBLE", "active"),
    ],
)
def test_what_moodle_cannot_take_is_refused_with_its_field_and_a_remedy(desk, address, fields, code, field):
    (outcome,) = desk.write("learner", {address: fields})
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.field) == (code, field)
    assert outcome.remedy


def test_one_bad_row_among_many_is_found_by_halves_and_the_others_are_made(desk):
    wanted = {f"u{number}@partner.example": dict(ADA) for number in range(9)}
    wanted["u5@partner.example"]["language"] = "tlh"
    outcomes = desk.write("learner", wanted)
    assert [type(each).__name__ for each in outcomes] == ["Applied"] * 5 + ["Rejected"] + ["Applied"] * 3
    assert len(desk.site.living()) == 8
    assert all(each.writes == 1 for each in desk.site.living())


def test_two_users_with_one_address_are_no_ones_to_choose_from(desk):
    first, second = desk.learner(), desk.learner("bo")
    desk.site.user(second).email = "ada@partner.example"
    (outcome,) = desk.write("learner", {"ada@partner.example": {"organisation": "x"}})
    assert isinstance(outcome, Rejected)
    assert (outcome.code, f"{first}, {second}" in outcome.reason) == ("SEVERAL_USERS", True)


def test_one_who_is_hidden_from_us_is_refused_with_that_as_a_remedy(desk):
    desk.learner()
    desk.running.allow(capabilities=["moodle/user:create", "moodle/user:update"])
    (outcome,) = desk.write("learner", {"ada@partner.example": ADA})
    assert isinstance(outcome, Rejected)
    assert "hidden" in outcome.remedy


def test_a_user_can_be_found_by_id_and_given_another_address(desk):
    id_ = desk.learner()
    of = {"match_by": MatchBy.ID}
    (outcome,) = desk.write("learner", {str(id_): {"email": "ada@new.example"}}, of=of)
    assert outcome == Applied(str(id_))
    assert user(desk, "ada@new.example").id == id_


def test_an_address_that_another_user_has_is_a_warning_and_so_a_refusal_of_this_one_only(desk):
    first, second = desk.learner(), desk.learner("bo")
    wanted = {str(first): {"email": "bo@partner.example"}, str(second): {"organisation": "Partner Robotics"}}
    refused, applied = desk.write("learner", wanted, of={"match_by": MatchBy.ID})
    assert isinstance(refused, Rejected)
    assert (refused.code, applied) == ("useremailduplicate", Applied(str(second)))


def test_a_user_who_is_gone_is_refused_by_id_and_overtaken_where_something_was_expected(desk):
    by_id = {"match_by": MatchBy.ID}
    (refused,) = desk.write("learner", {"99": ADA}, of=by_id)
    (late,) = desk.write("learner", {"99": ADA}, of={**by_id, "expected": {"first_name": "Eda"}})
    assert isinstance(refused, Rejected)
    assert refused.code == "invaliduser"
    assert isinstance(late, Overtaken)


def test_nobody_is_deleted_and_one_who_is_not_there_needs_no_deletion(desk):
    desk.learner()
    wanted = {"ada@partner.example": {}, "bo@partner.example": {}}
    kept, gone = desk.write("learner", wanted, of={"action": WriteAction.ARCHIVE})
    assert isinstance(kept, Rejected)
    assert "active = false" in kept.remedy
    assert gone == Applied("bo@partner.example", changed=False)
    assert len(desk.site.living()) == 1


def test_an_older_site_that_answers_null_is_as_good(desk, monkeypatch):
    from sandbox.moodle import functions, users

    def older(site, arguments):
        users.update_users(site, arguments)

    monkeypatch.setattr(functions, "TABLE", {**functions.TABLE, UPDATE: older})
    id_ = desk.learner()
    assert desk.write("learner", {"ada@partner.example": {"organisation": "x"}}) == [Applied(str(id_))]


def test_what_agrees_is_looked_at_and_not_written(desk):
    desk.learner()
    desk.write("learner", {"ada@partner.example": {"first_name": "Ada"}})
    assert (desk.calls(CREATE), desk.calls(UPDATE)) == (0, 0)


def test_a_crash_of_the_site_leaves_nothing_and_the_next_try_makes_it(desk):
    desk.running.arm(SiteFault(kind="crash", nth=(1,), path=CREATE))
    with pytest.raises(RetryLater):
        desk.write("learner", {"ada@partner.example": ADA})
    assert desk.site.living() == []
    (outcome,) = desk.write("learner", {"ada@partner.example": ADA})
    assert isinstance(outcome, Applied)


def test_a_token_that_is_no_longer_taken_is_everybodys_error(desk):
    with pytest.raises(BadCredentials):
        desk.write("learner", {"ada@partner.example": ADA}, token="old")


def test_a_look_says_what_stands_there(desk):
    desk.learner(institution="Partner Robotics")
    sink = moodle.sink(desk.settings(), desk.clock, "our-moodle")
    batch = writes("learner", {"ada@partner.example": {"organisation": "x"}, "bo@partner.example": {"active": True}})
    assert sink.look(WRITE["learner"], batch) == [{"organisation": "Partner Robotics"}, None]
