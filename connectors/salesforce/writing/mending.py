"""Brings each write to its end: sends it, and mends by sending it otherwise; it knows no way by its name."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from connectors.base import Overtaken
from connectors.judging import ABSENT
from connectors.salesforce.client import Client
from connectors.salesforce.errors import Failure, Recovery, disposition
from connectors.salesforce.resolve import Parents, winners
from connectors.salesforce.writing.rows import ID_LENGTH, Item, Result
from connectors.salesforce.writing.ways import Way
from mappings.table import EntityMap
from schemas.messages import MatchBy

ROUNDS = 3  # a record that others keep changing is tried again later


def settle(
    client: Client, table: EntityMap, way: Way, items: Sequence[Item], known: dict[int, Result], rounds: int = ROUNDS
) -> dict[int, Result]:
    """What became of each item, after every recovery of its failure. `known` are results that came some other way."""
    done, rest = way.judged(table, [item for item in items if item.index not in known])
    results = {**known, **done, **(way.send(table, rest, again=rounds < ROUNDS) if rest else {})}
    sent = {item.index: item for item in (*items, *rest)}
    for item in _failed(sent, results, Recovery.ALONE):
        results |= way.send(table, [item], again=True)
    if rounds > 1:
        mended = _with_living(client, table, sent, results)
        again = [*_failed(sent, results, Recovery.CONFLICT), *mended]
        if again:
            plain = [replace(item, condition={}, target="") for item in again]
            results |= settle(client, table, way, plain, {}, rounds - 1)
    return results


def _failed(items: dict[int, Item], results: dict[int, Result], recovery: Recovery) -> list[Item]:
    return [
        items[index]
        for index, result in results.items()
        if isinstance(result, Failure) and disposition(result).recovery is recovery
    ]


def _with_living(client: Client, table: EntityMap, items: dict[int, Item], results: dict[int, Result]) -> list[Item]:
    """The items that met a deleted record, with the merge winner instead; what cannot be helped is left out.

    A write that expected something of a record that is deleted is overtaken, and its result says so.
    """
    failed = _failed(items, results, Recovery.RESOLVE)
    if not failed:
        return []
    own = [item.key for item in failed if item.match_by is MatchBy.ID]
    masters = winners(client, table.object, own) if own else {}
    parents = Parents.look_up(client, table, [item.values for item in failed])
    mended = []
    for item in failed:
        gone = item.match_by is MatchBy.ID and item.key[:ID_LENGTH] in masters
        winner = masters.get(item.key[:ID_LENGTH]) if gone else None
        if gone and winner is None:
            if item.write.expected:  # decided before it was deleted; the deletion is decided next
                results[item.index] = Overtaken(ABSENT)
            continue
        if winner is not None or parents.concern(item.values):
            values = parents.replaced(item.values)
            changed = {name: value for name, value in values.items() if item.values[name] != value}
            fields = _refilled(table, item, changed)
            mended.append(replace(item, key=winner or item.key, values=values, fields=fields))
    return mended


def _refilled(table: EntityMap, item: Item, changed: dict[str, object]) -> dict[str, JsonValue]:
    """The canonical values with the lookups that were replaced."""
    read = table.to_fields(changed)
    return {
        name: read.get(name, value) if table.fields[name].vendor in changed else value
        for name, value in item.fields.items()
    }
