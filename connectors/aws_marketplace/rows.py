"""Makes flat rows of what the marketplace answers, with AWS's names of the members; pure, and without signed addresses.

An offer's terms are laid out as DescribeEntity gives them: `Terms` and `Rules`, each with a `Type`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.aws.redaction import redact

Shape = Mapping[str, Any]
ENDLESS = 9999  # the year in which an agreement ends that never does
MODELS = (  # the pricing model is not described; its terms tell it
    ("ByolPricingTerm", "Byol"),
    ("FixedUpfrontPricingTerm", "Contract"),
    ("ConfigurableUpfrontPricingTerm", "Contract"),
    ("UsageBasedPricingTerm", "Usage"),
    ("RecurringPaymentTerm", "Usage"),
    ("FreeTrialPricingTerm", "Free"),
)


def moment(text: object) -> datetime | None:
    """A stamp of AWS, to the second or the millisecond, or boto3's datetime; in UTC."""
    if isinstance(text, datetime):
        return text.astimezone(UTC)
    return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) and text else None


def stamp(value: object) -> int:
    """Epoch milliseconds; 0 where AWS gives no stamp."""
    found = moment(value)
    return 0 if found is None else int(found.timestamp() * 1000)


def bare(identifier: str) -> str:
    """The id of an entity without its revision, as `offer-abc` of `offer-abc@2`."""
    return identifier.partition("@")[0]


def _day(value: object) -> str | None:
    return value[:10] if isinstance(value, str) and value else None


def offer(summary: Shape, detail: Shape, product_name: str | None) -> dict[str, object]:
    """An offer of its listing (`EntitySummary`) and its description (`EntityDetail`)."""
    listed, described = summary.get("OfferSummary") or {}, detail.get("DetailsDocument") or {}
    target, intent = listed.get("TargetAgreementId"), listed.get("TargetAgreementIntent")
    return {
        "Id": bare(detail["EntityIdentifier"]),
        "Name": described.get("Name") or listed.get("Name"),
        "Description": described.get("Description"),
        "Released": (described.get("State") or listed.get("State")) == "Released",
        "ReleaseDate": listed.get("ReleaseDate"),
        "ProductId": described.get("ProductId") or listed.get("ProductId"),
        "ProductName": product_name,
        "BuyerAccounts": buyers(detail),
        "AvailabilityEndDate": _day(_of(described, "Rules", "AvailabilityRule").get("AvailabilityEndDate")),
        **_pricing(described),
        **_validity(_of(described, "Terms", "ValidityTerm")),
        "LegalTerm": _eula(_of(described, "Terms", "LegalTerm")),
        "ResaleAuthorizationId": described.get("ResaleAuthorizationId") or listed.get("ResaleAuthorizationId"),
        "OfferSetId": described.get("OfferSetId") or listed.get("OfferSetId"),
        "ReplacedAgreementId": None if intent == "Renew" else target,
        "RenewedAgreementId": target if intent == "Renew" else None,
        "CreatedByMarketplace": listed.get("CreatedBySource") == "AwsMarketplace",
        "EntityArn": detail.get("EntityArn") or summary.get("EntityArn"),
    }


def buyers(detail: Shape) -> list[str]:
    """The accounts that an offer is for; none: it is for the public, or a draft."""
    rule = _of(detail.get("DetailsDocument") or {}, "Rules", "TargetingRule")
    return list((rule.get("PositiveTargeting") or {}).get("BuyerAccounts") or [])


def _of(described: Shape, family: str, kind: str) -> Shape:
    """The term or rule of a type; empty where there is none."""
    return next((each for each in described.get(family) or () if each.get("Type") == kind), {})


def _pricing(described: Shape) -> dict[str, object]:
    fixed, schedule = (_of(described, "Terms", f"{kind}Term") for kind in ("FixedUpfrontPricing", "PaymentSchedule"))
    charges = schedule.get("Schedule") or []
    kinds = {each.get("Type") for each in described.get("Terms") or ()}
    currencies = (each.get("CurrencyCode") for each in described.get("Terms") or ())
    return {
        # With a schedule the price is "0": what is paid in all stands in the payments.
        "Price": _sum(charges) if charges else fixed.get("Price"),
        "CurrencyCode": next(filter(None, currencies), None),
        "Schedule": [f"{_day(each.get('ChargeDate'))} {each.get('ChargeAmount')}" for each in charges],
        "Grants": [f"{each.get('DimensionKey')}={each.get('MaxQuantity')}" for each in fixed.get("Grants") or ()],
        "PricingModel": next((model for kind, model in MODELS if kind in kinds), None),
    }


def _sum(charges: Sequence[Shape]) -> str | None:
    try:
        return str(sum((Decimal(str(each.get("ChargeAmount"))) for each in charges), Decimal(0)))
    except InvalidOperation:
        return None


def _validity(term: Shape) -> dict[str, object]:
    return {
        "AgreementStartDate": _day(term.get("AgreementStartDate")),
        "AgreementEndDate": _day(term.get("AgreementEndDate")),
        "AgreementDuration": term.get("AgreementDuration"),
    }


def _eula(term: Shape) -> str | None:
    """Which terms hold; the address of own ones is signed, anybody could use it, and so it is left out."""
    for each in term.get("Documents") or ():
        if each.get("Type") == "StandardEula":
            return f"standard {each.get('Version')}"
        if each.get("Type") == "CustomEula":
            return "custom"
    return None


def offer_set(summary: Shape) -> dict[str, object]:
    """An offer set of its listing."""
    listed = summary.get("OfferSetSummary") or {}
    return {
        "Id": summary["EntityId"],
        "Name": summary.get("Name") or listed.get("Name"),
        "Released": listed.get("State") == "Released",
        "ReleaseDate": listed.get("ReleaseDate"),
        "AssociatedOfferIds": [bare(each) for each in listed.get("AssociatedOfferIds") or ()],
        "EntityArn": summary.get("EntityArn"),
    }


def resale_authorization(summary: Shape) -> dict[str, object]:
    """A resale authorisation of its listing."""
    listed = summary.get("ResaleAuthorizationSummary") or {}
    same = ("ProductId", "ProductName", "ManufacturerAccountId", "ResellerAccountID", "ResellerLegalName", "Status")
    return {
        "Id": summary["EntityId"],
        "Name": summary.get("Name") or listed.get("Name"),
        **{name: listed.get(name) for name in same},
        "AvailabilityEndDate": _day(listed.get("AvailabilityEndDate")),
    }


def change_set(described: Shape) -> dict[str, object]:
    """A change set of its description."""
    entities = [bare((each.get("Entity") or {}).get("Identifier") or "") for each in described.get("ChangeSet") or ()]
    return {
        "Id": described["ChangeSetId"],
        "ChangeSetName": described.get("ChangeSetName"),
        "Status": described["Status"],
        # Until AWS has made an entity, the change that makes it names none, and others name that change.
        "EntityIds": [each for each in dict.fromkeys(entities) if each and not each.startswith("$")],
        "FailureCode": described.get("FailureCode"),
        "Errors": list(_errors(described)),
        "StartTime": described.get("StartTime"),
        "EndTime": described.get("EndTime"),
    }


def _errors(described: Shape) -> Sequence[str]:
    lines = [
        f"{error.get('ErrorCode')} {change.get('ChangeType')}: {redact(str(error.get('ErrorMessage')))}"
        for change in described.get("ChangeSet") or ()
        for error in change.get("ErrorDetailList") or ()
    ]
    words = described.get("FailureDescription")
    if words and not lines:
        lines.append(f"{described.get('FailureCode')}: {redact(str(words))}")
    return [" ".join(line.split()) for line in dict.fromkeys(lines)]


def agreement(summary: Shape, described: Shape) -> dict[str, object]:
    """An agreement of its search (`AgreementViewSummary`, may be empty) and its description."""
    proposal = described.get("proposalSummary") or {}
    charges, behaviour = described.get("estimatedCharges") or {}, described.get("endTimeBehavior") or {}
    ends = moment(described.get("endTime"))
    return {
        "Id": described["agreementId"],
        "Status": described.get("status"),
        "OfferId": proposal.get("offerId"),
        "OfferSetId": proposal.get("offerSetId"),
        "ProductId": next((each.get("id") for each in proposal.get("resources") or ()), None),
        "AcceptorAccountId": (described.get("acceptor") or {}).get("accountId"),
        "ProposerAccountId": (described.get("proposer") or {}).get("accountId"),
        "AcceptanceTime": moment(described.get("acceptanceTime")),
        "StartTime": moment(described.get("startTime")),
        "EndTime": None if ends is None or ends.year >= ENDLESS else ends,
        "AgreementValue": charges.get("agreementValue"),
        "CurrencyCode": charges.get("currencyCode"),
        "InitialAgreementId": described.get("initialAgreementId"),
        "EndTimeBehavior": behaviour.get("type"),
        "EndTimeBehaviorReason": behaviour.get("reasonCode"),
        "RenewalOfferId": (behaviour.get("renewalSummary") or {}).get("offerId"),
        "LicenseArns": [each["licenseArn"] for each in summary.get("entitlements") or () if each.get("licenseArn")],
    }
