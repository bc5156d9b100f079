"""A seller asks the buyer to cancel an agreement: sent, withdrawn, answered, or granted after seven days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ..core import ServiceError, Shape, World
from . import events
from .accepting import finish
from .contracts import Agreement
from .entities import fresh
from .paging import page
from .searching import invalid

GRANTED_AFTER = timedelta(days=7)
TOLD = (
    "agreementId",
    "agreementCancellationRequestId",
    "status",
    "reasonCode",
    "description",
    "createdAt",
    "updatedAt",
)


class Cancellations:
    """`requests` are as GetAgreementCancellationRequest gives them, by id."""

    def __init__(self, world: World, mine: Callable[[str], Agreement]) -> None:
        self.world, self._mine = world, mine
        self.requests: dict[str, Shape] = {}
        self.tokens: dict[str, tuple[Shape, str]] = {}

    def send(self, request: Shape) -> Shape:
        """The same clientToken gives the same request; with another body it is a conflict."""
        token, body = request.get("clientToken"), {key: value for key, value in request.items() if key != "clientToken"}
        if token in self.tokens and token is not None:
            before, known = self.tokens[token]
            if before != body:
                raise ServiceError("ConflictException", "The clientToken was used already.", 409, resourceId=known)
            return self._answer(self.requests[known])
        agreement = self._mine(request["agreementId"])
        if agreement.proposer != self.world.account:
            raise ServiceError("AccessDeniedException", "Only the proposer can ask for a cancellation.", 403)
        if not agreement.active:
            raise invalid("INACTIVE_AGREEMENT", f"Agreement {agreement.id} is {agreement.status}.")
        if any(
            one["agreementId"] == agreement.id and one["status"] == "PENDING_APPROVAL" for one in self.requests.values()
        ):
            raise ServiceError("ConflictException", "A cancellation request is pending already.", 409)
        now = self.world.clock()
        made: Shape = body | {"agreementCancellationRequestId": f"acr-{fresh(self.world.chance, 20)}"}
        made |= {"status": "PENDING_APPROVAL", "createdAt": now, "updatedAt": now}
        self.requests[made["agreementCancellationRequestId"]] = made
        if token is not None:
            self.tokens[token] = body, made["agreementCancellationRequestId"]
        events.cancellation(self.world, agreement, made)
        return self._answer(made)

    def get(self, request: Shape) -> Shape:
        return dict(self._known(request))

    def withdraw(self, request: Shape) -> Shape:
        return dict(self.settle(request["agreementCancellationRequestId"], "CANCELLED", request["cancellationReason"]))

    def list(self, request: Shape) -> Shape:
        """Ours as proposer; as acceptor there are none."""
        found = [one for one in self.requests.values() if request["partyType"] == "Proposer"]
        for name in ("agreementId", "status"):
            found = [one for one in found if request.get(name) in (None, one[name])]
        try:
            chosen, token = page(found, request.get("maxResults", 50), request.get("nextToken"))
        except ValueError:
            raise invalid("INVALID_NEXT_TOKEN", "nextToken is invalid.") from None
        kind = {"agreementType": "PurchaseAgreement", "catalog": "AWSMarketplace"}
        items = [{key: one[key] for key in TOLD if key in one and key != "description"} | kind for one in chosen]
        return {"items": items} | ({"nextToken": token} if token else {})

    def settle(self, request_id: str, status: str, words: str = "") -> Shape:
        """Answers a pending request: APPROVED ends the agreement. Raises ServiceError where it is not pending."""
        one = self._known({"agreementCancellationRequestId": request_id})
        if one["status"] != "PENDING_APPROVAL":
            raise ServiceError("ConflictException", f"The cancellation request is {one['status']}.", 409)
        one |= {"status": status, "statusMessage": words, "updatedAt": self.world.clock()}
        agreement = self._mine(one["agreementId"])
        events.cancellation(self.world, agreement, one)
        if status == "APPROVED" and agreement.active:
            finish(self.world, agreement, "CANCELLED")
        return one

    def tick(self) -> None:
        for one in list(self.requests.values()):
            if one["status"] == "PENDING_APPROVAL" and self.world.clock() - one["createdAt"] >= GRANTED_AFTER:
                self.settle(one["agreementCancellationRequestId"], "APPROVED")

    def _known(self, request: Shape) -> Shape:
        request_id = request["agreementCancellationRequestId"]
        one = self.requests.get(request_id)
        if one is None or request.get("agreementId", one["agreementId"]) != one["agreementId"]:
            members = {"resourceId": request_id, "resourceType": "AgreementCancellationRequest"}
            raise ServiceError("ResourceNotFoundException", f"{request_id} does not exist.", 404, **members)
        return one

    @staticmethod
    def _answer(one: Shape) -> Shape:
        return {key: one[key] for key in TOLD if key in one}
