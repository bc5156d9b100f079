"""How the chain of agreements is told apart by deal, and which agreement counts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.marketplace import Agreement, AgreementStatus, ChangeSet, Offer, ResaleAuthorization
from schemas.messages import Ruling
from streams.offers.chain import Chain
from streams.offers.observing import ENDS, observed
from streams.offers.parts import OfferCard, Sent
from streams.offers.state import AgreementRow, AuthorizationRow, ChangeSetRow
from tests.unit.streams.offers.model import BUYER
from tests.unit.streams.offers.world import World

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
A, B = "crm/deal/006A", "crm/deal/006B"


def offer(**fields) -> OfferCard:
    shortened = fields.pop("shortened", False)
    held = {"name": "O", "released": True, "accept_by": TODAY, **fields}
    return OfferCard(ref="aws/offer/offer-1", version=1, offer=Offer(**held), shortened=shortened)


def row(status: str, nth: int = 1) -> AgreementRow:
    held = {"status": status, "accepted_at": NOON + timedelta(days=nth), "offer": "offer-1"}
    return AgreementRow(ref=f"aws/agreement/agmt-{nth}", version=1, record=Agreement(**held))


def change_set(status: str) -> ChangeSetRow:
    return ChangeSetRow(ref="aws/change_set/1", version=1, record=ChangeSet(status=status))


SENT = Sent(write="w", fields={}, at=NOON)
REFUSED = SENT.model_copy(update={"status": "rejected", "reason": "no"})
ACTIVE = AuthorizationRow(ref="aws/ra/1", version=1, record=ResaleAuthorization(name="R", status="active"))


@pytest.mark.parametrize(
    ("chain", "state"),
    [
        (Chain(), None),
        (Chain(made=True, creation=SENT), "creating"),
        (Chain(made=True), "creating"),
        (Chain(made=True, creation=REFUSED), "create_failed"),
        (Chain(made=True, change_set=change_set("preparing")), "creating"),
        (Chain(made=True, change_set=change_set("applying"), creation=SENT), "creating"),
        (Chain(made=True, linked=True, change_set=change_set("succeeded")), "creating"),
        (Chain(made=True, change_set=change_set("failed")), "create_failed"),
        (Chain(made=True, change_set=change_set("cancelled")), "create_failed"),
        (Chain(authorization=ACTIVE), "partner_action"),
        (Chain(authorization=ACTIVE, linked=True), None),
        (Chain(offer=offer(released=False)), "draft"),
        (Chain(offer=offer()), "released"),
        (Chain(offer=offer(accept_by=None)), "released"),
        (Chain(offer=offer(), authorization=ACTIVE), "released"),
        (Chain(offer=offer(accept_by=TODAY - timedelta(days=1))), "expired"),
        (Chain(offer=offer(accept_by=TODAY - timedelta(days=1), shortened=True)), "cancelled"),
        (Chain(offer=offer(accept_by=TODAY - timedelta(days=1)), cancelled=TODAY - timedelta(days=1)), "cancelled"),
        (Chain(offer=offer(), cancelled=TODAY - timedelta(days=1)), "released"),
        (Chain(offer=offer().model_copy(update={"alive": False})), "cancelled"),
        (Chain(offer=offer(accept_by=TODAY - timedelta(days=1)), agreements=(row("active"),)), "accepted"),
        (Chain(agreements=(row("active"),)), "accepted"),
        (Chain(agreements=(row("replaced"), row("active", 2))), "accepted"),
        (Chain(agreements=(row("renewed"), row("expired", 2))), "ended"),
        (Chain(agreements=(row("active"), row("rolled_back", 2))), "accepted"),
        (Chain(agreements=(row("superseded"), row("active", 2))), "accepted"),
        (Chain(agreements=(row("expired"), row("rolled_back", 2))), "ended"),
        (Chain(agreements=(row("rolled_back"),)), "terminated"),
        (Chain(agreements=(row("replaced"),), replaced=True), "replaced"),
    ],
)
def test_the_state_follows_from_what_was_read(chain, state):
    found = observed(chain, TODAY)
    assert found.state == state
    assert bool(found.reason) == (state is not None)


@pytest.mark.parametrize("status", list(AgreementStatus))
def test_each_status_of_an_agreement_has_its_state_and_says_so(status):
    found = observed(Chain(agreements=(row(status),)), TODAY)
    assert found.state is ENDS[status][0]
    assert "agmt-1" in found.reason


def two_deals() -> World:
    """Deal A has an agreement, and deal B an offer that replaces it."""
    world = World().start().deal().work()
    first = world.clouds.accept(world.clouds.offers_of(A)[0])
    world.settle().deal("006B", name="Acme: expansion", replaces_agreement=first.rpartition("/")[2]).work()
    return world


def test_an_agreement_that_another_deals_offer_replaces_ends_there_and_goes_on_here():
    world = two_deals()
    first, (expansion,) = world.clouds.active()[0], world.clouds.offers_of(B)
    second = world.clouds.accept(expansion)
    world.clouds.put(second, initial_agreement=first.rpartition("/")[2], accepted_at="2026-12-01T00:00:00Z")
    world.clouds.put(first, status="replaced")
    world.settle()
    assert world.state(A) == "replaced"
    assert world.link(A).agreements == (first,)
    assert world.link(A).reasons[0].endswith("which belongs to another deal.")
    assert world.state(B) == "accepted"
    assert world.link(B).agreements == (second,)


def test_an_offer_by_which_the_marketplace_renews_is_the_deals_of_its_agreement():
    world = World().start().deal().work()
    first = world.clouds.accept(world.clouds.offers_of(A)[0])
    name = first.rpartition("/")[2]
    renewal = world.clouds.make_offer(
        "offer-renewal", name="Renewal", by_marketplace=True, renews_agreement=name, amount="12000",
        currency="USD", buyer_accounts=(BUYER,), accept_by="2027-12-01",
    )  # fmt: skip
    world.settle()
    assert world.state() == "accepted"
    assert world.clouds.shown["crm/aws/offer-renewal"]["deal"] == "006A"
    second = world.clouds.accept(renewal)
    world.clouds.put(second, initial_agreement=name, accepted_at="2027-11-22T12:00:00Z")
    world.clouds.put(first, status="renewed")
    world.settle()
    assert world.state() == "accepted"
    assert world.link().agreements == (first, second)


def test_of_an_offer_for_several_buyers_a_deal_has_the_agreement_of_its_own():
    world = World().start().deal(offer_request=None)
    other = "999988887777"
    held = {"name": "Acme (006A)", "amount": "12000", "currency": "USD", "accept_by": "2026-12-01"}
    ref = world.clouds.make_offer("offer-many", buyer_accounts=(BUYER, other), product="prod-1", **held)
    world.settle()
    world.rule(Ruling.LINK, A, ref)
    theirs = world.clouds.accept(ref)
    world.clouds.put(theirs, buyer_account=other)
    assert world.settle().state() == "released"
    ours = world.clouds.accept(ref)
    assert world.settle().state() == "accepted"
    assert world.link().agreements == (ours,)
