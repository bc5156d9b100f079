"""Says which line of which mapping a refusal of Salesforce means, and what to do about it; it changes nothing."""

import re

from connectors.errors import ConnectorError, StopMapping
from connectors.salesforce.client import Client, Mismatch
from mappings.errors import nearest
from mappings.table import EntityMap

DEPLOY = "deploy deploy/salesforce and assign the permission set Tandem_Integration"
_NAMED = re.compile(
    r"(?:No such column|Didn't understand relationship|Unknown field|No such field) '([^']+)'"
    r"|Field name not found : (\S+)"
)


def explain(client: Client, table: EntityMap, mismatch: Mismatch) -> StopMapping:
    """The same refusal with the field, the mapping's key, and the nearest field that the org has."""
    failure, field = mismatch.failure, _field(mismatch)
    place = f"mappings/{table.system}.toml, [{table.entity}]"
    key = key_of(table, field)
    if not key:
        return StopMapping(f"{place} does not fit {table.object} in Salesforce: {failure.reason}.", mismatch.remedy)
    return StopMapping(
        f"{place} {key}: Salesforce refuses {table.object}.{field}: {failure.reason}.",
        f"{DEPLOY}; or correct {key} in mappings/{table.system}.toml: {_nearest(client, table, field)}",
    )


def names(table: EntityMap, mismatch: Mismatch) -> bool:
    """Whether the mapping has a line for the field that is refused."""
    return bool(key_of(table, _field(mismatch)))


def _field(mismatch: Mismatch) -> str:
    named = _NAMED.search(mismatch.failure.message)
    return (named[1] or named[2]) if named else next(iter(mismatch.failure.fields), "")


def key_of(table: EntityMap, field: str) -> str:
    """The key in the mapping that names a field, or a relationship, of the object; empty where none does."""
    wanted = field.lower()
    for each in table.fields.values():
        if each.vendor.lower() == wanted or wanted in {step.lower() for step in each.path}:
            return f"fields.{each.name}"
    for key, conditions in (("when", table.when), ("unless", table.unless)):
        for condition in conditions:
            if condition.field.lower() == wanted or wanted in condition.field.lower().split("."):
                return f"{key}.{condition.field}"
    return "external_id" if (table.external_id or "").lower() == wanted and field else ""


def _nearest(client: Client, table: EntityMap, field: str) -> str:
    """Help only: where the object cannot be described either, the refusal itself is what counts."""
    try:
        described = client.describe(table.object)
    except ConnectorError:
        return f"{table.object} cannot be described"
    return nearest(field, [each["name"] for each in described["fields"]])
