"""What is decided of sharing, as rows; it never asks the database anything."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas.messages import Message, ShareDecided
from tandem.ledger import tables
from tandem.ledger.actions import Action, Step, Verb
from tandem.ledger.rows import Place, causes
from tandem.ledger.types import JsonText

ADD_SHARE = Action(Verb.ADD, tables.ShareRow)


def _shared(it: ShareDecided, place: Place) -> Iterator[Step]:
    told = {"id": it.id, "partner": it.partner, "verdict": it.verdict.value, "ref": it.ref, "theirs": it.theirs}
    yield (
        ADD_SHARE,
        {**place.columns, **told, "content": JsonText(it.model_dump_json()), "decided_at": it.decided_at},
    )
    yield from causes("share", it.id, it.causes, place)


SHARING_HANDLERS: Mapping[type[Message], Callable[[Any, Place], Iterator[Step]]] = {ShareDecided: _shared}
