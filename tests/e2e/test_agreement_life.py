"""What becomes of an agreement, over both wires: the deal says it, also where no event came."""

from typing import Any

import pytest

from sandbox.aws.delivery import Delivery
from tests.e2e.cosell import BUYER, Hub, hub
from tests.e2e.test_deal_to_private_offer import agreed


def accepted(it: Hub) -> tuple[str, str]:
    """A deal whose offer the buyer has accepted, and the agreement."""
    it.runs()
    deal = agreed(it, Offer_Request__c=None, Cosell__c=False)
    it.runs()
    made = it.seller("make_offer", title=f"Acme {deal}", buyer=BUYER, amount="12500.00", renewal=True)
    it.runs()
    it.buyer("accept", offer=made["offer"], auto_renew=True)
    it.runs()
    shown = it.deal(deal)
    assert shown["Offer_State__c"] == "Accepted"
    return deal, shown["Agreement_Id__c"]


ENDS: dict[str, tuple[dict[str, Any], str]] = {
    "terminate": ({}, "Terminated"),
    "cancel": ({}, "Terminated"),
    "roll_back": ({}, "Terminated"),
}


@pytest.mark.parametrize("told", ["told", "untold"])
@pytest.mark.parametrize("act", ENDS)
def test_an_end_is_shown_with_its_meaning_whether_or_not_an_event_tells(act: str, told: str):
    more, state = ENDS[act]
    with hub() as it:
        deal, agreement = accepted(it)
        if told == "untold":
            it.aws.call(lambda: setattr(it.aws.platform.bus, "faults", Delivery(drop=1.0)))
        it.buyer(act, agreement=agreement, **more)
        it.reads_all()
        it.runs()
        assert it.deal(deal)["Offer_State__c"] == state


def test_an_agreement_that_runs_out_has_ended():
    with hub() as it:
        deal, agreement = accepted(it)
        it.buyer("opt_out", agreement=agreement, party="ACCEPTOR")
        it.buyer("let_expire", what=agreement)
        it.reads_all()
        it.runs()
        assert it.deal(deal)["Offer_State__c"] == "Ended"


def test_an_amended_agreement_shows_what_it_is_worth_now():
    with hub() as it:
        deal, agreement = accepted(it)
        it.buyer("amend", agreement=agreement, amount="20000.00")
        it.runs()
        shown, worth = it.deal(deal), 12500 + 20000  # what was agreed on before, and the amendment
        assert (shown["Offer_State__c"], shown["Offer_Amount__c"]) == ("Accepted", worth)


def test_a_renewed_agreement_goes_on_under_the_next_one():
    with hub() as it:
        deal, agreement = accepted(it)
        it.buyer("renew", agreement=agreement)
        it.reads_all()
        it.runs()
        shown = it.deal(deal)
        assert shown["Offer_State__c"] == "Accepted"
        assert shown["Agreement_Id__c"] not in {None, agreement}
        assert len(it.history(deal)[-1].agreements) == 2


def test_a_replacement_that_a_deal_asks_for_takes_the_place_of_the_agreement():
    with hub() as it:
        deal, agreement = accepted(it)
        expansion = agreed(it, Cosell__c=False, Replaces_Agreement__c=agreement, Amount=30000, Name="Acme: 90 seats")
        it.runs()
        shown = it.deal(expansion)
        assert (shown["Offer_State__c"], shown["Offer_Problem__c"]) == ("Released", None)
        it.buyer("replace", offer=shown["Offer_Id__c"])
        it.reads_all()
        it.runs()
        assert it.deal(expansion)["Offer_State__c"] == "Accepted"
        assert it.deal(deal)["Offer_State__c"] == "Replaced"
