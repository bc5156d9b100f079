"""How an offer becomes an agreement, and what becomes of the one before it; it is told by `events`."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ..core import ServiceError, Shape, World
from . import events
from .changes.coherence import agreement_end
from .contracts import Agreement
from .entities import Entity, fresh
from .times import later, moment_of

if TYPE_CHECKING:
    from .catalog import Catalog


def refused(message: str, code: str = "ValidationException", status: int = 400) -> ServiceError:
    return ServiceError(code, message, status)


def may_accept(offer: Entity, buyer: str, book: dict[str, Agreement], now: datetime) -> None:
    """Raises ServiceError with the reason why this buyer can't accept this offer now."""
    if not offer.is_released:
        raise refused(f"Offer {offer.id} is a draft: buyers don't see it.")
    if offer.available_until is not None and offer.available_until < now:
        raise refused(f"Offer {offer.id} expired on {offer.available_until:%Y-%m-%d}.")
    if offer.buyers and buyer not in offer.buyers:
        raise refused(f"Offer {offer.id} isn't for account {buyer}.", "AccessDeniedException", 403)
    if any(one.offer == offer.id and one.acceptor == buyer and one.active for one in book.values()):
        raise refused(f"Offer {offer.id} was accepted already by account {buyer}.", "ConflictException", 409)


def accept(
    world: World, catalog: Catalog, book: dict[str, Agreement], offer: Entity, buyer: str, auto_renew: bool
) -> Agreement:
    """Makes the agreement, ends what it replaces, and tells of both."""
    now = world.clock()
    may_accept(offer, buyer, book, now)
    before = book.get(offer.agreement or "")
    if before is not None and not before.active:
        raise refused(f"Agreement {before.id} is {before.status}: nothing is left to replace.")
    made = _agreement(world, catalog, offer, buyer, now)
    made.auto_renew = auto_renew and made.term("RenewalTerm") is not None
    if before is not None:
        follow(made, before, "REPLACE")
    book[made.id] = made
    if before is not None:
        finish(world, before, "REPLACED")
    events.created(world, made)
    events.license_changed(world, made, "Updated")
    return made


def _agreement(world: World, catalog: Catalog, offer: Entity, buyer: str, now: datetime) -> Agreement:
    chance, product = world.chance, catalog.entities[offer.details["ProductId"]]
    terms = [deepcopy(term) | {"Id": f"term-{fresh(chance, 20)}"} for term in offer.details["Terms"]]
    validity = offer.term("ValidityTerm") or {}
    starts = moment_of(validity["AgreementStartDate"]) if validity.get("AgreementStartDate") else now
    made_id = f"agmt-{fresh(chance, 25)}"
    quantities = _quantities(offer)
    return Agreement(
        id=made_id, offer=offer.id, product=product.id, product_type=product.kind, product_title=product.name,
        acceptor=buyer, proposer=offer.account, manufacturer=product.account,
        accepted=now, starts=max(starts, now), ends=_end(offer, validity, max(starts, now)), updated=now,
        terms=terms, currency=offer.currency or "USD", value=_value(offer, quantities),
        license=f"arn:aws:license-manager::{product.account}:license:l-{chance.getrandbits(128):032x}",
        initial=made_id, offer_set=offer.details.get("OfferSetId"),
        resale_authorization=offer.details.get("ResaleAuthorizationId"), pricing_model=offer.pricing_model,
        quantities=quantities,
    )  # fmt: skip


def _end(offer: Entity, validity: Shape, starts: datetime) -> datetime | None:
    end = agreement_end(validity, starts)
    if end is not None:
        return end
    fixed, cards = (
        offer.term("FixedUpfrontPricingTerm"),
        (offer.term("ConfigurableUpfrontPricingTerm") or {}).get("RateCards"),
    )
    duration = (fixed or {}).get("Duration") or (cards[0]["Selector"]["Value"] if cards else None)
    return later(starts, duration) if duration else None


def _quantities(offer: Entity) -> dict[str, int]:
    """What the buyer takes: all that is granted, or ten of each dimension that he may choose of."""
    granted = (offer.term("FixedUpfrontPricingTerm") or {}).get("Grants", [])
    cards = (offer.term("ConfigurableUpfrontPricingTerm") or {}).get("RateCards", [])
    chosen = {rate["DimensionKey"]: 10 for card in cards[:1] for rate in card["RateCard"]}
    return chosen | {grant["DimensionKey"]: grant.get("MaxQuantity", 1) for grant in granted}


def _value(offer: Entity, quantities: dict[str, int]) -> Decimal:
    """What is known to be paid: nothing, of what is paid by use."""
    schedule, fixed = offer.term("PaymentScheduleTerm"), offer.term("FixedUpfrontPricingTerm")
    if schedule:
        return sum((Decimal(charge["ChargeAmount"]) for charge in schedule["Schedule"]), Decimal())
    if fixed:
        return Decimal(fixed["Price"])
    cards = (offer.term("ConfigurableUpfrontPricingTerm") or {}).get("RateCards", [])
    rates = [rate for card in cards[:1] for rate in card["RateCard"]]
    return sum((Decimal(rate["Price"]) * quantities[rate["DimensionKey"]] for rate in rates), Decimal())


def follow(made: Agreement, before: Agreement, intent: str) -> None:
    """Puts an agreement behind another one in its chain."""
    made.intent, made.previous, made.initial = intent, before.id, before.initial


def finish(world: World, agreement: Agreement, status: str) -> None:
    """Ends an agreement and tells so; its licence goes with it, unless another agreement goes on."""
    agreement.status, agreement.updated = status, world.clock()
    events.ended(world, agreement)
    if status not in ("RENEWED", "REPLACED"):
        events.license_changed(world, agreement, "Deprovisioned")


def renewal_offer(world: World, catalog: Catalog, agreement: Agreement) -> Entity:
    """The offer that AWS itself makes for the renewal of an agreement, once."""
    held = catalog.entities.get(agreement.renewal_offer or "")
    if held is not None:
        return held
    now, before = world.clock(), catalog.entities[agreement.offer]
    details = deepcopy(before.details)
    made = Entity("Offer", f"offer-{fresh(world.chance)}", before.account, details, now, now, revision=1, released=now)
    details |= {"Id": made.id, "Name": f"Renewal of {before.name}"[:150], "State": "Released"}
    details["Rules"] = [{"Type": "TargetingRule", "PositiveTargeting": {"BuyerAccounts": [agreement.acceptor]}}]
    made.made_by, made.agreement, made.intent, made.pricing_model = (
        "AwsMarketplace",
        agreement.id,
        "Renew",
        before.pricing_model,
    )
    agreement.renewal_offer, agreement.updated = made.id, now
    catalog.entities[made.id] = made
    return made


def renew(world: World, catalog: Catalog, book: dict[str, Agreement], before: Agreement) -> Agreement:
    """The next agreement of a chain, made by AWS of the same terms."""
    offer, now = renewal_offer(world, catalog, before), world.clock()
    made = _agreement(world, catalog, offer, before.acceptor, now)
    starts = min(before.ends, now) if before.ends is not None else now
    made.starts, made.renewals, made.value, made.auto_renew = starts, before.renewals + 1, before.value, True
    if before.ends is not None:
        made.ends = starts + (before.ends - before.starts)
    follow(made, before, "RENEW")
    book[made.id] = made
    finish(world, before, "RENEWED")
    events.created(world, made)
    events.license_changed(world, made, "Updated")
    return made
