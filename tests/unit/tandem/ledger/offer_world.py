"""The private offer of Acme Robotics as the topics tell of it."""

from typing import Any

from schemas.messages import Message, OfferLinkDecided, OfferMatched, RulingGiven, identity
from tests.unit.tandem.ledger.world import ACE, AWS, CRM, HUB, at, changed, finished, write

STEPS = {"creating": "The offer is being made.", "released": "The buyer can see the offer."}


def deal(record_id: str) -> str:
    return f"{CRM}/deal/{record_id}"


def offered(record_id: str, nth: int = 1, state: str | None = "creating", **more: Any) -> OfferLinkDecided:
    """The nth decision of a deal's private offer."""
    given: dict[str, Any] = {
        "id": identity("offered", record_id, str(nth)),
        "deal": deal(record_id),
        "deal_name": "Acme Robotics: 40 seats",
        "state": state,
        "step": STEPS.get(state or "", "The deal is shared with AWS."),
        "reasons": ("The deal asks for a private offer.",),
        "change_set": f"{AWS}/change_set/cs-{record_id}",
        "offer": f"{AWS}/offer/offer-{record_id}" if state != "creating" else None,
        "amount": "12500.00",
        "currency": "USD",
        "next_step": "AWS makes the offer.",
        "causes": (identity(CRM, record_id, "1"),),
        "decided_at": at(nth),
    }
    return OfferLinkDecided.model_validate(given | more)


def matched(record_id: str, nth: int = 1, status: str = "proposed", **more: Any) -> OfferMatched:
    """The nth decision of which deal an offer is for that somebody made by hand."""
    candidate = {"deal": deal("7"), "name": "Acme Robotics: 40 seats", "score": 0.8, "reasons": ["the same amount"]}
    given: dict[str, Any] = {
        "id": identity("matched", record_id, str(nth)),
        "offer": f"{AWS}/offer/offer-{record_id}",
        "offer_name": "Acme 2027",
        "status": status,
        "deal": None if status == "unlinked" else deal("7"),
        "confidence": 0.8,
        "reasons": ("the same amount",),
        "candidates": [candidate],
        "decided_at": at(nth),
    }
    return OfferMatched.model_validate(given | more)


def ruling(record_id: str, what: str = "approve_offer", nth: int = 1, **more: Any) -> RulingGiven:
    given: dict[str, Any] = {
        "id": identity("ruling", record_id, what, str(nth)),
        "ruling": what,
        "refs": (deal(record_id),),
        "by": "dana",
        "at": at(nth),
    }
    return RulingGiven.model_validate(given | more)


def journey() -> list[Message]:
    """Deal 7: asked for, approved, made, released, associated and accepted; each command with its cause."""
    accepted = {
        "cosell": f"{ACE}/cosell/O7",
        "cosell_status": "approved",
        "agreements": (f"{AWS}/agreement/agmt-7",),
        "twins": (f"{HUB}/deal/h-7",),
        "step": "The buyer has accepted the offer.",
    }
    made = write("tok-7", 3, connection=AWS, entity="offer", match_by="external_id", causes=(identity(CRM, "7", "1"),))
    shown = write(
        "7", 4, entity="deal_offer", fields={"offer_state": "released"}, causes=(identity(AWS, "offer-7", "5"),)
    )
    record = write("aws/offer-7", 4, entity="private_offer", match_by="external_id", causes=())
    associated = write("O7", 6, connection=ACE, entity="cosell_offer", causes=())
    return [
        changed("7", 1, entity="deal"),
        offered("7", 1, None, approval="waiting", offer=None, change_set=None, step="It waits for approval."),
        ruling("7", nth=2, note="fine by me"),
        offered("7", 3, "creating"),
        made,
        finished(made, target_id="cs-7"),
        changed("cs-7", 4, connection=AWS, entity="change_set", record={"name": "tandem/tok-7", "status": "succeeded"}),
        changed("offer-7", 5, connection=AWS, entity="offer", record={"name": "Acme 2027", "released": True}),
        offered("7", 5, "released"),
        shown,
        finished(shown),
        record,
        changed("O7", 6, connection=ACE, entity="cosell", record={"title": "Acme", "review": "approved"}),
        associated,
        finished(associated, "rejected", code="CONFLICT", target_id=None),
        changed("agmt-7", 7, connection=AWS, entity="agreement", record={"status": "active", "offer": "offer-7"}),
        offered("7", 8, "accepted", **accepted),
    ]
