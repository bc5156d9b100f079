"""Deals that the cloud vendor brings, invitations, and the opportunity of a deal of ours."""

import pytest

from schemas.messages import Ruling
from tests.unit.streams.offers.world import World

ACE = {
    "title": "Contoso migrates", "origin": "aws_referral", "review": "approved", "stage": "qualified",
    "close_date": "2027-02-01", "company": "Contoso AG", "website": "https://www.contoso.com", "country": "DE",
    "modified": "1",
}  # fmt: skip
SHARED = {
    "cosell": True, "offer_request": None, "problem": "Robots stand still for hours.", "close_date": "2027-03-01",
    "use_case": "Containers & Serverless",
}  # fmt: skip


def world(**more) -> World:
    made = World(cosell=True, **more).start()
    made.clouds.put("crm/account/001", country="Germany", city="Berlin")
    return made.settle()


def brought(made: World) -> list:
    return [write for write in made.decided("crm") if write.entity == "deal"]


def test_an_opportunity_of_awss_own_becomes_a_deal_with_a_company():
    made = world()
    made.clouds.put("ace/cosell/O77", **ACE)
    made.settle()
    (write,) = brought(made)
    assert write.key == "tandem-ace-O77"
    assert write.fields == {"name": "Contoso migrates", "stage": "qualification", "close_date": "2027-02-01"}
    assert write.parent.fields == {"name": "Contoso AG", "website": "https://www.contoso.com", "country": "DE"}
    deal = made.clouds.refs("deal")[0]
    assert made.link(deal).cosell == "ace/cosell/O77"
    assert made.shown(deal)["cosell_id"] == "O77"
    assert len(brought(made.settle(whole=True))) == 1


def test_a_company_that_is_known_by_its_domain_or_name_is_used():
    made = world()
    made.clouds.put("ace/cosell/O77", **{**ACE, "company": "Other", "website": "www.acme.com"})
    made.clouds.put("ace/cosell/O78", **{**ACE, "company": "ACME Robotics", "website": None})
    made.settle()
    assert [(write.fields["account"], write.parent) for write in brought(made)] == [("001", None)] * 2


def test_two_opportunities_of_one_unknown_company_make_one_company():
    made = world()
    made.clouds.put("ace/cosell/O77", **ACE)
    made.clouds.put("ace/cosell/O78", **ACE)
    made.settle()
    first, second = brought(made)
    assert first.parent.key == second.parent.key
    assert first.key != second.key


@pytest.mark.parametrize(
    "change",
    [{"deal": "006A"}, {"origin": "partner_referral"}, {"origin": None}, {"told": "O77"}, {"stage": "closed_lost"}],
)
def test_an_opportunity_that_has_a_deal_is_ours_or_over_makes_none(change):
    made = world().deal(offer_request=None, cosell_ref=change.pop("told", None))
    made.clouds.put("ace/cosell/O77", **{**ACE, **change})
    assert brought(made.settle()) == []


def test_nothing_is_brought_before_everything_was_read():
    made = World(cosell=True)
    made.clouds.put("ace/cosell/O77", **ACE)
    made.tell("ace/cosell/O77")
    made.drain()
    assert brought(made) == []
    assert len(brought(made.settle())) == 1


def test_an_opportunity_without_a_day_or_title_is_a_deal_all_the_same():
    made = world()
    made.clouds.put("ace/cosell/O77", **{**ACE, "title": None, "close_date": None, "company": None, "website": None})
    (write,) = brought(made.settle())
    assert write.fields["name"] == "AWS referral O77"
    assert write.fields["close_date"] == "2027-02-20"
    assert write.parent is None


def test_a_deal_that_is_shared_has_its_opportunity_and_the_offer_on_it():
    made = world().deal(**SHARED)
    assert made.link().cosell
    assert made.shown()["cosell_status"] == "pending_submission"
    solution = made.clouds.refs("cosell")[0]
    made.clouds.put(solution, solutions=("S-1",), modified="m2")
    made.settle()
    assert made.shown()["cosell_status"] == "approved"
    made.deal(offer_request="create").work()
    ((opportunity, arn),) = made.clouds.associations
    assert opportunity == made.shown()["cosell_id"]
    assert arn.endswith(made.shown()["offer_id"])
    assert [fact.step for fact in made.facts() if "co-sell" in fact.step]


def test_what_is_wrong_with_the_opportunity_stands_on_the_deal_too():
    made = world().deal(**{**SHARED, "problem": None})
    assert "Problem: it is empty, and AWS asks for it." in made.problem()
    assert made.clouds.refs("cosell") == []


def test_an_opportunity_that_a_person_names_is_the_deals():
    made = world()
    made.clouds.put("ace/cosell/O5", **{**ACE, "origin": "partner_referral", "deal": None, "solutions": ("S-1",)})
    made.deal(**SHARED, cosell_ref="O5")
    assert made.link().cosell == "ace/cosell/O5"
    assert len(made.clouds.refs("cosell")) == 1


def test_an_invitation_is_answered_once_a_person_says_how():
    made = world()
    made.clouds.put("ace/cosell_invitation/engi-1", status="pending", company="Contoso")
    assert made.settle().decided("ace") == []
    ruling = made.ruling(Ruling.ACCEPT_INVITATION, "ace/cosell_invitation/engi-1")
    made.publish(ruling, ruling)
    made.settle(whole=True)
    (write,) = made.decided("ace")
    assert (write.entity, write.key, write.fields) == ("cosell_invitation", "engi-1", {"status": "accepted"})
    assert made.clouds.records["ace/cosell_invitation/engi-1"]["status"] == "accepted"
    assert made.dead() == []


def test_invitations_are_accepted_unasked_where_the_rules_say_so():
    made = world(cosell_rules={"accept_invitations": True})
    made.clouds.put("ace/cosell_invitation/engi-1", status="pending", company="Contoso")
    assert [write.fields for write in made.settle(whole=True).decided("ace")] == [{"status": "accepted"}]


def test_a_deployment_without_a_partner_system_shares_nothing():
    assert World().start().deal(cosell=True).decided("ace") == []


def test_a_deployment_with_a_partner_system_and_no_marketplace_shares_deals_and_makes_no_offers():
    made = world(marketplace=None).deal(**{**SHARED, "offer_request": "create"})
    assert made.dead() == []
    assert made.decided("aws") == []
    assert made.link().cosell
