"""What partners send to the portal as a source: each record belongs to who made it; it never sees a broker.

Each record has a slot of its own under its entity, its id, with what `Held` says as JSON: so a request that comes again
is known after any restart.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from connectors.base import Budget, Change, Event, slots_of
from connectors.portal.bodies import AnswerBody, RegistrationBody, Standing, wrong
from connectors.portal.judge import Asked, Judge, said
from connectors.portal.settings import Settings
from connectors.receiving import Answer, Delivery, Inbox, Receiver
from mappings.table import EntityMap
from schemas.messages import ChangeKind

SLOT = "requests"
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Held(BaseModel):
    """One record as it was last told. `submitted_at` is when it was first submitted: no later change moves it.

    `digest` is of the last body, `first` of the one that made the record: both may be sent again.
    """

    model_config = ConfigDict(frozen=True)

    partner: str
    version: int
    digest: str
    first: str
    begun_at: AwareDatetime
    submitted_at: AwareDatetime | None = None


class PortalSource:
    """A `connectors.base.Source`. What is sent is answered when it is committed."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self.inbox = Inbox(self._opened, SLOT, clock())

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`."""
        held = {entity: dict(slots_of(entity, cursors)) for entity in tables}
        told = False
        for delivery in self.inbox.taken(cursors, self._settings.patience_s):
            for change in self._told(delivery, tables, held):
                told = True
                yield change
        yield from self.inbox.told(anything=told)

    def budget(self) -> Budget | None:
        """There is no quota."""
        return None

    def close(self) -> None:
        """Stop listening; what was not committed is answered 503 and sent again."""
        self.inbox.close()

    def _opened(self) -> Receiver:
        settings = self._settings
        return Receiver("portal", (settings.host, settings.port), settings.answer_s, Judge(settings))

    def _told(
        self, delivery: Delivery, tables: Mapping[str, EntityMap], held: Mapping[str, dict[str, str]]
    ) -> Iterator[Change]:
        """The change that a request is, if it is one; and the answer that it gets once all of this pass is kept."""
        (asked,) = delivery.events
        table = tables.get(asked.entity)
        if table is None:
            delivery.answer = said(404, [wrong("path", "this is not taken in here", "ask who runs the portal")])
            return
        text = held[asked.entity].get(asked.record_id)
        known = None if text is None else Held.model_validate_json(text)
        conflict = _conflict(asked, known)
        delivery.answer = conflict or _success(asked, known)
        if conflict is not None or (known is not None and _again(asked, known)):
            return
        now = self._clock()
        kept = _next(asked, known, now)
        held[asked.entity][asked.record_id] = kept.model_dump_json()
        yield Change(
            entity=asked.entity,
            record_id=asked.record_id,
            kind=ChangeKind.UPSERTED,
            version=kept.version,
            row=_row(table, asked, kept, now),
            occurred_at=now,
            cursor=kept.model_dump_json(),
            slot=asked.record_id,
            actor=asked.partner,
        )


def _conflict(asked: Asked, known: Held | None) -> Answer | None:
    if known is None:
        return None
    if known.partner != asked.partner:
        return said(409, [wrong("id", "another partner has used this id", "choose an id of your own")])
    if asked.create and not _again(asked, known):
        problem = "there is a registration with this id, and it says something else"
        return said(409, [wrong("Idempotency-Key", problem, f"change it by PUT /v1/registrations/{asked.record_id}")])
    return None


def _again(asked: Asked, known: Held) -> bool:
    """Whether it was told already: a POST may come late, after a PUT has changed what it had made."""
    digest = _digest(asked.body)
    return digest == known.digest or (asked.create and digest == known.first)


def _success(asked: Asked, known: Held | None) -> Answer:
    new = asked.create and known is None
    return Answer.of_json(202 if new else 200, {"id": asked.lead or asked.record_id})


def _digest(body: RegistrationBody | AnswerBody) -> str:
    return hashlib.blake2b(body.model_dump_json().encode(), digest_size=8).hexdigest()


def _next(asked: Asked, known: Held | None, now: datetime) -> Held:
    submitted = None if known is None else known.submitted_at
    if submitted is None and isinstance(asked.body, RegistrationBody) and asked.body.status is not Standing.DRAFT:
        submitted = now
    digest = _digest(asked.body)
    return Held(
        partner=asked.partner,
        version=max((now - _EPOCH) // timedelta(milliseconds=1), 0 if known is None else known.version + 1),
        digest=digest,
        first=digest if known is None else known.first,
        begun_at=now if known is None else known.begun_at,
        submitted_at=submitted,
    )


def _row(table: EntityMap, asked: Asked, kept: Held, now: datetime) -> Mapping[str, Any]:
    times = {"submitted_at": kept.submitted_at, "active_at": now, "created_at": kept.begun_at}
    row: dict[str, Any] = {
        **asked.body.model_dump(mode="json"),
        **{name: None if at is None else at.isoformat() for name, at in times.items()},
        "partner": asked.partner,
        "lead": asked.lead,
    }
    return {name: value for name, value in row.items() if name in table.vendor_fields}
