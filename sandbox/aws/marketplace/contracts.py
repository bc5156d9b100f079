"""An agreement between a buyer and a seller, as the marketplace keeps it; it tells nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ..core import Shape

ENDED = ("CANCELLED", "EXPIRED", "RENEWED", "REPLACED", "ROLLED_BACK", "TERMINATED")


@dataclass(slots=True)
class Agreement:
    """`ends` is None for pay-as-you-go. `terms` are the offer's, as the catalog describes them."""

    id: str
    offer: str
    product: str
    product_type: str
    acceptor: str
    proposer: str
    manufacturer: str
    accepted: datetime
    starts: datetime
    ends: datetime | None
    updated: datetime
    terms: list[Shape]
    currency: str
    value: Decimal
    license: str
    initial: str
    product_title: str = ""
    offer_set: str | None = None
    resale_authorization: str | None = None
    pricing_model: str | None = None
    previous: str | None = None
    intent: str = "NEW"
    status: str = "ACTIVE"
    auto_renew: bool = False
    opted_out: set[str] = field(default_factory=set)  # PROPOSER, ACCEPTOR
    renewals: int = 0
    renewal_offer: str | None = None
    warned: set[int] = field(default_factory=set)  # days before the end that were told already
    quantities: dict[str, int] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return self.status == "ACTIVE"

    def term(self, kind: str) -> Shape | None:
        return next((term for term in self.terms if term["Type"] == kind), None)

    @property
    def end_behaviour(self) -> tuple[str, str | None] | None:
        """RENEW, or EXPIRE with AWS's reason; None where there is no end to come."""
        if not self.active or self.ends is None:
            return None
        renewal = self.term("RenewalTerm")
        if renewal is None:
            return "EXPIRE", "NO_RENEWAL_TERM"
        if "PROPOSER" in self.opted_out:
            return "EXPIRE", "PROPOSER_RENEW_OPTED_OUT"
        if "ACCEPTOR" in self.opted_out or not self.auto_renew:
            return "EXPIRE", "ACCEPTOR_RENEW_OPTED_OUT"
        if renewal.get("MaxRenewals") is not None and self.renewals >= renewal["MaxRenewals"]:
            return "EXPIRE", "RENEWAL_LIMIT_EXHAUSTED"
        return "RENEW", None
