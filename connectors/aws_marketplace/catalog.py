"""Reads offers, offer sets, resale authorisations and change sets of the catalog; it changes nothing there.

A listing gives what a description lacks (release, agreement, who made it), and the other way round. Listings go in the
order of ids or of the start, which no change moves: so none slips through between two pages.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from connectors.aws.calls import Calls
from connectors.aws.errors import Failure, Refused, raised

SERVICE, CATALOG = "marketplace-catalog", "AWSMarketplace"
AT_ONCE, LISTED, FILTERED, SETS = (
    20,
    50,
    10,
    20,
)  # limits: BatchDescribeEntities, ListEntities, a filter, ListChangeSets
NEWEST = {"SortBy": "LastModifiedDate", "SortOrder": "DESCENDING"}
BY_ID = {"SortBy": "EntityId", "SortOrder": "ASCENDING"}
Shape = Mapping[str, Any]


class Kind(NamedTuple):
    """An entity type of the catalog; `owners` are whose entities are listed."""

    name: str
    prefix: str
    owners: tuple[str, ...] = ("SELF",)


KINDS = {
    "offer": Kind("Offer", "offer-"),
    "offer_set": Kind("OfferSet", "offerset-"),
    # As the maker ours, as the reseller those that were shared with us.
    "resale_authorization": Kind("ResaleAuthorization", "resaleauthz-", ("SELF", "SHARED")),
}


class Catalog:
    """Reads one seller's catalog. `private_only`: offers that target no buyer are passed over."""

    def __init__(self, calls: Calls, *, private_only: bool) -> None:
        self._calls, self._private_only = calls, private_only
        self._titles: dict[str, str | None] = {}

    def listed(self, entity: str, after_ms: int | None) -> Iterator[Shape]:
        """Summaries of all that changed after that moment (None: of all), by id."""
        for owner in KINDS[entity].owners:
            request = self._listing(entity, owner, self._filters(entity, after_ms), BY_ID)
            yield from self._calls.pages(SERVICE, "ListEntities", "EntitySummaryList", "NextToken", **request)

    def newest(self, entity: str) -> str | None:
        """The stamp of the last change of any of them."""
        stamps = []
        for owner in KINDS[entity].owners:
            request = self._listing(entity, owner, self._filters(entity, None), NEWEST) | {"MaxResults": 1}
            stamps += [each["LastModifiedDate"] for each in self._list(request)]
        return max(stamps, default=None)

    def summaries(self, entity: str, ids: Sequence[str]) -> dict[str, Shape]:
        """What the listing says of these records, by id; one that is not there is absent."""
        found: dict[str, Shape] = {}
        for owner in KINDS[entity].owners:
            for some in _chunks(ids, FILTERED):
                filters = {"EntityId": {"ValueList": list(some)}}
                found |= {each["EntityId"]: each for each in self._list(self._listing(entity, owner, filters, BY_ID))}
        return found

    def described(self, ids: Sequence[str]) -> dict[str, Shape]:
        """The descriptions of these entities, by id; one that is not there is absent. Raises `connectors.errors`."""
        found: dict[str, Shape] = {}
        for some in _chunks(ids, AT_ONCE):
            wanted = [{"Catalog": CATALOG, "EntityId": each} for each in some]
            answer = self._calls(SERVICE, "BatchDescribeEntities", EntityRequestList=wanted)
            found |= answer.get("EntityDetails") or {}
            for record_id, error in (answer.get("Errors") or {}).items():
                self._absent(record_id, error)
        return found

    def titles(self, products: Sequence[str]) -> Mapping[str, str | None]:
        """What products are called, asked for once; None for one that we may not see, as another maker's."""
        for some in _chunks([each for each in dict.fromkeys(products) if each not in self._titles], AT_ONCE):
            wanted = [{"Catalog": CATALOG, "EntityId": each} for each in some]
            try:
                details = self._calls(SERVICE, "BatchDescribeEntities", EntityRequestList=wanted).get("EntityDetails")
            except Refused:
                details = None
            self._titles |= {each: _title((details or {}).get(each) or {}) for each in some}
        return self._titles

    def change_sets(self, after_ms: int | None) -> Iterator[Shape]:
        """Summaries of the change sets that were started after that moment (None: all of the last 60 days), in order."""
        request: dict[str, Any] = {"Catalog": CATALOG, "MaxResults": SETS}
        request["Sort"] = {"SortBy": "StartTime", "SortOrder": "ASCENDING"}
        if after_ms is not None:
            request["FilterList"] = [{"Name": "AfterStartTime", "ValueList": [iso(after_ms)]}]
        yield from self._calls.pages(SERVICE, "ListChangeSets", "ChangeSetSummaryList", "NextToken", **request)

    def named(self, name: str) -> Shape | None:
        """The newest change set of that name, of the last 60 days."""
        filters = [{"Name": "ChangeSetName", "ValueList": [name]}]
        request = {"Catalog": CATALOG, "MaxResults": SETS, "FilterList": filters}
        found = list(self._calls.pages(SERVICE, "ListChangeSets", "ChangeSetSummaryList", "NextToken", **request))
        return max(found, key=lambda each: str(each.get("StartTime")), default=None)

    def change_set(self, record_id: str) -> Shape | None:
        """The description of a change set; None where it is not there (any more)."""
        try:
            return self._calls(SERVICE, "DescribeChangeSet", Catalog=CATALOG, ChangeSetId=record_id)
        except Refused as refused:
            if refused.absent:
                return None
            raise

    def _list(self, request: Shape) -> list[Shape]:
        return list(self._calls(SERVICE, "ListEntities", **request).get("EntitySummaryList") or ())

    def _filters(self, entity: str, after_ms: int | None) -> dict[str, Any]:
        filters: dict[str, Any] = {}
        if after_ms is not None:
            filters["LastModifiedDate"] = {"DateRange": {"AfterValue": iso(after_ms)}}
        if entity == "offer" and self._private_only:
            filters["Targeting"] = {"ValueList": ["BuyerAccounts"]}
        return filters

    def _listing(self, entity: str, owner: str, filters: Shape, order: Shape) -> dict[str, Any]:
        kind = KINDS[entity].name
        request: dict[str, Any] = {"Catalog": CATALOG, "EntityType": kind, "MaxResults": LISTED, "OwnershipType": owner}
        request["EntityTypeSort"] = {f"{kind}Sort": dict(order)}
        if filters:
            request["EntityTypeFilters"] = {f"{kind}Filters": dict(filters)}
        return request

    def _absent(self, record_id: str, error: Shape) -> None:
        """Returns where the entity is not there; any other error is raised."""
        words = f"{record_id}: {error.get('ErrorMessage')}"
        failure = Failure(SERVICE, "BatchDescribeEntities", str(error.get("ErrorCode")), words)
        found = raised(failure, repeatable=True)
        if not (isinstance(found, Refused) and found.absent):
            raise found


def iso(ms: int) -> str:
    """A stamp as AWS's filters take it, to the second."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _title(detail: Shape) -> str | None:
    document = detail.get("DetailsDocument") or {}
    found = (document.get("Description") or {}).get("ProductTitle") if isinstance(document, Mapping) else None
    return str(found) if found else None


def _chunks(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
