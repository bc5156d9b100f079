"""Creating, reading, changing and listing opportunities; reviews and associations are elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ..core import Shape, World
from ..settings import AwsSettings
from . import rules
from .errors import conflict, invalid, malformed, not_allowed, not_found
from .events import Events
from .listing import page, wanted
from .state import APPROVED, AWS_REFERRAL, CATALOGS, PARTNER_REFERRAL, PENDING, SUBMITTED, Book, Opportunity

_SUMMARY_ACCOUNT = ("Industry", "OtherIndustry", "CompanyName", "WebsiteUrl")
_SUMMARY_ADDRESS = ("City", "PostalCode", "StateOrRegion", "CountryCode")
_SUMMARY_PROJECT = ("DeliveryModels", "ExpectedCustomerSpend", "ExpectedContractDuration")
_REUSED = "Conflicting client token submitted for a new request body."


def catalog_of(request: Shape) -> str:
    catalog = str(request["Catalog"])
    if catalog not in CATALOGS:
        raise malformed("Catalog", "INVALID_ENUM_VALUE", f"{catalog!r} is none of {', '.join(CATALOGS)}")
    return catalog


def digest(request: Shape) -> str:
    """What a client token stands for: the whole request but itself."""
    return json.dumps(
        {name: one for name, one in request.items() if name != "ClientToken"}, sort_keys=True, default=str
    )


def replayed(book: Book, operation: str, request: Shape) -> str | None:
    """What an earlier call with this token made; None where there was none. Raises ConflictException."""
    known = book.tokens.get((request["Catalog"], operation, request["ClientToken"]))
    if known is None:
        return None
    if known[0] != digest(request):
        raise conflict(_REUSED)
    return known[1]


def remember(book: Book, operation: str, request: Shape, made: str) -> None:
    book.tokens[request["Catalog"], operation, request["ClientToken"]] = (digest(request), made)


class Opportunities:
    def __init__(self, world: World, settings: AwsSettings, book: Book, events: Events) -> None:
        self._world, self._settings, self._book, self._events = world, settings, book, events
        # How the catalog Sandbox follows a review that a partner plays; who engages with AWS replaces it.
        self.simulate: Callable[[Opportunity, str], None] = partial(set_review, book)

    def create(self, request: Shape) -> Shape:
        """CreateOpportunity."""
        catalog = catalog_of(request)
        known = replayed(self._book, "CreateOpportunity", request)
        if known is not None:
            return self._made(self._book.opportunities[known])
        made = self._new(catalog, request)
        remember(self._book, "CreateOpportunity", request, made.id)
        self._events.opportunity("Created", made)
        return self._made(made)

    def _new(self, catalog: str, request: Shape) -> Opportunity:
        origin = request.get("Origin", PARTNER_REFERRAL)
        if origin == AWS_REFERRAL and catalog == "AWS":
            raise not_allowed("Origin", "is Partner Referral for every opportunity created in the catalog AWS")
        body = {name: deepcopy(request[name]) for name in rules.SETTABLE if name in request}
        life = body.setdefault("LifeCycle", {})
        if life.get("ReviewStatus", PENDING) != PENDING:
            raise not_allowed("LifeCycle.ReviewStatus", "a new opportunity is Pending Submission")
        life |= {"ReviewStatus": PENDING, "Stage": life.get("Stage", "Prospect")}
        self._check(body, None, complete=self._settings.complete_at == "create")
        now = self._book.now()
        visible = self._world.clock() + timedelta(seconds=self._settings.created_visible_after)
        made = Opportunity(
            self._book.opportunity_id(), catalog, rules.normalised(body), origin, now, now, visible, now,
            team=deepcopy(request.get("OpportunityTeam", [])),
        )  # fmt: skip
        self._book.opportunities[made.id] = made
        return made

    def _made(self, made: Opportunity) -> Shape:
        partner = made.body.get("PartnerOpportunityIdentifier")
        return {"Id": made.id, "PartnerOpportunityIdentifier": partner, "LastModifiedDate": made.modified}

    def _check(self, body: Shape, before: Shape | None, complete: bool) -> None:
        faults = rules.missing(body) if complete else []
        faults += rules.contradictions(body, before, self._world.clock().date())
        if faults:
            raise invalid(faults)

    def find(self, request: Shape, member: str = "Identifier") -> Opportunity:
        """The opportunity that a request names; raises ResourceNotFoundException."""
        catalog, name = catalog_of(request), request[member]
        found = self._book.opportunities.get(name)
        if found is None or found.catalog != catalog or found.visible > self._world.clock():
            raise not_found("Opportunity", name)
        return found

    def get(self, request: Shape) -> Shape:
        """GetOpportunity."""
        found = self.find(request)
        return {
            **deepcopy(found.body), "Catalog": found.catalog, "Id": found.id, "Arn": found.arn,
            "LastModifiedDate": found.modified, "CreatedDate": found.created,
            "RelatedEntityIdentifiers": {kind: list(ids) for kind, ids in found.related.items() if ids},
            "OpportunityTeam": deepcopy(found.team) or None,
        }  # fmt: skip

    def update(self, request: Shape) -> Shape:
        """UpdateOpportunity: what is left out becomes null, AWS's own review fields excepted."""
        found = self.find(request)
        if request["LastModifiedDate"] != found.modified:
            raise conflict("The opportunity was modified since LastModifiedDate; read it again.")
        after = {name: deepcopy(request[name]) for name in rules.SETTABLE if name in request}
        life = after.setdefault("LifeCycle", {})
        asked = life.get("ReviewStatus", found.review)
        life |= {name: found.life[name] for name in rules.REVIEW if found.life.get(name) is not None}
        life.setdefault("Stage", found.stage)
        if asked != found.review:
            if found.catalog != "Sandbox":
                raise not_allowed("LifeCycle.ReviewStatus", "is read-only")
            self.simulate(found, asked)
            return self._changed(found)
        self._apply(found, after)
        return self._changed(found)

    def _apply(self, found: Opportunity, after: Shape) -> None:
        after = rules.normalised(after)
        forbidden = rules.lock(found, after)
        if forbidden:
            raise invalid(forbidden)
        complete = self._settings.complete_at == "create" or found.review != PENDING
        self._check(after, found.body, complete=complete)
        if after["LifeCycle"]["Stage"] in rules.NEED_SOLUTION and not rules.has_solution(found.related):
            words = "needs an associated solution or AWS Marketplace product"
            raise not_allowed("LifeCycle.Stage", f"{after['LifeCycle']['Stage']} {words}")
        differ = any(rules.differences(found.body, after))
        found.body = after
        if found.review == "Action Required" and differ:
            set_review(self._book, found, SUBMITTED)

    def _changed(self, found: Opportunity) -> Shape:
        self._book.touch(found)
        self._events.opportunity("Updated", found)
        return {"Id": found.id, "LastModifiedDate": found.modified}

    def assign(self, request: Shape) -> Shape:
        """AssignOpportunity."""
        found = self.find(request)
        found.owner = dict(request["Assignee"])
        self._changed(found)
        return {}

    def list(self, request: Shape) -> Shape:
        """ListOpportunities."""
        catalog = catalog_of(request)
        found = [one for one in self._book.of(catalog) if _matches(one, request)]
        shown, token = page(found, request, _SORTS, "LastModifiedDate", 10)
        return {"OpportunitySummaries": [_summary(one) for one in shown], "NextToken": token}


def set_review(book: Book, opportunity: Opportunity, review: str) -> None:
    """The review goes on; what AWS said before no longer holds."""
    life = opportunity.life
    life["ReviewStatus"] = review
    if review in (SUBMITTED, APPROVED):
        life.pop("ReviewComments", None)
        life.pop("ReviewStatusReason", None)
    opportunity.review_since = book.now()


_SORTS: dict[str, Any] = {
    "LastModifiedDate": lambda one: (one.modified, one.id),
    "CreatedDate": lambda one: (one.created, one.id),
    "Identifier": lambda one: int(one.id[1:]),
    "CustomerCompanyName": lambda one: (rules.at(one.body, "Customer.Account.CompanyName") or "", one.id),
    "TargetCloseDate": lambda one: (one.life.get("TargetCloseDate") or "", one.id),
}


def _matches(one: Opportunity, request: Shape) -> bool:
    close = one.life.get("TargetCloseDate") or ""
    closes = request.get("TargetCloseDate", {})
    return (
        wanted(request, "Identifier", one.id)
        and wanted(request, "LifeCycleStage", one.stage)
        and wanted(request, "LifeCycleReviewStatus", one.review)
        and wanted(request, "CustomerCompanyName", rules.at(one.body, "Customer.Account.CompanyName"))
        and _within(one.modified, request.get("LastModifiedDate", {}), "LastModifiedDate")
        and _within(one.created, request.get("CreatedDate", {}), "CreatedDate")
        and closes.get("AfterTargetCloseDate", "") < (close or "~")
        and ("BeforeTargetCloseDate" not in closes or close < closes["BeforeTargetCloseDate"])
    )


def _within(moment: datetime, given: Shape, name: str) -> bool:
    after, before = given.get(f"After{name}"), given.get(f"Before{name}")
    return (after is None or moment > after) and (before is None or moment < before)


def _summary(one: Opportunity) -> Shape:
    account = rules.at(one.body, "Customer.Account") or {}
    shown: Shape = {name: account[name] for name in _SUMMARY_ACCOUNT if name in account}
    if "Address" in account:
        shown["Address"] = {name: account["Address"][name] for name in _SUMMARY_ADDRESS if name in account["Address"]}
    project = one.body.get("Project", {})
    return {
        "Catalog": one.catalog, "Id": one.id, "Arn": one.arn,
        "PartnerOpportunityIdentifier": one.body.get("PartnerOpportunityIdentifier"),
        "OpportunityType": one.body.get("OpportunityType"), "LastModifiedDate": one.modified,
        "CreatedDate": one.created,
        "LifeCycle": {name: value for name, value in one.life.items() if name != "NextStepsHistory"},
        "Customer": {"Account": shown} if shown.get("CompanyName") else None,
        "Project": {name: deepcopy(project[name]) for name in _SUMMARY_PROJECT if name in project},
    }  # fmt: skip
