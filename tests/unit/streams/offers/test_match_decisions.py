"""What becomes of offers that somebody made by hand: linked, proposed or unlinked, and why."""

import pytest

from schemas.entities import Account
from tests.unit.streams.offers.match_desk import TODAY, Desk, deal, gone, offer

D1, D2 = "our-crm/deal/9000001", "our-crm/deal/9000002"
A, B = "our-aws/offer/offer-a", "our-aws/offer/offer-b"
OTHER = Account(name="Zyxtron Semiconductor Inc")
UNLIKE = {"buyer_accounts": ("999999999999",), "amount": "77000.00"}


def test_an_offer_for_the_company_and_the_price_of_one_deal_is_linked_with_reasons():
    desk = Desk()
    assert desk.tell(deal(1), offer("a")) == {A: D1}
    assert desk.held(A) == ("linked", D1)
    assert desk.said[A].confidence >= 0.95
    told = (
        "same buyer account 123456789012",
        "speaks of Acme Robotics GmbH",
        "same amount 12345.00",
        "same currency EUR",
    )
    assert all(each in desk.reasons(A) for each in told)


def test_a_link_is_said_once_and_an_unchanged_record_says_nothing():
    desk = Desk()
    desk.tell(deal(1), offer("a"))
    assert desk.tell(deal(1), offer("a")) == {}
    assert len(desk.news) == 1


def test_an_id_is_made_of_the_content_and_the_cause():
    one, two = Desk(), Desk()
    one.tell(deal(1), offer("a"))
    two.tell(deal(1), offer("a"))
    assert one.said[A].id == two.said[A].id
    two.tell(offer("a", name="Acme Robotics 2027 v2"))
    assert one.said[A].id != two.said[A].id
    assert two.said[A].causes == ("cause-2",)


def test_an_offer_that_fits_two_deals_equally_is_proposed_and_the_other_deal_is_named():
    desk = Desk()
    assert desk.tell(deal(1), deal(2, name="Acme Robotics: 41 seats"), offer("a")) == {}
    assert desk.held(A)[0] == "proposed"
    assert "fits nearly as well" in desk.reasons(A)
    assert {each.deal for each in desk.said[A].candidates} == {D1, D2}


def test_two_offers_that_fit_one_deal_equally_are_both_proposed():
    desk = Desk()
    assert desk.tell(deal(1), offer("a"), offer("b")) == {}
    assert desk.held(A) == desk.held(B) == ("proposed", D1)


def test_a_deal_that_is_linked_leaves_the_next_offer_to_the_other_deal():
    desk = Desk()
    desk.tell(deal(1), deal(2, name="Acme Robotics: 41 seats"), offer("a"))
    assert desk.rule("taken", A, D1, "Linked by dana@acme.com.") == {}
    assert desk.held(A) == ("linked", D1)
    assert desk.reasons(A).startswith("Linked by dana@acme.com.")
    assert desk.tell(offer("b")) == {B: D2}


def test_a_freed_offer_is_matched_again():
    desk = Desk(link=False)
    desk.tell(deal(1), deal(2, name="Acme Robotics: 41 seats"), offer("a"))
    desk.rule("taken", A, D1)
    desk.rule("freed", A, D1)
    assert desk.held(A)[0] == "proposed"


def test_a_pair_that_a_person_has_unlinked_is_never_linked_or_proposed_again():
    desk = Desk()
    desk.tell(deal(1), offer("a", name="Acme Robotics 9000001"))
    assert desk.held(A) == ("linked", D1)
    desk.rule("forbid", A, D1)
    assert desk.held(A) == ("unlinked", None)
    desk.tell(deal(1, amount="12345.01"))
    assert desk.held(A) == ("unlinked", None)
    desk.rule("taken", A, D1)
    assert desk.held(A) == ("linked", D1)


@pytest.mark.parametrize(
    "named",
    [
        (deal(1, offer_ref="offer-a"), offer("a", name="Renewal", **UNLIKE)),
        (
            deal(1, offer_ref="see arn:aws:aws-marketplace:us-east-1:1:AWSMarketplace/Offer/OFFER-A"),
            offer("a", "x", **UNLIKE),
        ),
        (deal(1, name="Acme offer-a"), offer("a", name="Renewal", **UNLIKE)),
        (deal(1), offer("a", name="Renewal (9000001)", **UNLIKE)),
        (deal(1), offer("a", name="Renewal", description="deal 9000001", **UNLIKE)),
    ],
)
def test_an_id_links_whatever_else_is_said(named):
    desk = Desk()
    rival = deal(2, name="Zyxtron", company=OTHER, amount="77000.00", buyer_account="999999999999", currency=None)
    assert desk.tell(*named) == {A: D1}
    assert "names the" in desk.reasons(A)
    assert desk.tell(rival) == {}


def test_an_id_beside_another_company_and_price_is_not_believed_but_shown():
    desk = Desk()
    pasted = offer("a", name="Zyxtron 2027 (9000001)", **UNLIKE)
    zyxtron = deal(2, name="Zyxtron", company=OTHER, amount="77000.00", buyer_account=None)
    assert desk.tell(deal(1, buyer_account=None), zyxtron, pasted) == {}
    assert desk.held(A) == ("proposed", D2)
    assert "an id names the deal 'Acme Robotics: 40 seats' (9000001) too" in desk.reasons(A)


def test_two_offers_that_name_one_deal_are_both_proposed_and_explained():
    desk = Desk()
    assert desk.tell(deal(1), offer("a", name="Acme 9000001"), offer("b", name="Acme 9000001 copy")) == {}
    assert desk.held(A) == desk.held(B) == ("proposed", D1)
    assert "(offer-b) is named for this deal too" in desk.reasons(A)


@pytest.mark.parametrize("left", [{"accept_by": "2027-02-28"}, {"released": False, "released_at": None}])
def test_of_two_offers_that_name_one_deal_a_draft_or_one_that_has_run_out_gives_way(left):
    desk = Desk()
    found = desk.tell(deal(1), offer("a", name="Acme 9000001"), offer("b", name="Acme 9000001", **left))
    assert found == {A: D1}
    assert desk.held(B) == ("unlinked", None)
    assert "which has the offer offer-a" in desk.reasons(B)


def test_an_offer_runs_out_with_the_day_that_is_seen():
    desk = Desk()
    desk.tell(deal(1), offer("a", name="Acme 9000001"), offer("b", name="Acme 9000001", accept_by=TODAY))
    assert desk.held(A)[0] == desk.held(B)[0] == "proposed"
    assert desk.tell(today=TODAY.replace(day=2)) == {A: D1}


def test_an_accepted_offer_does_not_run_out():
    desk = Desk()
    old = offer("b", name="Acme 9000001", status="active", accept_by="2027-02-28")
    assert desk.tell(deal(1), offer("a", name="Acme 9000001"), old) == {}
    assert desk.held(A) == desk.held(B) == ("proposed", D1)


def test_an_offer_that_two_deals_name_is_proposed_for_the_better_one():
    desk = Desk()
    assert desk.tell(deal(1, offer_ref="offer-a"), deal(2, offer_ref="offer-a", amount="500"), offer("a")) == {}
    assert desk.held(A) == ("proposed", D1)


def test_a_lost_deal_takes_no_offer_and_a_name_for_it_links_no_other():
    desk = Desk()
    assert desk.tell(deal(1, stage="lost"), offer("a")) == {}
    assert desk.held(A) == ("unlinked", None)
    assert desk.tell(deal(2), offer("a", name="Acme Robotics 9000001")) == {}
    assert desk.held(A) == ("proposed", D2)
    assert "which is lost" in desk.reasons(A)


def test_another_currency_speaks_against_the_pair_and_is_told():
    desk = Desk()
    assert desk.tell(deal(1), offer("a", currency="USD")) == {}
    assert "but different currencies: EUR and USD" in desk.reasons(A)


def test_without_a_price_or_a_number_in_common_the_buyer_alone_links_nothing():
    desk = Desk()
    assert desk.tell(deal(1, accept_by="2027-03-31"), offer("a", amount=None, currency=None)) == {}
    assert desk.held(A) == ("proposed", D1)
    assert desk.reasons(A).startswith("neither a price nor a number says that it is this deal of the buyer")


def test_an_offer_that_replaces_an_agreement_is_left_to_the_deal_of_that_agreement():
    desk = Desk()
    assert desk.tell(deal(1), offer("a", replaces_agreement="agmt-1")) == {}
    assert desk.held(A) == ("unlinked", None)
    assert "agmt-1" in desk.reasons(A)
    assert desk.tell(deal(2, replaces_agreement="agmt-1")) == {A: D2}


def test_nothing_is_said_of_an_offer_for_everybody():
    desk = Desk()
    assert desk.tell(deal(1), offer("a", buyer_accounts=())) == {}
    assert desk.news == []


def test_an_offer_that_is_gone_is_unlinked_and_no_rival_any_more():
    desk = Desk()
    desk.tell(deal(1), offer("a"), offer("b"))
    assert desk.tell(*gone([offer("a")])) == {B: D1}
    assert desk.held(A) == ("unlinked", None)
    assert desk.reasons(A) == "the offer is gone"


def test_a_deal_that_is_gone_is_proposed_no_more():
    desk = Desk(link=False)
    desk.tell(deal(1), offer("a"))
    desk.tell(*gone([deal(1)]))
    assert desk.held(A) == ("unlinked", None)


def test_a_link_that_becomes_uncertain_before_it_is_taken_is_said_to_be_so():
    desk = Desk(link=False)
    assert desk.tell(deal(1), offer("a")) == {A: D1}
    assert desk.tell(deal(2, name="Acme Robotics: 41 seats")) == {}
    assert desk.held(A)[0] == "proposed"


def test_one_change_rewrites_only_what_it_concerns():
    desk = Desk()
    zyxtron = {"buyer_account": "555555555555", "amount": "99123.45"}
    far = [deal(n, name="Zyxtron", company=OTHER, **zyxtron) for n in range(2, 9)]
    desk.tell(deal(1), offer("a"), *far)
    before = dict(desk.rows)
    desk.tell(offer("a", name="Acme Robotics 2027 v2"))
    changed = {name for name in before.keys() | desk.rows.keys() if before.get(name) != desk.rows.get(name)}
    assert changed
    assert not any(card.ref in name for card in far for name in changed)
