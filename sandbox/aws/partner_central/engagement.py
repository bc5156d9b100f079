"""From a submitted opportunity to AWS's verdict: the asynchronous task, the review and what AWS does in between."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

from ..core import ServiceError, Shape, World
from ..settings import AwsSettings
from . import rules
from .errors import invalid, not_found
from .events import Events
from .listing import page, wanted
from .opportunities import Opportunities, catalog_of, remember, replayed, set_review
from .state import (
    ACTION_REQUIRED,
    APPROVED,
    AWS,
    IN_REVIEW,
    PENDING,
    REJECTED,
    SUBMITTED,
    Book,
    Invitation,
    Opportunity,
    Task,
)  # fmt: skip

FROM_OPPORTUNITY = "StartEngagementFromOpportunityTask"
COMPANY = "Tandem Example Inc."
_TASK_KEYS: dict[str, Any] = {"StartTime": lambda one: (one.started, one.id)}


class Engagement:
    def __init__(
        self, world: World, settings: AwsSettings, book: Book, events: Events, opportunities: Opportunities
    ) -> None:
        self._world, self._settings, self._book, self._events = world, settings, book, events
        self._opportunities = opportunities
        opportunities.simulate = self.simulate

    # Submission

    def start(self, request: Shape) -> Shape:
        """StartEngagementFromOpportunityTask."""
        found = self._opportunities.find(request)
        known = replayed(self._book, FROM_OPPORTUNITY, request)
        if known is not None:
            return shown(self._book.tasks[known])
        task = Task(
            self._book.fresh("task"), found.catalog, FROM_OPPORTUNITY, found.id, self._book.now(),
            dict(request["AwsSubmission"]), results={"OpportunityId": found.id},
        )  # fmt: skip
        self._book.tasks[task.id] = task
        remember(self._book, FROM_OPPORTUNITY, request, task.id)
        return shown(task)

    def finish(self, task: Task) -> None:
        """The task is over: the opportunity is submitted, or the task says why not."""
        found = self._book.opportunities[task.subject]
        if found.review != PENDING:
            task.status = "FAILED"
            task.results |= {"ReasonCode": "OpportunityConflict", "Message": f"The opportunity is {found.review}."}
            return
        faults = rules.unsubmittable(found)
        if faults:
            message = "; ".join(f"{one.field}: {one.words}" for one in faults)
            task.status = "FAILED"
            task.results |= {"ReasonCode": "OpportunityValidationFailed", "Message": message}
            return
        self._submit(found, task.asked)
        task.status = "COMPLETE"
        task.results |= {
            "EngagementId": found.engagement, "EngagementInvitationId": found.invitation,
            "ResourceSnapshotJobId": self._book.fresh("job"),
        }  # fmt: skip

    def submit(self, request: Shape) -> Shape:
        """SubmitOpportunity: the last step of the task, by itself."""
        found = self._opportunities.find(request)
        faults = rules.lock(found, found.body) or rules.unsubmittable(found)
        if faults:
            raise invalid(faults)
        self._submit(found, request)
        return {}

    def _submit(self, found: Opportunity, asked: Shape) -> None:
        now = self._book.now()
        invitation = Invitation(
            self._book.fresh("engi"), found.catalog, "SENDER", self._book.fresh("eng", 14),
            str(rules.at(found.body, "Project.Title"))[:40], self._world.account, COMPANY, AWS, now,
            now + timedelta(days=self._settings.invitation_days), {},
        )  # fmt: skip
        self._book.invitations[invitation.id] = invitation
        found.engagement, found.invitation = invitation.engagement, invitation.id
        found.aws = {
            "InvolvementType": asked["InvolvementType"], "Visibility": asked.get("Visibility", "Full"),
            "LifeCycle": {"Stage": "Not Started", "TargetCloseDate": found.life.get("TargetCloseDate")},
        }  # fmt: skip
        set_review(self._book, found, SUBMITTED)
        self._book.touch(found)
        self._events.opportunity("Updated", found)
        self._events.engagement_created(found.catalog, invitation.engagement)
        self._events.invitation("Created", invitation)
        self._events.snapshot(found, self._world.account)

    def list_tasks(self, request: Shape) -> Shape:
        """ListEngagementFromOpportunityTasks."""
        found = [
            one
            for one in tasks_of(self._book, request, FROM_OPPORTUNITY)
            if wanted(request, "EngagementIdentifier", one.results.get("EngagementId"))
        ]
        listed, token = page(found, request, _TASK_KEYS, "StartTime", 20)
        return {"TaskSummaries": [shown(one) for one in listed], "NextToken": token}

    # AWS's review

    def review(self, opportunity: str) -> Shape:
        """AWS begins to look at it."""
        return self._judged(opportunity, (SUBMITTED,), IN_REVIEW)

    def approve(self, opportunity: str) -> Shape:
        """AWS takes it into its own pipeline."""
        found = self._reviewed(opportunity, (SUBMITTED, IN_REVIEW, ACTION_REQUIRED))
        if found.aws is not None:
            found.aws["LifeCycle"]["Stage"] = "Qualified"
        self._answer(found, "ACCEPTED")
        return self._judge(found, APPROVED)

    def reject(self, opportunity: str, reason: str = "Not a fit", comments: str | None = None) -> Shape:
        """AWS does not want it."""
        found = self._reviewed(opportunity, (SUBMITTED, IN_REVIEW, ACTION_REQUIRED))
        self._answer(found, "REJECTED")
        return self._judge(found, REJECTED, reason, comments)

    def require_action(self, opportunity: str, comments: str, reason: str | None = None) -> Shape:
        """AWS wants something corrected first."""
        found = self._reviewed(opportunity, (SUBMITTED, IN_REVIEW))
        return self._judge(found, ACTION_REQUIRED, reason, comments)

    def simulate(self, found: Opportunity, review: str) -> None:
        """A partner plays the review in the catalog Sandbox, by UpdateOpportunity."""
        if review in (APPROVED, REJECTED):
            self._answer(found, "ACCEPTED" if review == APPROVED else "REJECTED")
        set_review(self._book, found, review)

    def _judged(self, opportunity: str, allowed: tuple[str, ...], review: str) -> Shape:
        return self._judge(self._reviewed(opportunity, allowed), review)

    def _reviewed(self, opportunity: str, allowed: tuple[str, ...]) -> Opportunity:
        found = self._book.opportunities.get(opportunity)
        if found is None:
            raise not_found("Opportunity", opportunity)
        if found.review not in allowed:
            raise ServiceError("InvalidAct", f"{opportunity} is {found.review}; it has to be {' or '.join(allowed)}")
        return found

    def _judge(self, found: Opportunity, review: str, reason: str | None = None, comments: str | None = None) -> Shape:
        set_review(self._book, found, review)
        if reason is not None:
            found.life["ReviewStatusReason"] = reason
        if comments is not None:
            found.life["ReviewComments"] = comments
        self._book.touch(found)
        self._events.opportunity("Updated", found)
        self._events.snapshot(found, AWS)
        return {"opportunity": found.id, "review": found.review}

    def _answer(self, found: Opportunity, status: str) -> None:
        """AWS's answer to our invitation into the engagement."""
        invitation = self._book.invitations.get(found.invitation or "")
        if invitation is None or invitation.status != "PENDING":
            return
        invitation.status = status
        self._events.invitation(status.capitalize(), invitation)
        if status == "ACCEPTED":
            self._events.member_added(found.catalog, invitation.engagement, AWS, "AWS")

    # AWS's side

    def aws_update(self, opportunity: str, **life_cycle: Any) -> Shape:
        """AWS's seller moves on, e.g. Stage="Technical Validation", NextSteps="...", ClosedLostReason="..."."""
        found = self._book.opportunities.get(opportunity)
        if found is None or found.aws is None:
            raise not_found("AWS opportunity of", opportunity)
        found.aws["LifeCycle"] |= life_cycle
        self._book.touch(found)
        self._events.opportunity("Updated", found)
        self._events.snapshot(found, AWS, "AwsOpportunitySummaryFullView")
        return deepcopy(found.aws)

    def summary(self, request: Shape) -> Shape:
        """GetAwsOpportunitySummary: AWS's own view of the deal, with stages of its own."""
        found = self._opportunities.find(request, "RelatedOpportunityIdentifier")
        if found.aws is None:
            raise not_found("AWS opportunity of", found.id)
        return {
            **deepcopy(found.aws), "Catalog": found.catalog, "RelatedOpportunityId": found.id, "Origin": found.origin,
            "OpportunityTeam": [
                {"Email": "seller@aws.example", "FirstName": "Alex", "LastName": "Doe", "BusinessTitle": "AWSSalesRep"}
            ],
            "Insights": {"EngagementScore": "Medium"},
            "RelatedEntityIds": {"Solutions": list(found.related.get("Solutions", []))},
        }  # fmt: skip

    def tick(self) -> None:
        """What time brings: reviews begin and end by themselves where the settings say so."""
        starts, ends = self._settings.review_starts_after, self._settings.review_ends_after
        now = self._book.now()
        for one in list(self._book.opportunities.values()):
            if starts is not None and one.review == SUBMITTED and one.review_since + timedelta(seconds=starts) <= now:
                self.review(one.id)
            elif ends is not None and one.review == IN_REVIEW and one.review_since + timedelta(seconds=ends) <= now:
                self.approve(one.id)


def tasks_of(book: Book, request: Shape, kind: str) -> list[Task]:
    """The tasks of a kind that the common filters of the two List operations take."""
    catalog = catalog_of(request)
    return [
        one
        for one in book.tasks.values()
        if one.catalog == catalog and one.kind == kind and wanted(request, "TaskStatus", one.status)
        and _named(request.get("TaskIdentifier"), one)
        and wanted(request, "OpportunityIdentifier", one.results.get("OpportunityId"))
    ]  # fmt: skip


def _named(listed: list[str] | None, task: Task) -> bool:
    return not listed or task.id in listed or task.arn in listed


def shown(task: Task) -> Shape:
    """A task as it stands."""
    return {
        "TaskId": task.id, "TaskArn": task.arn, "StartTime": task.started, "TaskStatus": task.status,
        **{name: one for name, one in task.results.items() if one is not None},
    }  # fmt: skip
