"""A buyer, and what AWS does in his stead, as commands; each answers with the agreements that it made or changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..core import Shape
from . import events
from .accepting import accept, finish, refused, renew
from .changes.sets import members
from .contracts import Agreement

if TYPE_CHECKING:
    from .agreements import Agreements
    from .entities import Entity


class Buyer:
    """What a buyer can't do is raised as `ServiceError`."""

    def __init__(self, agreements: Agreements) -> None:
        self.agreements = agreements
        self.acts: Mapping[str, Callable[..., Any]] = {
            name: getattr(self, name)
            for name in (
                "accept", "accept_set", "let_expire", "amend", "renew", "replace", "cancel", "terminate", "roll_back",
                "opt_out", "answer_cancellation",
            )
        }  # fmt: skip

    def accept(self, offer: str, buyer: str | None = None, auto_renew: bool = True) -> Shape:
        """Accepts a private offer, ours or a channel partner's; the first targeted account is the buyer."""
        held = self._offer(offer)
        if held.details.get("OfferSetId"):
            raise refused(f"Offer {offer} can only be accepted with its offer set {held.details['OfferSetId']}.")
        return {"agreement": self._accept(held, buyer, auto_renew).id}

    def accept_set(self, offer_set: str, buyer: str | None = None) -> Shape:
        """Accepts all offers of a released set: one agreement each."""
        catalog = self.agreements.catalog
        offers = catalog.entities.get(offer_set)
        if offers is None or not offers.is_released:
            raise refused(f"Offer set {offer_set} isn't released.")
        return {"agreements": [self._accept(self._offer(one), buyer, False).id for one in members(offers)]}

    def _accept(self, offer: Entity, buyer: str | None, auto_renew: bool) -> Agreement:
        service = self.agreements
        account = buyer or (offer.buyers[0] if offer.buyers else None)
        if account is None:
            raise refused(f"Offer {offer.id} is public: say which account accepts it.")
        return accept(service.world, service.catalog, service.book, offer, account, auto_renew)

    def let_expire(self, what: str) -> Shape:
        """Does nothing until an offer or an agreement is over: the clock goes on to a second after its end."""
        world = self.agreements.world
        held = self.agreements.book.get(what)
        end = held.ends if held is not None else self._offer(what).available_until
        if end is None:
            raise refused(f"{what} has no end.")
        world.clock.advance(max(0.0, (end - world.clock() + timedelta(seconds=1)).total_seconds()))
        world.tick()
        return {"now": world.clock().isoformat()}

    def amend(self, agreement: str, amount: str = "1000.00", quantities: dict[str, int] | None = None) -> Shape:
        """Takes more of it: the agreement stays the same one and is worth more."""
        one = self._active(agreement)
        one.value += Decimal(amount)
        for key, more in (quantities or {}).items():
            one.quantities[key] = one.quantities.get(key, 0) + more
        self._changed(one)
        events.license_changed(self.agreements.world, one, "Updated")
        return {"agreement": one.id}

    def opt_out(self, agreement: str, party: str = "ACCEPTOR") -> Shape:
        """ACCEPTOR or PROPOSER says that it shall not renew itself; that is an amendment."""
        one = self._active(agreement)
        one.opted_out.add(party)
        self._changed(one)
        return {"agreement": one.id}

    def _changed(self, one: Agreement) -> None:
        one.updated = self.agreements.world.clock()
        events.amended(self.agreements.world, one)

    def renew(self, agreement: str) -> Shape:
        """AWS renews it now, without waiting for its end."""
        service, one = self.agreements, self._active(agreement)
        behaviour = one.end_behaviour
        if behaviour is None or behaviour[0] != "RENEW":
            raise refused(f"Agreement {agreement} doesn't renew: {behaviour[1] if behaviour else 'it has no end'}.")
        return {"agreement": renew(service.world, service.catalog, service.book, one).id, "before": one.id}

    def replace(self, offer: str) -> Shape:
        """Accepts an agreement-based offer: the agreement before it is REPLACED."""
        held = self._offer(offer)
        if held.intent != "Replace" or held.agreement is None:
            raise refused(f"Offer {offer} replaces no agreement.")
        return {"agreement": self._accept(held, None, False).id, "before": held.agreement}

    def cancel(self, agreement: str) -> Shape:
        return self._finish(agreement, "CANCELLED")

    def terminate(self, agreement: str) -> Shape:
        """AWS ends it, as after a payment that failed."""
        return self._finish(agreement, "TERMINATED")

    def roll_back(self, agreement: str) -> Shape:
        """It is undone, as if it had never been."""
        return self._finish(agreement, "ROLLED_BACK")

    def answer_cancellation(self, request: str, approve: bool = True, words: str = "") -> Shape:
        """Answers what the seller has asked for with SendAgreementCancellationRequest."""
        settled = self.agreements.cancellations.settle(request, "APPROVED" if approve else "REJECTED", words)
        return {"agreement": settled["agreementId"], "status": settled["status"]}

    def _finish(self, agreement: str, status: str) -> Shape:
        one = self._active(agreement)
        finish(self.agreements.world, one, status)
        return {"agreement": one.id}

    def _active(self, agreement: str) -> Agreement:
        one = self.agreements.book.get(agreement)
        if one is None:
            raise refused(f"Agreement {agreement} doesn't exist.", "ResourceNotFoundException", 404)
        if not one.active:
            raise refused(f"Agreement {agreement} is {one.status}.")
        return one

    def _offer(self, offer: str) -> Entity:
        held = self.agreements.catalog.entities.get(offer)
        if held is None or held.kind != "Offer":
            raise refused(f"Offer {offer} doesn't exist.", "ResourceNotFoundException", 404)
        return held
