"""AWS's invitations into deals of its own: they come, are accepted as opportunities, rejected, or expire."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

from ..core import Shape, World
from ..settings import AwsSettings
from .engagement import COMPANY, shown, tasks_of
from .errors import Fault, invalid, not_found
from .events import Events
from .listing import page, wanted
from .opportunities import catalog_of, remember, replayed
from .state import APPROVED, AWS, AWS_REFERRAL, Book, Invitation, Opportunity, Task

BY_INVITATION = "StartEngagementByAcceptingInvitationTask"
_KEYS: dict[str, Any] = {"InvitationDate": lambda one: (one.invited, one.id)}
_TASK_KEYS: dict[str, Any] = {"StartTime": lambda one: (one.started, one.id)}
_TOLD: Shape = {
    "website": "https://customer.example", "country": "US", "industry": "Software and Internet",
    "problem": "The customer wants to move its analytics to AWS.", "monthly_spend": "1000.00", "account": {},
}  # fmt: skip


class Invitations:
    def __init__(self, world: World, settings: AwsSettings, book: Book, events: Events) -> None:
        self._world, self._settings, self._book, self._events = world, settings, book, events

    def invite(self, title: str, company: str, catalog: str = "AWS", **given: Any) -> Shape:
        """AWS invites us. Of the rest any may be given: website, country, industry, problem, close, monthly_spend,
        and `account`, members of the customer's Account that show once it is accepted, as {"AwsAccountId": ...}."""
        now = self._book.now()
        usual = {**_TOLD, "close": (now + timedelta(days=90)).date().isoformat()}
        unknown = set(given) - set(usual)
        if unknown:
            raise TypeError(f"{sorted(unknown)[0]!r} is unknown; known are {', '.join(usual)}")
        told = usual | given
        spend = {"CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS", "Amount": told["monthly_spend"]}
        payload: Shape = {
            "SenderContacts": [{"Email": "seller@aws.example", "FirstName": "Alex", "LastName": "Doe"}],
            "ReceiverResponsibilities": ["Software Partner"],
            "Customer": {
                "Industry": told["industry"], "CompanyName": company, "WebsiteUrl": told["website"],
                "CountryCode": told["country"],
            },
            "Project": {
                "BusinessProblem": told["problem"], "Title": title, "ExpectedCustomerSpend": [spend],
                "TargetCompletionDate": told["close"],
            },
        }  # fmt: skip
        made = Invitation(
            self._book.fresh("engi"), catalog, "RECEIVER", self._book.fresh("eng", 14), title[:40], AWS, "AWS",
            self._world.account, now, now + timedelta(days=self._settings.invitation_days), payload,
            message=f"Please work with us on {title}."[:255],
        )  # fmt: skip
        made.account = dict(told["account"])
        self._book.invitations[made.id] = made
        self._events.invitation("Created", made)
        return {"invitation": made.id, "engagement": made.engagement}

    def list(self, request: Shape) -> Shape:
        """ListEngagementInvitations."""
        catalog = catalog_of(request)
        found = [
            one
            for one in self._book.invitations.values()
            if one.catalog == catalog and one.participant == request["ParticipantType"]
            and wanted(request, "Status", one.status) and wanted(request, "PayloadType", "OpportunityInvitation")
            and wanted(request, "EngagementIdentifier", one.engagement)
            and wanted(request, "SenderAwsAccountId", one.sender)
        ]  # fmt: skip
        listed, token = page(found, request, _KEYS, "InvitationDate", 20)
        return {"EngagementInvitationSummaries": [self._summary(one) for one in listed], "NextToken": token}

    def _summary(self, one: Invitation) -> Shape:
        return {
            "Arn": one.arn, "PayloadType": "OpportunityInvitation", "Id": one.id, "EngagementId": one.engagement,
            "EngagementTitle": one.title, "Status": one.status, "InvitationDate": one.invited,
            "ExpirationDate": one.expires, "SenderAwsAccountId": one.sender, "SenderCompanyName": one.sender_name,
            "Receiver": {"Account": {"AwsAccountId": one.receiver}}, "Catalog": one.catalog,
            "ParticipantType": one.participant,
        }  # fmt: skip

    def get(self, request: Shape) -> Shape:
        """GetEngagementInvitation."""
        one = self._find(request)
        told = self._summary(one)
        told.pop("ParticipantType")
        if one.payload:
            told["Payload"] = {"OpportunityInvitation": deepcopy(one.payload)}
        return {**told, "RejectionReason": one.reason, "InvitationMessage": one.message}

    def _find(self, request: Shape) -> Invitation:
        catalog, name = catalog_of(request), str(request["Identifier"])
        found = self._book.invitations.get(name.rpartition("/")[2])
        if found is None or found.catalog != catalog:
            raise not_found("EngagementInvitation", name)
        return found

    def reject(self, request: Shape) -> Shape:
        """RejectEngagementInvitation."""
        found = self._open(request)
        found.status, found.reason = "REJECTED", request.get("RejectionReason")
        self._events.invitation("Rejected", found)
        return {}

    def _open(self, request: Shape) -> Invitation:
        found = self._find(request)
        if found.status != "PENDING" or found.participant != "RECEIVER":
            raise invalid([Fault("Identifier", "INVALID_RESOURCE_STATE", f"the invitation is {found.status}")])
        return found

    def start(self, request: Shape) -> Shape:
        """StartEngagementByAcceptingInvitationTask."""
        catalog = catalog_of(request)
        known = replayed(self._book, BY_INVITATION, request)
        if known is not None:
            return shown(self._book.tasks[known])
        found = self._open(request)
        results = {"EngagementInvitationId": found.id}
        task = Task(self._book.fresh("task"), catalog, BY_INVITATION, found.id, self._book.now(), {}, results=results)
        self._book.tasks[task.id] = task
        remember(self._book, BY_INVITATION, request, task.id)
        return shown(task)

    def finish(self, task: Task) -> None:
        """The task is over: the invitation has become an opportunity, or the task says why not."""
        found = self._book.invitations[task.subject]
        if found.status != "PENDING":
            task.status = "FAILED"
            task.results |= {"ReasonCode": "InvitationValidationFailed", "Message": f"It is {found.status}."}
            return
        found.status = "ACCEPTED"
        made = self._opportunity(found)
        task.status = "COMPLETE"
        task.results |= {"OpportunityId": made.id, "ResourceSnapshotJobId": self._book.fresh("job")}
        self._events.invitation("Accepted", found)
        self._events.member_added(found.catalog, found.engagement, self._world.account, COMPANY)
        self._events.opportunity("Created", made)
        self._events.opportunity("Updated", made)
        self._events.snapshot(made, AWS)

    def _opportunity(self, invitation: Invitation) -> Opportunity:
        """AWS's deal in our account. Its review is over: AWS does not review what AWS referred."""
        customer, project, now = invitation.payload["Customer"], invitation.payload["Project"], self._book.now()
        account = {name: customer[name] for name in ("Industry", "CompanyName", "WebsiteUrl")}
        account |= {"Address": {"CountryCode": customer["CountryCode"]}, **deepcopy(invitation.account)}
        close = project["TargetCompletionDate"]
        body: Shape = {
            "Customer": {"Account": account},
            "Project": {
                "Title": project["Title"], "CustomerBusinessProblem": project["BusinessProblem"],
                "ExpectedCustomerSpend": deepcopy(project["ExpectedCustomerSpend"]),
            },
            "LifeCycle": {"Stage": "Qualified", "ReviewStatus": APPROVED, "TargetCloseDate": close},
        }  # fmt: skip
        made = Opportunity(
            self._book.opportunity_id(), invitation.catalog, body, AWS_REFERRAL, now, now, now, now,
            engagement=invitation.engagement, invitation=invitation.id,
            aws={
                "InvolvementType": "Co-Sell", "Visibility": "Full",
                "LifeCycle": {"Stage": "Qualified", "TargetCloseDate": close},
            },
        )  # fmt: skip
        self._book.opportunities[made.id] = made
        return made

    def list_tasks(self, request: Shape) -> Shape:
        """ListEngagementByAcceptingInvitationTasks."""
        found = [
            one
            for one in tasks_of(self._book, request, BY_INVITATION)
            if wanted(request, "EngagementInvitationIdentifier", one.subject)
        ]
        listed, token = page(found, request, _TASK_KEYS, "StartTime", 20)
        return {"TaskSummaries": [shown(one) for one in listed], "NextToken": token}

    def tick(self) -> None:
        """Invitations that nobody answered expire."""
        now = self._book.now()
        for one in self._book.invitations.values():
            if one.status == "PENDING" and one.expires <= now:
                one.status = "EXPIRED"
                self._events.invitation("Expired", one)
