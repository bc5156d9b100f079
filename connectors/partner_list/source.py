"""A partner's list as a source: each pass compares the newest list with what was published; it never sees a broker."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from connectors.base import Budget, Change, Event, Finding, Unreadable, slots_of
from connectors.errors import BadInput, ConnectorError, RetryLater
from connectors.partner_list.passes import Pass, State
from connectors.partner_list.places import Listing, Place
from connectors.partner_list.settings import Settings
from connectors.partner_list.sheets import Sheet, sheet, spellings
from mappings.columns import Columns
from mappings.errors import ColumnError, RowError, nearest
from mappings.table import EntityMap

log = logging.getLogger(__name__)
SAMPLE = 1000  # rows that a check reads


@dataclass(slots=True)
class PartnerList:
    """One partner's list. `connection` is its name in the settings, for what a person is told to do."""

    settings: Settings
    place: Place
    connection: str
    _told: set[tuple[str, ...]] = field(default_factory=set)

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """As `connectors.base.Source`: a list that did not change yields nothing."""
        for table in tables.values():
            yield from self._changes(table, slots_of(table.entity, cursors))

    def budget(self) -> Budget | None:
        """A list has no quota."""
        return None

    def close(self) -> None:
        """A list is open only while it is read."""

    def _changes(self, table: EntityMap, cursors: Mapping[str, str]) -> Iterator[Event]:
        reading, done = self._reading(table), State.of(cursors).done or ""
        known = done.removeprefix(reading) if done.startswith(reading) else None
        with self.place.newest(known) as listing:
            if listing is None:
                return
            found = sheet(listing.path, listing.name, self.settings, spellings(table, self.settings.columns))
            fingerprint = reading + listing.fingerprint
            self._tell(listing, found.how)
            yield from _settled(self._pass(table, cursors, listing, found, fingerprint).events(), listing)
            self._tell(listing, tuple(map(str, found.remarks)))

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """As `connectors.base.Checkable`: reached, format, columns, and what a sample of the rows is like."""
        for table in tables:
            try:
                yield from self._check(table)
            except ConnectorError as error:
                yield Finding("list", False, error.reason, error.remedy)

    def _check(self, table: EntityMap) -> Iterator[Finding]:
        with self.place.newest(None) as listing:
            assert listing is not None  # noqa: S101  nothing is known, so it cannot be unchanged
            yield Finding("list", True, f"{listing.name}, of {listing.modified:%Y-%m-%d %H:%M} UTC")
            found = sheet(listing.path, listing.name, self.settings, spellings(table, self.settings.columns))
            how = "".join(f"; {each}" for each in found.how)
            yield Finding("format", True, f"{found.format}, {len(found.columns)} columns{how}")
            trial = self._pass(table, {}, listing, _sample(found), "")
            yield Finding("columns", True, describe(trial.columns))
            yield _rows(table, trial)
            for remark in found.remarks:
                yield Finding("remark", True, str(remark))

    def _tell(self, listing: Listing, sentences: tuple[str, ...]) -> None:
        for sentence in sentences:
            if (sentence,) not in self._told:
                self._told.add((sentence,))
                log.info("%s: %s: %s", self.connection, listing.name, sentence)

    def _pass(self, table: EntityMap, cursors: Mapping[str, str], listing: Listing, found: Sheet, mark: str) -> Pass:
        columns = self._columns(table, listing, found)
        return Pass(self.connection, table, self.settings, listing, found, columns, cursors, mark)

    def _columns(self, table: EntityMap, listing: Listing, found: Sheet) -> Columns:
        try:
            columns = table.match_columns(found.columns, {} if found.empty else self.settings.columns)
        except ColumnError as error:
            raise BadInput(f"{listing.name}: {error.reason}", f"{error.remedy} (setting `columns`)") from error
        if columns.lacking and not found.empty:
            wanted = columns.lacking[0]
            raise BadInput(
                f"{listing.name} has no column for {wanted!r}; its columns are {', '.join(map(repr, found.columns))}.",
                f'name it: columns = {{ {wanted} = "..." }}; {nearest(wanted, found.columns)}',
            )
        if columns.unused and columns.unused not in self._told:
            self._told.add(columns.unused)
            unused = ", ".join(columns.unused)
            log.info(
                "%s: %d columns of %s are not used: %s", self.connection, len(columns.unused), listing.name, unused
            )
        return columns

    def _reading(self, table: EntityMap) -> str:
        """Changes when the same file would be read otherwise."""
        aliases = [(each.name, each.aliases) for each in table.fields.values()]
        how = self.settings.model_dump_json(include={"format", "delimiter", "encoding", "sheet", "columns"})
        meaning = f"{table.digest} {table.id_field} {table.id_aliases} {aliases} {how}"
        return hashlib.blake2b(meaning.encode(), digest_size=6).hexdigest() + " "


def _settled(events: Iterator[Event], listing: Listing) -> Iterator[Event]:
    """The events; nothing but rows is yielded of a file that was written to while it was read."""
    for event in events:
        if not isinstance(event, Change) or event.row is None:
            _refuse_moving(listing)
        yield event


def _refuse_moving(listing: Listing) -> None:
    try:
        settled = listing.settled()
    except OSError:
        settled = False
    if not settled:
        raise RetryLater(f"{listing.name} changed while it was read.")


def describe(columns: Columns) -> str:
    """Which column serves which field, in one line."""
    used = ", ".join(f"{name} <- {column!r}" for name, column in columns.used.items())
    missing = f"; not in the list: {', '.join(columns.missing)}" if columns.missing else ""
    return used + missing + (f"; not used: {', '.join(map(repr, columns.unused))}" if columns.unused else "")


def _sample(found: Sheet) -> Sheet:
    return replace(found, rows=lambda wanted: islice(found.rows(wanted), SAMPLE))


def _rows(table: EntityMap, trial: Pass) -> Finding:
    refused: list[str] = []
    for event in trial.upserts():
        if isinstance(event, Unreadable):
            refused.append(f"{event.subject}: {event.reason} {event.remedy}")
        elif isinstance(event, Change) and event.row is not None:
            try:
                table.to_canonical(event.row)
            except RowError as error:
                refused.append(f"id {event.record_id}: {error}")
    looked = f"{trial.rows:,} rows looked at"
    if refused:
        return Finding(
            "rows", False, f"{looked}, {len(refused):,} cannot be used; the first is {refused[0]}", "mend them"
        )
    return Finding("rows", trial.rows > 0, looked, "" if trial.rows else "ask the partner for the list")
