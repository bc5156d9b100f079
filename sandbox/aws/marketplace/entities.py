"""What the catalog holds: products, offers, offer sets and resale authorizations; it decides nothing."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from ..core import REGION, Shape
from .times import moment_of

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
PREFIXES = {"Offer": "offer", "OfferSet": "offerset", "ResaleAuthorization": "resaleauthz", "SaaSProduct": "prod"}


def fresh(chance: Random, length: int = 13) -> str:
    """Letters and digits as AWS makes its ids of them."""
    return "".join(chance.choices(LETTERS, k=length))


def fresh_uuid(chance: Random) -> str:
    text = f"{chance.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


@dataclass(slots=True)
class Entity:
    """One entity. `details` are laid out as DescribeEntity gives them; what it never gives is beside them."""

    kind: str  # as "Offer"
    id: str
    account: str
    details: Shape
    created: datetime
    modified: datetime
    revision: int = 0  # 0: no change set has made it yet
    released: datetime | None = None
    pricing_model: str | None = None
    made_by: str = "Seller"
    agreement: str | None = None  # the one that an offer replaces or renews
    intent: str | None = None  # Replace or Renew, of that agreement

    @property
    def arn(self) -> str:
        return f"arn:aws:aws-marketplace:{REGION}:{self.account}:AWSMarketplace/{self.kind}/{self.id}"

    @property
    def identifier(self) -> str:
        return f"{self.id}@{max(self.revision, 1)}"

    @property
    def name(self) -> str:
        return str(self.details.get("Name") or self.details.get("ProductTitle") or "")

    def copy(self) -> Entity:
        return Entity(**{slot: deepcopy(getattr(self, slot)) for slot in self.__slots__})

    # Terms and rules

    def term(self, kind: str) -> Shape | None:
        return next((term for term in self.details.get("Terms", []) if term["Type"] == kind), None)

    def put_terms(self, family: tuple[str, ...], terms: list[Shape]) -> None:
        """The family's terms are replaced as a whole: what is not among the new ones is gone."""
        kept = [term for term in self.details.get("Terms", []) if term["Type"] not in family]
        self.details["Terms"] = kept + terms

    def rule(self, kind: str) -> Shape | None:
        return next((rule for rule in self.details.get("Rules", []) if rule["Type"] == kind), None)

    def put_rule(self, rule: Shape) -> None:
        rules = [one for one in self.details.get("Rules", []) if one["Type"] != rule["Type"]]
        self.details["Rules"] = [*rules, rule]

    # What an offer says

    @property
    def is_released(self) -> bool:
        return self.details.get("State") == "Released"

    @property
    def buyers(self) -> list[str]:
        targeting = (self.rule("TargetingRule") or {}).get("PositiveTargeting") or {}
        return list(targeting.get("BuyerAccounts", []))

    @property
    def available_until(self) -> datetime | None:
        text = (self.rule("AvailabilityRule") or {}).get("AvailabilityEndDate")
        return moment_of(text) if text else None

    @property
    def currency(self) -> str | None:
        codes: list[Any] = [term.get("CurrencyCode") for term in self.details.get("Terms", [])]
        return next((str(code) for code in codes if code), None)


def dimensions(product: Entity) -> dict[str, list[str]]:
    """Each dimension's key with its types, as {"seats": ["Entitled"]}."""
    return {one["Key"]: one["Types"] for one in product.details.get("Dimensions", [])}
