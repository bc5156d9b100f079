"""What an opportunity must be like: completeness, consistency, and what may change in which review status; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from ..core import Shape
from .errors import Fault
from .state import ACTION_REQUIRED, APPROVED, IN_REVIEW, REJECTED, SUBMITTED, Opportunity
from .words import STATES, USE_CASES

LOCKED = (SUBMITTED, IN_REVIEW, REJECTED)
NEED_SOLUTION = ("Committed", "Launched")
SOLUTIONS = ("Solutions", "AwsMarketplaceProducts", "AwsMarketplaceSolutions")
SETTABLE = (
    "PrimaryNeedsFromAws", "NationalSecurity", "PartnerOpportunityIdentifier", "Customer", "Project",
    "OpportunityType", "Marketing", "SoftwareRevenue", "LifeCycle",
)  # fmt: skip
# LifeCycle members that are AWS's: an update that leaves them out does not clear them.
REVIEW = ("ReviewStatus", "ReviewComments", "ReviewStatusReason")

_ADDRESS = "Customer.Account.Address"
_REQUIRED = (
    "PrimaryNeedsFromAws", "OpportunityType", "Project.Title", "Project.CustomerBusinessProblem",
    "Project.CustomerUseCase", "Project.DeliveryModels", "Project.ExpectedCustomerSpend",
    "Customer.Account.CompanyName", "Customer.Account.Industry", f"{_ADDRESS}.CountryCode",
    "LifeCycle.TargetCloseDate",
)  # fmt: skip
# Documented under "Working with opportunity updates"; an ExpectedCustomerSpend counts as one field.
_EDITABLE_ON_ACTION = frozenset((
    f"{_ADDRESS}.City", f"{_ADDRESS}.CountryCode", f"{_ADDRESS}.PostalCode", f"{_ADDRESS}.StateOrRegion",
    f"{_ADDRESS}.StreetAddress", "Customer.Account.WebsiteUrl", "LifeCycle.TargetCloseDate",
    "Project.ExpectedCustomerSpend", "Project.CustomerBusinessProblem", "PartnerOpportunityIdentifier",
))  # fmt: skip
_FIXED_ONCE_APPROVED = frozenset((
    f"{_ADDRESS}.CountryCode", f"{_ADDRESS}.PostalCode", "Customer.Account.Industry", "Customer.Account.WebsiteUrl",
    "Project.CustomerBusinessProblem", "PartnerOpportunityIdentifier", "Project.Title",
))  # fmt: skip


def at(body: Shape, path: str) -> Any:
    """The member at a dotted path; None where it is not there."""
    found: Any = body
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def missing(body: Shape) -> list[Fault]:
    """What an opportunity needs before AWS reviews it."""
    paths = list(_REQUIRED)
    if body.get("NationalSecurity") != "Yes":
        paths.append("Customer.Account.WebsiteUrl")
    if at(body, f"{_ADDRESS}.CountryCode") == "US":
        paths += [f"{_ADDRESS}.StateOrRegion", f"{_ADDRESS}.PostalCode"]
    return [Fault(path, "REQUIRED_FIELD_MISSING", "is required") for path in paths if not at(body, path)]


def contradictions(body: Shape, before: Shape | None, today: date) -> list[Fault]:
    """What does not fit together. `before` is the stored body, None for a new opportunity."""
    return [*_values(body), *_life_cycle(body, before, today), *_spend(body)]


def _values(body: Shape) -> Iterator[Fault]:
    use_case, state = at(body, "Project.CustomerUseCase"), at(body, f"{_ADDRESS}.StateOrRegion")
    if use_case and use_case not in USE_CASES:
        yield Fault("Project.CustomerUseCase", "INVALID_ENUM_VALUE", f"{use_case!r} is not a use case")
    if state and at(body, f"{_ADDRESS}.CountryCode") == "US" and state not in STATES:
        yield Fault(f"{_ADDRESS}.StateOrRegion", "INVALID_ENUM_VALUE", f"{state!r} is not a state")
    if body.get("NationalSecurity") == "Yes" and at(body, "Customer.Account.Industry") != "Government":
        yield Fault("NationalSecurity", "INVALID_VALUE", "is for customers of the industry Government only")
    if at(body, "Project.OtherCompetitorNames") and at(body, "Project.CompetitorName") != "*Other":
        yield Fault("Project.OtherCompetitorNames", "INVALID_VALUE", "is allowed for the competitor *Other only")
    start, end = at(body, "SoftwareRevenue.EffectiveDate"), at(body, "SoftwareRevenue.ExpirationDate")
    if start and end and end < start:
        yield Fault("SoftwareRevenue.ExpirationDate", "INVALID_VALUE", "is before the EffectiveDate")


def _life_cycle(body: Shape, before: Shape | None, today: date) -> Iterator[Fault]:
    stage, close = at(body, "LifeCycle.Stage"), at(body, "LifeCycle.TargetCloseDate")
    if stage == "Closed Lost" and not at(body, "LifeCycle.ClosedLostReason"):
        yield Fault("LifeCycle.ClosedLostReason", "REQUIRED_FIELD_MISSING", "is required when the stage is Closed Lost")
    is_new = before is None or at(before, "LifeCycle.TargetCloseDate") != close
    if close and is_new and stage not in ("Launched", "Closed Lost") and close < today.isoformat():
        yield Fault("LifeCycle.TargetCloseDate", "INVALID_VALUE", f"{close} is in the past")


def _spend(body: Shape) -> Iterator[Fault]:
    if at(body, "Project.ExpectedContractDuration") is None:
        return
    for number, one in enumerate(at(body, "Project.ExpectedCustomerSpend") or ()):
        if one["TargetCompany"] not in ("AWS", "Self"):
            path = f"Project.ExpectedCustomerSpend[{number}].TargetCompany"
            yield Fault(path, "INVALID_VALUE", "is AWS or Self where there is an ExpectedContractDuration")


def normalised(body: Shape) -> Shape:
    """As the service stores it: without a contract duration every spend is AWS's, whoever was named."""
    spend = at(body, "Project.ExpectedCustomerSpend")
    if spend and at(body, "Project.ExpectedContractDuration") is None:
        body["Project"]["ExpectedCustomerSpend"] = [{**one, "TargetCompany": "AWS"} for one in spend]
    return body


def lock(opportunity: Opportunity, after: Shape) -> list[Fault]:
    """What the review status forbids about this change."""
    review = opportunity.review
    if review in LOCKED:
        return [
            Fault("LifeCycle.ReviewStatus", "INVALID_RESOURCE_STATE", f"an opportunity that is {review} is read-only")
        ]
    changed = set(differences(opportunity.body, after))
    if review == ACTION_REQUIRED:
        forbidden = sorted(changed - _EDITABLE_ON_ACTION)
    elif review == APPROVED:
        forbidden = sorted(changed & _FIXED_ONCE_APPROVED)
    else:
        forbidden = []
    return [
        Fault(path, "ACTION_NOT_PERMITTED", f"cannot be changed while the review is {review}") for path in forbidden
    ]


def differences(before: Shape, after: Shape, path: str = "") -> Iterator[str]:
    """Dotted paths of the members that differ, as "Customer.Account.WebsiteUrl"; a list is one member."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) or isinstance(new, dict):
            yield from differences(old or {}, new or {}, f"{path}{name}.")
        elif old != new and (old or new):
            yield f"{path}{name}"


def unsubmittable(opportunity: Opportunity) -> list[Fault]:
    """Why AWS would not take it for review."""
    found = missing(opportunity.body)
    if opportunity.stage in ("Prospect", "Closed Lost"):
        words = f"{opportunity.stage} cannot be submitted; it has to be Qualified at least, and open"
        found.append(Fault("LifeCycle.Stage", "INVALID_VALUE", words))
    if not has_solution(opportunity.related) and not at(opportunity.body, "Project.OtherSolutionDescription"):
        words = "needs an associated solution, or Project.OtherSolutionDescription"
        found.append(Fault("RelatedEntityIdentifiers.Solutions", "REQUIRED_FIELD_MISSING", words))
    return found


def has_solution(related: dict[str, list[str]], without: Iterable[str] = ()) -> bool:
    """Whether a solution or a Marketplace listing is associated, those left out that are `without`."""
    return any(one not in tuple(without) for kind in SOLUTIONS for one in related.get(kind, ()))
