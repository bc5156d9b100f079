"""ListEntities: summaries, filters by entity type, order and pages; it changes nothing.

Whether the ends of a DateRange belong to it is not documented; here they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from ..core import Shape
from .changes.sets import members
from .entities import Entity
from .errors import validation
from .paging import page
from .times import moment_of, stamp

FILTERS = {
    "Offer": "OfferFilters",
    "OfferSet": "OfferSetFilters",
    "ResaleAuthorization": "ResaleAuthorizationFilters",
    "SaaSProduct": "SaaSProductFilters",
}
SORTS = {kind: name.removesuffix("Filters") + "Sort" for kind, name in FILTERS.items()}


def listed(found: Iterable[Entity], request: Shape) -> Shape:
    """The answer to ListEntities over entities of one kind and owner; raises ValidationException."""
    kind = request["EntityType"]
    filters = _one(request.get("EntityTypeFilters"), FILTERS.get(kind), "EntityTypeFilters")
    order = _one(request.get("EntityTypeSort"), SORTS.get(kind), "EntityTypeSort") or request.get("Sort") or {}
    rows = [(_values(entity), entity) for entity in found]
    rows = [row for row in rows if all(_meets(row[0], name, asked) for name, asked in filters.items())]
    for asked in request.get("FilterList", []):
        rows = [row for row in rows if _meets(row[0], asked["Name"], {"ValueList": asked["ValueList"]})]
    by = order.get("SortBy", "LastModifiedDate")
    rows.sort(key=lambda row: (_comparable(row[0].get(by)), row[1].id))
    if order.get("SortOrder", "DESCENDING") == "DESCENDING":
        rows.reverse()
    size = request.get("MaxResults", 20)
    if not 1 <= size <= 50:
        raise validation("MaxResults must be between 1 and 50.")
    try:
        chosen, token = page(rows, size, request.get("NextToken"))
    except ValueError:
        raise validation("Invalid NextToken.") from None
    answer: Shape = {"EntitySummaryList": [summary(entity) for _, entity in chosen]}
    return answer | ({"NextToken": token} if token else {})


def _one(union: Shape | None, expected: str | None, what: str) -> Shape:
    """The only member of a union, which has to be that of the entity type asked for."""
    if union is None:
        return {}
    if expected is None or list(union) != [expected]:
        raise validation(f"{what} must be of the requested EntityType and only that.")
    return dict(union[expected])


def _values(entity: Entity) -> Shape:
    told = SUMMARIES[entity.kind](entity)
    return told | {"EntityId": entity.id, "Name": entity.name, "LastModifiedDate": stamp(entity.modified)}


def _comparable(value: Any) -> tuple[bool, str]:
    return (value is not None, ",".join(value) if isinstance(value, list) else str(value or ""))


def _meets(values: Shape, name: str, asked: Shape) -> bool:
    value = values.get(name)
    held = value if isinstance(value, list) else [] if value is None else [value]
    if "ValueList" in asked:
        if not 1 <= len(asked["ValueList"]) <= 10:
            raise validation(f"ValueList of {name} must have between 1 and 10 values.")
        return any(one in asked["ValueList"] for one in held)
    if "WildCardValue" in asked:
        return any(asked["WildCardValue"].strip("*").lower() in str(one).lower() for one in held)
    return _within(held, asked.get("DateRange") or {})


def _within(held: list[str], span: Shape) -> bool:
    try:
        after, before = (moment_of(span[name]) if name in span else None for name in ("AfterValue", "BeforeValue"))
    except ValueError:
        raise validation("A DateRange must have dates as 2018-02-27T13:45:22Z.") from None
    return any(_between(moment_of(one), after, before) for one in held)


def _between(moment: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or moment > after) and (before is None or moment < before)


# Summaries


def summary(entity: Entity) -> Shape:
    """One entry of EntitySummaryList."""
    told: Shape = {
        "Name": entity.name,
        "EntityType": entity.kind,
        "EntityId": entity.id,
        "EntityArn": entity.arn,
        "LastModifiedDate": stamp(entity.modified),
        f"{entity.kind}Summary": SUMMARIES[entity.kind](entity),
    }
    if not told["Name"]:
        del told["Name"]
    if entity.kind == "Offer":
        told["Visibility"] = "Private" if entity.buyers else "Public"
    if entity.kind == "SaaSProduct":
        told["Visibility"] = entity.details["Visibility"]
    return told


def _known(**members_: Any) -> Shape:
    return {name: value for name, value in members_.items() if value is not None}


def _offer(offer: Entity) -> Shape:
    until, targeting = offer.available_until, (offer.rule("TargetingRule") or {}).get("PositiveTargeting") or {}
    return _known(
        Name=offer.details.get("Name"),
        ProductId=offer.details["ProductId"],
        ResaleAuthorizationId=offer.details.get("ResaleAuthorizationId"),
        ReleaseDate=stamp(offer.released) if offer.released else None,
        AvailabilityEndDate=stamp(until) if until else None,
        BuyerAccounts=offer.buyers,
        State=offer.details["State"],
        Targeting=[name for name in ("BuyerAccounts", "CountryCodes") if targeting.get(name)] or ["None"],
        OfferSetId=offer.details.get("OfferSetId"),
        TargetAgreementId=offer.agreement,
        TargetAgreementIntent="Renew" if offer.intent == "Renew" else None,
        CreatedBySource=offer.made_by,
    )


def _offer_set(offers: Entity) -> Shape:
    return _known(
        Name=offers.details["Name"],
        State=offers.details["State"],
        ReleaseDate=offers.details.get("ReleaseDate"),
        AssociatedOfferIds=members(offers),
        SolutionId=offers.details.get("SolutionId"),
    )


def _resale(held: Entity) -> Shape:
    reseller, until = held.rule("PartnerTargetingRule") or {}, held.available_until
    return _known(
        Name=held.details["Name"],
        ProductId=held.details["ProductId"],
        ProductName=held.details.get("ProductName"),
        ManufacturerAccountId=held.details["ManufacturerAccountId"],
        ManufacturerLegalName=held.details.get("ManufacturerLegalName"),
        ResellerAccountID=reseller.get("ResellerAccountId"),
        ResellerLegalName=reseller.get("ResellerLegalName"),
        Status=held.details["Status"],
        OfferExtendedStatus=held.details["OfferDetails"]["OfferExtendedStatus"],
        CreatedDate=stamp(held.created),
        AvailabilityEndDate=stamp(until) if until else None,
        ResellerRole="ChannelPartner",
        IssuerAccountId=held.account,
    )


def _product(product: Entity) -> Shape:
    return {"ProductTitle": product.name, "Visibility": product.details["Visibility"]}


SUMMARIES: dict[str, Callable[[Entity], Shape]] = {
    "Offer": _offer,
    "OfferSet": _offer_set,
    "ResaleAuthorization": _resale,
    "SaaSProduct": _product,
}
