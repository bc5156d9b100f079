"""Looks whether Tandem can work with a partner's account at Partner Central; it changes nothing.

Permissions to write are tried on an opportunity that cannot be there: AWS looks at the permission first, and then says
that there is no such opportunity.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.aws.calls import Calls
from connectors.aws.errors import Refused
from connectors.aws_partner_central.central import OFFER_SETS, OFFERS, Central, Denied, token
from connectors.aws_partner_central.settings import Settings
from connectors.base import Finding
from connectors.errors import ConnectorError
from mappings.table import EntityMap

REGION = "us-east-1"  # elsewhere the service is not there, and calls fail without saying so
NOBODY = "O0"  # an id that no opportunity has
NO_OFFER = "arn:aws:aws-marketplace:us-east-1:000000000000:AWSMarketplace/Offer/offer-none"
LOOKED_AT = 20  # opportunities that are looked at for an offer
LISTS: Sequence[tuple[str, dict[str, Any]]] = (
    ("ListOpportunities", {}),
    ("ListEngagementInvitations", {"ParticipantType": "RECEIVER"}),
    ("ListEngagementFromOpportunityTasks", {}),
    ("ListEngagementByAcceptingInvitationTasks", {}),
)
UNPROVED = ("CreateOpportunity", "StartEngagementByAcceptingInvitationTask", "RejectEngagementInvitation")


class PartnerCentralCheck:
    """A `connectors.base.Checkable`."""

    def __init__(self, settings: Settings, calls: Calls | None = None) -> None:
        self._settings = settings
        self._calls = calls or Calls(settings)
        self._central = Central(self._calls, settings.catalog)

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; without credentials nothing else is looked at."""
        yield self._region()
        signed_in = self._identity()
        yield signed_in
        if not signed_in.ok:
            return
        catalog = self._listing("ListOpportunities", {})
        yield Finding(f"catalog {self._settings.catalog}", catalog.ok, catalog.detail, catalog.remedy)
        for operation, request in LISTS:
            yield self._listing(operation, request)
        if any(table.writes for table in tables):
            yield from self._writes()
            yield self._solutions()
            yield self._seller()
        yield self._queue()

    def _region(self) -> Finding:
        region = self._settings.region
        remedy = "" if region == REGION else f'set region = "{REGION}"'
        return Finding("region", not remedy, f"{region}; Partner Central is in {REGION} only", remedy)

    def _identity(self) -> Finding:
        try:
            found = self._calls("sts", "GetCallerIdentity")
        except (ConnectorError, Refused) as error:
            return _failed("credentials", error)
        return Finding("credentials", True, f"account {found['Account']} as {found['Arn']}")

    def _listing(self, operation: str, request: dict[str, Any]) -> Finding:
        try:
            self._central.write(operation, MaxResults=1, **request)
        except (ConnectorError, Refused, Denied) as error:
            return _failed(operation, error)
        return Finding(operation, True, "permitted")

    def _writes(self) -> Iterator[Finding]:
        opportunity = self._first()
        tie = {"OpportunityIdentifier": NOBODY, "RelatedEntityType": OFFERS, "RelatedEntityIdentifier": NO_OFFER}
        submission = {"InvolvementType": "Co-Sell", "Visibility": "Full"}
        if opportunity is not None:
            stamp = {"Identifier": NOBODY, "LastModifiedDate": opportunity["LastModifiedDate"]}
            yield self._tried("UpdateOpportunity", stamp)
        yield self._tried("AssociateOpportunity", tie)
        yield self._tried("DisassociateOpportunity", tie)
        request = {"Identifier": NOBODY, "AwsSubmission": submission, "ClientToken": token("check")}
        yield self._tried("StartEngagementFromOpportunityTask", request)
        for operation in UNPROVED:
            yield Finding(operation, True, "it cannot be proved without doing it; deploy/aws allows it")

    def _tried(self, operation: str, request: dict[str, Any]) -> Finding:
        try:
            self._central.write(operation, **request)
        except ConnectorError as error:
            return _failed(operation, error)
        except (Refused, Denied):
            # The permission was looked at before the opportunity was.
            return Finding(operation, True, "permitted")
        return Finding(operation, True, "permitted")

    def _first(self) -> dict[str, Any] | None:
        try:
            listed = self._central.write("ListOpportunities", MaxResults=1)["OpportunitySummaries"]
        except (ConnectorError, Refused, Denied):
            return None  # the finding of the listing says why
        return listed[0] if listed else None

    def _solutions(self) -> Finding:
        try:
            found = self._central.write("ListSolutions", Status=["Active"], MaxResults=self._settings.page_size)
        except (ConnectorError, Refused, Denied) as error:
            return _failed("solutions", error)
        names = [f"{each['Id']} {each.get('Name', '')}".strip() for each in found["SolutionSummaries"]]
        if names:
            return Finding("solutions", True, f"active: {', '.join(names[:5])}")
        remedy = "have a solution validated in Partner Central: an opportunity is not launched without one"
        return Finding("solutions", False, "there is no active solution", remedy)

    def _seller(self) -> Finding:
        """Only an offer that is tied already proves which Marketplace seller account is linked."""
        subject = "seller account"
        try:
            listed = self._central.write("ListOpportunities", MaxResults=LOOKED_AT)["OpportunitySummaries"]
            opportunities = [self._central.opportunity(each["Id"]) or {} for each in listed]
        except (ConnectorError, Refused, Denied) as error:
            return _failed(subject, error)
        related = [each.get("RelatedEntityIdentifiers", {}) for each in opportunities]
        arns = [arn for each in related for kind in (OFFERS, OFFER_SETS) for arn in each.get(kind) or ()]
        if arns:
            return Finding(
                subject, True, f"linked: offers of account {arns[0].split(':')[4]} are tied to opportunities"
            )
        detail = "not proved: none of the latest opportunities has an offer; the first one that is tied will tell"
        return Finding(subject, True, detail, "")

    def _queue(self) -> Finding:
        url = self._settings.queue_url
        if url is None:
            return Finding("queue", True, f"none; changes are found every {self._settings.poll_s:g} s")
        try:
            names = ["ApproximateNumberOfMessages"]
            found = self._calls("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=names)["Attributes"]
        except (ConnectorError, Refused) as error:
            return _failed("queue", error)
        return Finding("queue", True, f"about {found.get(names[0], '0')} messages wait in {url}")


def _failed(subject: str, error: ConnectorError | Refused | Denied) -> Finding:
    if isinstance(error, ConnectorError):
        return Finding(subject, False, error.reason, error.remedy)
    remedy = error.disposition.remedy if isinstance(error, Refused) else "register the account with Partner Central"
    return Finding(subject, False, str(error), remedy)
