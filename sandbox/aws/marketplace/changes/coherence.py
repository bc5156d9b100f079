"""Whether an offer is whole and its parts agree, judged when all changes of a set are done; it changes nothing.

Source: the tables "Asynchronous Errors" of the Marketplace API Reference, page on private offers: codes and words are
AWS's. At which change AWS shows an error that two changes cause together is not documented; here it is the change that
the table names, or the last one of the offer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from ...core import Shape
from ..entities import Entity, dimensions
from ..errors import Problem
from ..times import later, moment_of
from .bench import Bench
from .terms import PRICING, STANDARD_EULAS

MOST_CHARGES = 60
PRICING_CHANGE, SCHEDULE_CHANGE = "UpdatePricingTerms", "UpdatePaymentScheduleTerms"
VALIDITY_CHANGE, AVAILABILITY_CHANGE, RENEWAL_CHANGE = "UpdateValidityTerms", "UpdateAvailability", "UpdateRenewalTerms"


def incoherence(bench: Bench, offer: Entity) -> Iterator[Problem]:
    """What is wrong with an offer that this change set has touched; a draft is allowed to be incomplete."""
    yield from _dimensions(bench, offer)
    yield from _documents(bench, offer)
    if not offer.is_released:
        return
    if bench.changed(offer, "ReleaseOffer"):
        yield from _missing(bench, offer)
        yield from _pricing(offer)
        yield from _renewal(offer)
    if bench.changed(offer, "ReleaseOffer") or bench.changed(offer, AVAILABILITY_CHANGE):
        yield from _dates(bench, offer)
    yield from _schedule(bench, offer)


def _dimensions(bench: Bench, offer: Entity) -> Iterator[Problem]:
    product = bench.look(offer.details["ProductId"])
    known = dimensions(product) if product is not None else {}
    for kind in PRICING:
        term = offer.term(kind) or {}
        keys = [grant["DimensionKey"] for grant in term.get("Grants", [])]
        rated = [rate["DimensionKey"] for card in term.get("RateCards", []) for rate in card["RateCard"]]
        if set(keys + rated) - set(known):
            yield Problem(
                "INCOMPATIBLE_PRODUCT", f"Use existing, available dimensions in the product in {kind}.", PRICING_CHANGE
            )
        if len(set(keys)) < len(keys):
            yield Problem(
                "DUPLICATE_DIMENSION_KEYS",
                f"Provide Grants with a unique list of dimension keys in {kind}.",
                PRICING_CHANGE,
            )
        if kind == "UsageBasedPricingTerm" and any("Metered" not in known.get(key, ["Metered"]) for key in rated):
            yield Problem(
                "INVALID_RATE_CARD",
                "Provide a rate card for only metered dimensions in UsageBasedPricingTerm.",
                PRICING_CHANGE,
            )


def _documents(bench: Bench, offer: Entity) -> Iterator[Problem]:
    if not bench.changed(offer, "UpdateLegalTerms"):
        return
    for document in (offer.term("LegalTerm") or {}).get("Documents", []):
        if document["Type"] == "StandardEula" and document["Version"] != STANDARD_EULAS[-1]:
            words = "Only the most recent version of StandardEula is supported for new offers."
            yield Problem("INVALID_LEGAL_DOCUMENTS", words, "UpdateLegalTerms")
        host = document.get("Url", "").partition("://")[2].partition("/")[0]
        if document["Type"].startswith("Custom") and not ("s3" in host and host.endswith(".amazonaws.com")):
            words = "Provide URLs for legal documents stored in accessible S3 buckets."
            yield Problem("INVALID_LEGAL_DOCUMENTS", words, "UpdateLegalTerms")


def _missing(bench: Bench, offer: Entity) -> Iterator[Problem]:
    if not offer.details.get("Name"):
        yield Problem("MISSING_NAME", "Set Name before releasing the offer.")
    if not offer.details.get("Description"):
        yield Problem("MISSING_DESCRIPTION", "Set Description before releasing the offer.")
    if offer.buyers and offer.available_until is None:
        yield Problem("MISSING_AVAILABILITY_END_DATE", "Provide an AvailabilityEndDate for private offer.")
    yield from _untargeted(offer)
    if offer.term("LegalTerm") is None:
        yield Problem("MISSING_MANDATORY_TERMS", "Add LegalTerm to the offer.")
    if not any(offer.term(kind) for kind in PRICING):
        yield Problem("MISSING_MANDATORY_TERMS", f"Provide at least one of [{', '.join(PRICING)}].")
    validity = offer.term("ValidityTerm")
    if offer.buyers and validity is None and offer.term("FixedUpfrontPricingTerm"):
        yield Problem("MISSING_MANDATORY_TERMS", "Add ValidityTerm to the offer.")
    if offer.intent == "Replace" and not (validity or {}).get("AgreementEndDate"):
        yield Problem("MISSING_AGREEMENT_END_DATE", "Provide an AgreementEndDate for replacement offers.")
    if offer.intent == "Replace" and offer.agreement is not None:
        yield from _same_kinds(offer, {term["Type"] for term in bench.agreements[offer.agreement].terms})


def _untargeted(offer: Entity) -> Iterator[Problem]:
    if not offer.buyers and offer.details.get("ResaleAuthorizationId"):
        words = "Provide PositiveTargeting with BuyersAccounts for offers created using ResaleAuthorization."
        yield Problem("MISSING_BUYER_ACCOUNTS", words)
    if not offer.buyers and offer.details.get("OfferSetId"):
        yield Problem("INCOMPATIBLE_TARGETING", "OfferSetId is only supported for buyer targeted offers.")


def _same_kinds(offer: Entity, agreed: set[str]) -> Iterator[Problem]:
    now = {kind for kind in PRICING if offer.term(kind)}
    for verb, kinds in (("removed from", agreed & set(PRICING) - now), ("added to", now - agreed)):
        if kinds:
            words = f"The following terms can't be {verb} the replacement offer: [{', '.join(sorted(kinds))}]."
            yield Problem("INCOMPATIBLE_AGREEMENT", words, PRICING_CHANGE)


def _pricing(offer: Entity) -> Iterator[Problem]:
    fixed, schedule = offer.term("FixedUpfrontPricingTerm"), offer.term("PaymentScheduleTerm")
    if fixed and not schedule and not offer.term("ByolPricingTerm"):
        words = "FixedUpfrontPricingTerm is only supported when paired with ByolPricingTerm or PaymentScheduleTerm."
        yield Problem("MISSING_MANDATORY_TERMS", words, PRICING_CHANGE)
    if schedule and not fixed:
        words = "Provide a FixedUpfrontPricingTerm when the offer contains a PaymentScheduleTerm."
        yield Problem("MISSING_MANDATORY_TERMS", words)
    if fixed and schedule and Decimal(fixed["Price"]) != 0:
        words = "Provide zero (0) price for FixedUpfrontPricingTerm when the offer contains a PaymentScheduleTerm."
        yield Problem("INCOMPATIBLE_TERMS", words, PRICING_CHANGE)
    codes = {term["CurrencyCode"] for term in offer.details["Terms"] if "CurrencyCode" in term}
    if len(codes) > 1:
        words = "Provide the same CurrencyCode across all pricing and payment terms."
        yield Problem("INVALID_CURRENCY_CODE", words, SCHEDULE_CHANGE)
    if offer.pricing_model == "Byol" and not offer.term("ByolPricingTerm"):
        words = "Provide a ByolPricingTerm when using Byol pricing model."
        yield Problem("MISSING_MANDATORY_TERMS", words, PRICING_CHANGE)


def _renewal(offer: Entity) -> Iterator[Problem]:
    term = offer.term("RenewalTerm")
    if term is None or not offer.buyers:
        return
    schedule, template = offer.term("PaymentScheduleTerm"), term.get("TermTemplates")
    if not term.get("PriceIncrease"):
        yield Problem("MISSING_PRICE_INCREASE", "Provide PriceIncrease in RenewalTerm.", RENEWAL_CHANGE)
    if schedule and not template:
        words = "Provide a PaymentScheduleTermTemplate in RenewalTerm when the offer contains a PaymentScheduleTerm."
        yield Problem("MISSING_PAYMENT_SCHEDULE_TERM_TEMPLATE", words, RENEWAL_CHANGE)
    if template and not schedule:
        words = "PaymentScheduleTermTemplate in RenewalTerm isn't supported without a PaymentScheduleTerm in the offer."
        yield Problem("INCOMPATIBLE_TERMS", words, RENEWAL_CHANGE)


def _dates(bench: Bench, offer: Entity) -> Iterator[Problem]:
    until, validity = offer.available_until, offer.term("ValidityTerm") or {}
    start, end = (_moment(validity, name) for name in ("AgreementStartDate", "AgreementEndDate"))
    if until is not None and not offer.buyers:
        words = "AvailabilityEndDate isn't supported for public offers."
        yield Problem("INVALID_AVAILABILITY_END_DATE", words, AVAILABILITY_CHANGE)
    if validity.get("AgreementDuration") and end:
        words = "ValidityTerm with both AgreementDuration and AgreementEndDate isn't supported."
        yield Problem("INVALID_AGREEMENT_TIME_INTERVAL", words, VALIDITY_CHANGE)
    if start and not end and not validity.get("AgreementDuration"):
        words = "ValidityTerm with only AgreementStartDate isn't supported."
        yield Problem("INVALID_AGREEMENT_TIME_INTERVAL", words, VALIDITY_CHANGE)
    if end and not start and offer.intent != "Replace":
        words = (
            "AgreementEndDate isn't supported unless it's used in combination with a future AgreementStartDate or for "
            "replacement offers."
        )
        yield Problem("INVALID_AGREEMENT_TIME_INTERVAL", words, VALIDITY_CHANGE)
    if end and end < bench.now:
        yield Problem("INVALID_AGREEMENT_END_DATE", "Provide a future AgreementEndDate.", VALIDITY_CHANGE)
    if start and end and start > end:
        words = "Provide an AgreementStartDate that is before the AgreementEndDate."
        yield Problem("INVALID_AGREEMENT_START_DATE", words, VALIDITY_CHANGE)
    if start and until and start < until:
        words = "Provide an AgreementStartDate that is after AvailabilityEndDate."
        yield Problem("INVALID_AGREEMENT_START_DATE", words, VALIDITY_CHANGE)
    if end and until and until > end:
        words = "Provide an AvailabilityEndDate that is before AgreementEndDate."
        yield Problem("INVALID_AVAILABILITY_END_DATE", words, AVAILABILITY_CHANGE)


def _schedule(bench: Bench, offer: Entity) -> Iterator[Problem]:
    charges = [moment_of(one["ChargeDate"]) for one in (offer.term("PaymentScheduleTerm") or {}).get("Schedule", [])]
    until, validity = offer.available_until, offer.term("ValidityTerm") or {}
    if not charges or (until is not None and until < bench.now):
        return
    if until is not None and sum(charge <= until for charge in charges) > 1:
        words = "Provide up to 1 scheduled payment before AvailabilityEndDate."
        yield Problem("TOO_MANY_BACKDATED_CHARGES", words, SCHEDULE_CHANGE)
    if len(set(charges)) < len(charges):
        yield Problem("DUPLICATE_CHARGE_DATES", "Provide unique charge dates in PaymentScheduleTerm.", SCHEDULE_CHANGE)
    if len(charges) > MOST_CHARGES:
        words = f"Provide up to {MOST_CHARGES} scheduled payments in PaymentScheduleTerm."
        yield Problem("TOO_MANY_CHARGES", words, SCHEDULE_CHANGE)
    if bench.changed(offer, "ReleaseOffer") and min(charges).date() < bench.today:
        words = "Provide a first charge date that isn't in the past."
        yield Problem("INVALID_CHARGE_DATES", words, SCHEDULE_CHANGE)
    end = agreement_end(validity, bench.now)
    if end is not None and max(charges) > end:
        yield Problem("INVALID_CHARGE_DATES", "Provide charge dates before AgreementEndDate.", SCHEDULE_CHANGE)


def agreement_end(validity: Shape, accepted: datetime) -> datetime | None:
    """When an agreement ends that is accepted then; None: never, or by the durations of its terms."""
    start = _moment(validity, "AgreementStartDate") or accepted
    if validity.get("AgreementDuration"):
        return later(start, validity["AgreementDuration"])
    return _moment(validity, "AgreementEndDate")


def _moment(term: Shape, name: str) -> datetime | None:
    return moment_of(term[name]) if term.get(name) else None
