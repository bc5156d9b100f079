"""The events of Partner Central, ids only, in the shapes of its documentation; it decides not when."""

from __future__ import annotations

from ..core import BusEvent, Shape, World
from .state import AWS, Invitation, Opportunity

SOURCE = "aws.partnercentral-selling"


class Events:
    def __init__(self, world: World) -> None:
        self._world = world

    def opportunity(self, what: str, opportunity: Opportunity) -> None:
        """`what` is Created or Updated. The documentation shows neither resources nor an ARN."""
        detail = {"schemaVersion": "1", "catalog": opportunity.catalog, "opportunity": {"identifier": opportunity.id}}
        self._emit(f"Opportunity {what}", (), detail)

    def snapshot(self, opportunity: Opportunity, by: str, template: str = "OpportunitySummaryView") -> None:
        """The next snapshot of an opportunity in its engagement; nothing before there is one."""
        if opportunity.engagement is None:
            return
        opportunity.snapshots += 1
        base = f"arn:aws:partnercentral:us-east-1::catalog/{opportunity.catalog}/engagement/{opportunity.engagement}"
        arn = f"{base}/resource/Opportunity/{opportunity.id}/template/{template}/snapshot/{opportunity.snapshots}"
        snapshot = {
            "arn": arn, "engagementId": opportunity.engagement, "resourceType": "Opportunity",
            "resourceId": opportunity.id, "createdBy": by, "resourceSnapshotTemplateName": template,
            "targetMemberAccounts": [self._world.account, AWS],
        }  # fmt: skip
        detail = {"schemaVersion": "1", "catalog": opportunity.catalog, "resourceSnapshot": snapshot}
        self._emit("Engagement Resource Snapshot Created", (base,), detail)

    def invitation(self, what: str, invitation: Invitation) -> None:
        """`what` is Created, Accepted, Rejected or Expired."""
        told: Shape = {
            "arn": invitation.arn, "id": invitation.id, "engagementId": invitation.engagement,
            "participantType": invitation.participant.capitalize(), "senderAccountId": invitation.sender,
            "receiverAccountId": invitation.receiver, "payloadType": "OpportunityInvitation",
        }  # fmt: skip
        if what == "Created":
            told |= {
                "senderCompanyName": invitation.sender_name,
                "expirationDate": invitation.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        detail = {"catalog": invitation.catalog, "engagementInvitation": told}
        self._emit(f"Engagement Invitation {what}", (invitation.arn,), detail)

    def engagement_created(self, catalog: str, engagement: str) -> None:
        arn = f"arn:aws:partnercentral:us-east-1::catalog/{catalog}/engagement/{engagement}"
        told = {
            "engagementArn": arn, "engagementId": engagement, "CreatedBy": self._world.account,
            "CreatedAt": self._world.clock().strftime("%Y-%m-%dT%H:%M:%SZ"), "ContextTypes": ["CustomerProject"],
        }  # fmt: skip
        self._emit("Engagement Created", (arn,), {"catalog": catalog, "engagement": told})

    def member_added(self, catalog: str, engagement: str, account: str, company: str) -> None:
        arn = f"arn:aws:partnercentral:us-east-1::catalog/{catalog}/engagement/{engagement}"
        member = {"accountId": account, "companyName": company}
        detail = {"catalog": catalog, "engagement": {"id": engagement}, "engagementMember": member}
        self._emit("Engagement Member Added", (arn,), detail)

    def _emit(self, detail_type: str, resources: tuple[str, ...], detail: Shape) -> None:
        self._world.emit(BusEvent(SOURCE, detail_type, resources, detail))
