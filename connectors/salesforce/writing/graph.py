"""Writes a record together with its parent, both or neither, as composite graphs; it decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import Applied
from connectors.errors import RetryLater
from connectors.salesforce.client import Client, Mismatch
from connectors.salesforce.drift import explain
from connectors.salesforce.errors import Failure, Recovery, disposition, of_answer
from connectors.salesforce.writing.reading import path_of
from connectors.salesforce.writing.rows import HEADERS, Item, Result, apart, key_field, known_above
from mappings.table import EntityMap
from schemas.messages import MatchBy

GRAPHS = 75  # of one call, with 500 nodes in all (REST guide, Composite Graph Limits); ours have 2
HALTED = "PROCESSING_HALTED"
PARENT, CHILD = "parent", "child"


class Graphs:
    """One graph for each item: the parent is upserted by its external id, the item points to it."""

    def __init__(self, client: Client, api_version: str) -> None:
        self._client, self._root = client, f"/services/data/v{api_version}/"

    def save(self, table: EntityMap, items: Sequence[Item]) -> dict[int, Result]:
        """What became of each item. A parent that may not be written as it is is the failure of its item."""
        done: dict[int, Result] = {}
        for together in apart(items):
            for start in range(0, len(together), GRAPHS):
                done |= self._until_tried(table, together[start : start + GRAPHS])
        return done

    def _until_tried(self, table: EntityMap, items: Sequence[Item]) -> dict[int, Result]:
        """After 14 graphs failed the rest is not tried: it is sent again, as long as each call gets somewhere."""
        done: dict[int, Result] = {}
        while items:
            answers = self._sent(table, items)
            untried = [item for item in items if answers[item.index].untried]
            done |= {index: answer.result for index, answer in answers.items()}
            if len(untried) == len(items):
                break
            items = untried
        return done

    def _sent(self, table: EntityMap, items: Sequence[Item]) -> "dict[int, _Answer]":
        body = {"graphs": [{"graphId": f"g{i.index}", "compositeRequest": self._nodes(table, i)} for i in items]}
        try:
            answered = self._client.rest("POST", "composite/graph", body, HEADERS)["graphs"]
        except Mismatch as mismatch:
            if disposition(mismatch.failure).recovery is Recovery.STOP:
                raise
            if len(items) == 1:
                return {items[0].index: _Answer(mismatch.failure)}
            half = len(items) // 2
            return self._sent(table, items[:half]) | self._sent(table, items[half:])
        graphs = {graph["graphId"]: graph for graph in answered}
        if graphs.keys() != {f"g{item.index}" for item in items}:
            raise RetryLater(f"Salesforce answered {len(graphs)} graphs for {len(items)}")
        return {item.index: self._read(item, graphs[f"g{item.index}"]) for item in items}

    def _nodes(self, table: EntityMap, item: Item) -> list[dict[str, Any]]:
        above = known_above(item)
        name = key_field(above.table, MatchBy.EXTERNAL_ID)
        parent = path_of(above.table, Item(0, item.write, MatchBy.EXTERNAL_ID, above.key, {}, {}))
        # The key stands in the address and may not stand in the body.
        values = {field: value for field, value in above.values.items() if field != name}
        written = {"method": "PATCH", "body": values}
        upper = {**({"method": "GET"} if above.held else written), "url": f"{self._root}{parent}"}
        # What was written answers `id`, what was read answers `Id`.
        lower = {**item.values, above.link: f"@{{{PARENT}.{'Id' if above.held else 'id'}}}"}
        child = {"method": "PATCH", "url": f"{self._root}{path_of(table, item)}", "body": lower}
        return [{**upper, "referenceId": PARENT}, {**child, "referenceId": CHILD}]

    def _read(self, item: Item, graph: Mapping[str, Any]) -> "_Answer":
        nodes = {node["referenceId"]: node for node in graph["graphResponse"]["compositeResponse"]}
        if graph["isSuccessful"]:
            body = nodes[CHILD]["body"] or {}
            # An update by id answers without a body.
            return _Answer(Applied(body.get("id", item.key)))
        failures = {name: of_answer(node["body"], node["httpStatusCode"]) for name, node in nodes.items()}
        guilty = [name for name, failure in failures.items() if failure.code != HALTED]
        if not guilty:
            return _Answer(failures[CHILD], untried=True)
        failure = failures[guilty[0]]
        return _Answer(self._of_parent(item, failure) if guilty[0] == PARENT else failure)

    def _of_parent(self, item: Item, failure: Failure) -> Failure:
        above, known = known_above(item), disposition(failure)
        if above.held:
            return Failure("PRECONDITION_FAILED", f"its parent {above.table.entity}/{above.key} has gone meanwhile")
        if known.recovery is Recovery.STOP:
            raise explain(self._client, above.table, Mismatch(failure, known.remedy))
        told = f"its parent {above.table.entity}/{above.key} was refused: {failure.message}"
        return Failure(failure.code, told, failure.fields)


@dataclass(frozen=True, slots=True)
class _Answer:
    result: Applied | Failure
    untried: bool = False
