"""Writes learners: looks each up, then makes, changes or leaves it; it never deletes a user.

Moodle takes all new users of a call or none, refuses a user who is there already without saying so, and cannot make a
suspended one (facts, lms 2; user/externallib.php).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from connectors.base import Applied, Outcome, Overtaken, Rejected
from connectors.dispositions import Failure
from connectors.judging import ABSENT, agrees, overtaken, standing
from connectors.moodle.finding import Stored, in_any_case, of_writes, rejected
from connectors.moodle.settings import Settings
from connectors.moodle.site import Site, chunks
from connectors.moodle.splitting import halved
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write, WriteAction

MAIL, ACTIVE = "email", "active"
NEEDED = {"first_name": "firstname", "last_name": "lastname"}  # canonical to Moodle's
NEVER_EMPTY = {"firstname", "lastname", "email", "lang", "active"}
TAKEN = "invalidparameter"


@dataclass(frozen=True, slots=True)
class Item:
    """One learner to write; `values` are Moodle's fields, `fields` the canonical ones without the address."""

    index: int
    write: Write
    values: Mapping[str, Any]
    fields: Mapping[str, JsonValue]


class Learners:
    """Writes of the entity `learner`, by mail address or by the user's id."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings, self._site = settings, site

    def write(self, table: EntityMap, writes: Sequence[Write]) -> list[Outcome]:
        """One outcome for each write, in order."""
        outcomes: dict[int, Outcome] = {}
        missing: list[Item] = []
        there: list[tuple[Item, Stored]] = []
        for index, (write, found) in enumerate(zip(writes, of_writes(self._site, writes), strict=True)):
            item = found if isinstance(found, Rejected) else _item(table, index, write)
            if not isinstance(item, Item):
                outcomes[index] = item
            elif (judged := _judged(table, item, found)) is not None:  # type: ignore[arg-type]
                outcomes[index] = judged
            elif isinstance(found, Stored):
                there.append((item, found))
            else:
                missing.append(item)
        outcomes |= self._made(table, missing)
        outcomes |= self._changed(there)
        return [outcomes[index] for index in range(len(writes))]

    def look(self, table: EntityMap, writes: Sequence[Write]) -> list[Mapping[str, JsonValue] | None]:
        """What stands in the fields of each write."""
        return [
            {name: value for name, value in standing(table, found.row).items() if name in write.fields}
            if isinstance(found, Stored)
            else None
            for write, found in zip(writes, of_writes(self._site, writes), strict=True)
        ]

    def _made(self, table: EntityMap, items: Sequence[Item]) -> dict[int, Outcome]:
        """New users; one who is refused is looked for once more, in whatever case the address is written."""
        outcomes: dict[int, Outcome] = {}
        again: list[tuple[Item, Stored]] = []
        for some in chunks(items, self._settings.batch):
            answers = halved(some, lambda these: self._site.create([self._new(each) for each in these]))
            for item, answer in zip(some, answers, strict=True):
                found = in_any_case(self._site, item.write.key) if _may_be_there(answer) else None
                if isinstance(answer, str):
                    outcomes[item.index] = Applied(answer)
                elif isinstance(found, Stored):
                    judged = _judged(table, item, found)
                    again += [(item, found)] if judged is None else []
                    outcomes |= {} if judged is None else {item.index: judged}
                else:
                    outcomes[item.index] = found or rejected(answer)
        asleep = [item for item in items if item.values.get(ACTIVE) is False and _was_made(outcomes.get(item.index))]
        outcomes |= self._changed([(each, Stored(outcomes[each.index].target_id, {})) for each in asleep])  # type: ignore[union-attr]
        return outcomes | self._changed(again)

    def _new(self, item: Item) -> dict[str, object]:
        address = str(item.values.get(MAIL) or item.write.key)
        made = {name: value for name, value in item.values.items() if value is not None and name != ACTIVE}
        made |= {"username": address.lower(), MAIL: address, "auth": self._settings.auth}
        return made | ({"createpassword": True} if self._settings.auth == "manual" else {})

    def _changed(self, pairs: Sequence[tuple[Item, Stored]]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        for some in chunks(pairs, self._settings.batch):
            answers = halved(some, self._update)
            for (item, stored), answer in zip(some, answers, strict=True):
                outcomes[item.index] = rejected(answer) if isinstance(answer, Failure) else Applied(stored.id)
        return outcomes

    def _update(self, pairs: Sequence[tuple[Item, Stored]]) -> list[Failure | None]:
        refused = self._site.update([_change(item, stored) for item, stored in pairs])
        return [refused.get(stored.id) for _, stored in pairs]


def _change(item: Item, stored: Stored) -> dict[str, object]:
    """What is sent of a user who is there; Moodle writes an empty text for nothing."""
    keyed = item.write.match_by is MatchBy.EXTERNAL_ID
    sent = {name: value for name, value in item.values.items() if name != ACTIVE and not (keyed and name == MAIL)}
    if item.values.get(ACTIVE) is not None:
        sent["suspended"] = not item.values[ACTIVE]
    return {"id": stored.id, **sent}


def _item(table: EntityMap, index: int, write: Write) -> Item | Rejected:
    """The write in Moodle's terms, or why it cannot be."""
    try:
        values = table.to_vendor(write.fields)
    except RowError as error:
        return Rejected("UNCONVERTIBLE", error.reason, error.remedy, error.field)
    for name, value in write.fields.items():
        if value is None and table.fields[name].vendor in NEVER_EMPTY:
            return Rejected("NOT_EMPTY", f"a Moodle user cannot be without {name}", "give a value", name)
    address = values.get(MAIL)
    if (
        write.match_by is MatchBy.EXTERNAL_ID
        and address is not None
        and str(address).casefold() != write.key.casefold()
    ):
        reason = f"the write is for {write.key}, and its mail address is {address}"
        return Rejected("KEY_MISMATCH", reason, "write the new address by the user's id", MAIL)
    kept = {name: value for name, value in write.fields.items() if table.fields[name].vendor != MAIL}
    return Item(index, write, values, kept if write.match_by is MatchBy.EXTERNAL_ID else write.fields)


def _judged(table: EntityMap, item: Item, stored: Stored | None) -> Outcome | None:
    """The outcome of a write that need not or must not be made; None for one that is to be made."""
    write = item.write
    if write.action is WriteAction.ARCHIVE:
        if stored is None:
            return Applied(write.key, changed=False)
        remedy = "write active = false: the user is suspended"
        return Rejected("NOT_REMOVABLE", "a deleted Moodle user does not come back, and so none is deleted", remedy)
    if stored is not None and agrees(table, item.fields, stored.row):
        return Applied(stored.id, changed=False)
    late = overtaken(table, write, None if stored is None else stored.row)
    if late is not None or stored is not None:
        return late
    if write.match_by is MatchBy.ID:
        return (
            Overtaken(ABSENT) if write.expected else rejected(Failure("invaliduser", f"there is no user {write.key}"))
        )
    return _incomplete(item)


def _incomplete(item: Item) -> Rejected | None:
    for name, vendor in NEEDED.items():
        if not item.values.get(vendor):
            return Rejected("FIELD_MISSING", f"a new Moodle user needs {name}", f"give {name}", name)
    return None


def _may_be_there(answer: str | Failure) -> bool:
    return isinstance(answer, Failure) and answer.code == TAKEN


def _was_made(outcome: Outcome | None) -> bool:
    return isinstance(outcome, Applied) and outcome.changed
