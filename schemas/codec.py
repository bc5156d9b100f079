"""Messages to and from records: CloudEvents 1.0 in Kafka binary mode, with `traceparent`; it never drops a record."""

import secrets
from collections.abc import Mapping
from functools import lru_cache

from pydantic import ValidationError

from schemas.log import Headers, Output, Record
from schemas.messages import MESSAGES, Message
from schemas.topics import Topic

BY_TYPE: Mapping[bytes, type[Message]] = {message.TYPE.encode(): message for message in MESSAGES}
# Header order is fixed: the first three are constants of a type and a source, so they are built once.
ID, TYPE, TRACEPARENT = "ce_id", "ce_type", "traceparent"


class Poison(ValueError):
    """A record that no reader can use: `code` and the words say what is wrong with it."""

    def __init__(self, code: str, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.field = code, reason, field


@lru_cache(maxsize=256)
def _constant_headers(message: type[Message], source: str) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        (TYPE, message.TYPE.encode()),
        ("ce_source", f"/tandem/{source}".encode()),
        ("content-type", b"application/json"),
    ]


def new_trace() -> bytes:
    """A fresh W3C `traceparent`, version 00, sampled: 16 random bytes of trace id and 8 of span id, in hex."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01".encode()


def trace_of(record: Record) -> bytes | None:
    """The record's `traceparent` (or CloudEvents' `ce_traceparent`, which others may write)."""
    found = None
    for name, value in record.headers:
        if name == TRACEPARENT:
            return value
        if name == "ce_traceparent":
            found = value
    return found


def encode(topic: Topic, key: str, message: Message, *, source: str, event_id: str, trace: bytes | None) -> Output:
    """A message as an output record. `source` is the stage that writes it; (source, id) names the event for ever."""
    headers = [*_constant_headers(type(message), source), (ID, event_id.encode())]
    if trace:
        headers.append((TRACEPARENT, trace))
    return Output(topic.name, key.encode(), message.__pydantic_serializer__.to_json(message), headers)


def tombstone(topic: Topic, key: str) -> Output:
    """The record that makes a compacted topic forget a key."""
    return Output(topic.name, key.encode(), None)


def decode(record: Record) -> Message:
    """The record's message; raises `Poison` that names what is wrong."""
    kind = None
    for name, value in record.headers:
        if name == TYPE:
            kind = value
            break
    if kind is None:
        raise Poison("NO_EVENT_TYPE", "the record has no ce_type header, so it is no CloudEvent in binary mode", TYPE)
    message = BY_TYPE.get(kind)
    if message is None:
        raise Poison("UNKNOWN_EVENT_TYPE", f"no reader knows the event type {kind.decode(errors='replace')!r}", TYPE)
    if record.value is None:
        raise Poison("NO_VALUE", f"a {message.TYPE} needs a value, this record is a tombstone")
    try:
        return message.__pydantic_validator__.validate_json(record.value)  # type: ignore[no-any-return]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise Poison("INVALID_VALUE", f"not a {message.TYPE}: {first['msg']}", field) from error
