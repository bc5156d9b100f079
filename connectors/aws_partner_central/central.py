"""The operations of Partner Central that Tandem uses, in its terms; it decides nothing and never retries."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.aws.calls import Answer, Calls
from connectors.aws.errors import Refused
from connectors.aws_partner_central.locks import spelt
from connectors.aws_partner_central.model import SERVICE
from connectors.base import Budget
from connectors.errors import StopMapping

NEVER_SUBMITTED = "pending submission"
# AWS says AccessDeniedException both for a missing permission, naming it, and for a record that is not ours to see.
UNPERMITTED = "not authorized to perform"
DENIED = "AccessDeniedException"
SOLUTIONS, OFFERS, OFFER_SETS = "Solutions", "AwsMarketplaceOffers", "AwsMarketplaceOfferSets"


class Denied(Exception):
    """AWS does not let us see or do this for one record, though the operation itself is permitted."""


def token(*parts: str) -> str:
    """A ClientToken: the same parts give the same one, also after a restart."""
    return "tandem-" + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=24).hexdigest()


class Central:
    """One catalog. Raises the errors of `connectors.errors`, `Refused` and `Denied`, which are about one record."""

    def __init__(self, calls: Calls, catalog: str, page_size: int = 100) -> None:
        self._calls, self.catalog, self._page = calls, catalog, page_size

    def budget(self) -> Budget | None:
        """The day's calls."""
        return self._calls.budget()

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def opportunity(self, record_id: str) -> Answer | None:
        """An opportunity in full; None where there is none, or it is not ours to see."""
        try:
            return _told(self._call("GetOpportunity", Identifier=record_id))
        except Refused as refused:
            # An id that no opportunity can have is refused as such.
            if refused.absent or refused.failure.code == "ValidationException":
                return None
            raise
        except Denied:
            return None

    def aws_summary(self, opportunity: Mapping[str, Any]) -> Mapping[str, Any]:
        """What AWS's sales people say of an opportunity; empty before it is submitted."""
        if spelt(opportunity.get("LifeCycle", {}).get("ReviewStatus")) == NEVER_SUBMITTED:
            return {}
        try:
            return _told(self._call("GetAwsOpportunitySummary", RelatedOpportunityIdentifier=opportunity["Id"]))
        except Refused as refused:
            if refused.absent:
                return {}
            raise
        except Denied:
            return {}

    def changed(self, since: datetime | None) -> Iterator[Mapping[str, Any]]:
        """Summaries of the opportunities that were changed at or after a moment, the longest unchanged first."""
        order = {"SortBy": "LastModifiedDate", "SortOrder": "ASCENDING"}
        after = {} if since is None else {"LastModifiedDate": {"AfterLastModifiedDate": since}}
        return self._listed("ListOpportunities", "OpportunitySummaries", Sort=order, **after)

    def found(self, deal: str, company: str | None) -> str | None:
        """The id of the opportunity that names a deal of ours; among those of a customer, or (None) among all.

        There is no filter by PartnerOpportunityIdentifier (model, ListOpportunitiesRequest).
        """
        among = {} if company is None else {"CustomerCompanyName": [company]}
        listed = self._listed("ListOpportunities", "OpportunitySummaries", **among)
        return next((str(each["Id"]) for each in listed if each.get("PartnerOpportunityIdentifier") == deal), None)

    def invitations(self, **filters: Any) -> Iterator[Mapping[str, Any]]:
        """Summaries of what we are invited to, the latest first."""
        order = {"SortBy": "InvitationDate", "SortOrder": "DESCENDING"}
        listed = ("ListEngagementInvitations", "EngagementInvitationSummaries")
        return self._listed(*listed, ParticipantType="RECEIVER", Sort=order, **filters)

    def invitation(self, record_id: str) -> Answer | None:
        """An invitation in full; None where there is none, or where it is no longer to be seen."""
        try:
            return _told(self._call("GetEngagementInvitation", Identifier=record_id))
        except Refused as refused:
            if refused.absent or refused.failure.code == "ValidationException":
                return None
            raise
        except Denied:
            return None

    def acceptance(self, invitation: str) -> Mapping[str, Any] | None:
        """The latest task that accepts an invitation."""
        listed = ("ListEngagementByAcceptingInvitationTasks", "TaskSummaries")
        tasks = self._listed(*listed, EngagementInvitationIdentifier=[invitation])
        return max(tasks, key=lambda task: task["StartTime"], default=None)

    def submission(self, **filters: Any) -> Mapping[str, Any] | None:
        """The latest task that submits an opportunity; by OpportunityIdentifier or TaskIdentifier."""
        tasks = self._listed("ListEngagementFromOpportunityTasks", "TaskSummaries", **filters)
        return max(tasks, key=lambda task: task["StartTime"], default=None)

    def write(self, operation: str, **request: Any) -> Answer:
        """One operation that changes something."""
        return _told(self._call(operation, **request))

    def _listed(self, operation: str, items: str, /, **request: Any) -> Iterator[Mapping[str, Any]]:
        request = {"Catalog": self.catalog, "MaxResults": self._page, **request}
        return self._calls.pages(SERVICE, operation, items, "NextToken", **request)

    def _call(self, operation: str, **request: Any) -> Answer:
        try:
            return self._calls(SERVICE, operation, **{"Catalog": self.catalog, **request})
        except StopMapping as error:
            if DENIED in error.reason and UNPERMITTED not in error.reason:
                raise Denied(error.reason) from error
            raise


def _told(answer: Answer) -> Answer:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
