"""Looks whether a portal has what the mapping needs, and whether we may touch it; it changes nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.base import Finding
from connectors.errors import ConnectorError
from connectors.hubspot import setup
from connectors.hubspot.client import Client, Row
from connectors.hubspot.drift import PREPARE
from connectors.hubspot.objects import ASSOCIATION, ID, STANDARD, Objects, stamp_of
from connectors.hubspot.prepare import ENTERPRISE, judged
from connectors.hubspot.settings import Settings
from mappings.conditions import Condition
from mappings.converters import Choice, Picks
from mappings.errors import nearest
from mappings.table import EntityMap, FieldMap

# Converter to the property types that it can read and write (developers.hubspot.com, Properties API).
FITTING: Mapping[str, set[str]] = {
    "text": {"string", "enumeration", "number", "phone_number"},
    "lines": {"string"},
    "choice": {"enumeration", "string"},
    "picks": {"enumeration", "string"},
    "integer": {"number", "string"},
    "number": {"number", "string"},
    "money": {"number", "string"},
    "percent": {"number", "string"},
    "boolean": {"bool", "enumeration"},
    "date": {"date", "datetime"},
    "datetime": {"datetime"},
}
# What HubSpot fills itself: a table that also reads may name it, and nothing ever writes it.
FILLED = frozenset({"createdate", "hs_createdate"})


class HubSpotCheck:
    """A `connectors.base.Checkable`."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._client = settings, Client(settings, clock)
        self._objects = Objects(self._client)
        self._defined: dict[str, Mapping[str, Row]] = {}

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; without a sign-in nothing else is looked at."""
        signed_in = self._sign_in()
        yield signed_in
        if not signed_in.ok:
            return
        yield self._budget()
        for table in tables:
            if table.reads or table.writes:
                yield from self._guarded(table)
        yield from self._ours(tables)
        if self._settings.changes == "journal":
            yield from self._journal([table for table in tables if table.reads])

    def _sign_in(self) -> Finding:
        subject = f"sign-in at {self._settings.base_url}"
        try:
            return Finding(subject, True, f"signed in to portal {self._client.portal()}")
        except ConnectorError as error:
            return Finding(subject, False, error.reason, error.remedy)

    def _budget(self) -> Finding:
        budget = self._client.budget()
        if budget is None:
            return Finding("API calls", True, "HubSpot tells this app no daily limit")
        left = budget.quota - budget.used
        detail = f"{left} of {budget.quota} left today, of which {budget.reserve} are kept for others"
        return Finding("API calls", left > budget.reserve, detail, "wait until midnight, or lower api_reserve_share")

    def _guarded(self, table: EntityMap) -> Iterator[Finding]:
        subject = f"{table.entity} -> {table.object}"
        if table.object not in STANDARD and self._settings.overlaps == "property":
            yield Finding(subject, True, "written as a property of the company")
            return
        try:
            yield from self._table(table, self._properties(table.object))
        except ConnectorError as error:
            remedy = error.remedy if table.object in STANDARD else f"{PREPARE}; {ENTERPRISE}"
            yield Finding(subject, False, f"{table.object} is not there or not visible: {error.reason}", remedy)

    def _table(self, table: EntityMap, defined: Mapping[str, Row]) -> Iterator[Finding]:
        yield Finding(f"{table.entity} -> {table.object}", True, f"{len(defined)} properties are visible")
        if table.reads and stamp_of(table.object) not in defined:
            yield Finding(f"{table.entity} -> {table.object}", False, "it has no stamp of change", "set reads = false")
        if table.writes and table.external_id is not None:
            yield _unique(table, table.external_id, defined)
        for each in table.fields.values():
            yield self._field(table, each, defined)
        for condition in (*table.when, *table.unless):
            yield _condition(table, condition, defined)

    def _field(self, table: EntityMap, each: FieldMap, defined: Mapping[str, Row]) -> Finding:
        subject = f"{table.entity}.{each.name} -> {table.object}.{each.vendor}"
        if each.vendor.startswith(ASSOCIATION) or len(each.path) > 1:
            return self._beside(subject, each)
        if each.vendor not in defined:
            remedy = f"{PREPARE}; or correct mappings/{table.system}.toml: {nearest(each.vendor, defined)}"
            return Finding(subject, False, f"there is no property {each.vendor}, or it is not visible", remedy)
        wrong, remedy = _unfit(table, each, defined[each.vendor]) or ("", "")
        return Finding(
            subject, not wrong, wrong or f"{defined[each.vendor]['type']} fits {each.converter.NAME}", remedy
        )

    def _beside(self, subject: str, each: FieldMap) -> Finding:
        """What is no property: an associated record, or the owner."""
        try:
            if each.vendor.startswith(ASSOCIATION):
                self._objects.type_id(each.vendor.removeprefix(ASSOCIATION))
                return Finding(subject, True, "an association")
            self._client.get(self._client.paths.owners(), limit="1")
        except ConnectorError as error:
            return Finding(subject, False, error.reason, error.remedy)
        return Finding(subject, True, "the owners are visible")

    def _ours(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """What Tandem adds to HubSpot's own objects, and how many unique properties each object still takes."""
        written = {table.object for table in tables if table.writes}
        for wanted in setup.properties(self._settings.overlaps):
            if wanted.object not in written:
                continue
            subject = f"{wanted.object}.{wanted.name}"
            try:
                there = self._properties(wanted.object)
            except ConnectorError as error:
                yield Finding(subject, False, error.reason, error.remedy)
                continue
            if wanted.name in there:
                yield judged(subject, wanted, there[wanted.name])
                continue
            taken = sum(bool(each.get("hasUniqueValue")) for each in there.values())
            full = wanted.unique and taken >= setup.MAX_UNIQUE
            many = f"; {wanted.object} has {taken} unique properties already: delete one first" if full else ""
            yield Finding(subject, False, "the property is missing", f"{PREPARE}{many}")

    def _journal(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        try:
            told = {each["objectTypeId"] for each in self._client.subscriptions()}
            self._client.journal("latest")
        except ConnectorError as error:
            yield Finding("journal", False, error.reason, error.remedy)
            return
        for table in tables:
            well = self._objects.type_id(table.object) in told
            yield Finding(f"journal of {table.object}", well, "subscribed" if well else "not subscribed", PREPARE)

    def _properties(self, object_: str) -> Mapping[str, Row]:
        if object_ not in self._defined:
            answer = self._client.get(self._client.paths.properties(self._objects.type_id(object_)))
            self._defined[object_] = {each["name"]: each for each in answer["results"]}
        return self._defined[object_]


def _unique(table: EntityMap, name: str, defined: Mapping[str, Row]) -> Finding:
    subject = f"{table.entity} -> {table.object}.{name}"
    if name not in defined:
        return Finding(subject, False, f"there is no property {name}, or it is not visible", PREPARE)
    if not defined[name].get("hasUniqueValue") and name != ID:
        remedy = f"delete the property {name}, or rename it, and {PREPARE}: a property cannot become unique later"
        return Finding(subject, False, "its values are not unique", remedy)
    return Finding(subject, True, "a unique property")


def _condition(table: EntityMap, condition: Condition, defined: Mapping[str, Row]) -> Finding:
    """Whether the portal can tell which records of the object stand for the entity."""
    subject = f"{table.entity} by {table.object}.{condition.field}"
    if condition.field not in defined:
        remedy = f"{PREPARE}; or correct mappings/{table.system}.toml: {nearest(condition.field, defined)}"
        return Finding(subject, False, f"there is no property {condition.field}, or it is not visible", remedy)
    options = {option["value"].casefold() for option in defined[condition.field].get("options") or ()}
    unknown = [each for each in condition.values if isinstance(each, str) and each and each.casefold() not in options]
    if options and unknown:
        return Finding(subject, False, f"the property lacks the options {', '.join(unknown)}", "correct the mapping")
    return Finding(subject, True, "the property is there")


def _unfit(table: EntityMap, each: FieldMap, defined: Row) -> tuple[str, str] | None:
    kind, converter = defined["type"], each.converter
    if kind not in FITTING[converter.NAME]:
        fitting = ", ".join(sorted(FITTING[converter.NAME]))
        wrong = f"the type {kind} does not fit the converter {converter.NAME}"
        return wrong, f"map it with another converter; {converter.NAME} fits {fitting}"
    kept = table.reads and each.vendor in FILLED
    if table.writes and not kept and (defined.get("modificationMetadata") or {}).get("readOnlyValue"):
        return "HubSpot fills it itself", "take it out of the mapping"
    options = {option["value"].casefold() for option in defined.get("options") or ()}
    if isinstance(converter, Choice | Picks) and options and not defined.get("externalOptions"):
        unknown = [value for value in converter.values if value.casefold() not in options]
        if unknown:
            return f"the property lacks the options {', '.join(unknown)}", f"{PREPARE}; or correct the mapping"
    return None
