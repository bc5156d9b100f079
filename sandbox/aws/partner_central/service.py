"""Partner Central Selling as one service: which method answers which operation, and what can be done behind its back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from ..core import ServiceError, Shape, World
from ..settings import AwsSettings
from .associations import Associations
from .engagement import FROM_OPPORTUNITY, Engagement
from .errors import not_found
from .events import Events
from .invitations import BY_INVITATION, Invitations
from .opportunities import Opportunities
from .state import Book


class PartnerCentral:
    """The service. `acts` and `kinds` are for the door `/__sandbox__/`."""

    name = "partnercentral-selling"

    def __init__(self, world: World, settings: AwsSettings) -> None:
        self._world, self._settings = world, settings
        self.book = Book(world.clock, world.chance)
        events = Events(world)
        self.opportunities = Opportunities(world, settings, self.book, events)
        self.associations = Associations(world, settings, self.book, events, self.opportunities)
        self.engagement = Engagement(world, settings, self.book, events, self.opportunities)
        self.invitations = Invitations(world, settings, self.book, events)
        self._operations: Mapping[str, Callable[[Shape], Shape]] = {
            "CreateOpportunity": self.opportunities.create,
            "GetOpportunity": self.opportunities.get,
            "UpdateOpportunity": self.opportunities.update,
            "ListOpportunities": self.opportunities.list,
            "AssignOpportunity": self.opportunities.assign,
            "AssociateOpportunity": self.associations.associate,
            "DisassociateOpportunity": self.associations.disassociate,
            "ListSolutions": self.associations.list_solutions,
            "SubmitOpportunity": self.engagement.submit,
            FROM_OPPORTUNITY: self.engagement.start,
            "ListEngagementFromOpportunityTasks": self.engagement.list_tasks,
            "GetAwsOpportunitySummary": self.engagement.summary,
            "ListEngagementInvitations": self.invitations.list,
            "GetEngagementInvitation": self.invitations.get,
            "RejectEngagementInvitation": self.invitations.reject,
            BY_INVITATION: self.invitations.start,
            "ListEngagementByAcceptingInvitationTasks": self.invitations.list_tasks,
        }
        self.acts: Mapping[str, Callable[..., Any]] = {
            "review": self.engagement.review,
            "approve": self.engagement.approve,
            "reject": self.engagement.reject,
            "require_action": self.engagement.require_action,
            "aws_update": self.engagement.aws_update,
            "edit": self.edit,
            "invite": self.invitations.invite,
        }
        self.kinds: Mapping[str, Callable[[], Iterable[Any]]] = {
            "opportunity": lambda: map(asdict, self.book.opportunities.values()),
            "engagement_task": lambda: map(asdict, self.book.tasks.values()),
            "invitation": lambda: map(asdict, self.book.invitations.values()),
        }

    def handle(self, operation: str, request: Shape) -> Shape:
        answer = self._operations.get(operation)
        if answer is None:
            raise ServiceError("UnknownOperationException", f"{operation} is not emulated", 404)
        return answer(request)

    def tick(self) -> None:
        """Ends tasks that are due, lets invitations expire, and reviews go on."""
        now, spent = self.book.now(), timedelta(seconds=self._settings.engagement_task)
        for task in self.book.tasks.values():
            if task.status == "IN_PROGRESS" and task.started + spent <= now:
                (self.engagement if task.kind == FROM_OPPORTUNITY else self.invitations).finish(task)
        self.invitations.tick()
        self.engagement.tick()

    def edit(self, opportunity: str, changes: Mapping[str, Any]) -> Shape:
        """Somebody edits it in Partner Central's own pages: dotted paths to values, null clears, locks hold."""
        found = self.book.opportunities.get(opportunity)
        if found is None:
            raise not_found("Opportunity", opportunity)
        after = deepcopy(found.body)
        for path, value in changes.items():
            *parents, last = path.split(".")
            place = after
            for name in parents:
                place = place.setdefault(name, {})
            place[last] = value
            if value is None:
                del place[last]
        request = {"Catalog": found.catalog, "Identifier": found.id, "LastModifiedDate": found.modified, **after}
        return self.opportunities.update(request)
