"""What is tied to an opportunity: solutions, AWS products, and one offer or one offer set of the Marketplace."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..core import ServiceError, Shape, World
from ..settings import AwsSettings
from . import rules
from .errors import Fault, conflict, invalid, malformed, not_allowed, not_found
from .events import Events
from .listing import page, wanted
from .opportunities import Opportunities, catalog_of
from .state import Book, Opportunity

OFFERS = ("AwsMarketplaceOffers", "AwsMarketplaceOfferSets")
_MOST = {"Solutions": 10, "AwsProducts": 20, "AwsMarketplaceSolutions": 10, "AwsMarketplaceProducts": 10}
_ARN = {
    "AwsMarketplaceOffers": re.compile(r"arn:aws:aws-marketplace:[a-z]{1,2}-[a-z]*-\d+:(\d{12}):AWSMarketplace/Offer/(.+)"),
    "AwsMarketplaceOfferSets": re.compile(
        r"arn:aws:aws-marketplace:[a-z]{1,2}-[a-z]*-\d+:(\d{12}):AWSMarketplace/OfferSet/(offerset-.+)"
    ),
}  # fmt: skip


class Associations:
    def __init__(
        self, world: World, settings: AwsSettings, book: Book, events: Events, opportunities: Opportunities
    ) -> None:
        self._world, self._settings, self._book, self._events = world, settings, book, events
        self._opportunities = opportunities
        self._created = book.now()

    def associate(self, request: Shape) -> Shape:
        """AssociateOpportunity. It has no token: what a repeat does is a setting, as no source settles it."""
        found = self._opportunities.find(request, "OpportunityIdentifier")
        kind, name = request["RelatedEntityType"], request["RelatedEntityIdentifier"]
        self._lock(found)
        self._exists(kind, name)
        if name in found.related.get(kind, []):
            return self._repeated(kind, name)
        self._room(found, kind)
        found.related.setdefault(kind, []).append(name)
        self._changed(found, kind)
        return {}

    def _lock(self, found: Opportunity) -> None:
        if found.review in rules.LOCKED and self._settings.association_while_locked == "refused":
            words = f"associations cannot be changed while the review is {found.review}"
            raise invalid([Fault("LifeCycle.ReviewStatus", "INVALID_RESOURCE_STATE", words)])

    def _exists(self, kind: str, name: str) -> None:
        if kind == "Solutions" and name not in dict(self._settings.solutions):
            raise not_found("Solution", name)
        if kind not in _ARN:
            return
        found = _ARN[kind].fullmatch(name)
        if found is None:
            raise malformed("RelatedEntityIdentifier", "INVALID_STRING_FORMAT", f"{name!r} is not an ARN of {kind}")
        account, entity = found.groups()
        if account != self._world.account or not self._in_catalog(entity):
            raise not_found(kind, name)

    def _in_catalog(self, entity: str) -> bool:
        """Whether the seller's own Marketplace has it; an emulator without the catalog believes it."""
        catalog = self._world.services.get("marketplace-catalog")
        if catalog is None:
            return True
        try:
            catalog.handle("DescribeEntity", {"Catalog": "AWSMarketplace", "EntityId": entity})
        except ServiceError as refused:
            if refused.code == "ResourceNotFoundException":
                return False
            raise
        return True

    def _repeated(self, kind: str, name: str) -> Shape:
        words = f"{name} is already associated"
        if self._settings.repeated_association == "conflict":
            raise conflict(words)
        if self._settings.repeated_association == "refused":
            raise invalid([Fault("RelatedEntityIdentifier", "DUPLICATE_KEY_VALUE", f"{words} as {kind}")])
        return {}

    def _room(self, found: Opportunity, kind: str) -> None:
        if kind not in OFFERS:
            if len(found.related.get(kind, [])) >= _MOST.get(kind, 10):
                words = f"an opportunity has at most {_MOST.get(kind, 10)} of {kind}"
                raise invalid([Fault("RelatedEntityIdentifier", "TOO_MANY_VALUES", words)])
            return
        held = [one for each in OFFERS for one in found.related.get(each, [])]
        if held and self._settings.second_offer == "refused":
            words = f"an opportunity has one private offer or one offer set, and {held[0]} is associated"
            raise invalid([Fault("RelatedEntityIdentifier", "TOO_MANY_VALUES", words)])
        for each in OFFERS:
            found.related[each] = []

    def disassociate(self, request: Shape) -> Shape:
        """DisassociateOpportunity."""
        found = self._opportunities.find(request, "OpportunityIdentifier")
        kind, name = request["RelatedEntityType"], request["RelatedEntityIdentifier"]
        self._lock(found)
        if name not in found.related.get(kind, []):
            raise not_found(f"Association of {kind}", name)
        if found.stage in rules.NEED_SOLUTION and kind in rules.SOLUTIONS and not self._still_solved(found, name):
            raise not_allowed("RelatedEntityIdentifier", f"{found.stage} needs a solution, and {name} is the last one")
        found.related[kind].remove(name)
        self._changed(found, kind)
        return {}

    def _still_solved(self, found: Opportunity, name: str) -> bool:
        return rules.has_solution(found.related, without=(name,))

    def _changed(self, found: Opportunity, kind: str) -> None:
        self._book.touch(found)
        self._events.opportunity("Updated", found)
        if kind == "Solutions":
            self._events.snapshot(found, self._world.account)

    def list_solutions(self, request: Shape) -> Shape:
        """ListSolutions."""
        catalog = catalog_of(request)
        known: list[Shape] = [
            {
                "Catalog": catalog, "Id": number, "Name": name, "Status": "Active",
                "Category": "Software Product", "CreatedDate": self._created,
            }
            for number, name in self._settings.solutions
            if wanted(request, "Identifier", number) and wanted(request, "Status", "Active")
            and wanted(request, "Category", "Software Product")
        ]  # fmt: skip
        keys = {member: _member(member) for member in ("Identifier", "Name", "Status", "Category", "CreatedDate")}
        shown, token = page(known, request, keys, "CreatedDate", 20)
        return {"SolutionSummaries": shown, "NextToken": token}


def _member(name: str) -> Callable[[Shape], Any]:
    return lambda one: one["Id" if name == "Identifier" else name]
