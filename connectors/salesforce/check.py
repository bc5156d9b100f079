"""Looks whether an org has what the mapping needs, and whether we may touch it; it changes nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.base import Finding
from connectors.errors import ConnectorError
from connectors.salesforce import granted, package
from connectors.salesforce.client import Client, Row
from connectors.salesforce.drift import DEPLOY
from connectors.salesforce.settings import Settings
from mappings.conditions import Condition
from mappings.converters import Choice, Converter, Picks
from mappings.errors import nearest
from mappings.table import EntityMap, FieldMap

_TEXT = {"string", "textarea", "url", "phone", "email", "picklist", "combobox", "multipicklist", "encryptedstring"}
_NUMBER = {"int", "long", "double", "currency", "percent"}
# Converter to the field types that it can read and write (developer.salesforce.com, Field Types).
FITTING: Mapping[str, set[str]] = {
    "text": _TEXT | {"id", "reference"},
    "lines": _TEXT,
    "choice": {"picklist", "combobox", "string"},
    "picks": {"multipicklist"} | _TEXT,
    "integer": _NUMBER,
    "number": _NUMBER,
    "money": _NUMBER,
    "percent": _NUMBER,
    "boolean": {"boolean"},
    "date": {"date"},
    "datetime": {"datetime"},
}


# Fields that the platform itself keeps: a table that also reads may name them, and no permission makes them writable.
READ_ONLY = frozenset(
    {"ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "CreatedDate", "IsConverted", "IsDeleted"}
)
RECORD_TYPE = "RecordType.DeveloperName"  # its values are told by describe, the field itself by a relationship
# Limits of large reads and writes, by the names of the limits resource.
BULK_LIMITS = {"DailyBulkV2QueryJobs": "bulk queries", "DailyBulkApiBatches": "bulk batches"}


class SalesforceCheck:
    """A `connectors.base.Checkable`."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._settings = Client(settings, clock), settings
        self._described: dict[str, Row] = {}

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; without a sign-in nothing else is looked at."""
        signed_in = self._sign_in()
        yield signed_in
        if not signed_in.ok:
            return
        yield self._version()
        yield from self._limits()
        yield from self._setup(tables)
        for table in tables:
            if table.reads or table.writes:
                yield from self._table(table)

    def _setup(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """What an admin deploys and assigns: an org that Tandem only reads needs no package."""
        read = sorted({table.object for table in tables if table.reads})
        streamed = self._settings.changes == "cdc" and bool(set(read) & set(package.shipped().change_events))
        if any(table.writes for table in tables):
            yield from package.compare(self._describe, tables)
            yield from granted.permission_sets(self._client, [granted.INTEGRATION])
        if streamed:
            yield from granted.permission_sets(self._client, [granted.EVENTS])
            yield from granted.change_events(self._client, self._settings, read)

    def _sign_in(self) -> Finding:
        subject = f"sign-in at {self._settings.base_url}"
        try:
            return Finding(subject, True, f"signed in; Tandem's own changes are those of user {self._client.user()}")
        except ConnectorError as error:
            return Finding(subject, False, error.reason, error.remedy)

    def _version(self) -> Finding:
        wanted = self._settings.api_version
        try:
            spoken = self._client.versions()
        except ConnectorError as error:
            return Finding("API version", False, error.reason, error.remedy)
        if wanted in spoken:
            return Finding("API version", True, f"{wanted} is spoken; the newest is {spoken[-1]}")
        remedy = f"set api_version to one of {', '.join(spoken)}"
        return Finding("API version", False, f"{wanted} is not spoken", remedy)

    def _limits(self) -> Iterator[Finding]:
        try:
            limits = self._client.limits()
        except ConnectorError as error:
            yield Finding("API calls", False, error.reason, error.remedy)
            return
        daily = limits["DailyApiRequests"]
        kept = int(daily["Max"] * self._settings.api_reserve_share)
        detail = f"{daily['Remaining']} of {daily['Max']} left in 24 hours, of which {kept} are kept for others"
        remedy = "" if daily["Remaining"] > kept else "wait, buy API calls, or lower api_reserve_share"
        yield Finding("API calls", not remedy, detail, remedy)
        for name, subject in BULK_LIMITS.items():
            left = limits.get(name)
            if left is not None:
                detail = f"{left['Remaining']} of {left['Max']} left in 24 hours"
                yield Finding(subject, left["Remaining"] > 0, detail, "" if left["Remaining"] else "wait")

    def _describe(self, entity: str) -> Row:
        if entity not in self._described:
            self._described[entity] = self._client.describe(entity)
        return self._described[entity]

    def _table(self, table: EntityMap) -> Iterator[Finding]:
        subject = f"{table.entity} -> {table.object}"
        try:
            described = self._describe(table.object)
        except ConnectorError as error:
            yield Finding(subject, False, f"{table.object} is not there or not visible: {error.reason}", DEPLOY)
            return
        lacking = [right for right in _rights(table) if not described[right]]
        detail = f"lacks {', '.join(lacking)}" if lacking else ", ".join(_rights(table))
        yield Finding(subject, not lacking, detail, DEPLOY if lacking else "")
        fields = {each["name"]: each for each in described["fields"]}
        if table.reads:
            yield _stamp(table, fields)
        if table.writes and table.external_id is not None:
            yield _external_id(table, table.external_id, fields)
        for each in table.fields.values():
            yield self._field(table, each, fields)
        for condition in (*table.when, *table.unless):
            yield self._condition(table, condition, described)

    def _condition(self, table: EntityMap, condition: Condition, described: Row) -> Finding:
        """Whether the org can tell which records of the object stand for the entity."""
        subject = f"{table.entity} by {table.object}.{condition.field}"
        if condition.field == RECORD_TYPE:
            types = {str(each["developerName"]).casefold() for each in described.get("recordTypeInfos") or ()}
            lacking = [str(each) for each in condition.values if str(each).casefold() not in types]
            detail = f"there is no record type {', '.join(lacking)}" if lacking else "the record type is there"
            return Finding(subject, not lacking, detail, DEPLOY if lacking else "")
        try:
            known, name = self._follow(condition.field, {each["name"]: each for each in described["fields"]})
        except ConnectorError as error:
            return Finding(subject, False, error.reason, error.remedy)
        if name in known:
            return Finding(subject, True, "the field is there")
        remedy = f"{DEPLOY}; or correct mappings/{table.system}.toml: {nearest(name, known)}"
        return Finding(subject, False, f"there is no field {name}, or it is not visible", remedy)

    def _field(self, table: EntityMap, each: FieldMap, fields: Mapping[str, Row]) -> Finding:
        subject = f"{table.entity}.{each.name} -> {table.object}.{each.vendor}"
        try:
            known, name = self._follow(each.vendor, fields)
        except ConnectorError as error:
            return Finding(subject, False, error.reason, error.remedy)
        if name not in known:
            remedy = f"{DEPLOY}; or correct mappings/{table.system}.toml: {nearest(name, known)}"
            return Finding(subject, False, f"there is no field {name}, or it is not visible", remedy)
        wrong, remedy = _unfit(known[name], each.converter) or _not_writable(table, each, known[name]) or ("", "")
        return Finding(subject, not wrong, wrong or f"{known[name]['type']} fits {each.converter.NAME}", remedy)

    def _follow(self, path: str, fields: Mapping[str, Row]) -> tuple[Mapping[str, Row], str]:
        """The fields among which the last step of a path must be; `Owner.Name` goes from Account to User."""
        *steps, name = path.split(".")
        known: Mapping[str, Row] = fields
        for step in steps:
            links = {link["relationshipName"]: link for link in known.values() if link.get("relationshipName")}
            if step not in links:
                return links, step
            parent = self._describe(links[step]["referenceTo"][0])
            known = {field["name"]: field for field in parent["fields"]}
        return known, name


def _rights(table: EntityMap) -> list[str]:
    rights = ["queryable"] if table.reads else []
    if table.writes:
        rights += ["createable", "updateable"] if table.external_id is not None else ["updateable"]
    return rights


def _stamp(table: EntityMap, fields: Mapping[str, Row]) -> Finding:
    subject = f"{table.entity} -> {table.object}.SystemModstamp"
    stamp = fields.get("SystemModstamp", {})
    if stamp.get("filterable") and stamp.get("sortable"):
        return Finding(subject, True, "changes can be polled")
    return Finding(subject, False, f"{table.object} cannot be polled by SystemModstamp", "set reads = false for it")


def _external_id(table: EntityMap, name: str, fields: Mapping[str, Row]) -> Finding:
    subject = f"{table.entity} -> {table.object}.{name}"
    field = fields.get(name)
    if field is None:
        return Finding(subject, False, f"there is no field {name}, or it is not visible", DEPLOY)
    lacking = [mark for mark in ("externalId", "unique") if not field[mark]]
    if lacking:
        return Finding(subject, False, f"it lacks {' and '.join(lacking)}", f"mark {name} as external id and unique")
    return Finding(subject, True, "external id and unique")


def _unfit(field: Row, converter: Converter) -> tuple[str, str] | None:
    if field["type"] not in FITTING[converter.NAME]:
        fitting = ", ".join(sorted(FITTING[converter.NAME]))
        wrong = f"the type {field['type']} does not fit the converter {converter.NAME}"
        return wrong, f"map it with another converter; {converter.NAME} fits {fitting}"
    length, longest = field["length"], getattr(converter, "max_length", None)
    if longest and length and longest > length:
        return f"max_length {longest} is more than the {length} characters of the field", f"set max_length to {length}"
    if isinstance(converter, Choice | Picks) and field.get("restrictedPicklist"):
        active = {each["value"].casefold() for each in field["picklistValues"] if each["active"]}
        unknown = [value for value in converter.values if value.casefold() not in active]
        if unknown:
            return f"the picklist lacks {', '.join(unknown)}", f"{DEPLOY}; or correct the mapping"
    return None


def _not_writable(table: EntityMap, each: FieldMap, field: Row) -> tuple[str, str] | None:
    if not table.writes:
        return None
    if table.reads and (len(each.path) > 1 or each.vendor in READ_ONLY):
        return None
    if len(each.path) > 1:
        return "a field of a parent is read only", "take it out of the mapping"
    lacking = [right for right in _rights(table) if right in {"createable", "updateable"} and not field[right]]
    return (f"not {' and not '.join(lacking)} for the integration user", DEPLOY) if lacking else None
