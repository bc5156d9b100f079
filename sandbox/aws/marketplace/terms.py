"""What GetAgreementTerms answers: the offer's terms in the spelling of the agreement service; it changes nothing."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from ..core import Shape
from .contracts import Agreement
from .details import ARTIFACTS, STANDARD, signed
from .entities import fresh_uuid
from .times import moment_of

MOMENTS = ("ChargeDate", "AgreementStartDate", "AgreementEndDate")
UNTOLD = ("PriceIncrease", "TermTemplates")  # of a renewal: other shapes than the catalog's


def accepted_terms(agreement: Agreement, now: datetime, chance: Random) -> list[Shape]:
    """Each a union with one member, as {"legalTerm": {...}}."""
    return [{_lower(term["Type"]): _accepted(agreement, term, now, chance)} for term in agreement.terms]


def _accepted(agreement: Agreement, term: Shape, now: datetime, chance: Random) -> Shape:
    told: Shape = _spelled({name: value for name, value in term.items() if name not in UNTOLD})
    if term["Type"] == "RenewalTerm":
        told["configuration"] = {"enableAutoRenew": agreement.auto_renew}
    if term["Type"] == "ConfigurableUpfrontPricingTerm":
        chosen = [{"dimensionKey": key, "dimensionValue": count} for key, count in agreement.quantities.items()]
        told["configuration"] = {"selectorValue": term["RateCards"][0]["Selector"]["Value"], "dimensions": chosen}
    for one in told.get("documents", []):
        address = f"{ARTIFACTS}/{agreement.offer}/{fresh_uuid(chance)}"
        standard = one["type"] == "StandardEula"
        one["url"] = STANDARD.format(version=one["version"]) if standard else signed(address, now, chance)
    return told


def _spelled(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {_lower(key): _spelled(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_spelled(one) for one in value]
    return moment_of(value) if name in MOMENTS else value


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
