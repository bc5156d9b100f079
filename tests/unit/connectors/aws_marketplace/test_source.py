"""Whatever events say, and however they come, what is told is what the marketplace holds."""

import json
import logging
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import RetryLater
from sandbox.aws.delivery import Delivery
from sandbox.aws.marketplace.seeds import ANALYTICS, AUTHORIZATION, MANUFACTURER, RESELLER
from sandbox.aws.testing import emulator
from sandbox.aws.wire.faults import AwsFault
from schemas.messages import ChangeKind
from tests.unit.connectors.aws_marketplace.conftest import BUYER, TABLES, Follower, Market
from tests.unit.connectors.aws_marketplace.test_changesets import DIRECT

DAY = 86_400


def test_the_first_start_tells_all_that_there_is(market):
    offer = market.seller("make_offer", title="Acme", buyer=BUYER)["offer"]
    offers = market.seller("make_offer_set", title="Bundle", buyer=BUYER)
    agreement = market.buyer("accept", offer=offer)["agreement"]
    market.running.events()  # as if nobody had listened
    follower = Follower(market)
    follower.follow()
    assert set(follower.view("offer")) == {offer, *offers["offers"]}
    assert follower.view("offer_set")[offers["offer_set"]]["offers"] == offers["offers"]
    assert follower.view("resale_authorization")[AUTHORIZATION]["status"] == "active"
    assert follower.view("agreement")[agreement]["offer"] == offer
    assert {each["status"] for each in follower.view("change_set").values()} == {"succeeded"}
    assert follower.follow() == []


def test_an_offer_that_is_asked_for_is_told_at_each_of_its_steps(market):
    follower = Follower(market)
    follower.follow()
    market.write({**DIRECT, "product": ANALYTICS})
    follower.restart()  # the reading at the start finds what no event tells yet
    follower.follow()
    market.running.advance(1)
    follower.restart()
    follower.follow()
    market.running.advance(10)
    follower.follow()
    told = [change for change in follower.told if change.entity == "change_set"]
    assert [change.row["Status"] for change in told] == ["PREPARING", "APPLYING", "SUCCEEDED"]
    assert {change.row["ChangeSetName"] for change in told} == {"tandem/link-1"}
    assert all(change.own for change in told)
    assert [change.version for change in told] == sorted({change.version for change in told})
    (made,) = follower.view("offer").values()
    assert (made["released"], made["amount"], made["buyer_accounts"]) == (True, "12000", [BUYER])


def test_a_change_set_that_fails_says_why(market):
    market.seller("forget_account", account=BUYER)
    market.write(DIRECT)
    market.running.advance(10)
    follower = Follower(market)
    follower.follow()
    (failed,) = follower.view("change_set").values()
    assert (failed["status"], failed["failure"], failed["entities"]) == ("failed", "client_error", [])
    assert failed["errors"][0].startswith("INVALID_BUYER_ACCOUNTS UpdateTargeting: ")


def test_an_edit_by_hand_is_told_though_its_event_names_no_offer(market):
    offer = market.seller("make_offer", title="Acme")["offer"]
    follower = Follower(market)
    follower.follow()
    market.running.advance(60)
    market.seller("edit_offer", offer=offer, title="Acme Robotics")
    assert [(change.entity, change.record_id) for change in follower.follow()][-1] == ("offer", offer)
    assert follower.view("offer")[offer]["name"] == "Acme Robotics"


def test_an_agreement_is_told_when_it_is_made_and_when_it_ends_with_its_meaning(market):
    offer = market.seller("make_offer", title="Acme", buyer=BUYER, amount="12000.00")["offer"]
    follower = Follower(market)
    follower.follow()
    agreement = market.buyer("accept", offer=offer)["agreement"]
    told = [change for change in follower.follow() if change.entity == "agreement"]
    assert len(told) == 1  # though we are told as the proposer and as the manufacturer
    made = follower.view("agreement")[agreement]
    assert (made["status"], made["offer"], made["amount"], made["buyer_account"]) == ("active", offer, "12000", BUYER)
    assert made["licenses"]
    market.running.advance(60)
    market.buyer("terminate", agreement=agreement)
    follower.follow()
    assert follower.view("agreement")[agreement]["status"] == "terminated"


def test_a_pay_as_you_go_agreement_has_no_end(market):
    offer = market.seller("make_usage_offer", title="Pay as you go", buyer=BUYER)["offer"]
    agreement = market.buyer("accept", offer=offer)["agreement"]
    follower = Follower(market)
    follower.follow()
    assert follower.view("agreement")[agreement]["ends_at"] is None


def test_an_agreement_that_a_reseller_proposed_is_passed_over(market):
    held = market.seller("authorize_reseller", title="Through Fabrikam", reseller=RESELLER)["resale_authorization"]
    follower = Follower(market)
    follower.follow()
    offer = market.seller("make_partner_offer", authorization=held, title="Theirs", buyer=BUYER)["offer"]
    market.buyer("accept", offer=offer)
    follower.follow()
    assert (follower.view("offer"), follower.view("agreement")) == ({}, {})
    assert set(follower.view("resale_authorization")) == {held, AUTHORIZATION}
    assert follower.view("resale_authorization")[AUTHORIZATION]["manufacturer_account"] == MANUFACTURER


def test_events_that_are_lost_are_made_up_for_by_the_next_reading(market):
    follower = Follower(market, {"poll_s": 300})
    follower.follow()
    market.running.platform.bus.faults = Delivery(drop=1.0)
    offer = market.seller("make_offer", title="Acme")["offer"]
    assert follower.follow() == []
    market.running.advance(300)
    follower.follow()
    assert set(follower.view("offer")) == {offer}


def test_after_a_week_away_all_is_as_the_marketplace_has_it(market):
    offer = market.seller("make_offer", title="Acme", buyer=BUYER)["offer"]
    follower = Follower(market)
    follower.follow()
    market.running.platform.bus.faults = Delivery(drop=1.0)
    agreement = market.buyer("accept", offer=offer)["agreement"]
    market.running.advance(7 * DAY)
    other = market.seller("make_offer", title="Later")["offer"]
    market.buyer("cancel", agreement=agreement)
    follower.restart()
    follower.follow()
    assert set(follower.view("offer")) == {offer, other}
    assert follower.view("agreement")[agreement]["status"] == "cancelled"


def test_the_older_message_of_a_private_offer_leads_to_its_agreement(market):
    offer = market.seller("make_offer", title="Acme", buyer=BUYER)["offer"]
    follower = Follower(market)
    follower.follow()
    market.running.platform.bus.faults = Delivery(drop=1.0)
    agreement = market.buyer("accept", offer=offer)["agreement"]
    put(
        market,
        {"action": "subscribe-success", "product-code": "p", "customer-identifier": "c", "offer-identifier": offer},
    )
    follower.follow()
    assert set(follower.view("agreement")) == {agreement}


def put(market: Market, body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    market.running.client("sqs").send_message(QueueUrl=market.running.places.marketplace_url, MessageBody=text)


def test_a_message_that_cannot_be_read_is_parked_and_the_rest_goes_on(market):
    follower = Follower(market)
    follower.follow()
    put(market, "no event")
    offer = market.seller("make_offer", title="Acme")["offer"]
    follower.follow()
    assert [each.code for each in follower.unreadable] == ["UNREADABLE_EVENT"]
    assert set(follower.view("offer")) == {offer}
    follower.follow()
    assert len(follower.unreadable) == 1


def test_events_of_another_service_are_dropped_with_a_word_about_the_queue(market, caplog):
    follower = Follower(market)
    follower.follow()
    put(market, {"id": "e", "source": "aws.partnercentral-selling", "detail-type": "x", "resources": [], "detail": {}})
    with caplog.at_level(logging.WARNING):
        assert follower.follow() == []
    assert "a queue of its own" in caplog.text


def test_an_offer_without_a_buyer_is_told_only_where_public_ones_are_asked_for(market):
    offer = market.seller("make_offer", title="Public")["offer"]
    entity = market.catalog.entities[offer]
    entity.details["Rules"] = [rule for rule in entity.details["Rules"] if rule["Type"] != "TargetingRule"]
    private, public = (
        Follower(market, {"queue_url": None}),
        Follower(market, {"queue_url": None, "public_offers": True}),
    )
    private.follow()
    public.follow()
    assert (set(private.view("offer")), set(public.view("offer"))) == (set(), {offer})


def test_an_offer_that_is_gone_is_told_as_deleted_once(market):
    offer = market.seller("make_offer", title="Acme")["offer"]
    follower = Follower(market, {"sweep_s": DAY})
    follower.follow()
    market.running.call(lambda: market.catalog.entities.pop(offer))
    market.running.advance(DAY)
    (gone,) = follower.follow()
    assert (gone.record_id, gone.kind, gone.row) == (offer, ChangeKind.DELETED, None)
    market.running.advance(DAY)
    assert follower.follow() == []


def test_no_signed_address_is_told_remembered_or_logged(market, caplog):
    eula = {"Type": "CustomEula", "Url": "https://acme.s3.amazonaws.com/eula.pdf"}
    offer = market.seller("make_offer", title="Acme", eula=eula, buyer=BUYER)["offer"]
    market.buyer("accept", offer=offer)
    detail = market.running.client("marketplace-catalog").describe_entity(Catalog="AWSMarketplace", EntityId=offer)
    assert "X-Amz-Security-Token" in detail["Details"]  # there is something to hide
    follower = Follower(market)
    with caplog.at_level(logging.INFO):
        follower.follow()
    seen = repr(follower.told) + repr(follower.cursors) + caplog.text
    assert "X-Amz" not in seen
    assert "registrationToken" not in seen
    assert follower.view("offer")[offer]["eula"] == "custom"


def test_a_pass_that_breaks_off_leaves_its_messages_for_the_next(market):
    follower = Follower(market)
    follower.follow()
    offer = market.seller("make_offer", title="Acme")["offer"]
    rule = AwsFault(kind="unavailable", nth=(1,), times=1, path="marketplace-catalog/")
    market.running.call(lambda: market.running.platform.faults.arm([rule]))
    with pytest.raises(RetryLater):
        follower.follow()
    follower.restart()  # SQS gives them again after their time; a restart reads anyway
    follower.follow()
    assert set(follower.view("offer")) == {offer}


def test_entities_that_are_not_asked_for_are_not_read(market):
    market.seller("make_offer", title="Acme")
    follower = Follower(market, entities=("agreement",))
    follower.follow()
    calls = market.running.platform.calls
    assert not any("ListEntities" in name for name in calls)


FAULTS = st.builds(
    Delivery,
    drop=st.sampled_from([0.0, 0.3, 1.0]),
    twice=st.sampled_from([0.0, 0.5]),
    late=st.sampled_from([0.0, 0.5]),
    shuffle=st.sampled_from([0.0, 30.0]),
)
STEPS = st.lists(
    st.sampled_from(["offer", "ask", "edit", "accept", "cancel", "wait", "follow", "die", "follow"]), max_size=14
)


def perform(market: Market, follower: Follower, step: str, number: int) -> None:
    offers = [one for one in market.catalog.entities.values() if one.kind == "Offer"]
    active = [one for one in market.agreements.values() if one.active]
    if step == "offer":
        market.seller("make_offer", title=f"Offer {number}", buyer=BUYER)
    elif step == "ask":
        market.write(DIRECT, key=f"link-{number}")
    elif step == "edit" and offers:
        market.seller("edit_offer", offer=offers[number % len(offers)].id, title=f"Renamed {number}")
    elif step == "accept":
        taken = {one.offer for one in market.agreements.values()}
        free = [one.id for one in offers if one.id not in taken and one.is_released]
        if free:
            market.buyer("accept", offer=free[number % len(free)])
    elif step == "cancel" and active:
        market.buyer("cancel", agreement=active[number % len(active)].id)
    elif step == "wait":
        market.running.advance(7)
    elif step in {"follow", "die"}:
        follower.follow(stop_after=number % 5 + 1 if step == "die" else None)


def holds_what_the_marketplace_holds(market: Market, follower: Follower) -> None:
    offers = {one.id: one.name for one in market.catalog.entities.values() if one.kind == "Offer"}
    assert {key: each["name"] for key, each in follower.view("offer").items()} == offers
    agreements = {one.id: one.status.lower() for one in market.agreements.values()}
    assert {key: each["status"] for key, each in follower.view("agreement").items()} == agreements
    sets = {one.id: one.status.lower() for one in market.catalog.change_sets.values()}
    assert {key: each["status"] for key, each in follower.view("change_set").items()} == sets


@settings(max_examples=12)
@given(FAULTS, STEPS)
def test_whatever_becomes_of_the_events_one_reading_ends_in_what_the_marketplace_holds(faults, steps):
    with emulator() as running:
        market = Market(running)
        running.platform.bus.faults = replace(faults)
        follower = Follower(market)
        for number, step in enumerate(steps):
            perform(market, follower, step, number)
        running.advance(400)
        follower.restart()
        follower.follow()
        holds_what_the_marketplace_holds(market, follower)
        told = len(follower.told)
        follower.follow()
        follower.follow()
        assert len(follower.told) == told


def test_every_row_that_is_told_can_be_read_by_the_mapping(market):
    offer = market.seller("make_offer", title="Acme", buyer=BUYER)["offer"]
    market.buyer("accept", offer=offer)
    market.seller("make_offer_set", title="Bundle", buyer=BUYER)
    follower = Follower(market)
    follower.follow()
    assert {change.entity for change in follower.told} == set(TABLES)
    for change in follower.told:
        TABLES[change.entity].to_canonical(change.row)
        assert set(change.row) <= set(TABLES[change.entity].vendor_fields)
