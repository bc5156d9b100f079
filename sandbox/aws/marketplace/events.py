"""The events of the catalog and of agreements, in the shapes of the AWS Marketplace seller guide; it decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..core import BusEvent, World
from .contracts import Agreement
from .entities import Entity, fresh_uuid
from .times import NEVER, stamp

CATALOG, AGREEMENTS = "aws.marketplacecatalog", "aws.agreement-marketplace"


def _detail(world: World, /, **members: Any) -> dict[str, Any]:
    return {"requestId": fresh_uuid(world.chance), "catalog": "AWSMarketplace"} | members


def _odd_arn(world: World, entity: Entity) -> str:
    """What `detail` calls the ARN: not the one that any API takes. That one is among the resources."""
    return f"arn:aws:catalog:{world.region}:{entity.account}:{entity.kind}/{entity.id}"


def offer_released(world: World, offer: Entity, product: Entity, names: dict[str, str]) -> None:
    until = offer.available_until
    told: dict[str, Any] = {"id": offer.id, "arn": _odd_arn(world, offer), "name": offer.name}
    if until is not None:
        told["expirationDate"] = stamp(until)
    detail = _detail(
        world,
        offer=told,
        product={"id": product.id, "arn": product.arn, "title": product.name},
        manufacturer={"accountId": product.account, "name": names.get(product.account)},
        sellerOfRecord={"accountId": offer.account, "name": names.get(offer.account)},
        targetedBuyerAccountIds=offer.buyers,
    )
    world.emit(BusEvent(CATALOG, "Offer Released", (offer.arn,), detail))


def offer_set_released(world: World, offers: Entity, held: list[Entity]) -> None:
    detail = _detail(
        world,
        offerSet={"id": offers.id, "arn": _odd_arn(world, offers), "name": offers.name},
        associatedOffers=[
            {"offer": {"id": one.id, "arn": _odd_arn(world, one), "name": one.name}} for one in held
        ],
    )  # fmt: skip
    world.emit(BusEvent(CATALOG, "OfferSet Released", (offers.arn,), detail))


def change_set_ended(world: World, status: str, arn: str, told: dict[str, Any]) -> None:
    """`told` are ChangeSetId, ChangeSetName, StartTime, EndTime and, of a failure, FailureCode: never an offer."""
    words = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", "CANCELLED": "Cancelled"}[status]
    detail = {"requestId": fresh_uuid(world.chance), "Catalog": "AWSMarketplace"} | told
    world.emit(BusEvent(CATALOG, f"Change Set {words}", (arn,), detail))


# Agreements


def _resources(agreement: Agreement) -> tuple[str, ...]:
    return (f"arn:aws:aws-marketplace::aws:agreement:{agreement.id}",)


def _parties(agreement: Agreement) -> dict[str, Any]:
    held = agreement.resale_authorization
    return {
        "resaleAuthorization": {"id": held} if held else None,
        "acceptor": {"accountId": agreement.acceptor},
        "proposer": {"accountId": agreement.proposer},
    }


def _time(moment: datetime | None) -> str:
    return NEVER if moment is None else stamp(moment)


def _roles(world: World, agreement: Agreement) -> list[str]:
    """The roles that this account has: of a direct offer it is the proposer and the manufacturer."""
    held = {"Proposer": agreement.proposer, "Manufacturer": agreement.manufacturer}
    return [role for role, account in held.items() if account == world.account]


def _tell(world: World, what: str, agreement: Agreement, /, **members: Any) -> None:
    for role in _roles(world, agreement):
        world.emit(BusEvent(AGREEMENTS, f"{what} - {role}", _resources(agreement), _detail(world, **members)))


def _times(agreement: Agreement) -> dict[str, Any]:
    return {
        "status": agreement.status,
        "acceptanceTime": stamp(agreement.accepted),
        "startTime": stamp(agreement.starts),
        "endTime": _time(agreement.ends),
    }


def created(world: World, agreement: Agreement) -> None:
    told = {"id": agreement.id, "intent": agreement.intent} | _times(agreement)
    if agreement.previous:
        told["previousAgreementId"] = agreement.previous
    offer = {"id": agreement.offer}
    _tell(world, "Purchase Agreement Created", agreement, agreement=told, **_parties(agreement), offer=offer)


def amended(world: World, agreement: Agreement) -> None:
    told = {"id": agreement.id, "intent": "AMEND"} | _times(agreement)
    offer = {"id": agreement.offer}
    _tell(world, "Purchase Agreement Amended", agreement, agreement=told, **_parties(agreement), offer=offer)


def ended(world: World, agreement: Agreement) -> None:
    """Without an offer, as a real one was seen on 2026-08-20; the guide's example has one."""
    told = {"id": agreement.id, "status": agreement.status}
    _tell(world, "Purchase Agreement Ended", agreement, agreement=told, **_parties(agreement))


def ending(world: World, agreement: Agreement, days: int) -> None:
    """To the proposer only."""
    if agreement.proposer != world.account:
        return
    behaviour = agreement.end_behaviour
    told = {
        "id": agreement.id,
        "startTime": stamp(agreement.starts),
        "endTime": _time(agreement.ends),
        "status": agreement.status,
        "daysBeforeEndTime": days,
        "autoRenewalEnabled": behaviour is not None and behaviour[0] == "RENEW",
    }
    detail = _detail(
        world,
        agreement=told,
        product={"id": agreement.product, "title": agreement.product_title},
        acceptor={"accountId": agreement.acceptor},
        proposer={"accountId": agreement.proposer},
        offer={"id": agreement.offer},
    )
    world.emit(BusEvent(AGREEMENTS, "Purchase Agreement Ending - Proposer", _resources(agreement), detail))


def license_changed(world: World, agreement: Agreement, what: str) -> None:
    """`what` is Updated or Deprovisioned. To the manufacturer only; the guide's licence ARN lacks its `arn:`."""
    if agreement.manufacturer != world.account:
        return
    detail = _detail(
        world,
        agreement={"id": agreement.id},
        product={"code": agreement.product.removeprefix("prod-"), "id": agreement.product},
        license={"arn": agreement.license.removeprefix("arn:")},
        acceptor={"accountId": agreement.acceptor},
        proposer={"accountId": agreement.proposer},
        offer={"id": agreement.offer},
    )
    world.emit(BusEvent(AGREEMENTS, f"License {what} - Manufacturer", _resources(agreement), detail))


def cancellation(world: World, agreement: Agreement, request: dict[str, Any]) -> None:
    """A cancellation request reached another status; its event names no resource."""
    words = str(request["status"]).replace("_", " ").title()
    detail = {
        "agreement": {
            "id": agreement.id,
            "acceptorId": agreement.acceptor,
            "productId": agreement.product,
            "offerId": agreement.offer,
        },
        "agreementCancellationRequest": {
            "id": request["agreementCancellationRequestId"],
            "reasonCode": request["reasonCode"],
            "reasonMessage": request.get("description") or "",
            "statusCode": request["status"],
            "statusMessage": request.get("statusMessage") or "",
            "createdAt": stamp(request["createdAt"]),
            "updatedAt": stamp(request["updatedAt"]),
        },
    }
    for role in _roles(world, agreement):
        what = f"Agreement Cancellation Request {words} - {role}"
        world.emit(BusEvent(AGREEMENTS, what, (), _detail(world, **detail)))
