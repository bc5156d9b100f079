"""From a record of a topic to what is done to the tables; what cannot be read is written down, and never stops the rest."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from schemas import topics
from schemas.codec import ID, TYPE, Poison, decode
from schemas.log import Record
from schemas.messages import PairRuled, RulingGiven
from schemas.topics import Topic
from tandem.ledger import tables
from tandem.ledger.actions import Action, Step, Verb
from tandem.ledger.handlers import FORGET, HANDLERS
from tandem.ledger.rows import Place

RULING, FOLLOWS = RulingGiven.TYPE.encode(), PairRuled.TYPE.encode()
# Orders that rulings stand in, and nowhere else; all but the rulings stands in a topic of its own too.
RULED = (topics.OFFER_CHANGES, topics.LEAD_CHANGES, topics.REGISTRATION_CHANGES, topics.MATCH_PAIRS)
ORDERS = frozenset(topic.name for topic in RULED)
PARTNERING = (
    topics.PARTNERS, topics.CERTIFICATIONS, topics.NOTICES, topics.LEADS, topics.REGISTRATIONS, topics.FEES, topics.TOUCHES,
    topics.ATTRIBUTIONS,
)  # fmt: skip
ADD_UNREADABLE = Action(Verb.ADD, tables.Unreadable)


def fed(sinks: Iterable[str]) -> tuple[Topic, ...]:
    """The topics that feed the ledger."""
    facts = (topics.LINKS, topics.CONFLICTS, topics.OVERLAPS, topics.OFFER_LINKS, topics.OFFER_MATCHES, *PARTNERING)
    rest = (topics.SHARES, topics.OUTCOMES, topics.DEADLETTERS, topics.CONNECTIONS, *RULED)
    return (*topics.CHANGES.values(), *facts, *rest, *map(topics.writes, sinks))


def steps(record: Record, position_id: int) -> Iterator[Step]:
    """What one record of a topic does; one that cannot be read is written down as such."""
    if record.topic in ORDERS and (TYPE, RULING) not in record.headers:
        return
    if (TYPE, FOLLOWS) in record.headers:  # the ruling itself says all
        return
    if record.value is None and record.topic in FORGET:
        yield FORGET[record.topic]((record.key or b"").decode(errors="replace"))
        return
    told_at = datetime.fromtimestamp(max(0, record.timestamp_ms) / 1000, UTC)
    try:
        message = decode(_without_nul(record))
        handler = HANDLERS.get(type(message))
        if handler is None:
            raise Poison("NOT_EXPECTED", f"a {message.TYPE} has no place in this topic")
        yield from handler(message, Place(position_id, record.offset, _event_id(record), told_at))
    except Poison as error:
        yield unreadable(record, position_id, error.code, str(error))


def unreadable(record: Record, position_id: int, code: str, reason: str) -> Step:
    """The row that says that there is none."""
    row = {"position_id": position_id, "at_offset": record.offset, "code": code, "reason": _shown(reason)}
    return ADD_UNREADABLE, row


def _event_id(record: Record) -> str:
    found = next((value.decode(errors="replace") for name, value in record.headers if name == ID), "")
    return _shown(found) or record.position


def _shown(text: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _without_nul(record: Record) -> Record:
    """The record with a replacement character for each NUL; only where there may be one is the value taken apart."""
    if record.value is None or b"\\u0000" not in record.value:
        return record
    try:
        value = json.loads(record.value)
    except ValueError:
        return record  # no JSON, which the reader of messages says better
    return record._replace(value=json.dumps(_clean(value)).encode())


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _shown(value)
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {_shown(name): _clean(each) for name, each in value.items()}
    return value
