"""The change types of OfferSet@1.0.

Source: Marketplace API Reference, "Work with offer sets". A set holds 2 to 7 offers there, although the service's
model allows lists of 10.
"""

from __future__ import annotations

from ...core import Shape
from ..entities import Entity
from ..times import fine_stamp, stamp
from .bench import Bench, Change, nothing
from .sheet import Sheet

MOST = 7
RELEASED = "The requested change can't be performed after the offer set released."


def _check_create(sheet: Sheet) -> None:
    sheet.text("Name", 1, 150)


def _create(bench: Bench, details: Shape) -> Entity:
    made = bench.make("OfferSet", {"Name": details["Name"], "State": "Draft", "AssociatedOffers": []})
    made.details["Id"] = made.id
    return made


def _in_draft(bench: Bench, offers: Entity) -> None:
    if offers.is_released:
        bench.refuse("INVALID_UPDATE_REQUEST", RELEASED)


def _check_information(sheet: Sheet) -> None:
    sheet.some_of("Name", "BuyerNotes")
    sheet.text("Name", 1, 150, required=False)
    sheet.text("BuyerNotes", 1, 1000, required=False)


def _information(bench: Bench, offers: Entity, details: Shape) -> None:
    _in_draft(bench, offers)
    offers.details |= {name: details[name] for name in ("Name", "BuyerNotes") if name in details}


def _check_offers(sheet: Sheet) -> None:
    for offer in sheet.sheets("Offers", 1, MOST):
        offer.text("OfferId", 1, 100)


def _associate(bench: Bench, offers: Entity, details: Shape) -> None:
    _in_draft(bench, offers)
    asked = [one["OfferId"] for one in details["Offers"]]
    found = [bench.look(one) for one in asked]
    if any(one is None or one.details.get("OfferSetId") != offers.id for one in found):
        bench.refuse(
            "INCOMPATIBLE_OFFER_SET_REFERENCE", "Ensure all offers were created specifically for this offer set."
        )
    together = list(dict.fromkeys([*members(offers), *asked]))
    if len(together) > MOST:
        bench.refuse("TOO_MANY_OFFERS", f"Associate up to {MOST} offers to the offer set.")
    offers.details["AssociatedOffers"] = [{"OfferId": one} for one in together]


def _disassociate(bench: Bench, offers: Entity, details: Shape) -> None:
    _in_draft(bench, offers)
    gone = {one["OfferId"] for one in details["Offers"]}
    offers.details["AssociatedOffers"] = [{"OfferId": one} for one in members(offers) if one not in gone]


def _release(bench: Bench, offers: Entity, _: Shape) -> None:
    _in_draft(bench, offers)
    if not offers.details.get("BuyerNotes"):
        bench.refuse("MISSING_BUYER_NOTES", "Provide BuyerNotes before releasing the offer set.")
    held = [one for one in map(bench.look, members(offers)) if one is not None]
    if len(held) < 2:
        bench.refuse("MISSING_OFFERS", "Associate at least two offers to the offer set before releasing it.")
    _alike(bench, held)
    offers.details |= {"State": "Released", "ReleaseDate": stamp(bench.now)}
    offers.released = bench.now


def _alike(bench: Bench, held: list[Entity]) -> None:
    """Buyers accept a set as one, so its offers have to agree in what makes them acceptable."""
    if any(not one.is_released for one in held):
        bench.refuse("DRAFT_OFFERS", "Release all associated offers before releasing the offer set.")
    if any(not one.buyers for one in held):
        bench.refuse(
            "INCOMPATIBLE_OFFER_TARGETING_RULE", "Only buyer-targeted offers can be associated to an offer set."
        )
    if len({one.details["ProductId"] for one in held}) < len(held):
        bench.refuse("TOO_MANY_OFFERS_PER_PRODUCT", "Associate only one offer per product to the offer set.")
    if len({one.currency for one in held}) > 1:
        bench.refuse("INCONSISTENT_OFFER_CURRENCY_CODE", "Ensure all associated offers have matching CurrencyCode.")
    if len({tuple(sorted(one.buyers)) for one in held}) > 1:
        bench.refuse("INCONSISTENT_OFFER_TARGETING_RULE", "Ensure all associated offers have matching TargetingRule.")
    ends = {fine_stamp(one.available_until) for one in held if one.available_until is not None}
    if len(ends) > 1:
        bench.refuse(
            "INCONSISTENT_OFFER_AVAILABILITY_END_DATE",
            "Ensure all associated offers have matching AvailabilityEndDate.",
        )
    if any(one.available_until is not None and one.available_until < bench.now for one in held):
        bench.refuse(
            "EXPIRED_OFFERS", "Disassociate expired offers from the offer set or extend their AvailabilityEndDates."
        )


def members(offers: Entity) -> list[str]:
    """The ids of a set's offers."""
    return [one["OfferId"] for one in offers.details["AssociatedOffers"]]


OFFER_SET: dict[str, Change] = {
    "CreateOfferSet": Change(_check_create, nothing, make=_create, turn=-1),
    "UpdateInformation": Change(_check_information, _information),
    "AssociateOffers": Change(_check_offers, _associate),
    "DisassociateOffers": Change(_check_offers, _disassociate),
    "ReleaseOfferSet": Change(Sheet.empty, _release, turn=3),  # after the offers that the same set releases
}
