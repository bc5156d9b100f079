"""SearchAgreements: which filters may be put together, what they find, order and pages; it changes nothing.

Source: the operation's documentation in the service model. Whether Before and After include their moment is not
documented; here they do not. That PartyType must be given is how every sample does it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ..core import ServiceError, Shape
from .contracts import Agreement
from .paging import page
from .times import moment_of

STATUSES = (
    "ACTIVE",
    "ARCHIVED",
    "CANCELLED",
    "EXPIRED",
    "RENEWED",
    "REPLACED",
    "ROLLED_BACK",
    "SUPERSEDED",
    "TERMINATED",
)
FAR = datetime.max.replace(tzinfo=UTC)
ENDS = {"BeforeEndTime", "AfterEndTime"}
ACCEPTOR_MAY = [
    set(), {"Status"}, {"ResourceIdentifier"}, {"ResourceIdentifier", "Status"}, {"ResourceType"}, {"OfferId"},
    {"OfferId", "Status"}, {"OfferSetId"}, {"OfferSetId", "Status"},
]  # fmt: skip


def invalid(reason: str, message: str) -> ServiceError:
    return ServiceError("ValidationException", message, 400, reason=reason)


def _before(pick: Callable[[Agreement], datetime | None]) -> Callable[[Agreement, str], bool]:
    return lambda one, value: (pick(one) or FAR) < moment_of(value)


def _after(pick: Callable[[Agreement], datetime | None]) -> Callable[[Agreement, str], bool]:
    return lambda one, value: (pick(one) or FAR) > moment_of(value)


FILTERS: dict[str, Callable[[Agreement, str], bool]] = {
    "PartyType": lambda one, value: True,  # who asks decides it, see `search`
    "AgreementType": lambda one, value: value == "PurchaseAgreement",
    "OfferId": lambda one, value: one.offer == value,
    "OfferSetId": lambda one, value: one.offer_set == value,
    "ResourceIdentifier": lambda one, value: one.product == value,
    "ResourceType": lambda one, value: one.product_type == value,
    "AcceptorAccountId": lambda one, value: one.acceptor == value,
    "Status": lambda one, value: one.status == value,
    "BeforeEndTime": _before(lambda one: one.ends),
    "AfterEndTime": _after(lambda one: one.ends),
    "BeforeStartTime": _before(lambda one: one.starts),
    "AfterStartTime": _after(lambda one: one.starts),
    "BeforeLastUpdateTime": _before(lambda one: one.updated),
    "AfterLastUpdateTime": _after(lambda one: one.updated),
    "InitialAgreementId": lambda one, value: one.initial == value,
    "LicenseArn": lambda one, value: one.license == value,
    "EndTimeBehaviorType": lambda one, value: (one.end_behaviour or (None,))[0] == value,
    "EndTimeBehaviorReasonCode": lambda one, value: (one.end_behaviour or (None, None))[1] == value,
    "IncludesContactOfType": lambda one, value: False,  # nobody has left an address here
}
SORTS: dict[str, Callable[[Agreement], datetime]] = {
    "EndTime": lambda one: one.ends or FAR,
    "StartTime": lambda one: one.starts,
    "LastUpdateTime": lambda one: one.updated,
}


def search(book: dict[str, Agreement], account: str, request: Shape) -> tuple[list[Agreement], str | None]:
    """One page of an account's agreements, and the token of the next; raises ServiceError."""
    asked = _filters(request.get("filters", []))
    party = asked["PartyType"]
    found = [one for one in book.values() if account == (one.proposer if party == "Proposer" else one.acceptor)]
    for name, value in asked.items():
        found = [one for one in found if FILTERS[name](one, value)]
    by, order = _sort(request.get("sort") or {}, party)
    found.sort(key=lambda one: (SORTS[by](one), one.id), reverse=order == "DESCENDING")
    size = request.get("maxResults", 50)
    if not 1 <= size <= 50:
        raise invalid("INVALID_MAX_RESULTS", "maxResults must be between 1 and 50.")
    try:
        return page(found, size, request.get("nextToken"))
    except ValueError:
        raise invalid("INVALID_NEXT_TOKEN", "nextToken is invalid.") from None


def _filters(filters: list[Any]) -> dict[str, str]:
    if len(filters) > 10:
        raise invalid("INVALID_FILTERS", "Up to 10 filters are supported.")
    asked: dict[str, str] = {}
    for one in filters:
        name, values = one.get("name"), one.get("values") or []
        if name not in FILTERS:
            raise invalid("INVALID_FILTER_NAME", f"Filter name {name} is invalid.")
        if len(values) != 1 or name in asked:
            raise invalid("INVALID_FILTER_VALUES", f"Filter {name} must be given once with exactly one value.")
        asked[name] = values[0]
        if name.endswith("Time"):
            _check_time(name, values[0])
    if asked.get("PartyType") not in ("Proposer", "Acceptor"):
        raise invalid(
            "INVALID_PARTY_TYPE" if "PartyType" in asked else "MISSING_PARTY_TYPE",
            "PartyType must be Proposer or Acceptor.",
        )
    if asked.get("AgreementType") != "PurchaseAgreement":
        raise invalid("UNSUPPORTED_FILTERS", "The filter AgreementType with PurchaseAgreement is required.")
    if "Status" in asked and asked["Status"] not in STATUSES:
        raise invalid("INVALID_FILTER_VALUES", f"Status must be one of {', '.join(STATUSES)}.")
    rest = set(asked) - {"PartyType", "AgreementType"} - ENDS
    if asked["PartyType"] == "Acceptor" and rest not in ACCEPTOR_MAY:
        raise invalid("UNSUPPORTED_FILTERS", "This combination of filters isn't supported for an Acceptor.")
    return asked


def _check_time(name: str, value: str) -> None:
    try:
        moment_of(value)
    except ValueError:
        raise invalid("INVALID_FILTER_VALUES", f"Filter {name} must be a time in ISO 8601 format.") from None


def _sort(asked: Shape, party: str) -> tuple[str, str]:
    by, order = asked.get("sortBy", "EndTime"), asked.get("sortOrder", "DESCENDING")
    if by not in SORTS or (by != "EndTime" and party != "Proposer"):
        raise invalid("INVALID_SORT_BY", f"sortBy {by} isn't supported for {party}.")
    return str(by), str(order)
