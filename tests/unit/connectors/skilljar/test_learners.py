"""A learner is looked up on the domain, then added, renamed, let in or out, or left alone."""

import pytest

from connectors import skilljar
from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import BadCredentials, RetryLater
from sandbox.skilljar.faults import AcademyFault
from schemas.messages import MatchBy, WriteAction
from tests.unit.connectors.learning_desk import writes
from tests.unit.connectors.skilljar.conftest import WRITE

ADD, RENAME = "POST /v1/domains/learn.acme.example/users", "PATCH /v2/students/"
ADA = {"first_name": "Ada", "last_name": "Okafor"}


def test_a_new_learner_is_put_on_the_domain(desk):
    (outcome,) = desk.write("learner", {"Ada@Partner.example": ADA})
    made = desk.academy.find("ada@partner.example")
    assert outcome == Applied(made.id)
    assert (made.first_name, made.last_name, made.active, made.on_domain) == ("Ada", "Okafor", True, True)


def test_one_whom_the_organization_knows_by_another_name_is_renamed(desk):
    known = desk.running.call(lambda: desk.academy.add("ada@partner.example", "A.", "O.", on_domain=False))
    (outcome,) = desk.write("learner", {"ada@partner.example": ADA})
    assert outcome == Applied(known.id)
    assert (known.first_name, known.last_name, known.on_domain) == ("Ada", "Okafor", True)


def test_one_who_must_not_sign_in_is_kept_out_and_later_let_in(desk):
    desk.write("learner", {"ada@partner.example": {**ADA, "active": False}})
    ada = desk.academy.find("ada@partner.example")
    assert ada.active is False
    desk.write("learner", {"ada@partner.example": {"active": True}})
    assert ada.active is True


def test_those_who_are_renamed_go_in_one_call_and_each_has_its_outcome(desk):
    ada, bo = desk.learner("ada"), desk.learner("bo")
    bo.sso = True
    wanted = {f"{name}@partner.example": {"last_name": "Reyes"} for name in ("ada", "bo")}
    applied, refused = desk.write("learner", wanted)
    assert applied == Applied(ada.id)
    assert isinstance(refused, Rejected)
    assert (refused.code, desk.calls(RENAME)) == ("validation_error", 1)


def test_what_agrees_is_looked_at_and_not_written(desk):
    ada = desk.learner()
    assert desk.write("learner", {"ada@partner.example": ADA}) == [Applied(ada.id, changed=False)]
    assert (desk.calls(ADD), desk.calls(RENAME)) == (0, 0)


@pytest.mark.parametrize(
    ("address", "fields", "code", "field"),
    [
        ("nobody", ADA, "INVALID_EMAIL", "email"),
        ("ada@partner.example", {**ADA, "email": "bo@partner.example"}, "KEY_MISMATCH", "email"),
        ("ada@partner.example", {**ADA, "active": None}, "NOT_EMPTY", "active"),
        ("ada@partner.example", {**ADA, "active": "perhaps"}, "UNCONVERTIBLE", "active"),
        ("ada@partner.example", {**ADA, "organisation": "Partner Robotics"}, "UNCONVERTIBLE", "organisation"),
    ],
)
def test_what_skilljar_cannot_take_is_refused_with_its_field_and_a_remedy(desk, address, fields, code, field):
    (outcome,) = desk.write("learner", {address: fields})
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.field) == (code, field)
    assert outcome.remedy


def test_a_refusal_of_one_address_leaves_the_others(desk):
    desk.running.arm(
        AcademyFault(kind="refuse", code="validation_error", status=400, nth=(2,), path="users$", method="POST")
    )
    outcomes = desk.write("learner", {f"u{number}@partner.example": ADA for number in range(3)})
    assert [type(each) for each in outcomes] == [Applied, Rejected, Applied]


def test_a_row_that_broke_inside_is_tried_again(desk, monkeypatch):
    from sandbox.skilljar import v2

    desk.learner()
    failed = {"status": "failed", "id": None, "error": {"code": "internal_error", "detail": "Oops."}}
    monkeypatch.setattr(v2, "_rename", lambda *_: failed)
    (outcome,) = desk.write("learner", {"ada@partner.example": {"last_name": "Reyes"}})
    assert outcome == Retry("internal_error: Oops.")


def test_a_write_by_id_is_refused(desk):
    (outcome,) = desk.write("learner", {desk.learner().id: ADA}, of={"match_by": MatchBy.ID})
    assert outcome.code == "BY_ADDRESS_ONLY"


def test_one_who_was_expected_to_be_there_is_not_made_anew(desk):
    (outcome,) = desk.write("learner", {"ada@partner.example": ADA}, of={"expected": {"first_name": "Eda"}})
    assert isinstance(outcome, Overtaken)
    assert desk.academy.find("ada@partner.example") is None


def test_nobody_is_deleted(desk):
    desk.learner()
    wanted = {"ada@partner.example": {}, "bo@partner.example": {}}
    kept, gone = desk.write("learner", wanted, of={"action": WriteAction.ARCHIVE})
    assert (kept.code, gone) == ("NOT_REMOVABLE", Applied("bo@partner.example", changed=False))


def test_everybodys_errors_are_raised(desk):
    with pytest.raises(BadCredentials):
        desk.write("learner", {"ada@partner.example": ADA}, api_key="old")
    desk.running.arm(AcademyFault(kind="unavailable", nth=(1,)))
    with pytest.raises(RetryLater):
        desk.write("learner", {"ada@partner.example": ADA})


def test_a_look_says_what_stands_there(desk):
    desk.learner()
    sink = skilljar.sink(desk.settings(), desk.clock, "our-academy")
    batch = writes("learner", {"ada@partner.example": {"last_name": "x"}, "bo@partner.example": {"active": True}})
    assert sink.look(WRITE["learner"], batch) == [{"last_name": "Okafor"}, None]
