"""When an offer is made for a deal: once, approved where the rules say so, and again only where the last one came to nothing."""

from decimal import Decimal

import pytest

from schemas.messages import Ruling
from streams.offers import steps
from tests.unit.streams.offers.world import World

DEAL = "crm/deal/006A"
LIMITS = {"approve_above": {"USD": Decimal(10000)}}


def test_a_deal_that_asks_gets_its_offer():
    world = World().start().deal().work()
    assert world.dead() == []
    assert world.state() == "released"
    assert [fact.state for fact in world.facts()] == ["creating", "creating", "released"]
    assert world.asked()[0].reasons == ("The deal asks for an offer.",)
    assert world.link().reasons[0] == f"Offer {world.shown()['offer_id']} can be accepted until 2026-12-22."
    assert world.link().causes


def test_a_deal_that_asks_for_nothing_is_left_alone():
    world = World().start().deal(offer_request=None).work()
    assert world.asked() == []
    assert world.link() is None
    assert world.shown() == {}


def test_the_rules_can_have_an_offer_made_in_a_stage():
    world = World(create={"when": ("won",)}).start().deal(offer_request=None).work()
    assert world.asked() == []
    assert world.deal(stage="won").asked()[0].reasons == ("An offer is made for every deal that is in won.",)


def test_a_lost_deal_gets_no_offer():
    assert World().start().deal(stage="lost").work().asked() == []


def test_nothing_is_made_before_everything_was_looked_at():
    world = World()
    world.clouds.put("crm/account/001", name="Acme")
    world.clouds.put(DEAL, **{**world.clouds.records["crm/account/001"], "offer_request": "create"})
    for ref in list(world.clouds.dirty):
        world.tell(ref)
    world.drain()
    assert world.asked() == []
    assert "as soon as the marketplace has been read" in world.link().next_step
    world.settle()
    assert world.problem().startswith("Buyer account: ")


def test_the_same_ask_makes_no_second_offer_however_often_it_comes():
    world = World().start().deal().work()
    for _ in range(3):
        world.clouds.put(DEAL, next_step="call them")
        world.settle(whole=True)
    world.deal(amount="13000.00").work()
    assert len(world.asked()) == 1


def test_what_is_asked_is_known_by_a_key_that_is_the_same_in_every_process():
    keys = {World().start().deal().asked()[0].key for _ in range(2)}
    assert len(keys) == 1
    assert len(keys.pop()) <= 64
    both = World().start().deal().deal("006B")
    assert len({write.key for write in both.asked()}) == 2


def test_a_deal_that_names_an_offer_made_by_hand_gets_no_second_one():
    world = World().start().deal(offer_ref="offer-byhand")
    assert world.asked() == []
    assert world.problem().startswith("Offer ref: The deal names 'offer-byhand', an offer that is not linked to it.")
    assert len(world.deal(offer_ref=None).asked()) == 1


def test_a_change_set_that_fails_is_explained_and_made_again_once_the_deal_was_corrected():
    world = World().start().deal().work("client_error")
    assert world.state() == "create_failed"
    assert world.problem().startswith("Buyer account: The buyer's AWS account was not taken.")
    assert "no such account" in world.problem()
    assert "Check its 12 digits" in world.problem()
    world.settle(whole=True)
    assert len(world.asked()) == 1
    world.deal(buyer_account="210987654321").work()
    assert world.state() == "released"
    assert world.problem() == ""
    first, second = world.asked()
    assert first.key != second.key
    assert "Attempt 2." in second.reasons


def test_a_request_that_is_refused_is_sent_again_under_its_key_once_the_deal_was_corrected():
    world = World().start()
    world.clouds.refusals = 1
    world.deal().work()
    assert world.state() == "create_failed"
    assert world.problem().startswith("Grants: A dimension or quantity is not one of the product's. (AWS: Validation")
    world.deal(grants=("Seats=40",)).work()
    assert world.state() == "released"
    assert len({write.key for write in world.asked()}) == 1
    assert len({write.id for write in world.asked()}) == 2


def test_asking_once_more_tries_again_what_was_refused():
    world = World().start()
    world.clouds.refusals = 1
    world.deal().work().deal(offer_request=None).deal(offer_request="create").work()
    assert world.state() == "released"


def test_a_fault_of_the_marketplace_is_tried_again_three_times():
    world = World().start().deal().work("server_fault")
    assert len(world.asked()) == 4
    assert world.state() == "create_failed"
    assert world.problem()
    assert len({write.key for write in world.asked()}) == 4


def test_a_change_set_that_somebody_cancelled_is_not_made_again_unasked():
    world = World().start().deal()
    world.clouds.put(world.clouds.open_change_sets()[0], status="cancelled")
    world.settle()
    assert world.state() == "create_failed"
    assert "Somebody cancelled the change" in world.problem()
    assert len(world.asked()) == 1


def test_after_an_offer_is_over_only_a_new_ask_makes_another_one():
    world = World().start().deal().work().days(40)
    assert world.state() == "expired"
    world.clouds.put(DEAL, next_step="think about it")
    assert len(world.settle().asked()) == 1
    world.deal(amount="11000.00").work()
    assert world.state() == "released"
    assert len(world.asked()) == 2
    assert world.shown()["offer_id"] == world.clouds.offers_of(DEAL)[-1].rpartition("/")[2]


def test_asking_once_more_after_cancelling_makes_another_offer():
    world = World().start().deal().work().deal(offer_request="cancel").work()
    assert world.state() == "cancelled"
    assert world.deal(offer_request="create").work().state() == "released"


def test_an_outcome_that_is_lost_is_made_up_for_by_the_name_of_the_change_set():
    world = World().start().deal(offer_request=None)
    world.clouds.put(DEAL, offer_request="create")
    world.look()
    world.drain()
    finished = world.clouds.write(world.asked()[0])
    world.taken["aws"] = 1
    world.work()
    assert finished.target_id in world.link().change_set
    assert world.state() == "released"


def test_an_attempt_that_only_the_marketplace_remembers_is_taken_over():
    before = World().start().deal().work()
    after = World()
    after.clouds = before.clouds
    after.taken["crm"] = 0
    after.settle(whole=True)
    assert after.asked() == []
    assert after.state() == "released"
    assert after.link().offer == before.link().offer


def test_an_offer_above_the_limit_waits_for_a_person():
    world = World(create=LIMITS).start().deal()
    assert world.asked() == []
    assert world.link().approval == "waiting"
    assert world.shown()["offer_next_step"] == "An offer of 12000.00 USD waits for a person to approve it."
    world.rule(Ruling.APPROVE_OFFER, DEAL, note="fine").work()
    assert world.state() == "released"
    assert "dana has approved the offer: fine" in world.asked()[0].reasons


@pytest.mark.parametrize(("fields", "waits"), [({"amount": "10000"}, False), ({"currency": "EUR"}, True)])
def test_a_currency_without_a_limit_always_waits_and_what_is_within_it_never(fields, waits):
    world = World(create=LIMITS).start().deal(**fields)
    assert (world.asked() == []) == waits


def test_an_approval_holds_only_for_what_was_approved():
    world = World(create=LIMITS).start().deal(offer_request="create")
    ruling = world.ruling(Ruling.APPROVE_OFFER, DEAL)
    world.clouds.refusals = 1
    world.publish(ruling)
    world.settle().deal(amount="99000.00")
    assert len(world.asked()) == 1
    assert world.link().approval == "waiting"
    world.publish(ruling)  # told twice, it does not approve what it was not given for
    world.settle()
    assert len(world.asked()) == 1


def test_what_a_person_refused_is_asked_again_only_when_it_is_something_else():
    world = World(create=LIMITS).start().deal().rule(Ruling.REFUSE_OFFER, DEAL, note="too cheap")
    assert world.asked() == []
    assert world.link().approval == "refused"
    assert "dana has refused the offer: too cheap" in world.shown()["offer_next_step"]
    assert world.deal(amount="50000.00").link().approval == "waiting"


def test_an_offer_of_a_resale_authorisation_is_asked_for_with_it_and_waits_for_the_reseller_where_nobody_asks():
    world = World().start()
    fields = {"name": "R", "status": "active", "reseller_name": "Resale Inc."}
    world.clouds.put("aws/resale_authorization/ra-1", **fields)
    world.deal(resale_authorization="ra-1", offer_request=None)
    assert world.state() == "partner_action"
    assert world.link().reasons == ("R authorises Resale Inc., and there is no offer yet.",)
    world.deal(offer_request="create").work()
    assert world.state() == "released"
    assert world.asked()[0].fields["resale_authorization"] == "ra-1"


def test_an_authorisation_that_comes_later_lets_the_offer_be_made():
    world = World().start().deal(resale_authorization="ra-1")
    assert world.problem().startswith("Resale authorization: No resale authorisation 'ra-1' is known")
    world.clouds.put("aws/resale_authorization/ra-1", name="R", status="active")
    world.settle()
    assert world.problem() == ""
    assert len(world.asked()) == 1


def test_a_replacement_offer_is_asked_for_once_its_agreement_is_known():
    world = World().start().deal("006B", replaces_agreement="agmt-9")
    assert "Replaces agreement: No agreement" in world.problem("crm/deal/006B")
    world.clouds.put("aws/agreement/agmt-9", status="active", buyer_account="123456789012")
    world.settle()
    assert world.asked()[0].fields["replaces_agreement"] == "agmt-9"


def test_a_deployment_without_a_cloud_has_no_such_lane():
    world = World()
    assert steps(world.setup.model_copy(update={"marketplace": None})) == ()
    assert steps(world.setup.model_copy(update={"deals": ()})) == ()
