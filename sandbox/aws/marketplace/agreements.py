"""The emulated AWS Marketplace Agreement service: what `marketplace-agreement` of boto3 talks to; quotas are the wire's.

A manufacturer who is not the proposer can't read an agreement here: the operations are documented for the proposer and
the acceptor only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, cast

from ..core import ServiceError, Shape, World
from . import events
from .accepting import finish, renew, renewal_offer
from .buyer import Buyer
from .cancelling import Cancellations
from .contracts import Agreement
from .paging import page
from .searching import invalid, search
from .terms import accepted_terms

if TYPE_CHECKING:
    from .catalog import Catalog

WARNINGS = (180, 120, 90, 60, 30)  # days before the end
OFFERED_BEFORE = 60  # days before the end at which the renewal's offer is made here; AWS does not say when


class Agreements:
    """`book` are all agreements that there are, of this account and of others, by id."""

    name = "marketplace-agreement"

    def __init__(self, world: World, settings: object = None) -> None:
        self.world, self.settings = world, settings
        self.book: dict[str, Agreement] = {}
        self._signing = Random(self.name)  # of its own, so that reading changes no id that is made later
        self.cancellations = Cancellations(world, self._mine)
        self.acts: Mapping[str, Callable[..., Any]] = Buyer(self).acts
        self.kinds: Mapping[str, Callable[[], Iterable[Any]]] = {
            "agreement": lambda: [_dumped(one) for one in self.book.values()],
            "cancellation_request": lambda: list(map(_plain, self.cancellations.requests.values())),
        }
        self._operations: dict[str, Callable[[Shape], Shape]] = {
            "SearchAgreements": self.search_agreements,
            "DescribeAgreement": self.describe_agreement,
            "GetAgreementTerms": self.get_agreement_terms,
            "GetAgreementEntitlements": self.get_agreement_entitlements,
            "SendAgreementCancellationRequest": self.cancellations.send,
            "GetAgreementCancellationRequest": self.cancellations.get,
            "ListAgreementCancellationRequests": self.cancellations.list,
            "CancelAgreementCancellationRequest": self.cancellations.withdraw,
        }

    @property
    def catalog(self) -> Catalog:
        return cast("Catalog", self.world.services["marketplace-catalog"])

    def handle(self, operation: str, request: Shape) -> Shape:
        """Answers one call; raises `ServiceError`."""
        if operation not in self._operations:
            raise invalid("UNSUPPORTED_ACTION", f"{operation} is not emulated.")
        return self._operations[operation](request)

    def tick(self) -> None:
        """Warnings before the end, the end itself, licences of agreements that begin, requests that nobody answered."""
        for agreement in list(self.book.values()):
            if agreement.active:
                self._pass_time(agreement)
        self.cancellations.tick()

    def _pass_time(self, agreement: Agreement) -> None:
        now = self.world.clock()
        if 0 not in agreement.warned and agreement.starts <= now:
            agreement.warned.add(0)  # the first day, not a warning
            if agreement.starts > agreement.accepted:
                events.license_changed(self.world, agreement, "Updated")
        if agreement.ends is None:
            return
        for days in WARNINGS:
            due = agreement.ends - timedelta(days=days)
            if agreement.accepted < due <= now and days not in agreement.warned:
                agreement.warned.add(days)
                self._warn(agreement, days)
        if agreement.ends <= now:
            self._end(agreement)

    def _warn(self, agreement: Agreement, days: int) -> None:
        behaviour = agreement.end_behaviour
        if days == OFFERED_BEFORE and behaviour is not None and behaviour[0] == "RENEW":
            renewal_offer(self.world, self.catalog, agreement)
        events.ending(self.world, agreement, days)

    def _end(self, agreement: Agreement) -> None:
        behaviour = agreement.end_behaviour
        if behaviour is not None and behaviour[0] == "RENEW":
            renew(self.world, self.catalog, self.book, agreement)
        else:
            finish(self.world, agreement, "EXPIRED")

    # Reading

    def search_agreements(self, request: Shape) -> Shape:
        if request.get("catalog", "AWSMarketplace") != "AWSMarketplace":
            raise invalid("INVALID_CATALOG", "catalog must be AWSMarketplace.")
        found, token = search(self.book, self.world.account, request)
        answer: Shape = {"agreementViewSummaries": [self._summary(one) for one in found]}
        return answer | ({"nextToken": token} if token else {})

    def describe_agreement(self, request: Shape) -> Shape:
        one = self._mine(request["agreementId"])
        answer = self._common(one) | {
            "estimatedCharges": {"currencyCode": one.currency, "agreementValue": str(one.value)},
        }
        behaviour = one.end_behaviour
        if behaviour is not None:
            told: Shape = {"type": behaviour[0]} | ({"reasonCode": behaviour[1]} if behaviour[1] else {})
            if behaviour[0] == "RENEW" or str(behaviour[1]).endswith("OPTED_OUT"):
                told["renewalSummary"] = {"offerId": one.renewal_offer or one.offer}
            answer["endTimeBehavior"] = told
        return answer

    def get_agreement_terms(self, request: Shape) -> Shape:
        one = self._mine(request["agreementId"])
        return _paged("acceptedTerms", accepted_terms(one, self.world.clock(), self._signing), request)

    def get_agreement_entitlements(self, request: Shape) -> Shape:
        one = self._mine(request["agreementId"])
        status, reason = ("PROVISIONED", "AGREEMENT_ACTIVE") if one.active else ("DEPROVISIONED", "AGREEMENT_INACTIVE")
        if one.active and one.starts > self.world.clock():
            status, reason = "SCHEDULED", "FUTURE_START_DATE"
        held: Shape = {
            "resource": {"id": one.product, "type": one.product_type},
            "type": "aws:marketplace:License",
            "status": status,
            "statusReasonCode": reason,
            "licenseArn": one.license,
        }
        return _paged("agreementEntitlements", [held], request)

    def _mine(self, agreement_id: str) -> Agreement:
        one = self.book.get(agreement_id)
        if one is None or self.world.account not in (one.proposer, one.acceptor):
            members = {"resourceId": agreement_id, "resourceType": "Agreement"}
            raise ServiceError("ResourceNotFoundException", f"Agreement {agreement_id} does not exist.", 404, **members)
        return one

    def _common(self, one: Agreement) -> Shape:
        summary: Shape = {"resources": [{"id": one.product, "type": one.product_type}], "offerId": one.offer}
        answer: Shape = {
            "agreementId": one.id,
            "acceptor": {"accountId": one.acceptor},
            "proposer": {"accountId": one.proposer},
            "acceptanceTime": one.accepted,
            "startTime": one.starts,
            "agreementType": "PurchaseAgreement",
            "proposalSummary": summary | ({"offerSetId": one.offer_set} if one.offer_set else {}),
            "status": one.status,
            "initialAgreementId": one.initial,
        }
        return answer | ({"endTime": one.ends} if one.ends is not None else {})

    def _summary(self, one: Agreement) -> Shape:
        told = self._common(one) | {"lastUpdateTime": one.updated, "entitlements": [{"licenseArn": one.license}]}
        behaviour = one.end_behaviour
        if behaviour is not None:
            told["endTimeBehaviorType"] = behaviour[0]
        if behaviour is not None and behaviour[1]:
            told["endTimeBehaviorReasonCode"] = behaviour[1]
        return told


def _paged(name: str, found: list[Shape], request: Shape) -> Shape:
    try:
        chosen, token = page(found, request.get("maxResults", 50), request.get("nextToken"))
    except ValueError:
        raise invalid("INVALID_NEXT_TOKEN", "nextToken is invalid.") from None
    return {name: chosen} | ({"nextToken": token} if token else {})


def _dumped(one: Agreement) -> Shape:
    return _plain({name: value for name, value in asdict(one).items() if name != "terms"})


def _plain(values: Shape) -> Shape:
    """As JSON has it."""
    return {name: _json(value) for name, value in values.items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return sorted(value) if isinstance(value, set) else value
