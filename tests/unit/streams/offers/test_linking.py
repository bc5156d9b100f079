"""Which offer is whose: made by us, matched, ruled by a person; never two deals' at once."""

from schemas.messages import Ruling
from tests.unit.streams.offers.model import BUYER
from tests.unit.streams.offers.world import World

A, B = "crm/deal/006A", "crm/deal/006B"


def by_hand(world: World, name: str = "offer-hand", title: str = "Some offer", **fields) -> str:
    held = {
        "name": title, "product": "prod-9", "buyer_accounts": ("999900009999",), "amount": "777", "currency": "EUR",
        "accept_by": "2027-01-15", **fields,
    }  # fmt: skip
    ref = world.clouds.make_offer(name, **held)
    world.settle()
    return ref


def named(world: World, deal_id: str = "006A000001ABCDEAA2") -> tuple[str, str]:
    """A deal, and an offer that somebody made for it and that bears its id."""
    world.deal(deal_id, offer_request=None)
    terms = {"product": "prod-1", "buyer_accounts": (BUYER,), "amount": "12000.00", "currency": "USD"}
    title = f"Acme Robotics: 40 seats ({deal_id})"
    return f"crm/deal/{deal_id}", by_hand(world, title=title, grants=("seats=40",), **terms)


def test_an_offer_that_bears_the_deals_id_is_linked_and_shown():
    world = World().start()
    deal, offer = named(world)
    assert world.link(deal).offer == offer
    assert world.state(deal) == "released"
    record = world.clouds.shown["crm/aws/offer-hand"]
    assert record["deal"] == deal.rpartition("/")[2]
    assert record["reasons"]
    assert record["state"] == "released"


def test_a_deal_with_a_linked_offer_that_asks_gets_no_second_one():
    world = World().start()
    deal, _ = named(world)
    world.deal(deal.rpartition("/")[2], offer_request="create").work()
    assert world.asked() == []


def test_a_linked_offer_is_not_extended_for_a_day_that_stood_in_the_deal_before():
    world = World().start().deal(offer_request=None, accept_by="2027-06-01")
    world.rule(Ruling.LINK, A, by_hand(world)).work()
    assert world.state() == "released"
    assert world.changes() == []
    assert world.deal(accept_by="2027-07-01").work().shown()["offer_accept_by"] == "2027-07-01"


def test_a_person_links_and_unlinks():
    world = World().start().deal(offer_request=None)
    offer = by_hand(world)
    assert world.link() is None
    world.rule(Ruling.LINK, A, offer, note="I made it")
    assert world.state() == "released"
    assert world.shown()["offer_id"] == "offer-hand"
    assert world.clouds.shown["crm/aws/offer-hand"]["main_reason"] == "dana has linked the two: I made it"
    world.rule(Ruling.UNLINK, A, offer)
    assert world.state() is None
    assert world.shown()["offer_id"] is None
    assert world.clouds.shown["crm/aws/offer-hand"]["deal"] is None
    assert world.facts()[-1].step == "The deal has no private offer any more."


def test_an_offer_that_is_linked_elsewhere_leaves_the_deal_that_it_was_linked_to():
    world = World().start().deal(offer_request=None).deal("006B", offer_request=None)
    offer = by_hand(world)
    world.rule(Ruling.LINK, A, offer).rule(Ruling.LINK, B, offer)
    assert world.state(A) is None
    assert world.state(B) == "released"
    assert world.clouds.shown["crm/aws/offer-hand"]["deal"] == "006B"


def test_an_offer_of_our_own_that_was_unlinked_is_not_made_again_unasked():
    world = World().start().deal().work()
    offer = world.clouds.offers_of(A)[0]
    world.rule(Ruling.UNLINK, A, offer).settle(whole=True)
    assert world.state() is None
    assert len(world.asked()) == 1
    world.deal(amount="5.00").work()
    assert world.state() == "released"
    assert len(world.asked()) == 2


def test_what_is_known_of_nothing_is_ruled_about_nothing():
    world = World().start().deal(offer_request=None)
    for ruling in (Ruling.LINK, Ruling.UNLINK, Ruling.CANCEL_OFFER, Ruling.APPROVE_OFFER, Ruling.EXTEND_OFFER):
        world.rule(ruling, A, "aws/offer/nothing").rule(ruling, "crm/deal/nothing").rule(ruling)
    assert world.link() is None
    assert world.dead() == []


def test_an_offer_of_our_own_goes_before_one_that_was_linked_meanwhile():
    world = World().start().deal()
    other = by_hand(world, title="Acme")
    world.rule(Ruling.LINK, A, other).work()
    assert world.link().offer == other  # a person said so
    own = world.clouds.offers_of(A)[0]
    assert world.clouds.shown[f"crm/aws/{own.rpartition('/')[2]}"]["deal"] == "006A"
    world.rule(Ruling.LINK, B, own)
    assert world.link(B) is None


def test_offers_for_everybody_are_no_records_in_the_crm():
    world = World().start().deal(offer_request=None)
    by_hand(world, buyer_accounts=())
    assert "crm/aws/offer-hand" not in world.clouds.shown


def test_an_unlinked_offer_is_a_record_without_a_deal():
    world = World().start()
    offer = by_hand(world)
    record = world.clouds.shown["crm/aws/offer-hand"]
    assert record.get("deal") is None
    assert record["state"] == "released"
    agreement = world.clouds.accept(offer)
    assert world.settle().clouds.shown["crm/aws/offer-hand"]["agreement_id"] == agreement.rpartition("/")[2]


def test_the_offer_set_of_an_offer_is_told():
    world = World().start().deal().work()
    offer = world.clouds.offers_of(A)[0].rpartition("/")[2]
    world.clouds.put("aws/offer_set/offerset-1", name="S", released=True, offers=(offer,), arn="arn:set")
    assert world.settle().link().offer_set == "aws/offer_set/offerset-1"
    world.clouds.put("aws/offer_set/offerset-1", offers=())
    assert world.settle().link().offer_set is None


def test_a_deal_that_is_merged_into_another_leaves_it_its_offer():
    world = World().start().deal().deal("006B", offer_request=None).work()
    offer = world.clouds.offers_of(A)[0]
    world.clouds.put(A, gone=True, merged_into="006B")
    world.settle()
    assert world.state(A) is None
    assert world.link(B).offer == offer
    world.clouds.accept(offer)
    assert world.settle().state(B) == "accepted"
    assert world.clouds.shown[f"crm/aws/{offer.rpartition('/')[2]}"]["deal"] == "006B"


def test_an_offer_that_a_person_says_is_not_the_deals_is_never_matched_to_it():
    world = World().start()
    deal, offer = named(world)
    world.rule(Ruling.UNLINK, deal, offer)
    world.clouds.put(offer, description="changed")
    assert world.settle(whole=True).state(deal) is None


def test_attempts_that_only_the_marketplace_remembers_are_gone_through_to_the_last():
    before = World().start().deal().work("client_error").deal(amount="11000.00").work()
    after = World()
    after.clouds = before.clouds
    after.settle(whole=True)
    assert after.asked() == []
    assert after.link().offer == before.link().offer
