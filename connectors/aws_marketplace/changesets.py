"""Makes the exact list of changes that a private offer needs, of its canonical fields; pure, it sends nothing.

Shapes: AWS Marketplace API Reference, "Work with private offers" and "Work with channel partner private offers", and AWS's
reference code. Amounts are text. A fixed price is paid by a schedule only, and then stands at "0"; one that has no schedule
is one payment, on the first day of the agreement or else on the last day to accept: days that lie in no past and are the
same whenever the request is made again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.aws.errors import Wrong
from connectors.aws_marketplace.spans import Span, later

Change = dict[str, Any]
Fields = Mapping[str, Any]
OFFER, MADE = "Offer@1.0", "CreateOffer"
CHANGES = 20  # of one change set
PAYMENTS = 60  # of one schedule
CREATED = frozenset({
    "name", "description", "product", "buyer_accounts", "accept_by", "amount", "currency", "starts_on", "ends_on",
    "duration", "schedule", "grants", "pricing_model", "eula", "resale_authorization", "replaces_agreement",
})  # fmt: skip
CHANGED = frozenset({"accept_by", "name", "description"})  # what AWS lets be changed of a released offer
STANDARD = re.compile(r"standard (\d{4}-\d{2}-\d{2})")
BY_HAND = "make such an offer in the AWS Marketplace Management Portal"


class Unfit(Exception):
    """An offer cannot be asked for like this: the canonical field, what is wrong with it, and what to do."""

    def __init__(self, field: str, reason: str, remedy: str) -> None:
        super().__init__(f"{field}: {reason} Remedy: {remedy}")
        self.field, self.reason, self.remedy = field, reason, remedy


def creation(fields: Fields) -> list[Change]:
    """The changes that make and release an offer. Raises `Unfit`."""
    given = {name: value for name, value in fields.items() if value not in (None, "", [], ())}
    for name in given:
        if name not in CREATED:
            raise Unfit(name, "no offer is made with it.", "leave the field out")
    made = f"${MADE}.Entity.Identifier"
    steps = [*_information(given), *_targeting(given), *_availability(given), *_legal(given), *_pricing(given)]
    rest = [*steps, *_validity(given), ("ReleaseOffer", {})]
    first = {
        "ChangeType": _first(given),
        "Entity": {"Type": OFFER},
        "ChangeName": MADE,
        "DetailsDocument": _base(given),
    }
    return [first, *(_change(kind, made, details) for kind, details in rest)]


def update(offer: str, fields: Fields) -> list[Change]:
    """The changes of an offer that is there; a last day in the past ends it. Raises `Unfit`."""
    for name in fields:
        if name not in CHANGED:
            raise Unfit(
                name, "it cannot be changed once the offer is released.", "cancel the offer and make another one"
            )
    told = {title: fields[name] for name, title in (("name", "Name"), ("description", "Description")) if name in fields}
    steps: list[tuple[str, dict[str, Any]]] = [("UpdateInformation", told)] if told else []
    steps += _availability(fields) if "accept_by" in fields else []
    return [_change(kind, offer, details) for kind, details in steps]


def _change(kind: str, offer: str, details: dict[str, Any]) -> Change:
    return {"ChangeType": kind, "Entity": {"Type": OFFER, "Identifier": offer}, "DetailsDocument": details}


def _first(given: Fields) -> str:
    replaces, resells = "replaces_agreement" in given, "resale_authorization" in given
    return f"Create{'Replacement' if replaces else ''}Offer{'UsingResaleAuthorization' if resells else ''}"


def _base(given: Fields) -> dict[str, Any]:
    named = {"AgreementId": given.get("replaces_agreement"), "ResaleAuthorizationId": given.get("resale_authorization")}
    found = {name: value for name, value in named.items() if value is not None}
    if found:
        return found
    return {"ProductId": _needed(given, "product", "name the product")}


def _needed(given: Fields, name: str, remedy: str) -> Any:
    if name not in given:
        raise Unfit(name, "there is no value.", remedy)
    return given[name]


def _information(given: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    name = str(_needed(given, "name", "give the offer a name"))
    # AWS releases no offer without a description.
    yield "UpdateInformation", {"Name": name, "Description": given.get("description") or name}


def _targeting(given: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    if "replaces_agreement" in given:
        return  # it is for the buyer of the agreement, and AWS lets nothing else be said
    accounts = list(_needed(given, "buyer_accounts", "name the buyer's AWS account"))
    for each in accounts:
        if not re.fullmatch(r"\d{12}", each):
            raise Unfit("buyer_accounts", f"{each!r} is no AWS account.", "give the 12 digits of the account")
    yield "UpdateTargeting", {"PositiveTargeting": {"BuyerAccounts": accounts}}


def _availability(given: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    day = _day("accept_by", _needed(given, "accept_by", "say until when it can be accepted"))
    yield "UpdateAvailability", {"AvailabilityEndDate": day.isoformat()}


def _legal(given: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    if "eula" not in given and _derived(given):
        return  # the terms of the agreement or the authorisation go on
    eula = str(_needed(given, "eula", "say which terms hold, as `standard 2022-07-14`"))
    standard = STANDARD.fullmatch(eula)
    if standard is None and not eula.startswith("https://"):
        raise Unfit(
            "eula", f"{eula!r} are no terms.", "give `standard <version>` or the https address of our own terms"
        )
    document = {"Type": "StandardEula", "Version": standard[1]} if standard else {"Type": "CustomEula", "Url": eula}
    yield "UpdateLegalTerms", {"Terms": [{"Type": "LegalTerm", "Documents": [document]}]}


def _derived(given: Fields) -> bool:
    return "resale_authorization" in given or "replaces_agreement" in given


def _pricing(given: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    model = given.get("pricing_model", "contract")
    if model != "contract":
        raise Unfit("pricing_model", f"an offer of the model {model!r} needs prices of each dimension.", BY_HAND)
    if _derived(given) and not {"amount", "schedule", "grants"} & set(given):
        return  # the prices of the agreement or the authorisation go on
    currency = str(_needed(given, "currency", "name the currency"))
    fixed = {"Type": "FixedUpfrontPricingTerm", "CurrencyCode": currency, "Price": "0", "Grants": list(_grants(given))}
    yield "UpdatePricingTerms", {"PricingModel": "Contract", "Terms": [fixed]}
    schedule = {"Type": "PaymentScheduleTerm", "CurrencyCode": currency, "Schedule": list(_payments(given))}
    yield "UpdatePaymentScheduleTerms", {"Terms": [schedule]}


def _grants(given: Fields) -> Iterator[dict[str, Any]]:
    for line in _needed(given, "grants", "say what is bought, as `seats=40`"):
        name, _, quantity = str(line).partition("=")
        if not name.strip() or not re.fullmatch(r"\s*[1-9]\d*\s*", quantity):
            raise Unfit("grants", f"{line!r} is no dimension and quantity.", "write it as `seats=40`, a whole number")
        yield {"DimensionKey": name.strip(), "MaxQuantity": int(quantity)}


def _payments(given: Fields) -> Iterator[dict[str, str]]:
    lines = given.get("schedule")
    amount = _amount("amount", _needed(given, "amount", "say what the buyer pays in all"))
    if lines is None:
        day = _day("starts_on" if "starts_on" in given else "accept_by", given.get("starts_on") or given["accept_by"])
        yield {"ChargeDate": day.isoformat(), "ChargeAmount": str(given["amount"])}
        return
    if len(lines) > PAYMENTS:
        raise Unfit("schedule", f"there are {len(lines)} payments, AWS takes {PAYMENTS}.", "put payments together")
    total = Decimal(0)
    for line in lines:
        day_text, _, paid = str(line).strip().partition(" ")
        total += _amount("schedule", paid.strip())
        yield {"ChargeDate": _day("schedule", day_text).isoformat(), "ChargeAmount": paid.strip()}
    if total != amount:
        raise Unfit("schedule", f"the payments add up to {total}, the amount is {amount}.", "correct one of them")


def _validity(given: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    starts, ends = (_day(name, given[name]) if name in given else None for name in ("starts_on", "ends_on"))
    duration = given.get("duration")
    span = None if duration is None else Span.read(str(duration))
    if duration is not None and span is None:
        raise Unfit("duration", f"{duration!r} is no duration.", "write it as `P12M` or `P450D`")
    if "replaces_agreement" in given and ends is None and span is not None:
        # AWS ends a replacement on a day, never after a duration.
        ends, duration = later(starts or _day("accept_by", given["accept_by"]), span), None
    if ends is None and duration is None:
        if _derived(given):
            return
        raise Unfit(
            "duration", "nothing says how long the agreement runs.", "give a duration, or a first and a last day"
        )
    term: dict[str, str] = {"Type": "ValidityTerm"}
    if ends is None:
        term["AgreementDuration"] = str(duration)
    if starts is not None:
        term["AgreementStartDate"] = starts.isoformat()
    if ends is not None:
        term["AgreementEndDate"] = ends.isoformat()
    yield "UpdateValidityTerms", {"Terms": [term]}


def _day(field: str, value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Unfit(field, f"{value!r} is no day.", "write it as `2027-01-31`") from None


def _amount(field: str, value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Unfit(field, f"{value!r} is no amount.", "write it as `5000.00`") from None
    if not amount.is_finite() or amount < 0:
        raise Unfit(field, f"{value!r} is no amount.", "write it as `5000.00`")
    return amount


# What AWS calls a field, in the path of an error, to what a deal calls it; the more special first.
NAMES: Sequence[tuple[str, str, str]] = (
    ("", "ProductId", "product"),
    ("", "AgreementId", "replaces_agreement"),
    ("", "ResaleAuthorizationId", "resale_authorization"),
    ("", "CurrencyCode", "currency"),
    ("UpdatePricingTerms", "Grants", "grants"),
    ("UpdatePricingTerms", "DimensionKey", "grants"),
    ("UpdatePricingTerms", "MaxQuantity", "grants"),
    ("UpdatePricingTerms", "PricingModel", "pricing_model"),
    ("UpdatePricingTerms", "", "amount"),
    ("UpdatePaymentScheduleTerms", "", "schedule"),
    ("UpdateValidityTerms", "AgreementStartDate", "starts_on"),
    ("UpdateValidityTerms", "AgreementEndDate", "ends_on"),
    ("UpdateValidityTerms", "", "duration"),
    ("UpdateTargeting", "", "buyer_accounts"),
    ("UpdateAvailability", "", "accept_by"),
    ("UpdateLegalTerms", "", "eula"),
    ("", "Description", "description"),
    ("", "Name", "name"),
    ("UpdateInformation", "", "name"),
)


def canonical(wrong: Wrong) -> str | None:
    """The canonical field of one that AWS refuses; None where it is none of ours."""
    found = (
        name for kind, part, name in NAMES if kind in (wrong.change, "") and part in wrong.field and (kind or part)
    )
    return next(found, None)
