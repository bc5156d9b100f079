"""Looks whether a seller account can be read and written as the mapping needs; it changes nothing.

Permissions are tried by calls that can do nothing: a listing of one, a description of what is not there, a change that AWS
does not know. That AWS looks at the permission before it looks at the request is how it answers, though not documented.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.aws.calls import Answer, Calls
from connectors.aws.errors import Refused, action
from connectors.aws_marketplace.agreements import OURS
from connectors.aws_marketplace.agreements import SERVICE as AGREEMENTS
from connectors.aws_marketplace.catalog import CATALOG, KINDS
from connectors.aws_marketplace.catalog import SERVICE as CATALOGUE
from connectors.aws_marketplace.settings import Settings
from connectors.base import Finding
from connectors.errors import ConnectorError
from mappings.table import EntityMap

HOME = "us-east-1"
ABSENT = "offer-0000000000000"
UNKNOWN = {"ChangeType": "TandemCheck", "Entity": {"Type": "Offer@1.0", "Identifier": ABSENT}, "DetailsDocument": {}}
SHORTEST_S = 60  # seconds: a pass has to be committed before its messages are given again
SHARED = "no other connection may read this queue: what one takes the other never sees"


class MarketplaceCheck:
    """A `connectors.base.Checkable`."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._calls = settings, Calls(settings)
        self._account = ""

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; without a sign-in nothing else is looked at."""
        try:
            signed_in = self._sign_in()
            yield signed_in
            if not signed_in.ok:
                return
            yield self.region()
            yield self._seller()
            yield from self._permissions(tables)
            yield from self._queue()
        finally:
            self._calls.close()

    def _sign_in(self) -> Finding:
        try:
            told = self._calls("sts", "GetCallerIdentity")
        except (ConnectorError, Refused) as error:
            return _bad("credentials", error)
        self._account = str(told["Account"])
        return Finding("credentials", True, f"signed in as {told['Arn']}")

    def region(self) -> Finding:
        """Whether the marketplace is there."""
        region, sandbox = self._settings.region, self._settings.base_url
        if sandbox is not None:
            return Finding("region", True, f"{region}, at {sandbox}")
        remedy = f'set region = "{HOME}"'
        return Finding("region", region == HOME, f"{region}; AWS Marketplace is in {HOME} only", remedy)

    def _seller(self) -> Finding:
        wanted = self._settings.seller_account
        detail = f"{self._account}, catalog {CATALOG}"
        if wanted is None or wanted == self._account:
            return Finding("seller account", True, detail)
        remedy = "use credentials of the seller's account, or correct seller_account"
        return Finding("seller account", False, f"{detail}; the settings name {wanted}", remedy)

    def _permissions(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        reads, writes = ({each.entity for each in tables if wanted(each)} for wanted in (_reads, _writes))
        for entity, kind in KINDS.items():
            if entity in reads:
                request = {"Catalog": CATALOG, "EntityType": kind.name, "MaxResults": 1}
                yield self._may(CATALOGUE, "ListEntities", request, f" of {kind.name}")
        if "offer" in reads | writes:
            asked = {"EntityRequestList": [{"Catalog": CATALOG, "EntityId": ABSENT}]}
            yield self._may(CATALOGUE, "BatchDescribeEntities", asked)
        if reads:
            yield self._may(CATALOGUE, "DescribeChangeSet", {"Catalog": CATALOG, "ChangeSetId": "tandemcheck"})
        if "change_set" in reads or writes:
            yield self._may(CATALOGUE, "ListChangeSets", {"Catalog": CATALOG, "MaxResults": 1})
        if writes:
            yield self._may(CATALOGUE, "StartChangeSet", {"Catalog": CATALOG, "ChangeSet": [UNKNOWN]})
        if "agreement" in reads:
            yield from self._agreements()

    def _agreements(self) -> Iterator[Finding]:
        filters = [{"name": name, "values": [value]} for name, value in OURS.items()]
        found: list[Answer] = []
        yield self._may(
            AGREEMENTS, "SearchAgreements", {"catalog": CATALOG, "filters": filters, "maxResults": 1}, into=found
        )
        ids = [each["agreementId"] for answer in found for each in answer.get("agreementViewSummaries") or ()]
        if ids:
            yield self._may(AGREEMENTS, "DescribeAgreement", {"agreementId": ids[0]})
        elif found:
            # AWS refuses one that is not ours as it refuses one that we may not see: nothing could be concluded from it.
            yield Finding("aws-marketplace:DescribeAgreement", True, "not tried: there is no agreement yet")

    def _may(
        self,
        service: str,
        operation: str,
        request: Mapping[str, object],
        of: str = "",
        into: list[Answer] | None = None,
    ) -> Finding:
        subject = f"{action(service, operation)}{of}"
        try:
            answer = self._calls(service, operation, **request)
        except Refused as refused:
            # Refused for what was asked, and not for who asks.
            return Finding(subject, True, f"allowed ({refused.failure.code})")
        except ConnectorError as error:
            return _bad(subject, error)
        if into is not None:
            into.append(answer)
        return Finding(subject, True, "allowed")

    def _queue(self) -> Iterator[Finding]:
        url = self._settings.queue_url
        if url is None:
            yield Finding("queue", True, "none: changes are found by listing them in every pass")
            return
        try:
            told = self._calls("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
        except (ConnectorError, Refused) as error:
            yield _bad("queue", error)
            return
        account = told.get("QueueArn", "").split(":")[4:5]
        detail = f"{told.get('ApproximateNumberOfMessages', '?')} messages wait; {SHARED}"
        yield Finding("queue", account == [self._account], detail, "use a queue of the seller's own account")
        hidden = int(told.get("VisibilityTimeout", 0))
        yield Finding(
            "queue visibility timeout", hidden >= SHORTEST_S, f"{hidden} s", f"set it to {SHORTEST_S} s or more, as 300"
        )
        yield Finding(
            "queue for dead letters", "RedrivePolicy" in told, "messages that nobody takes are kept there",
            "give the queue a redrive policy, as the template in deploy/aws does",
        )  # fmt: skip
        # More at once than SQS gives: it is refused for that, or for the permission.
        yield self._may("sqs", "ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 99})
        handle = [{"Id": "0", "ReceiptHandle": "tandemcheck"}]
        yield self._may("sqs", "DeleteMessageBatch", {"QueueUrl": url, "Entries": handle})


def _reads(table: EntityMap) -> bool:
    return table.reads


def _writes(table: EntityMap) -> bool:
    return table.writes


def _bad(subject: str, error: ConnectorError | Refused) -> Finding:
    if isinstance(error, Refused):
        return Finding(subject, False, error.failure.reason, error.disposition.remedy)
    return Finding(subject, False, error.reason, error.remedy)
