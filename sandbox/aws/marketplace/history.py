"""ListChangeSets: filters, order and pages; it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..core import Shape
from .changesets import ChangeSet
from .errors import validation
from .paging import page
from .times import moment_of, stamp


def _moments(values: list[str]) -> list[datetime]:
    try:
        return [moment_of(value) for value in values]
    except ValueError:
        raise validation("Times must be as 2018-02-27T13:45:22Z.") from None


def _floor(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


FILTERS: dict[str, Callable[[ChangeSet, list[str]], bool]] = {
    "ChangeSetName": lambda one, values: one.name in values,
    "Status": lambda one, values: one.status in values,
    "EntityId": lambda one, values: bool(set(one.entity_ids) & set(values)),
    "AfterStartTime": lambda one, values: all(_floor(one.started) > at for at in _moments(values)),
    "BeforeStartTime": lambda one, values: all(_floor(one.started) < at for at in _moments(values)),
    "AfterEndTime": lambda one, values: (
        one.ended is not None and all(_floor(one.ended) > at for at in _moments(values))
    ),
    "BeforeEndTime": lambda one, values: (
        one.ended is not None and all(_floor(one.ended) < at for at in _moments(values))
    ),
}


def listed_change_sets(found: list[ChangeSet], request: Shape) -> Shape:
    """The answer to ListChangeSets; raises ValidationException."""
    filters, size, order = request.get("FilterList", []), request.get("MaxResults", 20), request.get("Sort") or {}
    if len(filters) > 8 or not 1 <= size <= 20:
        raise validation("FilterList must have up to 8 filters, and MaxResults must be between 1 and 20.")
    for asked in filters:
        if asked["Name"] not in FILTERS or not 1 <= len(asked["ValueList"]) <= 10:
            raise validation(f"Filter {asked['Name']} isn't supported, or has not between 1 and 10 values.")
        found = [one for one in found if FILTERS[asked["Name"]](one, asked["ValueList"])]
    if order.get("SortBy", "StartTime") not in ("StartTime", "EndTime"):
        raise validation("SortBy must be StartTime or EndTime.")
    by_end = order.get("SortBy") == "EndTime"
    found = sorted(
        found, key=lambda one: stamp(one.ended) if by_end and one.ended else "" if by_end else stamp(one.started)
    )
    if order.get("SortOrder", "DESCENDING") == "DESCENDING":
        found.reverse()
    try:
        chosen, token = page(found, size, request.get("NextToken"))
    except ValueError:
        raise validation("Invalid NextToken.") from None
    return {"ChangeSetSummaryList": [one.summary() for one in chosen]} | ({"NextToken": token} if token else {})
