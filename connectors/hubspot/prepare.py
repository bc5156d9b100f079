"""Creates in a portal what Tandem needs there, and nothing that is there already; it changes no record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.base import Finding
from connectors.errors import ConnectorError
from connectors.hubspot import setup
from connectors.hubspot.client import Client
from connectors.hubspot.events import ACTIONS, ASSOCIATIONS
from connectors.hubspot.objects import MERGED_IDS, Fields, Objects
from connectors.hubspot.records import BATCH, chunks
from connectors.hubspot.settings import Settings
from mappings.loader import load
from mappings.table import EntityMap

CREATED = "created"
ENTERPRISE = 'custom objects need an Enterprise subscription: set overlaps = "property" to do without'


class Preparation:
    """One portal that is made ready. `tables` are those that a source reads, for the journal's subscriptions."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], tables: Mapping[str, EntityMap]) -> None:
        self._settings, self._client, self._tables = settings, Client(settings, clock), tables
        self._objects = Objects(self._client)

    def run(self) -> Iterator[Finding]:
        """One finding for each thing that is needed: there already, created, or refused."""
        wanted = list(setup.properties(self._settings.overlaps))
        for object_ in dict.fromkeys(each.object for each in wanted):
            mine = [each for each in wanted if each.object == object_]
            try:
                yield from self._properties(object_, mine)
            except ConnectorError as error:
                yield Finding(object_, False, error.reason, error.remedy)
        for custom in setup.customs(self._settings.overlaps):
            yield self._custom(custom)
        if self._settings.changes == "journal":
            for object_ in dict.fromkeys(table.object for table in self._tables.values()):
                yield from self._subscribed([each for each in self._tables.values() if each.object == object_])

    def _properties(self, object_: str, wanted: Sequence[setup.Property]) -> Iterator[Finding]:
        type_id, paths = self._objects.type_id(object_), self._client.paths
        there = self._there(type_id)
        groups = {each["name"] for each in self._client.get(paths.properties(type_id, "groups"))["results"]}
        missing = [each for each in wanted if each.name not in there]
        if missing and setup.group()["name"] not in groups:
            self._client.post(paths.properties(type_id, "groups"), setup.group())
        made = self._together(type_id, [each for each in missing if not each.unique])
        for each in wanted:
            subject = f"{object_}.{each.name}"
            if each.name in there:
                yield judged(subject, each, there[each.name])
            elif each.name in made:
                yield Finding(subject, True, CREATED)
            else:
                yield self._created(subject, paths.properties(type_id), each.body)

    def _there(self, type_id: str) -> Mapping[str, Mapping[str, Any]]:
        return {each["name"]: each for each in self._client.get(self._client.paths.properties(type_id))["results"]}

    def _together(self, type_id: str, missing: Sequence[setup.Property]) -> frozenset[str]:
        """The names of those that were created in as few calls as they fill; a refusal leaves the rest to be told."""
        path = self._client.paths.properties(type_id, "batch/create")
        try:
            for chunk in chunks(missing, BATCH):
                self._client.post(path, {"inputs": [each.body for each in chunk]})
        except ConnectorError:
            # Some of the refused batch may be there: HubSpot is asked, and each of the others is tried by itself.
            return frozenset(self._there(type_id)) & {each.name for each in missing}
        return frozenset(each.name for each in missing)

    def _custom(self, custom: setup.Custom) -> Finding:
        try:
            if custom.name in self._objects.custom():
                return Finding(custom.name, True, "the object is there")
        except ConnectorError as error:
            return Finding(custom.name, False, error.reason, f"{error.remedy}; {ENTERPRISE}")
        finding = self._created(custom.name, self._client.paths.schemas(), custom.body, ENTERPRISE)
        self._objects.forget()
        return finding

    def _created(self, subject: str, path: str, body: Mapping[str, Any], remedy: str = "") -> Finding:
        try:
            self._client.post(path, body)
        except ConnectorError as error:
            many = f"an object has at most {setup.MAX_UNIQUE} unique properties" if body.get("hasUniqueValue") else ""
            return Finding(subject, False, error.reason, "; ".join(filter(None, (remedy, many))) or error.remedy)
        return Finding(subject, True, CREATED)

    def _subscribed(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """The journal tells only of properties that a subscription names, and associations need one of their own.

        One names the properties of all the entities that stand in an object.
        """
        table, fields = tables[0], Fields.of([name for each in tables for name in each.vendor_fields])
        try:
            type_id = self._objects.type_id(table.object)
            others = [self._objects.type_id(other) for other in fields.associated]
            there = [each for each in self._client.subscriptions() if each["objectTypeId"] == type_id]
        except ConnectorError as error:
            yield Finding(f"journal of {table.object}", False, error.reason, error.remedy)
            return
        properties = sorted({*fields.properties, MERGED_IDS})
        kinds = {each["subscriptionType"]: each for each in there}
        if properties and not set(properties) <= set((kinds.get("OBJECT") or {}).get("properties") or ()):
            body = {"subscriptionType": "OBJECT", "actions": sorted(ACTIONS - ASSOCIATIONS), "properties": properties}
            yield self._subscribe(table, {**body, "objectTypeId": type_id})
        if others and "ASSOCIATION" not in kinds:
            body = {
                "subscriptionType": "ASSOCIATION",
                "actions": sorted(ASSOCIATIONS),
                "associatedObjectTypeIds": others,
            }
            yield self._subscribe(table, {**body, "objectTypeId": type_id})

    def _subscribe(self, table: EntityMap, body: Mapping[str, Any]) -> Finding:
        subject = f"journal of {table.object}, {body['subscriptionType']}"
        try:
            self._client.subscribe(body)
        except ConnectorError as error:
            return Finding(subject, False, error.reason, error.remedy)
        return Finding(subject, True, "subscribed")


def judged(subject: str, wanted: setup.Property, there: Mapping[str, Any]) -> Finding:
    """Whether a property that is there is what Tandem needs."""
    if wanted.unique and not there.get("hasUniqueValue"):
        # A property cannot become unique later (developers.hubspot.com, Properties API).
        remedy = f"delete the property {wanted.name}, or rename it, and run `tandem prepare CONNECTION` again"
        return Finding(subject, False, "it is there, but its values are not unique", remedy)
    if there["type"] != wanted.body["type"]:
        found = f"it is there with the type {there['type']} instead of {wanted.body['type']}"
        return Finding(subject, False, found, f"delete the property {wanted.name} and prepare again")
    return Finding(subject, True, "it is there")


def prepare(
    settings: Settings, clock: Callable[[], datetime], tables: Mapping[str, EntityMap] | None = None
) -> Iterator[Finding]:
    """Create what is missing in the portal: properties, the custom object, the journal's subscriptions.

    `tables` are those that a source reads; without them all that the shipped mapping reads.
    """
    if tables is None:
        tables = {entity: table for entity, table in load("hubspot").items() if table.reads}
    return Preparation(settings, clock, tables).run()
