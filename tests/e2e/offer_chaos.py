"""What people, clouds and misfortune do to deals and offers, drawn by seed; and what must hold when all has been read again."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from sandbox.aws.core import ServiceError
from sandbox.aws.delivery import Delivery
from sandbox.aws.wire.faults import AwsFault
from schemas.marketplace import OfferState as S
from schemas.messages import Ruling
from tests.e2e.cosell import CRM, Hub
from tests.support.memory_log import Crash

STORM = Delivery(drop=0.3, twice=0.4, late=0.3, late_by=900.0, shuffle=20.0)
CREATING = ("marketplace-catalog/StartChangeSet", "partnercentral-selling/CreateOpportunity")
ASSOCIATING = "partnercentral-selling/AssociateOpportunity"
ENDED = {
    "CANCELLED": S.TERMINATED, "TERMINATED": S.TERMINATED, "ROLLED_BACK": S.TERMINATED, "EXPIRED": S.ENDED,
    "RENEWED": S.RENEWED, "REPLACED": S.REPLACED,
}  # fmt: skip


class Storm:
    """A hub in bad weather; `deal` makes a deal that asks for an offer and for co-sell."""

    def __init__(self, it: Hub, chance: Random, deal: Callable[[Hub], str]) -> None:
        self.it, self.chance, self.done = it, chance, list[str]()
        self.it.aws.call(lambda: setattr(it.aws.platform.bus, "faults", STORM))
        rules = [AwsFault(kind="reset_after", path=path, probability=0.3) for path in (*CREATING, ASSOCIATING)]
        self.it.aws.call(lambda: it.aws.platform.faults.arm(rules))
        self.deals = [deal(it)]
        self._make = deal

    def step(self) -> None:
        """Something happens, and some of the processes get to work, or die."""
        acts = [self.deal_edited, self.reviewed, self.accepted, self.ended, self.moved, self.time_passes, self.ruled]
        acts += [self.works] * 4 + [self.dies] * 2 + ([self.deal_made] if len(self.deals) < 3 else [])
        act = self.chance.choice(acts)
        self.done.append(act.__name__)
        try:
            act()
        except ServiceError as refused:
            self.done[-1] += f" (refused: {refused})"
        self.works()

    def deal_made(self) -> None:
        self.deals.append(self._make(self.it))

    def deal_edited(self) -> None:
        day = self.it.at.date() + timedelta(days=self.chance.choice((5, 20, 60)))
        fields = self.chance.choice(
            [{"CloseDate": day.isoformat()}, {"Accept_By__c": day.isoformat()}, {"NextStep": f"Call {self.it.at:%H:%M}"},
             {"StageName": "Closed Won"}, {"Offer_Request__c": None}, {"Offer_Request__c": "Create"}]
        )  # fmt: skip
        self.it.rep_edits(self.chance.choice(self.deals), **fields)

    def reviewed(self) -> None:
        opportunity = self.chance.choice(self._opportunities() or ["O0"])
        if self.chance.random() < 0.8:
            self.it.reviewer("approve", opportunity=opportunity)
        else:
            self.it.reviewer("require_action", opportunity=opportunity, comments="Say more of the project.")

    def accepted(self) -> None:
        self.it.buyer("accept", offer=self.chance.choice(self._offers() or ["offer-none"]))

    def ended(self) -> None:
        act = self.chance.choice(["cancel", "terminate", "amend", "let_expire"])
        agreement = self.chance.choice(self._agreements() or ["agmt-none"])
        more: dict[str, Any] = {"what": agreement} if act == "let_expire" else {"agreement": agreement}
        self.it.buyer(act, **more, **({"amount": "900.50"} if act == "amend" else {}))
        self.it.catches_up()  # what expires takes its time

    def moved(self) -> None:
        offer = self.chance.choice(self._offers() or ["offer-none"])
        if self.chance.random() < 0.5:
            self.it.seller("cancel_offer", offer=offer)
        else:
            until = self.it.at.date() + timedelta(days=self.chance.choice((1, 30)))
            self.it.seller("extend_offer", offer=offer, until=until.isoformat())

    def ruled(self) -> None:
        deal = f"{CRM}/deal/{self.chance.choice(self.deals)}"
        if self.chance.random() < 0.5:
            self.it.rules(Ruling.CANCEL_OFFER, deal)
        else:
            self.it.rules(Ruling.EXTEND_OFFER, deal, until=self.it.at.date() + timedelta(days=40))

    def time_passes(self) -> None:
        self.it.wait(self.chance.choice((10, 400, 90_000)))

    def dies(self) -> None:
        """The process that commits next dies, before or after it; then all start anew."""
        self.it.broker.faults = [None] * self.chance.randrange(3) + [self.chance.choice(["die-before", "die-after"])]
        self.works()

    def works(self) -> None:
        parts = [self.it.looks, self.it.decides, self.it.sends]
        self.chance.shuffle(parts)
        try:
            for part in parts[: self.chance.randrange(1, 4)]:
                part()
        except Crash:
            self.it.broker.faults = []
            self.it.start()
        self.it.wait(self.chance.choice((1, 3)))

    def clears(self) -> None:
        """Fair weather, and one reconciliation."""
        self.it.broker.faults = []
        self.it.aws.call(lambda: setattr(self.it.aws.platform.bus, "faults", Delivery()))
        self.it.aws.call(lambda: self.it.aws.platform.faults.arm(()))
        self.it.start()
        self.it.reads_all()
        self.it.runs(rounds=80)

    def _opportunities(self) -> list[str]:
        return sorted(self.it.aws.world.services["partnercentral-selling"].book.opportunities)  # type: ignore[attr-defined]

    def _offers(self) -> list[str]:
        catalog = self.it.aws.world.services["marketplace-catalog"]
        return sorted(key for key, one in catalog.entities.items() if one.kind == "Offer")  # type: ignore[attr-defined]

    def _agreements(self) -> list[str]:
        return sorted(self.it.aws.world.services["marketplace-agreement"].book)  # type: ignore[attr-defined]


def held(it: Hub, offer: str) -> set[S]:
    """The states that an offer can be said to be in, asked of the marketplace alone."""
    book = it.aws.world.services["marketplace-agreement"].book  # type: ignore[attr-defined]
    agreements = [one for one in book.values() if one.offer == offer]
    chain = [one for one in book.values() if any(one.initial == each.initial for each in agreements)]
    if any(one.active for one in chain):
        return {S.ACCEPTED}
    if agreements:
        return {ENDED[max(chain, key=lambda one: one.updated).status]}
    entity = it.aws.world.services["marketplace-catalog"].entities[offer]  # type: ignore[attr-defined]
    if not entity.is_released:
        return {S.DRAFT}
    return {S.RELEASED} if entity.available_until >= it.aws.world.clock() else {S.EXPIRED, S.CANCELLED}


def faults(it: Hub, deals: list[str]) -> list[str]:
    """What does not hold; empty where the hub says what the marketplace holds, and nothing was done twice."""
    found, links = [], it.links()
    for deal in deals:
        link, shown = links.get(f"{CRM}/deal/{deal}"), it.deal(deal)
        if link is None or link.offer is None:
            continue
        offer = link.offer.rpartition("/")[2]
        if link.state not in held(it, offer):
            found.append(f"{deal}: {offer} is told to be {link.state}, the marketplace holds {held(it, offer)}")
        if (shown["Offer_State__c"] or "").lower().replace(" ", "_") != link.state.value or shown[
            "Offer_Id__c"
        ] != offer:
            found.append(
                f"{deal}: it shows {shown['Offer_State__c']} of {shown['Offer_Id__c']}, decided was {link.state}"
            )
    # A day may pass between a decision and its write: that such a write is parked is as it should be.
    parked = [f"parked: {each.reason}" for each in it.dead_letters() if "is in the past" not in each.reason]
    return found + unshared(it, deals) + twice(it) + parked


def unshared(it: Hub, deals: list[str]) -> list[str]:
    """Opportunities that AWS lets be changed, whose deal has an offer that stands there and is not on them."""
    found = []
    for name, each in it.opportunities().items():
        link = it.links().get(f"{CRM}/deal/{each['PartnerOpportunityIdentifier']}")
        if (
            each["LifeCycle"]["ReviewStatus"] != "Approved"
            or link is None
            or link.state not in {S.RELEASED, S.ACCEPTED}
        ):
            continue
        offers = each["RelatedEntityIdentifiers"].get("AwsMarketplaceOffers", [])
        if [arn.rpartition("/")[2] for arn in offers] != [(link.offer or "").rpartition("/")[2]]:
            found.append(f"{name} has {offers}, its deal has {link.offer}")
    return found


def twice(it: Hub) -> list[str]:
    """Attempts that made more than one offer, deals with more than one opportunity, associations that were repeated."""
    catalog = it.aws.world.services["marketplace-catalog"]
    attempts = Counter(one.name for one in catalog.change_sets.values() if (one.name or "").startswith("tandem"))  # type: ignore[attr-defined]
    found = [f"{count} change sets of {name}" for name, count in attempts.items() if count > 1]
    opportunities = it.opportunities()
    shared = Counter(each["PartnerOpportunityIdentifier"] for each in opportunities.values())
    found += [f"{count} opportunities of {deal}" for deal, count in shared.items() if count > 1]
    for name, each in opportunities.items():
        offers = each["RelatedEntityIdentifiers"].get("AwsMarketplaceOffers", [])
        found += [f"{name} has {offers}"] if len(offers) > 1 else []
    return found
