"""Rows that several messages lead to alike: what was decided, and what it came from; it never says which message does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.messages import (
    AttributionDecided,
    CertificationDecided,
    FeeDecided,
    LeadRouted,
    LinkDecided,
    NoticeGiven,
    OfferLinkDecided,
    OfferMatched,
    OverlapDecided,
    PartnerDecided,
    RegistrationDecided,
    TouchRecorded,
)
from tandem.ledger import tables
from tandem.ledger.actions import Action, Step, Verb
from tandem.ledger.types import JsonText

ADD_DECISION = Action(Verb.ADD, tables.Decision)
ADD_CAUSE = Action(Verb.ADD, tables.Cause)
Decided = (
    LinkDecided | OverlapDecided | OfferLinkDecided | OfferMatched | PartnerDecided | CertificationDecided | NoticeGiven
    | LeadRouted | RegistrationDecided | FeeDecided | TouchRecorded | AttributionDecided
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message was read, and when it was put there."""

    position_id: int
    offset: int
    event_id: str
    told_at: datetime

    @property
    def columns(self) -> dict[str, Any]:
        """What every row has of it."""
        return {"position_id": self.position_id, "at_offset": self.offset}


def causes(kind: str, effect_id: str, found: Sequence[str], place: Place) -> Iterator[Step]:
    """What a decision, a write or a conflict came from."""
    for cause in found:
        yield ADD_CAUSE, {**place.columns, "kind": kind, "effect_id": effect_id, "cause_id": cause}


def decision(it: Decided, kind: str, subject: str, reasons: Sequence[str], place: Place) -> Iterator[Step]:
    """One entry of the history of a subject, with all that was said."""
    content = it.overlap.model_dump_json() if isinstance(it, OverlapDecided) else it.model_dump_json()
    yield (
        ADD_DECISION,
        {
            **place.columns,
            "id": it.id,
            "subject": subject,
            "kind": kind,
            "reasons": reasons,
            "causes": it.causes,
            "content": JsonText(content),
            "decided_at": it.decided_at,
        },
    )
    yield from causes("decision", it.id, it.causes, place)


def standing(it: Any, place: Place, *names: str) -> dict[str, Any]:
    """The row of what was decided last: these of its fields, all of it as it was said, by which decision, and when."""
    return {
        **place.columns,
        **{name: getattr(it, name) for name in names},
        "content": JsonText(it.model_dump_json()),
        "decision_id": it.id,
        "decided_at": it.decided_at,
    }
