"""What Partner Central lets nobody change at a stage of the review; it asks nobody.

The lists are those of "Working with opportunity updates" (Partner Central selling API guide).
"""

from collections.abc import Iterable

CLOSED = frozenset({"submitted", "in review", "rejected"})
RETURNED, APPROVED = "action required", "approved"
_ADDRESS = "Customer/Account/Address/"
_SPEND = "Project/ExpectedCustomerSpend/"
# All that can be changed while AWS has sent it back.
OPEN_WHEN_RETURNED = frozenset({
    _ADDRESS + "City", _ADDRESS + "CountryCode", _ADDRESS + "PostalCode", _ADDRESS + "StateOrRegion",
    _ADDRESS + "StreetAddress", "Customer/Account/WebsiteUrl", "LifeCycle/TargetCloseDate", _SPEND + "Amount",
    _SPEND + "CurrencyCode", "Project/CustomerBusinessProblem", "PartnerOpportunityIdentifier",
})  # fmt: skip
# What nobody can change once AWS has approved it.
CLOSED_WHEN_APPROVED = frozenset({
    _ADDRESS + "CountryCode", _ADDRESS + "PostalCode", "Customer/Account/Industry", "Customer/Account/WebsiteUrl",
    "Project/CustomerBusinessProblem", "PartnerOpportunityIdentifier", "Project/Title",
})  # fmt: skip


def spelt(review: object) -> str:
    """A review status as it is compared: AWS's own pages spell it "In review", "In-Review" and "In Review"."""
    return str(review or "").replace("-", " ").casefold()


def waits(review: object, paths: Iterable[str]) -> tuple[str, ...] | None:
    """What of `paths` cannot be changed until the review goes on: empty where nothing at all can; None: it is free."""
    status = spelt(review)
    if status in CLOSED:
        return ()
    closed = sorted(set(paths) - OPEN_WHEN_RETURNED) if status == RETURNED else []
    return tuple(closed) or None


def for_good(review: object, paths: Iterable[str]) -> tuple[str, ...]:
    """What of `paths` nobody can change any more."""
    return tuple(sorted(set(paths) & CLOSED_WHEN_APPROVED)) if spelt(review) == APPROVED else ()
