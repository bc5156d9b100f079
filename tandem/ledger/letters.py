"""What people do about dead letters: try the input again, or give it up; both are published, so that a rebuild knows them.

It never writes to the ledger: the ledger learns of it from the topic, like everything else.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, exists, select

from schemas import topics
from schemas.codec import encode
from schemas.deadletters import RETRY_OF, text_of
from schemas.log import Journal, Output, Partition, Record
from schemas.messages import DeadLetterResolved, Message, Resolution, identity
from tandem.ledger.answers import Letter
from tandem.ledger.queries import OPEN
from tandem.ledger.tables import Base

T = Base.metadata.tables
AT_ONCE = 500  # so many letters go in one transaction
INTERNAL = {topics.MATCH_KEYS.name, topics.MATCH_PAIRS.name, topics.SHARING_CHANGES.name}
STAGE = "ledger"
APPLIED = ("applied", "unchanged")


Plan = Callable[[Letter], list[Output]]


class Refused(Exception):
    """The letter cannot be tried again like this; the message says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one letter: `done`, or in `why` why not and what to do instead."""

    id: str
    done: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who does it, when, and why."""

    by: str
    at: datetime
    note: str = ""


def discard(letters: Sequence[Letter], journal: Journal, person: Person) -> list[Done]:
    """Give them up. What they held stays in the ledger."""
    return _published([(letter, _still_open) for letter in letters], journal, person, Resolution.DISCARDED)


def retry(
    letters: Sequence[Letter], journal: Journal, person: Person, asked: Connection, *, force: bool = False
) -> list[Done]:
    """Publish their inputs again, each in one transaction with the word of it. `force`: also over newer writes."""

    def again(letter: Letter) -> list[Output]:
        _still_open(letter)
        if not force:
            _is_newest(letter, asked)
        return [_input(letter, journal)]

    return _published([(letter, again) for letter in letters], journal, person, Resolution.RETRIED)


def _published(planned: Sequence[tuple[Letter, Plan]], journal: Journal, person: Person, how: Resolution) -> list[Done]:
    done: list[Done] = []
    for start in range(0, len(planned), AT_ONCE):
        outputs: list[Output] = []
        for letter, plan in planned[start : start + AT_ONCE]:
            try:
                outputs += [*plan(letter), _word(letter, person, how)]
            except Refused as why:
                done.append(Done(letter.id, done=False, why=str(why)))
            else:
                done.append(Done(letter.id, done=True))
        if outputs:
            journal.commit(outputs, {})
    return done


def _word(letter: Letter, person: Person, how: Resolution) -> Output:
    said = DeadLetterResolved(id=letter.id, how=how, by=person.by, at=person.at, note=person.note)
    event_id = identity(letter.id, how, person.at.isoformat())
    return encode(topics.DEADLETTERS, letter.id, said, source=STAGE, event_id=event_id, trace=None)


def _still_open(letter: Letter) -> list[Output]:
    if letter.status != OPEN:
        raise Refused(f"it was {letter.status} by {letter.resolved_by} at {letter.resolved_at}; nothing is left to do")
    return []


def _is_newest(letter: Letter, asked: Connection) -> None:
    """Refuse a write over a newer one that has reached its record."""
    write, outcome = T["write"], T["outcome"]
    ours = asked.execute(select(write).where(write.c.id == letter.event_id)).first()
    if ours is None:
        return
    reached = exists().where(outcome.c.write_id == write.c.id, outcome.c.status.in_(APPLIED))
    same = [write.c[name] == getattr(ours, name) for name in ("connection", "entity", "key")]
    newer = asked.execute(select(write.c.id).where(*same, write.c.decided_at > ours.decided_at, reached)).first()
    if newer is not None:
        raise Refused(
            f"a newer write ({newer.id}) has reached that record, and this one would write over it. Remedy: discard this "
            "one, or `--force`"
        )


def _input(letter: Letter, journal: Journal) -> Output:
    """The input as it was; from the topic where that still holds it, else from the dead letter."""
    found = re.fullmatch(r"(.+)\[(\d+)\]@(\d+)", letter.origin or "")
    if found is None:
        raise Refused(
            f"it is no record of a topic. Remedy: {letter.remedy}; the source tells it again, as it then differs from "
            "what was parked"
        )
    topic, partition, offset = found[1], int(found[2]), int(found[3])
    if topic in INTERNAL:
        raise Refused(
            f"records of {topic} belong to one moment and cannot be told later. Remedy: change the account that it came "
            "from, which decides it anew; then discard this one"
        )
    record = _read(journal, Partition(topic, partition), offset)
    if record is None or text_of(record.value) != letter.payload:
        return _from_payload(letter, topic)
    headers = [(name, value) for name, value in record.headers if name != RETRY_OF]
    number = None if record.key else partition  # a key chooses its partition, as it did before
    return Output(topic, record.key, record.value, [*headers, (RETRY_OF, letter.id.encode())], number)


def _read(journal: Journal, partition: Partition, offset: int) -> Record | None:
    """The record at an offset; none where the topic has dropped it."""
    record = next(iter(journal.restore(partition, offset)), None)
    return record if record is not None and record.offset == offset else None


def _from_payload(letter: Letter, name: str) -> Output:
    """The topic has dropped the record: what the letter kept of it is all there is."""
    gone = f"{letter.origin} is gone from its topic, and what the dead letter kept of it"
    key = re.search(r" key (.*)$", letter.subject, re.DOTALL)
    topic = next((it for it in _known(name) if it.name == name), None)
    if letter.payload is None or key is None or topic is None:
        raise Refused(f"{gone} is not enough to publish it again. Remedy: {letter.remedy}, and discard this one")
    messages = [
        message for message in (_parsed(kind, letter.payload) for kind in topic.messages) if message is not None
    ]
    if len(messages) != 1:
        raise Refused(f"{gone} is cut off or is no message of {name}. Remedy: {letter.remedy}, and discard this one")
    event_id = letter.event_id or letter.id
    made = encode(topic, key[1], messages[0], source=STAGE, event_id=event_id, trace=None)
    return made._replace(headers=[*(made.headers or []), (RETRY_OF, letter.id.encode())])


def _known(name: str) -> tuple[topics.Topic, ...]:
    return (*topics.FIXED, topics.writes(name.removeprefix("writes.")))


def _parsed(kind: type[Message], payload: str) -> Message | None:
    try:
        return kind.model_validate_json(payload)
    except ValidationError:
        return None
