"""Receives the events that AWS puts into a queue, each as a hint that something changed; it never trusts what they say.

Events come late, twice, out of order or never (EventBridge: best effort). A message is deleted only when what followed
from it was committed, which a later pass knows by the cursor that comes back; until then SQS gives it again.
"""

import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.aws.calls import Calls
from connectors.aws.errors import Refused
from connectors.aws.redaction import redact
from connectors.base import STREAM, Progress, Unreadable, place

log = logging.getLogger(__name__)
SLOT = "inbox"  # where it is kept up to which message all is committed
AT_ONCE = 10  # messages of one call (SQS's own limit)
REMEMBERED = 10_000  # ids of events that were told: twice comes soon or not at all
LONGEST_S = 20  # seconds of one long poll (SQS's own limit)
REMEDY = "let only EventBridge's rules, or AWS Marketplace's SNS topics, write to the queue"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Of the older SNS messages `source` is "sns" and `detail_type` the action, as "subscribe-success"."""

    id: str
    source: str
    detail_type: str
    detail: Mapping[str, Any]
    resources: tuple[str, ...] = ()
    account: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was received: an event, or why it is none."""

    id: str
    handle: str
    event: Event | None
    problem: Unreadable | None = None


def parse(body: str, message_id: str) -> Event:
    """EventBridge's JSON, the older SNS message, or either in SNS's envelope. Raises `ValueError` in words."""
    told = _object(body)
    if told.get("Type") == "Notification" and isinstance(told.get("Message"), str):
        return parse(told["Message"], str(told.get("MessageId") or message_id))
    if "detail-type" in told:
        return _from_bus(told, message_id)
    if "action" in told and "product-code" in told:
        return Event(message_id, "sns", str(told["action"]), told)
    raise ValueError("it is neither an event of EventBridge nor a message of AWS Marketplace")


def _from_bus(told: Mapping[str, Any], message_id: str) -> Event:
    detail, resources = told.get("detail"), told.get("resources") or []
    if isinstance(detail, dict) and isinstance(resources, list) and isinstance(told.get("source"), str):
        return Event(
            id=str(told.get("id") or message_id),
            source=told["source"],
            detail_type=str(told["detail-type"]),
            detail=detail,
            resources=tuple(map(str, resources)),
            account=str(told["account"]) if told.get("account") else None,
            at=_moment(told.get("time")),
        )
    raise ValueError("an event of EventBridge has `source`, `resources` and `detail`")


def _object(body: str) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError as error:
        raise ValueError("it is no JSON") from error
    if isinstance(told, dict):
        return told
    raise ValueError("it is no JSON object")


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


@dataclass(slots=True)
class _Pass:
    """What one pass has received: it is deleted once `token` comes back as a cursor."""

    token: str
    handles: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


class Inbox:
    """The queue of one connection.

    A source calls `begin` at the start of a pass with its cursors, takes the messages of `receive`, yields what follows
    from them, and at last what `done` gives.
    """

    def __init__(self, calls: Calls, queue_url: str, wait_s: int, at_most: int = 500) -> None:
        self._calls, self._url = calls, queue_url
        self._wait, self._at_most = min(wait_s, LONGEST_S), at_most
        self._taken: _Pass | None = None
        self._told: OrderedDict[str, None] = OrderedDict()

    def begin(self, cursors: Mapping[str, str]) -> None:
        """Delete what the last pass received, if it was committed. Raises the errors of `connectors.errors`."""
        taken = self._taken
        if taken is not None and cursors.get(place(STREAM, SLOT)) == taken.token:
            self._delete(taken.handles)
            self._remember(taken.events)
        # What was not committed is given again by SQS when its visibility timeout is over.
        self._taken = None

    def receive(self) -> list[Message]:
        """What waits in the queue, without events that were told before; returns when nothing more comes."""
        messages: list[Message] = []
        taken: _Pass | None = None
        while taken is None or len(taken.handles) < self._at_most:
            # Only the first call waits: what comes while the others run is for the next pass.
            found = self._receive(self._wait if taken is None else 0)
            if not found:
                break
            # A handle is another one each time that a message is received, so no earlier pass has the same token.
            taken = taken or _Pass(hashlib.blake2b(found[0].handle.encode(), digest_size=8).hexdigest())
            messages += self._new(taken, found)
        self._taken = taken
        return messages

    def done(self) -> Iterator[Progress]:
        """The cursor by which the next pass knows that this one was committed; none where nothing was received."""
        if self._taken is not None:
            yield Progress(STREAM, self._taken.token, SLOT)

    def _new(self, taken: _Pass, found: Sequence[Message]) -> list[Message]:
        new = []
        for message in found:
            taken.handles.append(message.handle)
            if message.event is not None:
                if message.event.id in self._told or message.event.id in taken.events:
                    continue
                taken.events.append(message.event.id)
            new.append(message)
        return new

    def _receive(self, wait_s: int) -> list[Message]:
        answer = self._calls(
            "sqs", "ReceiveMessage", QueueUrl=self._url, MaxNumberOfMessages=AT_ONCE, WaitTimeSeconds=wait_s
        )
        return [_read(each) for each in answer.get("Messages", ())]

    def _delete(self, handles: Sequence[str]) -> None:
        for start in range(0, len(handles), AT_ONCE):
            chunk = handles[start : start + AT_ONCE]
            entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(chunk)]
            try:
                answer = self._calls("sqs", "DeleteMessageBatch", QueueUrl=self._url, Entries=entries)
            except Refused as refused:
                log.warning("messages stay in the queue and come again: %s", refused)
                continue
            for failed in answer.get("Failed", ()):
                # Its time was over: it comes again and is found to be known.
                log.info("a message was not deleted and comes again: %s", failed.get("Code"))

    def _remember(self, events: Sequence[str]) -> None:
        for each in events:
            self._told[each] = None
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)


def _read(raw: Mapping[str, Any]) -> Message:
    message_id, handle, body = raw["MessageId"], raw["ReceiptHandle"], raw.get("Body", "")
    try:
        return Message(message_id, handle, parse(body, message_id))
    except ValueError as error:
        reason = f"the message cannot be read: {error}."
        problem = Unreadable(f"queue message {message_id}", "UNREADABLE_EVENT", reason, REMEDY, payload=redact(body))
        return Message(message_id, handle, None, problem)
