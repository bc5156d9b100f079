"""Finds what has changed by listing it, whether or not an event told of it; it knows no queue and changes nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.aws_marketplace import rows
from connectors.aws_marketplace.reading import Reading
from connectors.aws_marketplace.told import Told
from connectors.base import Event

Shape = Mapping[str, Any]


class Polling:
    """`full`: all that there is, not only what changed lately; then what was told and is not there any more is gone.

    Lists go from a floor, the overlap before the last change that was known when the last reading began. Only AWS's
    stamps are compared with each other, never with our clock.
    """

    def __init__(self, reading: Reading, overlap_s: int) -> None:
        self._reading, self._overlap = reading, overlap_s * 1000

    def poll(self, told: Told, *, full: bool) -> Iterator[Event]:
        """What changed since the floor, then the new floor."""
        if told.entity == "change_set":
            yield from self._change_sets(told)
        elif told.entity == "agreement":
            yield from self._agreements(told, None if full else self._since(told))
        else:
            yield from self._entities(told, full=full)

    def _since(self, told: Told) -> int | None:
        return None if told.floor is None else told.floor - self._overlap

    def _entities(self, told: Told, *, full: bool) -> Iterator[Event]:
        catalog = self._reading.catalog
        # Asked before the listing: what changes while it runs may lie on a page that has gone by, and is above the floor.
        floor = catalog.newest(told.entity)
        seen: set[str] = set()
        listed = catalog.listed(told.entity, None if full else self._since(told))
        yield from self._reading.listed(told, self._doubtful(told, listed, seen))
        if full:
            absent = [each for each in told.living() if each not in seen]
            yield from self._reading.again(told, absent)
        yield from told.up_to(rows.stamp(floor) or None)

    def _doubtful(self, told: Told, listed: Iterator[Shape], seen: set[str]) -> Iterator[Shape]:
        for each in listed:
            seen.add(each["EntityId"])
            if told.doubtful(each["EntityId"], rows.stamp(each.get("LastModifiedDate")), self._overlap):
                yield each

    def _agreements(self, told: Told, after: int | None) -> Iterator[Event]:
        agreements = self._reading.agreements
        floor = rows.stamp(agreements.newest())
        doubtful = (
            each
            for each in agreements.listed(after)
            if told.doubtful(each["agreementId"], rows.stamp(each.get("lastUpdateTime")), self._overlap)
        )
        yield from self._reading.searched(told, doubtful)
        yield from told.up_to(floor or None)

    def _change_sets(self, told: Told) -> Iterator[Event]:
        """Those that were started since, and those that had not ended when they were last seen."""
        waiting, floor = told.open(), told.floor or 0
        for each in self._reading.catalog.change_sets(self._since(told)):
            floor = max(floor, rows.stamp(each.get("StartTime")))
            if told.known(each["ChangeSetId"]) is not None:
                continue
            if each.get("Status") == "SUCCEEDED" and each.get("EntityIdList"):
                yield from self._reading.succeeded(told, each)
            else:
                yield from self._reading.change_set(told, each["ChangeSetId"])
        for record_id in waiting:
            yield from self._reading.change_set(told, record_id)
        yield from told.up_to(floor or None)
