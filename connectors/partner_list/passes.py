"""One pass over one version of a list: what differs from what was published before, removals last; it never does I/O.

Cursor slots: `row:<id>` holds the hash of a published row, `bad:<hash>` a malformed row that was reported,
and the empty slot the `State` of the list. All are opaque to the caller.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from connectors.base import Change, Event, Progress, Unreadable
from connectors.errors import BadInput, NeedsConfirmation
from connectors.partner_list.lines import REPLACED
from connectors.partner_list.places import Listing
from connectors.partner_list.settings import Settings
from connectors.partner_list.sheets import Fault, Row, Sheet
from mappings.columns import Columns
from mappings.converters import Text, is_blank
from mappings.errors import UnconvertibleError
from mappings.table import ID, EntityMap
from schemas.messages import ChangeKind

ROW, BAD = "row:", "bad:"
PAYLOAD = 2000  # characters of a malformed row that are kept with the report
TEXT = Text()


class State(BaseModel):
    """Where the list stands. `pending` was begun with `version` and not finished; its removals may be confirmed."""

    model_config = ConfigDict(frozen=True)

    done: str | None = None
    pending: str | None = None
    version: int = 0
    confirmed: bool = False

    @classmethod
    def of(cls, cursors: Mapping[str, str]) -> "State":
        """The state that was saved, or the first one."""
        return cls.model_validate_json(cursors.get("", "{}"))

    def begin(self, fingerprint: str, modified_ms: int) -> "State":
        """A pass goes on with its version; a new one takes the list's time, but always a higher number than before."""
        if self.pending == fingerprint:
            return self
        return State(done=self.done, pending=fingerprint, version=max(modified_ms, self.version + 1))

    def end(self) -> "State":
        """The pending list is done."""
        return State(done=self.pending, version=self.version)


@dataclass(slots=True)
class Pass:
    """`fingerprint` names the list and how it is read; `cursors` is what was published and committed before, by slot."""

    connection: str
    table: EntityMap
    settings: Settings
    listing: Listing
    sheet: Sheet
    columns: Columns
    cursors: Mapping[str, str]
    fingerprint: str
    rows: int = 0
    _saved: State = field(init=False)
    _state: State = field(init=False)
    _seen: set[str] = field(default_factory=set)
    _bad: set[str] = field(default_factory=set)
    _untold: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._saved = State.of(self.cursors)
        self._state = self._saved.begin(self.fingerprint, int(self.listing.modified.timestamp() * 1000))

    def events(self) -> Iterator[Event]:
        """Added and changed rows, then the removed ones, then the mark that this list is done.

        Raises `NeedsConfirmation` before the first removal, and `BadInput` where the file breaks off.
        """
        # As of now: the caller may save cursors while this goes on.
        before = tuple(self.cursors)
        known = sum(slot.startswith(ROW) for slot in before)
        if self.sheet.empty and not known:
            raise BadInput(f"{self.listing.name} is empty.", "ask the partner for the list")
        yield from self.upserts()
        removed = [slot for slot in before if slot.startswith(ROW) and slot.removeprefix(ROW) not in self._seen]
        if removed and self._untold:
            yield self._held_back(len(removed))
        elif removed:
            yield from self._removals(removed, known)
        for slot in before:
            if slot.startswith(BAD) and slot not in self._bad:
                yield Progress(self.table.entity, None, slot)
        yield self._progress(self._state.end())

    def upserts(self) -> Iterator[Event]:
        """Added and changed rows, and reports of malformed ones."""
        for row in self.sheet.rows(set(self.columns.used.values())):
            self.rows += 1
            row_id = self._id(row)
            fault = row.fault or self._fault(row, row_id)
            if row_id is None or row.swallowed:
                self._untold.append(row.number)
            if row_id is not None:
                self._seen.add(row_id)
            if fault is None and row_id is not None:
                yield from self._upsert(row_id, row)
            elif fault is not None:
                yield from self._report(row, fault)

    def _id(self, row: Row) -> str | None:
        column = self.columns.used[ID]
        try:
            value = row.cells.get(column)
            found = None if is_blank(value) else str(TEXT.to_canonical(value))
        except UnconvertibleError:
            return None
        if found is None or REPLACED in found:
            return None
        # In a row with a cell too many or too few, only the first column surely holds what its name says.
        sure = not row.shifted or column == self.sheet.columns[0] or ROW + found in self.cursors
        return found if sure else None

    def _fault(self, row: Row, row_id: str | None) -> Fault | None:
        id_column = self.columns.used[ID]
        if row_id is None:
            return Fault("NO_ID", "the row has no id.", f"fill in {id_column!r}", id_column)
        if row_id in self._seen:
            remedy = f"give each row its own {id_column!r}, or remove the row"
            return Fault("DUPLICATE_ID", f"an earlier row has the id {row_id!r}; that one counts.", remedy, id_column)
        for name in self.table.required:
            column = self.columns.used[name]
            if is_blank(row.cells.get(column)):
                return Fault("REQUIRED_FIELD_MISSING", f"{column!r} is empty.", f"fill in {column!r}", column)
        return None

    def _upsert(self, row_id: str, row: Row) -> Iterator[Event]:
        content = {vendor: row.cells.get(column) for vendor, column in self.columns.rows.items()}
        content.pop(str(self.table.id_field), None)
        digest = _hash(self.table.digest, {vendor: cell for vendor, cell in content.items() if not is_blank(cell)})
        if self.cursors.get(ROW + row_id) != digest:
            yield from self._open()
            yield self._change(row_id, ChangeKind.UPSERTED, content, digest)

    def _change(self, row_id: str, kind: ChangeKind, row: Mapping[str, object] | None, cursor: str | None) -> Change:
        version = self._state.version
        at, slot = self.listing.modified, ROW + row_id
        return Change(self.table.entity, row_id, kind, version, row, at, cursor, slot)

    def _report(self, row: Row, fault: Fault) -> Iterator[Event]:
        slot = BAD + _hash(fault.code, row.cells)
        if slot not in self._bad and slot not in self.cursors:
            by_column = {column: name for name, column in self.columns.used.items()}
            yield Unreadable(
                subject=f"{self.listing.name} row {row.number}",
                code=fault.code,
                reason=fault.reason,
                remedy=fault.remedy,
                field=by_column.get(fault.column or "", fault.column),
                payload=_text(row.cells)[:PAYLOAD],
            )
            yield Progress(self.table.entity, "reported", slot)
        self._bad.add(slot)

    def _held_back(self, removed: int) -> Unreadable:
        which = ", ".join(map(str, self._untold[:5])) + (" ..." if len(self._untold) > 5 else "")
        return Unreadable(
            subject=self.listing.name,
            code="REMOVALS_HELD_BACK",
            reason=f"{removed:,} known rows are not in the list, but {len(self._untold):,} of its rows"
            f" do not tell their id ({which}), so none is removed.",
            remedy="mend these rows; the next list removes what is gone",
        )

    def _removals(self, removed: list[str], known: int) -> Iterator[Event]:
        if not self._state.confirmed and self._alarming(len(removed), known):
            if self.settings.confirm_removals != len(removed):
                raise self._question(len(removed), known)
            # The yes is kept: after a crash the number would be another, for the same list.
            self._state = self._state.model_copy(update={"confirmed": True})
        yield from self._open()
        for slot in removed:
            yield self._change(slot.removeprefix(ROW), ChangeKind.DELETED, None, None)

    def _alarming(self, removed: int, known: int) -> bool:
        settings = self.settings
        return self.rows == 0 or (removed > settings.max_removed_rows and removed > settings.max_removed_share * known)

    def _question(self, removed: int, known: int) -> NeedsConfirmation:
        said = self.settings.confirm_removals
        limits = f"{self.settings.max_removed_share:.0%} and {self.settings.max_removed_rows} rows"
        return NeedsConfirmation(
            f"{self.listing.name} has {self.rows:,} rows and lacks {removed:,} of the {known:,} known ones"
            f" ({removed / known:.0%}; the limits are {limits})"
            + (f"; {said:,} were confirmed, which is not this number." if said is not None else "."),
            f"if they are really gone, `tandem source {self.connection} --confirm-removals {removed}`; "
            "if not, ask the partner for the whole list",
        )

    def _open(self) -> Iterator[Event]:
        """Before the first change: its version is saved with it, so that no later list can have a lower one."""
        if self._saved != self._state:
            self._saved = self._state
            yield self._progress(self._state)

    def _progress(self, state: State) -> Progress:
        return Progress(self.table.entity, state.model_dump_json(exclude_defaults=True))


def _text(cells: Mapping[str, object]) -> str:
    return json.dumps(cells, default=str, ensure_ascii=False)


def _hash(kind: str, cells: Mapping[str, object]) -> str:
    return hashlib.blake2b(f"{kind} {sorted(cells.items())!a}".encode(), digest_size=12).hexdigest()
