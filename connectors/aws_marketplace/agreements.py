"""Reads the agreements that we proposed; it changes nothing there.

A proposer may combine any filters but has to name AgreementType (Agreement API reference, SearchAgreements). A search has
the stamp and the licences, a description the value and the offer that renews.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.aws.calls import Calls
from connectors.aws.errors import Refused
from connectors.aws_marketplace.catalog import iso

SERVICE, CATALOG, PAGE = "marketplace-agreement", "AWSMarketplace", 50
OURS = {"PartyType": "Proposer", "AgreementType": "PurchaseAgreement"}
NEWEST = {"sortBy": "LastUpdateTime", "sortOrder": "DESCENDING"}
BY_START = {"sortBy": "StartTime", "sortOrder": "ASCENDING"}
Shape = Mapping[str, Any]


class Agreements:
    """The agreements of one seller."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def listed(self, after_ms: int | None) -> Iterator[Shape]:
        """Summaries of all that changed after that moment (None: of all), in the order of their start."""
        more = {} if after_ms is None else {"AfterLastUpdateTime": iso(after_ms)}
        yield from self._search(BY_START, **more)

    def newest(self) -> object:
        """The stamp of the last change of any of them, as boto3 gives it."""
        request = self._request(NEWEST) | {"maxResults": 1}
        found = self._calls(SERVICE, "SearchAgreements", **request).get("agreementViewSummaries") or ()
        return next((each.get("lastUpdateTime") for each in found), None)

    def of_offer(self, offer: str) -> list[str]:
        """The ids of the agreements that came of an offer."""
        return [each["agreementId"] for each in self._search(BY_START, OfferId=offer)]

    def summary(self, described: Shape) -> Shape:
        """What a search says of an agreement, found through its chain; empty where it is not (yet) found."""
        first = described.get("initialAgreementId") or described["agreementId"]
        chain = self._search(BY_START, InitialAgreementId=first)
        return next((each for each in chain if each["agreementId"] == described["agreementId"]), {})

    def described(self, record_id: str) -> Shape | None:
        """The description of an agreement; None where it is not there, or not ours to see."""
        try:
            return self._calls(SERVICE, "DescribeAgreement", agreementId=record_id)
        except Refused as refused:
            if refused.absent:
                return None
            raise

    def _search(self, order: Shape, **filters: str) -> Iterator[Shape]:
        request = self._request(order, **filters)
        yield from self._calls.pages(SERVICE, "SearchAgreements", "agreementViewSummaries", "nextToken", **request)

    def _request(self, order: Shape, **filters: str) -> dict[str, Any]:
        named = [{"name": name, "values": [value]} for name, value in {**OURS, **filters}.items()]
        return {"catalog": CATALOG, "filters": named, "sort": dict(order), "maxResults": PAGE}
