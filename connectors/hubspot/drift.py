"""Says which line of which mapping a refusal of HubSpot means; it changes nothing."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from connectors.errors import StopMapping
from connectors.hubspot.client import Mismatch
from mappings.table import EntityMap

PREPARE = "run `tandem prepare CONNECTION`"
# The name stands in the words where the answer does not list it.
_NAMED = re.compile(r'(?:Property "|property )([a-z][a-z0-9_]*)')


@contextmanager
def explained(tables: Mapping[str, EntityMap]) -> Iterator[None]:
    """Inside, a `Mismatch` becomes a `StopMapping` that names the mapping's line."""
    try:
        yield
    except Mismatch as mismatch:
        raise explain(tables, mismatch) from mismatch


def explain(tables: Mapping[str, EntityMap], mismatch: Mismatch) -> StopMapping:
    """The same refusal with the mapping's key that names the property; as it is where no key does."""
    failure = mismatch.failure
    for name in (*failure.properties, *_NAMED.findall(failure.message)):
        for table in tables.values():
            key = key_of(table, name)
            if key:
                place = f"mappings/{table.system}.toml, [{table.entity}] {key}"
                reason = f"{place}: HubSpot refuses {table.object}.{name}: {failure.reason}."
                return StopMapping(reason, mismatch.remedy)
    return StopMapping(mismatch.reason, mismatch.remedy)


def key_of(table: EntityMap, name: str) -> str:
    """The key in the mapping that names a property; empty where none does."""
    for each in table.fields.values():
        if each.vendor == name:
            return f"fields.{each.name}"
    for key, conditions in (("when", table.when), ("unless", table.unless)):
        if any(each.field == name for each in conditions):
            return f"{key}.{name}"
    return "external_id" if table.external_id == name else ""
