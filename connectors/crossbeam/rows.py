"""What an overlap says of a partner's account, and a signal of a partner's deal, as rows of a mapping; it asks nobody."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mappings.errors import UnconvertibleError
from mappings.table import EntityMap

OURS, THEIRS = "crossbeam_record_id", "partner_crossbeam_record_id"
POPULATION, PARTNER, SOURCE = "partner_population", "partner_key", "source"
# A partner's account can be in several of its populations: the furthest counts.
FURTHEST = ("customer", "open_opportunity", "prospect")


def account_row(table: EntityMap, item: Mapping[str, Any]) -> dict[str, Any]:
    """The partner's account, with the population that counts, and what the partner shares besides under `source`."""
    shared = [each for each in item.get("partner_source_data") or () if isinstance(each, Mapping)]
    made = {
        POPULATION: _furthest(table, item),
        SOURCE: {each.get("field_name"): each.get("field_value") for each in shared},
    }
    return _mapped(table, {**item, **made})


def signal_row(table: EntityMap, item: Mapping[str, Any], partner: str) -> dict[str, Any]:
    """The signal, with the partner's key."""
    return _mapped(table, {**item, PARTNER: partner})


def moment(value: object) -> datetime:
    """A time as Crossbeam writes it. Raises `ValueError`: its own example says 2025-10-028T16:00:00.103+00:00."""
    found = datetime.fromisoformat(str(value))
    if found.tzinfo is None:
        raise ValueError(f"{value!r} has no zone")
    return found


def digest(row: Mapping[str, Any]) -> str:
    """Differs whenever a mapped value does."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _furthest(table: EntityMap, item: Mapping[str, Any]) -> str | None:
    populations = [each for each in item.get("partner_populations") or () if isinstance(each, Mapping)]
    names = [str(each.get("name")) for each in populations]
    field = next((each for each in table.fields.values() if each.vendor == POPULATION), None)
    if field is None or not names:
        return names[0] if names else None

    def far(name: str) -> int:
        try:
            meant = field.converter.to_canonical(name)
        except UnconvertibleError:
            return len(FURTHEST)
        return FURTHEST.index(str(meant)) if meant in FURTHEST else len(FURTHEST)

    return min(names, key=far)


def _mapped(table: EntityMap, item: Mapping[str, Any]) -> dict[str, Any]:
    heads = {name.partition(".")[0] for name in table.vendor_fields}
    return {name: value for name, value in item.items() if name in heads or name in table.vendor_fields}
