"""What AWS would not take: said on the deal, with the remedy, and nothing is sent."""

import pytest

from schemas.entities import DealStage
from streams.offers.cosell import advance
from tests.unit.streams.offers.cosell_world import START, Hub, card, company, deal, setup, wanted

BAD = [
    ({"problem": None}, "problem", "it is empty, and AWS asks for it."),
    ({"problem": "Too short."}, "problem", "it has 10 characters; AWS takes 20 to 2000."),
    ({"problem": "x" * 2001}, "problem", "it has 2001 characters; AWS takes 20 to 2000."),
    ({"next_step": "x" * 256}, "next_step", "it has 256 characters; AWS takes at most 255."),
    ({"close_date": None}, "close_date", "it is empty, and AWS asks for it."),
    ({"close_date": "2026-11-21"}, "close_date", "2026-11-21 is in the past"),
    ({"buyer_account": "12345678901"}, "buyer_account", "'12345678901' is no AWS account."),
    ({"buyer_account": "1234-5678-9012"}, "buyer_account", "'1234-5678-9012' is no AWS account."),
    ({"amount": "12.345"}, "amount", "12.345 is no amount that AWS takes."),
    ({"amount": "-1"}, "amount", "-1 is no amount that AWS takes."),
    ({"amount": "1e40"}, "amount", "1E+40 is no amount that AWS takes."),
    ({"currency": "euro"}, "currency", "'euro' is no currency."),
    ({"use_case": None}, "use_case", "it is empty, and AWS asks for it."),
    ({"use_case": "Container"}, "use_case", "AWS has no use case 'Container';"),
    ({"cosell_ref": "006XX"}, "cosell_ref", "'006XX' is no opportunity of Partner Central."),
]  # fmt: skip


@pytest.mark.parametrize(("values", "field", "reason"), BAD)
def test_a_bad_value_is_named_with_its_field_and_nothing_is_sent(values, field, reason):
    said = advance(wanted(deal(**values)), setup(), START)
    assert said.commands == ()
    assert [(problem.field, problem.remedy != "") for problem in said.problems] == [(field, True)]
    assert said.problems[0].reason.startswith(reason)


@pytest.mark.parametrize(("values", "field"), [
    ({"website": None}, "account.website"), ({"website": "a.b"}, "account.website"), ({"country": None}, "account.country"),
    ({"country": "Atlantis"}, "account.country"), ({"name": "x" * 121}, "account.name"),
    ({"postal_code": "x" * 21}, "account.postal_code"),
])  # fmt: skip
def test_a_bad_value_of_the_company_is_named_as_such(values, field):
    said = advance(wanted(None, card=card(deal(), company(**values))), setup(), START)
    assert said.commands == ()
    assert [problem.field for problem in said.problems] == [field]


def test_a_deal_without_a_company_says_so():
    alone = card().model_copy(update={"company": None})
    said = advance(wanted(None, card=alone), setup(), START)
    assert [problem.field for problem in said.problems] == ["account"]
    assert said.next_step == "Correct the deal; then it is shared with AWS."


def test_all_that_is_wrong_is_said_at_once():
    said = advance(wanted(deal(problem=None, amount="1.001", buyer_account="1")), setup(), START)
    assert {problem.field for problem in said.problems} == {"problem", "amount", "buyer_account"}


def test_words_are_taken_in_any_case_and_an_unknown_industry_becomes_the_usual_one():
    fields = advance(wanted(deal(use_case="iot", industry="robots")), setup(), START).commands[0].fields
    assert (fields["use_case"], fields["industry"]) == ("IOT", "Other")


def test_a_domain_stands_in_for_a_website():
    at = company(website=None, domains=("acme.example",))
    said = advance(wanted(None, card=card(deal(), at)), setup(), START)
    assert said.commands[0].fields["website"] == "acme.example"


def test_a_deal_won_before_today_is_told_with_today():
    said = advance(wanted(deal(stage=DealStage.WON, close_date="2026-10-01")), setup(), START)
    assert said.commands[0].fields["close_date"] == "2026-11-22"


def test_a_refused_opportunity_is_made_again_only_once_the_deal_has_changed():
    hub = Hub()
    name = hub.decide().commands[0].name
    hub.flying = None
    hub.sent[name] = hub.sent[name].model_copy(update={"status": "rejected", "reason": "no such customer"})
    assert hub.decide().commands == ()
    assert "no such customer" in str(hub.said.problems[0])
    hub.edit(problem="The customer is named otherwise than one would think.")
    assert len(hub.decide().commands) == 1


def test_an_opportunity_that_names_the_deal_already_is_waited_for_and_not_made_again():
    hub = Hub()
    name = hub.decide().commands[0].name
    hub.flying = None
    hub.sent[name] = hub.sent[name].model_copy(update={"status": "overtaken", "reason": "title is 'Robots'"})
    hub.edit(next_step="Call them")
    assert hub.decide().next_step == "Tandem waits to read from AWS which opportunity the deal has become."


def test_a_bad_value_later_holds_back_that_field_only():
    hub = Hub()
    hub.settle()
    hub.review("approved")
    hub.edit(close_date="2026-01-01", next_step="Call them")
    hub.settle()
    assert hub.aws.writes[-1].fields == {"next_steps": "Call them"}
    assert [problem.field for problem in hub.said.problems] == ["close_date"]


def test_what_can_no_longer_be_changed_at_aws_is_no_problem_of_the_deal():
    hub = Hub()
    hub.settle()
    hub.review("approved")
    hub.edit(problem="Short")
    hub.settle()
    assert hub.said.problems == ()


def test_an_agreement_with_more_decimals_is_rounded():
    told = wanted(deal(stage=DealStage.WON), agreement_active=True, agreement_amount="10.005", agreement_currency="USD")
    assert advance(told, setup(), START).commands[0].fields["software_amount"] == "10.00"
