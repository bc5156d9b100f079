"""What people do beside Tandem, over both wires: offers made by hand find their deals, AWS's invitations become deals."""

from collections.abc import Iterator

import pytest

from schemas.messages import MatchStatus, Ruling
from tests.e2e.cosell import AWS, BUYER, CRM, Hub, hub
from tests.e2e.test_deal_to_private_offer import agreed


@pytest.fixture
def it() -> Iterator[Hub]:
    with hub() as found:
        found.runs()
        yield found


def by_hand(it: Hub, title: str, **terms: object) -> str:
    """An offer that somebody makes in the Marketplace Management Portal; its id."""
    before = set(it.offers())
    it.seller("make_offer", title=title, buyer=BUYER, **terms)
    it.runs()
    (made,) = set(it.offers()) - before
    return made


def test_an_offer_whose_name_bears_the_deal_is_linked_and_shown_on_it(it: Hub):
    deal = agreed(it, Offer_Request__c=None, Cosell__c=False)
    it.runs()
    offer = by_hand(it, f"Acme Robotics 40 seats {deal}", amount="12500.00")
    shown = it.deal(deal)
    assert (shown["Offer_State__c"], shown["Offer_Id__c"]) == ("Released", offer)
    assert it.matches()[f"{AWS}/offer/{offer}"].status is MatchStatus.LINKED
    it.buyer("accept", offer=offer)
    it.runs()
    assert it.deal(deal)["Offer_State__c"] == "Accepted"


def test_a_likely_offer_is_proposed_and_one_word_links_it(it: Hub):
    deal = agreed(it, Offer_Request__c=None, Cosell__c=False)
    it.runs()
    offer = by_hand(it, "Acme Robotics", amount="9000.00")
    found = it.matches()[f"{AWS}/offer/{offer}"]
    assert (found.status, found.deal) == (MatchStatus.PROPOSED, f"{CRM}/deal/{deal}")
    assert found.reasons
    assert it.deal(deal)["Offer_Id__c"] is None
    it.rules(Ruling.LINK, f"{CRM}/deal/{deal}", f"{AWS}/offer/{offer}")
    it.runs()
    assert (it.deal(deal)["Offer_Id__c"], it.deal(deal)["Offer_State__c"]) == (offer, "Released")


def test_an_offer_for_somebody_else_is_listed_as_unlinked_with_a_record_of_its_own(it: Hub):
    deal = agreed(it, Offer_Request__c=None, Cosell__c=False, Buyer_Account__c=None)
    it.runs()
    offer = by_hand(it, "Zyxtron renewal", amount="70.00")
    assert it.matches()[f"{AWS}/offer/{offer}"].status is MatchStatus.UNLINKED
    assert it.deal(deal)["Offer_Id__c"] is None
    [record] = it.offer_records()
    assert (record["Offer_Id__c"], record["Opportunity__c"]) == (offer, None)


def test_an_invitation_that_is_accepted_becomes_a_deal_in_the_crm(it: Hub):
    it.reviewer("invite", company="Quorvane Logistics", title="Freight papers")
    it.runs()
    [invitation] = it.invitations()
    it.rules(Ruling.ACCEPT_INVITATION, invitation)
    it.runs()
    [(opportunity, shared)] = it.opportunities().items()
    [deal] = it.deals()
    assert shared["Project"]["Title"] in deal["Name"]
    assert (deal["Cosell_Id__c"], deal["Tandem_Key__c"]) == (opportunity, f"tandem-ace-{opportunity}")
    assert it.dead_letters() == []
