"""AWS invites us into a deal of its own: who answers, and that it is answered once."""

from datetime import UTC, datetime

import pytest

from schemas.marketplace import CosellInvitation
from streams.offers.cosell import invited
from streams.offers.parts import Sent
from tests.unit.streams.offers.cosell_world import START, setup

REF = "our-ace/cosell_invitation/engi-0001"


def invitation(**values):
    told = {"status": "pending", "company": "Acme Robotics", "expires_at": datetime(2026, 12, 1, tzinfo=UTC), **values}
    return CosellInvitation(**told)


def answer(said, status="applied", **values):
    command = said.commands[0]
    return {command.name: Sent(write="w", fields=command.fields, status=status, at=START, **values)}


def test_nobody_has_ruled_so_a_person_is_asked_with_the_day_and_the_command():
    said = invited(invitation(), REF, setup(), None, {})
    assert said.commands == ()
    told = "AWS invites us to sell to Acme Robotics. Accept or reject it by 2026-12-01: tandem offers accept engi-0001"
    assert said.next_step == told


def test_the_rules_accept_it_unasked():
    said = invited(invitation(), REF, setup(accept_invitations=True), None, {})
    assert [(each.entity, each.match_by, each.key, each.fields) for each in said.commands] == [
        ("cosell_invitation", "id", "engi-0001", {"status": "accepted"})
    ]


@pytest.mark.parametrize("ruled", ["accepted", "rejected"])
def test_a_person_goes_before_the_rules(ruled):
    said = invited(invitation(), REF, setup(accept_invitations=True), ruled, {})
    assert said.commands[0].fields == {"status": ruled}


@pytest.mark.parametrize("status", ["accepted", "rejected", "expired"])
def test_an_invitation_that_is_over_is_left_alone(status):
    assert invited(invitation(status=status), REF, setup(accept_invitations=True), "accepted", {}).wanted is False


@pytest.mark.parametrize("status", ["sent", "applied", "overtaken"])
def test_it_is_answered_once(status):
    first = invited(invitation(), REF, setup(), "accepted", {})
    again = invited(invitation(), REF, setup(), "accepted", answer(first, status))
    assert again.commands == ()
    assert "waits to read back" in again.next_step


def test_a_refused_answer_is_said():
    first = invited(invitation(), REF, setup(), "accepted", {})
    again = invited(invitation(), REF, setup(), "accepted", answer(first, "rejected", reason="It has expired"))
    assert "It has expired" in again.problems[0].reason


def test_a_person_may_still_reject_where_accepting_was_refused():
    first = invited(invitation(), REF, setup(), "accepted", {})
    again = invited(invitation(), REF, setup(), "rejected", answer(first, "rejected", reason="No"))
    assert again.commands[0].fields == {"status": "rejected"}
