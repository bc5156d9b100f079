"""Webhooks v3: what is due for the target URL, how it is signed, and when a failed one is due again; it sends nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from . import times
from .changes import Change
from .errors import HubSpotError
from .schema import Schema

MAX_EVENTS, MAX_RETRIES = 100, 10
RETRY_WITHIN = timedelta(hours=24)
_DECODED = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
_EVENTS = {"CREATE": "creation", "DELETE": "deletion", "GDPR_DELETE": "deletion", "MERGE": "merge", "RESTORE": "restore",
           "UPDATE": "propertyChange", "ASSOCIATION_ADDED": "associationChange",
           "ASSOCIATION_REMOVED": "associationChange"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subscription:
    """`event` is `company.propertyChange` or `object.propertyChange`; the latter needs the type's id."""

    id: int
    event: str
    property: str | None = None
    object_type_id: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification and its next attempt, counted from 0."""

    body: Mapping[str, Any]
    attempt: int
    due: datetime


@dataclass(slots=True)
class Push:
    """The webhook settings of one app, with the queue of its notifications."""

    schema: Schema
    clock: times.Clock
    portal_id: int
    app_id: int
    seed: int
    target_url: str = ""
    subscriptions: list[Subscription] = field(default_factory=list)
    queue: list[Delivery] = field(default_factory=list)
    sent: list[Mapping[str, Any]] = field(default_factory=list)
    given_up: list[Mapping[str, Any]] = field(default_factory=list)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.seed}:push")

    def configure(self, body: Mapping[str, Any]) -> None:
        """{"target_url", "subscriptions": [{"eventType", "propertyName"?, "objectTypeId"?, "active"?}]}; raises 400."""
        made = []
        for number, one in enumerate(body.get("subscriptions", ()), 1):
            event = str(one.get("eventType") or one.get("subscriptionType"))
            name, _, kind = event.partition(".")
            type_ = self.schema.get(str(one.get("objectTypeId")) if name == "object" else name)
            if type_ is None or kind not in {*_EVENTS.values(), "privacyDeletion"}:
                raise HubSpotError(400, f"{event} is not a subscription type")
            if (kind == "propertyChange") != (one.get("propertyName") is not None):
                raise HubSpotError(
                    400, f"{event}: propertyName belongs to propertyChange, one subscription per property"
                )
            made.append(Subscription(number, event, one.get("propertyName"), type_.id, one.get("active", True) is True))
        self.target_url, self.subscriptions = str(body.get("target_url", self.target_url)), made

    def heard(self, change: Change) -> None:
        kinds = [_EVENTS[change.action]] + (["privacyDeletion"] if change.action == "GDPR_DELETE" else [])
        for one in self.subscriptions:
            kind = one.event.partition(".")[2]
            if not one.active or one.object_type_id != change.type_id or kind not in kinds:
                continue
            if kind != "propertyChange":
                self._enqueue(self._body(change, one))
            elif one.property is not None and one.property in change.changed:
                value = {"propertyName": one.property, "propertyValue": change.changed[one.property]}
                self._enqueue({**self._body(change, one), **value})
        if change.merged is not None:
            self._deletions(change)

    def due(self, *, everything: bool = False) -> list[Delivery]:
        """Takes what is due out of the queue; with `everything` also what would be retried later."""
        now = self.clock()
        taken = [one for one in self.queue if everything or one.due <= now]
        self.queue = [one for one in self.queue if one not in taken]
        return taken

    def batches(self, due: Sequence[Delivery], *, shuffle: bool, duplicates: bool) -> list[list[Delivery]]:
        """At most 100 per request; events of another attempt travel in another request."""
        every = list(due) + (list(due) if duplicates else [])
        if shuffle:
            self._random.shuffle(every)
        made: list[list[Delivery]] = []
        for one in every:
            if not made or len(made[-1]) >= MAX_EVENTS or made[-1][0].attempt != one.attempt:
                made.append([])
            made[-1].append(one)
        return made

    def failed(self, batch: Sequence[Delivery]) -> None:
        """Ten more attempts, spread over a day with some chance; then the notification is lost."""
        for one in batch:
            if one.attempt >= MAX_RETRIES:
                self.given_up.append(one.body)
                continue
            step = RETRY_WITHIN / MAX_RETRIES * self._random.uniform(0.5, 1.0)
            self.queue.append(replace(one, attempt=one.attempt + 1, due=self.clock() + step))

    def _body(self, change: Change, one: Subscription) -> dict[str, Any]:
        body: dict[str, Any] = {
            "eventId": self._random.getrandbits(31), "subscriptionId": one.id, "portalId": self.portal_id,
            "appId": self.app_id, "occurredAt": times.millis(change.at), "subscriptionType": one.event,
        }  # fmt: skip
        if one.event.startswith("object."):
            body["objectTypeId"] = change.type_id
        if change.link is not None:
            link = change.link
            names = [self.schema.require(name).singular.upper() for name in (link.from_type, link.to_type)]
            body |= {
                "fromObjectId": int(link.from_id), "toObjectId": int(link.to_id), "associationType": "_TO_".join(names),
                "associationRemoved": change.action == "ASSOCIATION_REMOVED", "isPrimaryAssociation": link.primary,
            }  # fmt: skip
        else:
            body["objectId"] = int(change.record_id)
        if change.merged is not None:
            body |= {
                "objectId": int(change.merged.primary), "primaryObjectId": int(change.merged.primary),
                "mergedObjectIds": [int(one) for one in change.merged.others], "newObjectId": int(change.merged.new_id),
                "numberOfPropertiesMoved": change.merged.moved,
            }  # fmt: skip
        return body | {"changeSource": change.actor.source, "sourceId": change.actor.source_id}

    def _deletions(self, change: Change) -> None:
        """A merge deletes the records that it takes in; it tells of no property change."""
        assert change.merged is not None
        for old in change.merged.others:
            gone = replace(change, action="DELETE", record_id=old, merged=None, changed={})
            self.heard(gone)

    def _enqueue(self, body: Mapping[str, Any]) -> None:
        self.queue.append(Delivery(body, 0, self.clock()))


def signatures(secret: str, url: str, body: bytes, moment: datetime) -> dict[str, str]:
    """The headers of one delivery: v3 over method, decoded URI, body and timestamp; v1 over secret and body."""
    timestamp = str(times.millis(moment))
    uri = _DECODED.sub(lambda found: unquote(found.group()), url)
    digest = hmac.new(secret.encode(), b"POST" + uri.encode() + body + timestamp.encode(), hashlib.sha256).digest()
    return {
        "X-HubSpot-Request-Timestamp": timestamp,
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        "X-HubSpot-Signature": hashlib.sha256(secret.encode() + body).hexdigest(),
        "X-HubSpot-Signature-Version": "v1",
    }
