"""A deal's way through Partner Central, step by step, as a seller sees it."""

import pytest

from schemas.entities import DealStage
from schemas.marketplace import OfferState
from tests.unit.streams.offers.cosell_world import ARN, Hub, setup, wanted


def entities(hub):
    return [command.entity for command in hub.aws.writes]


def approved(**cosell):
    hub = Hub(setup(**cosell))
    hub.settle()
    hub.review("approved")
    hub.settle()
    hub.aws.writes.clear()
    return hub


def test_a_deal_that_is_not_to_be_shared_is_left_alone():
    hub = Hub()
    hub.edit(cosell=False)
    assert hub.decide().wanted is False
    assert hub.said.commands == ()
    assert hub.said.next_step is None


def test_a_stage_of_the_rules_shares_a_deal_unasked_and_it_stays_shared_at_the_next_stage():
    hub = Hub(setup(when=(DealStage.PROPOSAL,)))
    hub.edit(cosell=None)
    hub.settle()
    hub.edit(stage=DealStage.NEGOTIATION, next_step="Wait for the signature")
    assert hub.decide().wanted


def test_an_installation_without_partner_central_shares_nothing():
    hub = Hub(setup().model_copy(update={"partner_central": None}))
    assert hub.decide().wanted is False


def test_a_deal_becomes_an_opportunity_with_its_solution_and_is_submitted():
    hub = Hub()
    hub.settle()
    assert entities(hub) == ["cosell", "cosell_solution", "cosell_submission"]
    made = hub.aws.writes[0]
    assert (made.match_by, made.key) == ("external_id", "006A")
    assert made.expected == dict.fromkeys(made.fields)
    assert made.fields | {
        "company": "Acme Robotics", "country": "DE", "close_date": "2027-01-31", "software_amount": "12500.00",
        "stage": "business_validation", "deal": "006A", "needs": ["Co-Sell - Deal Support"],
    } == made.fields  # fmt: skip
    assert hub.aws.writes[2].fields == {"involvement": "Co-Sell", "visibility": "Full"}
    assert hub.said.next_step == "AWS reviews the opportunity."


def test_an_opportunity_that_was_made_is_waited_for_by_its_id():
    hub = Hub()
    hub.decide()
    hub.perform()
    hub.learn()
    assert hub.decide().next_step == "Tandem waits to read the opportunity O1 from AWS."


def test_an_opportunity_made_by_hand_is_adopted_and_keeps_what_people_wrote_there():
    hub = Hub(adopts="O1")
    hub.aws.opportunity = {"review": "approved", "solutions": ["S-0000009"], "offers": [], "offer_sets": []}
    hub.aws.touch(city="Potsdam", use_case="Networking", title="Robots", close_date="2027-01-31")
    assert hub.decide().next_step == "Tandem waits to read the opportunity O1 from AWS."
    hub.settle()
    assert entities(hub) == ["cosell"]
    assert hub.aws.opportunity | {"city": "Potsdam", "use_case": "Networking", "title": "Robots"} == hub.aws.opportunity
    assert hub.aws.opportunity["next_steps"] == "Send the quote"


def test_what_aws_has_brought_is_never_submitted_and_can_be_changed():
    hub = Hub(adopts="O1")
    hub.aws.opportunity = {
        "review": "approved",
        "origin": "aws_referral",
        "solutions": ["S-1"],
        "offers": [],
        "offer_sets": [],
    }
    hub.aws.touch(stage="qualified")
    hub.settle()
    assert set(entities(hub)) == {"cosell"}


def test_a_deal_that_is_lost_already_is_not_shared_any_more():
    hub = Hub()
    hub.edit(stage=DealStage.LOST)
    assert hub.decide().commands == ()
    assert "lost already" in hub.said.next_step


def test_a_draft_of_a_lost_deal_is_closed_and_never_submitted():
    hub = Hub(setup(submit=False))
    hub.settle()
    assert hub.said.next_step == "Submit the opportunity in Partner Central."
    hub.setup = setup()
    hub.edit(stage=DealStage.LOST)
    hub.settle()
    assert hub.aws.opportunity["stage"] == "closed_lost"
    assert "cosell_submission" not in entities(hub)


def test_a_deal_that_was_won_is_committed_only_with_its_solution_and_launched_only_when_approved():
    hub = Hub()
    hub.edit(stage=DealStage.WON, close_date="2026-11-01")
    hub.offer(OfferState.ACCEPTED, agreement_active=True, agreement_amount="900.5", agreement_currency="EUR",
              agreement_from="2026-11-20", agreement_until="2027-11-19")  # fmt: skip
    hub.settle()
    assert hub.aws.writes[0].fields["stage"] == "business_validation"
    assert hub.aws.opportunity["stage"] == "committed"
    hub.review("approved")
    hub.settle()
    shown = hub.aws.opportunity
    assert (shown["stage"], shown["software_amount"], shown["software_currency"]) == ("launched", "900.50", "EUR")
    assert (shown["software_from"], shown["software_until"]) == ("2026-11-20", "2027-11-19")
    assert shown["software_model"] == "Contract"


def test_without_a_solution_nothing_is_submitted_and_the_remedy_is_said():
    hub = Hub(setup(solution=""))
    hub.settle()
    assert entities(hub) == ["cosell"]
    assert [problem.remedy for problem in hub.said.problems] == ["Associate one in Partner Central."]


def test_a_solution_that_somebody_chose_is_left():
    hub = approved()
    hub.aws.touch(solutions=["S-0000042"])
    hub.settle()
    assert entities(hub) == []


@pytest.mark.parametrize(("stage", "reason", "told"), [
    (DealStage.LOST, "Price", "Price"), (DealStage.LOST, "Lost to Competitor", "Lost to Competitor - Other"),
    (DealStage.LOST, "The sun was too hot", "Other"), (DealStage.LOST, None, "Other"),
])  # fmt: skip
def test_a_lost_deal_closes_its_opportunity_with_a_reason_that_aws_knows(stage, reason, told):
    hub = approved()
    hub.edit(stage=stage, lost_reason=reason)
    hub.settle()
    assert hub.aws.writes[0].fields == {"stage": "closed_lost", "lost_reason": told}
    assert hub.said.next_step == "The opportunity is closed lost; AWS takes no further change of it."


def test_a_deal_that_is_called_lost_while_its_agreement_holds_is_not_closed():
    hub = approved()
    hub.edit(stage=DealStage.LOST)
    hub.offer(OfferState.ACCEPTED, agreement_active=True)
    hub.settle()
    assert hub.aws.opportunity["stage"] == "business_validation"
    assert [problem.field for problem in hub.said.problems] == ["stage"]


def test_a_launched_opportunity_is_never_changed_again():
    hub = approved()
    hub.aws.touch(stage="launched")
    hub.edit(stage=DealStage.LOST, next_step="Start again")
    hub.settle()
    assert entities(hub) == []
    hub.edit(stage=DealStage.PROPOSAL)
    hub.settle()
    assert entities(hub) == []


def test_a_stage_goes_back_where_only_we_have_moved_it_and_stays_where_aws_has():
    hub = approved()
    hub.edit(stage=DealStage.QUALIFICATION)
    hub.settle()
    assert hub.aws.opportunity["stage"] == "qualified"
    hub.aws.touch(stage="technical_validation")
    hub.edit(stage=DealStage.MEETING, next_step="Meet them")
    hub.settle()
    assert hub.aws.opportunity["stage"] == "technical_validation"
    hub.edit(stage=DealStage.NEGOTIATION)
    hub.settle()
    assert hub.aws.opportunity["stage"] == "business_validation"


def test_the_offer_is_associated_once_and_a_newer_one_takes_its_place():
    hub = approved()
    hub.offer(OfferState.CREATING)
    hub.settle()
    assert entities(hub) == []
    hub.offer(OfferState.RELEASED)
    hub.settle()
    assert hub.aws.opportunity["offers"] == [f"{ARN}/Offer/offer-1"]
    hub.offer(OfferState.RELEASED, 2)
    hub.settle()
    assert hub.aws.opportunity["offers"] == [f"{ARN}/Offer/offer-2"]
    assert entities(hub) == ["cosell_offer", "cosell_offer"]


@pytest.mark.parametrize("state", [OfferState.EXPIRED, OfferState.CANCELLED])
def test_an_offer_that_is_gone_stays_associated_but_is_not_associated_any_more(state):
    hub = approved()
    hub.offer(OfferState.RELEASED)
    hub.settle()
    hub.offer(state)
    hub.settle()
    assert hub.aws.opportunity["offers"] == [f"{ARN}/Offer/offer-1"]
    hub.offer(state, 2)
    hub.settle()
    assert entities(hub) == ["cosell_offer"]


def test_of_an_offer_in_a_set_the_set_is_associated():
    hub = approved()
    hub.offer(OfferState.RELEASED, offer_set_arn=f"{ARN}/OfferSet/offerset-1")
    hub.settle()
    assert hub.aws.opportunity["offer_sets"] == [f"{ARN}/OfferSet/offerset-1"]
    assert hub.aws.opportunity["offers"] == []


def test_an_offer_that_somebody_takes_off_is_not_put_back():
    hub = approved()
    hub.offer(OfferState.RELEASED)
    hub.settle()
    hub.aws.touch(offers=[])
    hub.settle()
    for _ in range(40):
        hub.turn()
    assert entities(hub) == ["cosell_offer"]
    assert "Somebody has taken the private offer off" in hub.said.next_step


def test_a_deal_that_is_gone_is_followed_no_more():
    gone = wanted()
    gone = gone.model_copy(update={"card": gone.card.model_copy(update={"alive": False})})
    hub = Hub()
    hub.wants = lambda: gone
    assert hub.decide().wanted is False
