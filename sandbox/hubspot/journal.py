"""The webhooks journal: subscriptions, and the pages of events that wait three days to be fetched."""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import times
from .changes import Change
from .errors import HubSpotError
from .schema import Schema

RETENTION = timedelta(days=3)
MAX_COUNT = 100
ACTIONS = ("CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE", "ASSOCIATION_ADDED", "ASSOCIATION_REMOVED", "GDPR_DELETE")
TYPES = {
    "OBJECT": {*ACTIONS[:5], "GDPR_DELETE"},
    "ASSOCIATION": set(ACTIONS[5:7]),
    "GDPR_PRIVACY_DELETION": {"GDPR_DELETE"},
}
# Events this close together share a page.
_SPAN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class JournalPage:
    offset: str
    published_at: datetime
    events: tuple[dict[str, Any], ...]

    def body(self) -> dict[str, Any]:
        events = list(self.events)
        return {"offset": self.offset, "journalEvents": events, "publishedAt": times.iso(self.published_at)}


class Journal:
    """One app's journal. `delay` seconds pass before an event can be fetched; `page_size` bounds a page."""

    def __init__(
        self, schema: Schema, clock: times.Clock, portal_id: int, app_id: int, seed: int,
        delay: float = 0.0, page_size: int = 10_000,
    ) -> None:  # fmt: skip
        self.delay, self.page_size = delay, page_size
        self.subscriptions: dict[int, dict[str, Any]] = {}
        self._schema, self._clock, self._portal_id, self._app_id = schema, clock, portal_id, app_id
        self._random = random.Random(f"{seed}:journal")
        self._waiting: deque[tuple[datetime, dict[str, Any]]] = deque()
        self._pages: deque[JournalPage] = deque()

    def subscribe(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates; a second one for the same portal, kind and object type replaces the first. Raises 400."""
        kind, actions = body.get("subscriptionType"), body.get("actions")
        if kind not in TYPES:
            raise HubSpotError(400, "Invalid subscription type provided")
        if body.get("portalId") != self._portal_id:
            raise HubSpotError(400, f"The app is not installed in portal {body.get('portalId')}")
        if not isinstance(actions, list) or not actions or not set(map(str, actions)) <= TYPES[kind]:
            raise HubSpotError(400, f"actions must be some of {', '.join(sorted(TYPES[kind]))}")
        type_ = self._schema.get(str(body.get("objectTypeId")))
        if type_ is None or type_.id != body.get("objectTypeId"):
            raise HubSpotError(400, f"Invalid objectTypeId {body.get('objectTypeId')}")
        same = [key for key, one in self.subscriptions.items()
                if (one["subscriptionType"], one["objectTypeId"]) == (kind, type_.id)]  # fmt: skip
        number = same[0] if same else max(self.subscriptions, default=1000) + 1
        now = times.iso(self._clock())
        created = self.subscriptions[number]["createdAt"] if same else now
        made = {
            "id": number, "appId": self._app_id, "subscriptionType": kind, "objectTypeId": type_.id,
            "portalId": self._portal_id, "actions": list(actions), "properties": body.get("properties"),
            "objectIds": body.get("objectIds"), "associatedObjectTypeIds": body.get("associatedObjectTypeIds"),
            "createdAt": created, "updatedAt": now, "deletedAt": None,
        }  # fmt: skip
        self.subscriptions[number] = made
        return made

    def heard(self, change: Change) -> None:
        """Keeps an event for each change that a subscription of that moment covers. It never says who wrote."""
        for one in self.subscriptions.values():
            if change.type_id != one["objectTypeId"] or change.action not in one["actions"]:
                continue
            if one["objectIds"] and int(change.record_id) not in one["objectIds"]:
                continue
            event = self._event(change, one)
            if event is not None:
                self._waiting.append((change.at + timedelta(seconds=self.delay), event))

    def earliest(self, count: int = 1) -> list[JournalPage]:
        self._publish()
        return list(self._pages)[:count]

    def latest(self, count: int = 1) -> list[JournalPage]:
        self._publish()
        return list(self._pages)[-count:]

    def after(self, offset: str, count: int = 1) -> list[JournalPage]:
        """The pages that follow; none when nothing has come. Raises 404 for an offset that is unknown or too old."""
        self._publish()
        offsets = [one.offset for one in self._pages]
        if offset not in offsets:
            raise HubSpotError(404, f"Journal offset {offset} has expired or does not exist", "OBJECT_NOT_FOUND")
        start = offsets.index(offset) + 1
        return list(self._pages)[start : start + count]

    def page(self, offset: str) -> JournalPage | None:
        self._publish()
        return next((one for one in self._pages if one.offset == offset), None)

    def drop_all(self) -> int:
        """Every page is gone, as if three days had passed; returns how many there were."""
        self._publish()
        count = len(self._pages)
        self._pages.clear()
        return count

    def _event(self, change: Change, subscription: Mapping[str, Any]) -> dict[str, Any] | None:
        event: dict[str, Any] = {
            "type": subscription["subscriptionType"], "portalId": self._portal_id, "occurredAt": times.iso(change.at),
            "action": change.action, "objectTypeId": change.type_id, "objectId": int(change.record_id),
        }  # fmt: skip
        if change.link is not None:
            return self._association(event, change, subscription)
        if change.action in ("CREATE", "UPDATE"):
            wanted = subscription["properties"] or ()
            changed = {name: change.changed[name] or None for name in wanted if name in change.changed}
            if change.action == "UPDATE" and not changed:
                return None
            event["propertyChanges"] = changed
        if change.merged is not None:
            gone = (change.merged.primary, *change.merged.others)
            event["mergedObjectIds"] = [int(one) for one in gone if one != change.merged.new_id]
        return event

    def _association(
        self, event: dict[str, Any], change: Change, subscription: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        link = change.link
        assert link is not None
        others = subscription["associatedObjectTypeIds"]
        if others and link.to_type not in others:
            return None
        return {
            **event, "fromObjectTypeId": link.from_type, "fromObjectId": int(link.from_id),
            "toObjectTypeId": link.to_type, "toObjectId": int(link.to_id), "associationTypeId": link.type_id,
            "associationCategory": link.category, "isPrimary": link.primary,
        }  # fmt: skip

    def _publish(self) -> None:
        """Moves what is due into pages and lets go what is older than three days."""
        now = self._clock()
        while self._waiting and self._waiting[0][0] <= now:
            last = first = self._waiting[0][0]
            events: list[dict[str, Any]] = []
            while self._waiting and len(events) < self.page_size and self._waiting[0][0] <= min(now, first + _SPAN):
                last, event = self._waiting.popleft()
                events.append(event)
            offset = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            self._pages.append(JournalPage(offset, max(first, last), tuple(events)))
        while self._pages and self._pages[0].published_at + RETENTION <= now:
            self._pages.popleft()
