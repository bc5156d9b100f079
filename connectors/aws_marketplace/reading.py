"""Reads records of each entity and tells what is new of them; it knows no queue and changes nothing."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.aws_marketplace import catalog, rows
from connectors.aws_marketplace.agreements import Agreements
from connectors.aws_marketplace.catalog import AT_ONCE, Catalog
from connectors.aws_marketplace.naming import is_ours, shown
from connectors.aws_marketplace.told import Told
from connectors.base import Event
from connectors.errors import StopMapping

log = logging.getLogger(__name__)
RUNNING = frozenset({"PREPARING", "APPLYING"})
LISTED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, object]]] = {
    "offer_set": rows.offer_set,
    "resale_authorization": rows.resale_authorization,
}
KINDS = {kind.name: entity for entity, kind in catalog.KINDS.items()}
PREFIXES = tuple(kind.prefix for kind in catalog.KINDS.values())
Shape = Mapping[str, Any]


class Reading:
    """Tells records to the memory of their entity. `private_only`: offers without a buyer are none of ours to tell."""

    def __init__(
        self, offers: Catalog, agreements: Agreements, clock: Callable[[], datetime], *, private_only: bool
    ) -> None:
        self.catalog, self.agreements = offers, agreements
        self._clock, self._private_only = clock, private_only

    # By id: what an event hinted at, or what is no longer listed

    def again(self, told: Told, ids: Sequence[str]) -> Iterator[Event]:
        """These records as they are now; one that was told and is not there any more is gone."""
        if told.entity == "agreement":
            for record_id in ids:
                yield from self._agreement_again(told, record_id)
        elif told.entity == "change_set":
            for record_id in ids:
                yield from self.change_set(told, record_id)
        else:
            yield from self._entities_again(told, ids)

    def _entities_again(self, told: Told, ids: Sequence[str]) -> Iterator[Event]:
        summaries = self.catalog.summaries(told.entity, ids)
        missing = [each for each in ids if each not in summaries]
        # The listing may lag behind: gone is what cannot be described either.
        there = self.catalog.described(missing) if missing else {}
        yield from self.listed(told, [summaries.get(each) or _bare(each, there[each]) for each in ids if
                                      each in summaries or (told.entity == "offer" and each in there)])  # fmt: skip
        for record_id in missing:
            if record_id not in there:
                yield from told.gone(record_id, self._clock())

    def _agreement_again(self, told: Told, record_id: str) -> Iterator[Event]:
        try:
            described = self.agreements.described(record_id)
        except StopMapping as refused:
            # As a maker we are told of agreements that a reseller proposed, and may not read them. Were the permission
            # missing, then the reading of our own would say so.
            log.info("agreement %s cannot be read and is passed over: %s", record_id, refused.reason)
            return
        if described is not None:
            yield from self._agreement(told, self.agreements.summary(described), described)

    # By listing

    def listed(self, told: Told, summaries: Iterable[Shape]) -> Iterator[Event]:
        """Offers, offer sets or resale authorisations of their summaries."""
        if told.entity != "offer":
            for each in summaries:
                row = LISTED[told.entity](each)
                yield from told.tell(str(row["Id"]), rows.stamp(each.get("LastModifiedDate")), row)
            return
        waiting: list[Shape] = []
        for each in summaries:
            waiting.append(each)
            if len(waiting) == AT_ONCE:
                yield from self._offers(told, waiting)
                waiting = []
        if waiting:
            yield from self._offers(told, waiting)

    def _offers(self, told: Told, summaries: Sequence[Shape]) -> Iterator[Event]:
        details = self.catalog.described([each["EntityId"] for each in summaries])
        products = [(each.get("DetailsDocument") or {}).get("ProductId") for each in details.values()]
        titles = self.catalog.titles([each for each in products if each])
        for summary in summaries:
            record_id = summary["EntityId"]
            detail = details.get(record_id)
            if detail is None:
                yield from told.gone(record_id, self._clock())
                continue
            stamp = rows.stamp(detail.get("LastModifiedDate"))
            if self._private_only and not rows.buyers(detail):
                yield from told.ignore(record_id, stamp)
                continue
            product = (detail.get("DetailsDocument") or {}).get("ProductId")
            yield from told.tell(record_id, stamp, rows.offer(summary, detail, titles.get(str(product))))

    def searched(self, told: Told, summaries: Iterable[Shape]) -> Iterator[Event]:
        """Agreements of their summaries."""
        for each in summaries:
            described = self.agreements.described(each["agreementId"])
            if described is not None:
                yield from self._agreement(told, each, described)

    def _agreement(self, told: Told, summary: Shape, described: Shape) -> Iterator[Event]:
        mark = told.known(described["agreementId"])
        stamp = rows.stamp(summary.get("lastUpdateTime") or described.get("acceptanceTime"))
        # Without the search's stamp the one that was told stands, so that the next reading looks at it again.
        stamp = stamp if mark is None or summary else mark.stamp
        yield from told.tell(described["agreementId"], stamp, rows.agreement(summary, described))

    # Change sets

    def succeeded(self, told: Told, summary: Shape) -> Iterator[Event]:
        """A change set of its summary alone: one that has succeeded has no more to say."""
        record_id, stamp = summary["ChangeSetId"], rows.stamp(summary.get("EndTime") or summary.get("StartTime"))
        ids = [rows.bare(each) for each in summary.get("EntityIdList") or ()]
        if not any(each.startswith(PREFIXES) for each in ids):
            yield from told.ignore(record_id, stamp)
            return
        row = rows.change_set({**summary, "ChangeSet": [{"Entity": {"Identifier": each}} for each in ids]})
        row["ChangeSetName"] = shown(row["ChangeSetName"])
        yield from told.tell(record_id, stamp, row, own=is_ours(summary.get("ChangeSetName")))

    def change_set(
        self, told: Told, record_id: str, touched: Callable[[str, str], None] | None = None
    ) -> Iterator[Event]:
        """A change set as it is now; `touched` hears of each record that it has made or changed."""
        described = self.catalog.change_set(record_id)
        if described is None:
            yield from told.forget(record_id)
            return
        running = described["Status"] in RUNNING
        started, ended = rows.stamp(described.get("StartTime")), rows.stamp(described.get("EndTime"))
        entities = [(each.get("Entity") or {}) for each in described.get("ChangeSet") or ()]
        kinds = [KINDS.get(str(each.get("Type")).partition("@")[0]) for each in entities]
        # PREPARING and APPLYING have one stamp, the start; the versions rise all the same.
        stamp = started if running else max(ended, started)
        if not any(kinds):
            yield from told.ignore(record_id, stamp, open_=running)
            return
        row = rows.change_set(described)
        row["ChangeSetName"] = shown(row["ChangeSetName"])
        yield from told.tell(record_id, stamp, row, open_=running, own=is_ours(described.get("ChangeSetName")))
        for kind, entity in zip(kinds, entities, strict=True):
            identifier = rows.bare(str(entity.get("Identifier") or ""))
            if touched is not None and kind and identifier and not identifier.startswith("$"):
                touched(kind, identifier)


def _bare(record_id: str, detail: Shape) -> Shape:
    """A summary of what is described and not (yet) listed."""
    return {
        "EntityId": record_id,
        "LastModifiedDate": detail.get("LastModifiedDate"),
        "EntityArn": detail.get("EntityArn"),
    }
