"""An update is merged into what stands there, is refused where it must be, and survives a lost answer."""

import pytest

from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import RetryLater, StopMapping
from schemas.messages import WriteAction
from tests.unit.connectors.aws.wire import Failed
from tests.unit.connectors.aws_partner_central.opportunities import TABLES, acme
from tests.unit.connectors.aws_partner_central.shelf import KEY, NOW, lost, no, write

NEXT = {"next_steps": "Send the private offer"}


def sent(shelf) -> list:
    return shelf.wire.of("UpdateOpportunity")


def reviewed(shelf, status: str) -> None:
    shelf.held["LifeCycle"]["ReviewStatus"] = status


def test_an_update_sends_the_whole_opportunity_with_the_stamp_of_its_reading(shelf):
    assert shelf.send(write("cosell", fields=NEXT)) == [Applied(KEY)]
    (request,) = sent(shelf)
    assert (request["LastModifiedDate"], request["Identifier"]) == ("2026-11-22T10:00:00.123456Z", KEY)
    assert request["Customer"] == acme()["Customer"]
    assert shelf.held["LifeCycle"] == {**acme()["LifeCycle"], "NextSteps": "Send the private offer"}


def test_what_stands_there_already_is_not_sent(shelf):
    (outcome,) = shelf.send(write("cosell", fields={"next_steps": "Call Ada", "monthly_spend": "1200.5"}))
    assert outcome == Applied(KEY, changed=False)
    assert sent(shelf) == []


def test_where_somebody_was_faster_it_is_read_again_and_both_changes_stay(shelf):
    def faster() -> None:
        shelf.held["Project"]["Title"] = "Acme: 60 seats"
        shelf.touch()

    shelf.then["UpdateOpportunity"] = [faster]
    assert shelf.send(write("cosell", fields=NEXT)) == [Applied(KEY)]
    assert (shelf.held["Project"]["Title"], len(sent(shelf))) == ("Acme: 60 seats", 2)


def test_where_somebody_else_changed_the_same_field_meanwhile_it_is_overtaken(shelf):
    def faster() -> None:
        shelf.held["LifeCycle"]["NextSteps"] = "Wait for legal"
        shelf.touch()

    shelf.then["UpdateOpportunity"] = [faster]
    (outcome,) = shelf.send(write("cosell", fields=NEXT, expected={"next_steps": "Call Ada"}))
    assert isinstance(outcome, Overtaken)
    assert "Wait for legal" in outcome.found
    assert shelf.held["LifeCycle"]["NextSteps"] == "Wait for legal"


def test_after_three_conflicts_it_is_tried_again_later(shelf):
    shelf.then["UpdateOpportunity"] = [no("ConflictException")] * 3
    (outcome,) = shelf.send(write("cosell", fields=NEXT))
    assert isinstance(outcome, Retry)
    assert len(sent(shelf)) == 3


def test_a_lost_answer_is_no_fault_of_the_record_and_found_to_be_done(shelf):
    shelf.then["UpdateOpportunity"] = [lost]
    with pytest.raises(RetryLater, match="UNANSWERED"):
        shelf.send(write("cosell", fields=NEXT))
    assert shelf.send(write("cosell", fields=NEXT)) == [Applied(KEY, changed=False)]
    assert len(sent(shelf)) == 1


def test_a_throttled_call_holds_the_connection_and_nothing_is_sent(shelf):
    shelf.then["UpdateOpportunity"] = [no("ThrottlingException")]
    with pytest.raises(RetryLater, match="ThrottlingException"):
        shelf.send(write("cosell", fields=NEXT))
    assert shelf.send(write("cosell", fields=NEXT)) == [Applied(KEY)]


def test_while_aws_reviews_an_edit_waits_for_the_review(shelf):
    for status in ("Submitted", "In review", "Rejected"):
        reviewed(shelf, status)
        assert shelf.send(write("cosell", fields=NEXT)) == [Overtaken(f"locked: {status.lower()}")]
    assert sent(shelf) == []


def test_what_is_the_same_needs_no_edit_though_it_is_locked(shelf):
    reviewed(shelf, "In review")
    assert shelf.send(write("cosell", fields={"next_steps": "Call Ada"})) == [Applied(KEY, changed=False)]


def test_what_aws_sent_back_takes_the_fields_that_it_asks_for(shelf):
    reviewed(shelf, "Action Required")
    assert shelf.send(write("cosell", fields={"website": "https://acme.com"})) == [Applied(KEY)]
    (outcome,) = shelf.send(write("cosell", fields={"title": "Acme", "website": "https://acme.example"}))
    assert outcome == Overtaken("locked: action required: title")


def test_what_approval_has_closed_is_refused_with_the_field_and_nothing_is_sent(shelf):
    reviewed(shelf, "Approved")
    (outcome,) = shelf.send(write("cosell", fields={"title": "Acme: 60 seats", "stage": "committed"}))
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.field) == ("LOCKED_AFTER_APPROVAL", "title")
    assert shelf.send(write("cosell", fields={"title": "Acme Robotics: 40 seats", "stage": "committed"})) == [
        Applied(KEY)
    ]


def test_a_bad_value_is_refused_before_anything_is_sent(shelf):
    (outcome,) = shelf.send(write("cosell", fields={"buyer_account": "12345678901"}))
    assert (outcome.code, outcome.field) == ("INVALID_VALUE", "buyer_account")
    assert sent(shelf) == []


def test_what_aws_refuses_is_told_with_the_deals_field(shelf):
    wrong = [{"FieldName": "Project.CustomerUseCase", "Message": "is no use case", "Code": "INVALID_ENUM_VALUE"}]
    refusal = no("ValidationException", Reason="BUSINESS_VALIDATION_FAILED", ErrorList=wrong)
    shelf.then["UpdateOpportunity"] = [refusal]
    (outcome,) = shelf.send(write("cosell", fields={"use_case": "Robots"}))
    assert (outcome.code, outcome.field) == ("INVALID_ENUM_VALUE", "use_case")
    assert "is no use case" in outcome.reason


def test_an_opportunity_that_is_not_there_is_refused_or_overtaken_and_tried_again_where_it_is_young(shelf):
    gone = "O999"
    assert shelf.send(write("cosell", gone, fields=NEXT))[0].code == "ResourceNotFoundException"
    overtaken = shelf.send(write("cosell", gone, fields=NEXT, expected={"next_steps": "Call Ada"}))
    assert isinstance(overtaken[0], Overtaken)
    assert isinstance(shelf.send(write("cosell", gone, fields=NEXT, decided_at=NOW))[0], Retry)


def test_read_only_fields_and_archives_are_refused(shelf):
    (outcome,) = shelf.send(write("cosell", fields={"review": "approved"}))
    assert (outcome.code, outcome.field) == ("INVALID_VALUE", "review")
    (outcome,) = shelf.send(write("cosell", fields={}, action=WriteAction.ARCHIVE))
    assert outcome.code == "NOT_REMOVABLE"


def test_a_look_tells_what_stands_there(shelf):
    table = TABLES["cosell"]
    batch = [write("cosell", fields={"next_steps": "x", "needs": []}), write("cosell", "O999", fields={"title": "x"})]
    found = shelf.sink().look(table, batch)
    assert found == [{"next_steps": "Call Ada", "needs": ["Co-Sell - Deal Support"]}, None]


def test_a_record_that_is_not_ours_to_see_is_not_there_and_a_missing_permission_stops_everything(shelf):
    def hidden(request):
        raise Failed("AccessDeniedException", "You do not have access to this opportunity", 400)

    def forbidden(request):
        raise Failed("AccessDeniedException", "User: x is not authorized to perform: partnercentral:GetOpportunity")

    shelf.wire.answers["GetOpportunity"] = hidden
    assert shelf.send(write("cosell", fields=NEXT))[0].code == "ResourceNotFoundException"
    shelf.wire.answers["GetOpportunity"] = forbidden
    with pytest.raises(StopMapping, match="partnercentral:GetOpportunity"):
        shelf.send(write("cosell", fields=NEXT))
