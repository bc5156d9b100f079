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
    failure = mismatch.failure
    named = _NAMED.search(failure.message)
    field = (named[1] or named[2]) if named else next(iter(failure.fields), "")
    place = f"mappings/{table.system}.toml, [{table.entity}]"
    key = key_of(table, field)
    if not key:
        return StopMapping(f"{place} does not fit {table.object} in Salesforce: {failure.reason}.", mismatch.remedy)
    return StopMapping(
        f"{place} {key}: Salesforce refuses {table.object}.{field}: {failure.reason}.",
        f"{DEPLOY}; or correct {key} in mappings/{table.system}.toml: {_nearest(client, table, field)}",
    )


def key_of(table: EntityMap, field: str) -> str:
    """The key in the mapping that names a field, or a relationship, of the object; empty where none does."""
    wanted = field.lower()
    for each in table.fields.values():
        if each.vendor.lower() == wanted or wanted in {step.lower() for step in each.path}:
            return f"fields.{each.name}"
    return "external_id" if (table.external_id or "").lower() == wanted and field else ""


def _nearest(client: Client, table: EntityMap, field: str) -> str:
    """Help only: where the object cannot be described either, the refusal itself is what counts."""
    try:
        described = client.describe(table.object)
    except ConnectorError:
        return f"{table.object} cannot be described"
    return nearest(field, [each["name"] for each in described["fields"]])
