"""What is decided of deal registrations, as rows; it never asks the database anything."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas import topics
from schemas.messages import Message, RegistrationDecided
from tandem.ledger import tables
from tandem.ledger.actions import Action, Step, Verb
from tandem.ledger.rows import Place, decision, standing

PUT_REGISTRATION = Action(Verb.PUT, tables.RegistrationRow)
ADD_REGISTRATION_RECORD = Action(Verb.ADD, tables.RegistrationRecord)

FORGET_REGISTRATIONS: Mapping[str, Callable[[str], Step]] = {
    topics.REGISTRATIONS.name: lambda key: (Action(Verb.DROP, tables.RegistrationRow), {"registration": key}),
}


def _registered(it: RegistrationDecided, place: Place) -> Iterator[Step]:
    yield from decision(it, "registration", it.registration, it.reasons, place)
    row = standing(it, place, "registration", "name", "partner", "account", "deal")
    last = it.protected_until.isoformat() if it.protected_until else None
    yield PUT_REGISTRATION, row | {"status": it.status.value, "protected_until": last}
    for ref in (it.registration, *it.twins):
        yield ADD_REGISTRATION_RECORD, {**place.columns, "registration": it.registration, "ref": ref}


REGISTRATION_HANDLERS: Mapping[type[Message], Callable[[Any, Place], Iterator[Step]]] = {
    RegistrationDecided: _registered,
}
