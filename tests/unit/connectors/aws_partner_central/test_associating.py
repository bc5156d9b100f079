"""Solutions and offers are tied once, one offer at a time, and a swap that breaks off is finished or undone."""

import pytest

from connectors.base import Applied, Overtaken, Rejected
from connectors.errors import RetryLater
from tests.unit.connectors.aws_partner_central.opportunities import ARN, TABLES
from tests.unit.connectors.aws_partner_central.shelf import KEY, lost, no, write

OLD, NEW, SET = f"{ARN}Offer/offer-old", f"{ARN}Offer/offer-new", f"{ARN}OfferSet/offerset-1"
OFFERS, SETS = "AwsMarketplaceOffers", "AwsMarketplaceOfferSets"


def tied(shelf, *offers: str, sets: tuple[str, ...] = ()) -> None:
    shelf.held["RelatedEntityIdentifiers"] |= {OFFERS: list(offers), SETS: list(sets)}


def asked(shelf) -> list[str]:
    return [name.removesuffix("Opportunity") for name, _ in shelf.wire.asked if "ssociate" in name]


def offer(**fields):
    return write("cosell_offer", fields=fields)


def test_a_solution_is_tied_beside_the_others_and_only_once(shelf):
    wanted = write("cosell_solution", fields={"solution": "S-0000002"})
    assert shelf.send(wanted) == [Applied(KEY)]
    assert shelf.send(wanted) == [Applied(KEY, changed=False)]
    assert shelf.related("Solutions") == ["S-0000001", "S-0000002"]
    assert asked(shelf) == ["Associate"]


def test_a_lost_answer_ties_nothing_twice(shelf):
    shelf.then["AssociateOpportunity"] = [lost, lost]
    batch = [write("cosell_solution", fields={"solution": "S-2"}), offer(offer=NEW)]
    for each in batch:
        with pytest.raises(RetryLater):
            shelf.send(each)
    assert shelf.send(*batch) == [Applied(KEY, changed=False)] * 2
    assert (shelf.related("Solutions"), shelf.related(OFFERS)) == (["S-0000001", "S-2"], [NEW])


def test_an_offer_is_tied_where_there_is_none(shelf):
    assert shelf.send(offer(offer=NEW)) == [Applied(KEY)]
    assert (shelf.related(OFFERS), asked(shelf)) == ([NEW], ["Associate"])


@pytest.mark.parametrize(
    ("before", "fields", "after"),
    [
        (((OLD,), ()), {"offer": NEW}, ([NEW], [])),
        (((OLD,), ()), {"offer": None, "offer_set": SET}, ([], [SET])),
        (((), (SET,)), {"offer": NEW}, ([NEW], [])),
        (((OLD,), ()), {"offer": None, "offer_set": None}, ([], [])),
        (((), (SET,)), {"offer": None}, ([], [SET])),
        (((OLD, NEW), ()), {"offer": NEW}, ([NEW], [])),
    ],
)
def test_an_opportunity_ends_with_the_offer_or_set_that_is_wanted_and_no_other(shelf, before, fields, after):
    tied(shelf, *before[0], sets=before[1])
    shelf.send(offer(**fields))
    assert (shelf.related(OFFERS), shelf.related(SETS)) == after
    assert shelf.send(offer(**fields)) == [Applied(KEY, changed=False)]


def test_a_swap_that_died_between_its_two_calls_is_finished_by_the_repeat(shelf):
    tied(shelf, OLD)
    shelf.then["AssociateOpportunity"] = [no("ThrottlingException")]
    again = write("cosell_offer", fields={"offer": NEW}, expected={"offer": OLD})
    with pytest.raises(RetryLater):
        shelf.send(again)
    assert shelf.related(OFFERS) == []
    assert shelf.send(again) == [Applied(KEY)]
    assert shelf.related(OFFERS) == [NEW]


def test_where_aws_refuses_the_new_offer_the_old_one_is_put_back(shelf):
    tied(shelf, OLD)
    shelf.then["AssociateOpportunity"] = [no("ValidationException", "The offer is of another seller.")]
    (outcome,) = shelf.send(offer(offer=NEW))
    assert isinstance(outcome, Rejected)
    assert (outcome.field, "another seller" in outcome.reason) == ("offer", True)
    assert (shelf.related(OFFERS), asked(shelf)) == ([OLD], ["Disassociate", "Associate", "Associate"])


@pytest.mark.parametrize("restarts", [False, True])
def test_the_old_offer_is_put_back_also_by_the_repeat_of_a_swap_that_died(shelf, restarts):
    tied(shelf, OLD)
    refused = no("ResourceNotFoundException", "There is no such offer.")
    shelf.then["AssociateOpportunity"] = [no("ThrottlingException"), refused]
    wanted = write("cosell_offer", fields={"offer": NEW}, expected={"offer": OLD} if restarts else None)
    sink = shelf.sink()
    with pytest.raises(RetryLater):
        shelf.send(wanted, sink=sink)
    (outcome,) = shelf.send(wanted, sink=None if restarts else sink)
    assert isinstance(outcome, Rejected)
    assert shelf.related(OFFERS) == [OLD]


def test_where_the_old_offer_cannot_be_put_back_either_both_refusals_are_told(shelf):
    tied(shelf, OLD)
    shelf.then["AssociateOpportunity"] = [no("ValidationException", "No."), no("ValidationException", "Nor that.")]
    (outcome,) = shelf.send(offer(offer=NEW))
    assert "could not be put back" in outcome.reason
    assert "Nor that." in outcome.reason
    assert OLD in outcome.remedy


def test_an_offer_that_is_not_ours_is_refused_with_the_field_and_does_not_stop_the_others(shelf):
    shelf.then["AssociateOpportunity"] = [no("AccessDeniedException", "The offer belongs to another seller.")]
    outcomes = shelf.send(offer(offer=NEW), write("cosell_solution", fields={"solution": "S-2"}))
    assert (outcomes[0].code, outcomes[0].field) == ("AccessDeniedException", "offer")
    assert outcomes[1] == Applied(KEY)


def test_an_offer_that_somebody_else_has_tied_meanwhile_is_left_alone(shelf):
    tied(shelf, NEW)
    (outcome,) = shelf.send(write("cosell_offer", fields={"offer": f"{ARN}Offer/offer-3"}, expected={"offer": OLD}))
    assert isinstance(outcome, Overtaken)
    assert (shelf.related(OFFERS), asked(shelf)) == ([NEW], [])


def test_what_aws_refuses_while_it_reviews_waits_for_the_review(shelf):
    shelf.held["LifeCycle"]["ReviewStatus"] = "In review"
    wrong = [{"FieldName": "LifeCycle.ReviewStatus", "Message": "read-only", "Code": "INVALID_RESOURCE_STATE"}]
    shelf.then["AssociateOpportunity"] = [
        no("ValidationException", Reason="BUSINESS_VALIDATION_FAILED", ErrorList=wrong)
    ]
    assert shelf.send(offer(offer=NEW)) == [Overtaken("locked: in review")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"offer": "offer-new"}, "offer"),
        ({"offer": "arn:aws:catalog:us-east-1:691709974417:Offer/offer-new"}, "offer"),
        ({"offer": SET}, "offer"),
        ({"offer_set": NEW}, "offer_set"),
        ({"offer": NEW, "offer_set": SET}, "offer_set"),
    ],
)
def test_a_name_that_cannot_be_tied_is_refused_before_anything_is_untied(shelf, fields, field):
    tied(shelf, OLD)
    (outcome,) = shelf.send(offer(**fields))
    assert (outcome.code, outcome.field) == ("INVALID_VALUE", field)
    assert (shelf.related(OFFERS), asked(shelf)) == ([OLD], [])


def test_a_look_tells_what_is_tied(shelf):
    tied(shelf, OLD)
    sink = shelf.sink()
    assert sink.look(TABLES["cosell_offer"], [offer(offer=NEW, offer_set=None)]) == [{"offer": OLD, "offer_set": None}]
    solutions = [write("cosell_solution", fields={"solution": each}) for each in ("S-0000001", "S-2")]
    assert sink.look(TABLES["cosell_solution"], solutions) == [{"solution": "S-0000001"}, {"solution": None}]
