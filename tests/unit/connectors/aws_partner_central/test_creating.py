"""A deal becomes one opportunity, whatever is lost on the way."""

import pytest

from connectors.base import Applied, Rejected
from connectors.errors import RetryLater
from tests.unit.connectors.aws_partner_central.partner import DEAL


def count(partner) -> int:
    return len(partner.living())


def held(partner, outcome) -> dict:
    return partner.handle("GetOpportunity", Identifier=outcome.target_id)


def test_an_opportunity_is_made_with_the_deals_id_as_a_partner_referral(partner):
    (outcome,) = partner.send(partner.deal())
    made = held(partner, outcome)
    assert (made["PartnerOpportunityIdentifier"], made["LifeCycle"]["ReviewStatus"]) == (DEAL, "Pending Submission")
    assert partner.living()[outcome.target_id].origin == "Partner Referral"


@pytest.mark.parametrize("kind", ["reset_after", "timeout_after", "reset_before", "server_error"])
def test_a_create_whose_answer_was_lost_makes_no_second_one(partner, kind):
    partner.faulty(kind, "CreateOpportunity")
    with pytest.raises(RetryLater):
        partner.send(partner.deal())
    (outcome,) = partner.send(partner.deal())
    assert isinstance(outcome, Applied)
    assert count(partner) == 1


def test_not_even_while_listings_do_not_show_it_yet(partner):
    partner.faulty("reset_after", "CreateOpportunity")
    with pytest.raises(RetryLater):
        partner.send(partner.deal())
    hidden = dict(partner.living())
    for one in hidden.values():
        one.visible = one.created.replace(year=2027)
    (outcome,) = partner.send(partner.deal())
    assert (outcome, count(partner)) == (Applied(next(iter(hidden))), 1)


def test_a_repeat_with_other_values_changes_the_one_that_is_there(partner):
    (first,) = partner.send(partner.deal())
    (second,) = partner.send(partner.deal(company="Acme Robotics AG", next_steps="Call Ada"))
    assert (second.target_id, count(partner)) == (first.target_id, 1)
    account = held(partner, second)["Customer"]["Account"]
    assert account["CompanyName"] == "Acme Robotics AG"


def test_a_token_that_aws_has_forgotten_makes_no_second_one(partner):
    (first,) = partner.send(partner.deal())
    partner.service().book.tokens.clear()
    assert partner.send(partner.deal()) == [Applied(first.target_id, changed=False)]


def test_two_deals_of_one_customer_are_two_opportunities(partner):
    first, second = partner.send(partner.deal(), partner.deal("006xx02"))
    assert first.target_id != second.target_id


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"company": None}, "company", "missing"),
        ({"buyer_account": "12345678901"}, "buyer_account", "11 characters"),
        ({"monthly_spend": "1.005"}, "monthly_spend", "two decimals"),
        ({"problem": "slow"}, "problem", "at least 20"),
    ],
)
def test_a_deal_that_cannot_be_shared_is_told_why_and_nothing_is_sent(partner, fields, field, words):
    (outcome,) = partner.send(partner.deal(**fields))
    assert isinstance(outcome, Rejected)
    assert (outcome.field, words in outcome.reason) == (field, True)
    assert partner.asked("CreateOpportunity") == 0


def test_what_only_aws_knows_to_be_wrong_is_told_with_the_deals_fields(partner):
    (outcome,) = partner.send(partner.deal(use_case="Robots", close_date="2020-01-01"))
    assert isinstance(outcome, Rejected)
    assert outcome.field in {"use_case", "close_date"}
    assert "use_case: Partner Central does not know this value" in outcome.reason
    assert "close_date: Partner Central does not take this value" in outcome.reason


def test_stages_that_need_a_solution_are_refused_until_there_is_one(partner):
    (made,) = partner.send(partner.deal())
    won = partner.write("cosell", made.target_id, fields={"stage": "committed"})
    (refused,) = partner.send(won)
    assert (refused.field, refused.code) == ("stage", "ACTION_NOT_PERMITTED")
    partner.send(partner.write("cosell_solution", made.target_id, fields={"solution": "S-0000001"}))
    assert partner.send(won) == [Applied(made.target_id)]
