"""Writes learners by mail address: looks each up on the domain, then adds, renames or leaves it; it deletes nobody.

A user whom the organization knows already is added to the domain under the names that it has, and no error tells so;
names are changed through the second API, access to the domain through the first (published descriptions of both).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from connectors.base import Applied, Outcome, Rejected, Retry
from connectors.dispositions import Failure, Recovery, Refused
from connectors.judging import agrees, overtaken, standing
from connectors.skilljar.academy import Academy
from connectors.skilljar.client import Row as Raw
from connectors.skilljar.errors import disposition
from connectors.skilljar.rows import Row, learner
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write, WriteAction

MAIL, ACTIVE = "email", "active"
NAMES = ("first_name", "last_name")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(slots=True)
class Item:
    """One learner to write; `values` are Skilljar's fields. `id` is the user's, once known."""

    index: int
    write: Write
    values: Mapping[str, Any]
    id: str = ""
    row: Row | None = None

    @property
    def fields(self) -> dict[str, JsonValue]:
        """The canonical fields without the address, which is the key and cannot be changed."""
        return {name: value for name, value in self.write.fields.items() if name != MAIL}


class Learners:
    """Writes of the entity `learner`."""

    def __init__(self, academy: Academy) -> None:
        self._academy = academy

    def write(self, table: EntityMap, writes: Sequence[Write]) -> list[Outcome]:
        """One outcome for each write, in order."""
        outcomes: dict[int, Outcome] = {}
        renamed: list[Item] = []
        for index, write in enumerate(writes):
            item = _item(table, index, write)
            outcome = item if not isinstance(item, Item) else self._one(table, item, renamed)
            if outcome is not None:
                outcomes[index] = outcome
        refused = self._academy.rename({item.id: _names(item) for item in renamed}) if renamed else {}
        for item in renamed:
            failure = refused.get(item.id)
            outcomes[item.index] = Applied(item.id) if failure is None else of_failure(failure)
        return [outcomes[index] for index in range(len(writes))]

    def look(self, table: EntityMap, writes: Sequence[Write]) -> list[Mapping[str, JsonValue] | None]:
        """What stands in the fields of each write."""
        found = [find(self._academy, each.key) for each in writes]
        return [
            None
            if user is None
            else {name: value for name, value in standing(table, learner(user)).items() if name in write.fields}
            for write, user in zip(writes, found, strict=True)
        ]

    def _one(self, table: EntityMap, item: Item, renamed: list[Item]) -> Outcome | None:
        """The outcome of one write; None where it goes with the others that are renamed."""
        stored = find(self._academy, item.write.key)
        if stored is not None:
            item.id, item.row = str(stored["user"]["id"]), learner(stored)
        judged = _judged(table, item)
        if judged is not None:
            return judged
        try:
            if item.row is None:
                added = self._academy.add_user(_user(item), active=item.values.get(ACTIVE) is not False)
                item.id, item.row = str(added["user"]["id"]), learner(added)
                if agrees(table, item.fields, item.row):
                    return Applied(item.id)
            if item.values.get(ACTIVE) is not None and item.values[ACTIVE] != item.row[ACTIVE]:
                self._academy.set_active(item.id, active=item.values[ACTIVE])
        except Refused as refused:
            return of_failure(refused.failure)
        if all(item.row.get(name) == (value or None) for name, value in _names(item).items()):
            return Applied(item.id)
        renamed.append(item)
        return None


def find(academy: Academy, address: str) -> Raw | None:
    """The domain's user with an address, which Skilljar keeps in lower case; None where there is none."""
    wanted = address.casefold()
    if not _MAIL.fullmatch(wanted):
        return None
    users = academy.users(wanted)
    return next((each for each in users if str(each["user"].get("email")).casefold() == wanted), None)


def of_failure(failure: Failure) -> Outcome:
    """What one refused record means: later, or not at all."""
    known = disposition(failure)
    if known.recovery is Recovery.RETRY:
        return Retry(failure.reason)
    return Rejected(failure.code, failure.reason, known.remedy)


def _item(table: EntityMap, index: int, write: Write) -> Item | Rejected:
    """The write in Skilljar's terms, or why it cannot be."""
    if write.match_by is not MatchBy.EXTERNAL_ID:
        return Rejected("BY_ADDRESS_ONLY", "a learner is written by mail address", "give the address as the key")
    if not _MAIL.fullmatch(write.key):
        return Rejected("INVALID_EMAIL", f"{write.key!r} is no mail address", "correct the address", MAIL)
    try:
        values = table.to_vendor(write.fields)
    except RowError as error:
        return Rejected("UNCONVERTIBLE", error.reason, error.remedy, error.field)
    address = values.get(MAIL)
    if MAIL in values and (address is None or str(address).casefold() != write.key.casefold()):
        reason = f"the write is for {write.key}, and its mail address is {address}"
        return Rejected("KEY_MISMATCH", reason, "an address is changed in Skilljar itself", MAIL)
    if ACTIVE in values and values[ACTIVE] is None:
        return Rejected("NOT_EMPTY", "a learner can sign in or not", "give a value", ACTIVE)
    return Item(index, write, values)


def _judged(table: EntityMap, item: Item) -> Outcome | None:
    """The outcome of a write that need not or must not be made; None for one that is to be made."""
    if item.write.action is WriteAction.ARCHIVE:
        if item.row is None:
            return Applied(item.write.key, changed=False)
        return Rejected("NOT_REMOVABLE", "a learner is not deleted here", "write active = false")
    if item.row is not None and agrees(table, item.fields, item.row):
        return Applied(item.id, changed=False)
    return overtaken(table, item.write, item.row)


def _names(item: Item) -> dict[str, str]:
    """The names as they are sent: an empty text for nothing."""
    return {name: str(item.values[name] or "") for name in NAMES if name in item.values}


def _user(item: Item) -> dict[str, str]:
    return {MAIL: item.write.key.lower(), **_names(item)}
