"""Sentences about touches: what a partner did on an account becomes a dated fact, and is taken back when its proof falls."""

import pytest

from schemas.entities import Lead
from schemas.messages import Message, TouchRecorded
from tests.unit.streams.attribution.world import (
    CRM,
    FRAME,
    PRM,
    World,
    certified,
    day,
    deal,
    offered,
    overlap,
    partner,
    registered,
    routed,
    signalled,
)

PROOFS: dict[str, tuple[Message, float]] = {
    "overlap": (overlap(seen=-10), -10),
    "lead": (routed(at=-3), -3),
    "registration": (registered(approved=-5), -5),
    "cosell": (offered(at=3, cosell="our-ace/cosell/O1", cosell_status="approved"), 3),
    "offer": (offered(at=4, offer="our-aws/offer/o1", state="released"), 4),
    "training": (certified(on=4), 3.5),  # the first moment of that day
    "signal": (signalled(at=-2), -2),
}


def told(*events: Message) -> list[TouchRecorded]:
    return [it for it in World().tell(*events) if isinstance(it, TouchRecorded)]


@pytest.mark.parametrize("kind", PROOFS)
def test_what_a_partner_did_becomes_a_fact_with_its_date(kind: str):
    event, at = PROOFS[kind]
    (touch,) = told(event)
    assert (touch.kind, touch.at, touch.standing) == (kind, day(at), True)
    assert touch.words
    assert touch.id


@pytest.mark.parametrize("kind", PROOFS)
def test_what_is_told_twice_is_one_touch(kind: str):
    event, _ = PROOFS[kind]
    assert len(told(event, event)) == 1


NONE = {
    "an overlap that is over": overlap(ended=0),
    "an overlap of a related company": overlap(relation="related"),
    "a lead that is only offered": routed("offered"),
    "a lead with direct sales": routed("direct", by=None),
    "a registration in review": registered(approved=None, status="in_review"),
    "a co-sell opportunity that is in review": offered(cosell="our-ace/cosell/O1", cosell_status="in_review"),
    "an offer that is a draft": offered(offer="our-aws/offer/o1", state="draft"),
    "a certification of nobody's people": certified(by=None),
    "a certification that was revoked": certified(status="revoked"),
    "a signal of an account that is not ours": signalled(account=None),
}


@pytest.mark.parametrize("what", NONE)
def test_it_is_no_touch(what: str):
    assert told(NONE[what]) == []


FALLS = {
    "an overlap ends": (overlap(), overlap(ended=2)),
    "a lead goes to direct sales": (routed(), routed("direct", by=None)),
    "a lead is disqualified": (routed(), routed("closed", by=None)),
    "a registration is withdrawn": (registered(), registered(status="withdrawn")),
    "a registration is reclaimed": (registered(), registered(status="reclaimed")),
    "a co-sell opportunity is not the deal's any more": (
        offered(cosell="our-ace/cosell/O1", cosell_status="approved"),
        offered(at=5),
    ),
    "an offer is cancelled": (
        offered(offer="our-aws/offer/o1", state="released"),
        offered(at=5, offer="our-aws/offer/o1", state="cancelled"),
    ),
    "a certification is revoked": (certified(), certified(status="revoked")),
    "a signal names no account of ours any more": (signalled(), signalled(version=2, account=None)),
}


@pytest.mark.parametrize("what", FALLS)
def test_a_touch_is_taken_back_when(what: str):
    stood, fell = told(*FALLS[what])
    assert (stood.touch, stood.standing, fell.standing) == (fell.touch, True, False)
    assert "taken back" in fell.reasons[0]


def test_a_touch_whose_proof_comes_back_stands_again_under_its_name():
    first, _, again = told(overlap(), overlap(ended=2), overlap())
    assert again.model_dump(exclude=FRAME) == first.model_dump(exclude=FRAME)


def test_an_approval_that_has_lapsed_was_one():
    assert [it.standing for it in told(registered(), registered(status="expired"))] == [True]


def test_a_lead_is_dated_by_its_acceptance_however_far_it_goes():
    touches = told(routed(at=-3), routed("working", at=-1), routed("converted", at=5, deal=f"{CRM}/deal/d1"))
    assert {it.at for it in touches} == {day(-3)}
    assert touches[-1].deal == f"{CRM}/deal/d1"


def test_a_lead_that_goes_to_another_partner_is_that_partners_touch_and_no_longer_the_first_ones():
    world = World()
    world.tell(routed(by="blue"), routed(by="red", at=-1))
    assert {it.partner: it.standing for it in world.touches.values()} == {"blue": False, "red": True}


def test_a_partner_that_brought_a_lead_has_a_touch_from_the_day_on_which_the_lead_came_in():
    lead = Lead(last_name="Okafor", company="Acme", partner="part_1", created_at=day(-30))
    (touch,) = told(partner(refs=(f"{CRM}/partner/part_1",)), routed("direct", by=None, inputs=lead))
    assert (touch.partner, touch.partner_name, touch.at) == ("blue", "Blue Reseller", day(-30))


def test_co_sell_and_offers_are_the_configured_cloud_partners():
    event = offered(offer="our-aws/offer/o1", state="accepted", cosell="our-ace/cosell/O1", cosell_status="approved")
    world = World(cloud={"partner": "azure", "name": "Microsoft"})
    world.tell(event)
    assert {(it.partner, it.partner_name) for it in world.touches.values()} == {("azure", "Microsoft")}
    assert {it.partner_name for it in told(event)} == {"AWS"}


def test_an_older_version_of_a_signal_is_ignored():
    assert [it.at for it in told(signalled(at=-2, version=2), signalled(at=-9, version=1))] == [day(-2)]


def test_a_partner_that_is_known_by_an_id_only_later_is_called_by_its_key_then():
    known = partner(refs=(f"{PRM}/partner/part_1",))
    before, after = told(signalled(by="part_1"), known)
    assert (before.partner, after.partner, after.partner_name) == ("part_1", "blue", "Blue Reseller")
    assert before.touch == after.touch
    (at_once,) = told(known, signalled(by="part_1"))
    assert at_once.model_dump(exclude=FRAME) == after.model_dump(exclude=FRAME)


def test_a_partner_that_is_renamed_has_its_touches_and_deals_told_by_its_new_name():
    world = World()
    world.tell(partner(), overlap(), deal(), partner(name="Azure Blue"))
    assert {it.partner_name for it in world.touches.values()} == {"Azure Blue"}
    assert world.shown[f"{CRM}/deal/d1"]["influenced_by"] == ["Azure Blue"]


def test_an_id_that_another_partner_has_now_means_that_one():
    ref = f"{PRM}/partner/part_1"
    world = World()
    world.tell(partner(refs=(ref,)), signalled(by="part_1"), partner("red", "Red", refs=(ref,)), partner(refs=()))
    assert [it.partner for it in world.touches.values()] == ["red"]
