"""Sends batches of a hundred and finds out what became of each input; it never decides whether to write.

HubSpot answers for each input where every one carries a trace id, and refuses all of them for one bad input where it
likes (facts, hubspot 3.3). A batch that is refused whole is halved until the bad ones stand alone.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from connectors.base import Applied
from connectors.dispositions import Recovery
from connectors.hubspot.client import Client, Row
from connectors.hubspot.errors import Failure, disposition, of_error
from connectors.hubspot.objects import PRIMARY, Objects
from connectors.hubspot.records import BATCH, Records, chunks
from connectors.hubspot.rows import Item, Result
from connectors.hubspot.transport import Refused
from schemas.messages import MatchBy

OWN_FAULT = frozenset({Recovery.PARK, Recovery.RESOLVE})
LINKS = 1000  # inputs of one call that associates; HubSpot takes twice as many (Associations API, v4)
UNANSWERED = Failure("UNANSWERED", "HubSpot's answer does not say what became of the record")
T = TypeVar("T")
R = TypeVar("R")
Link = tuple[Item, str, str]  # an item, its record's id, the id of the other record


def bisected(inputs: Sequence[T], send: Callable[[Sequence[T]], list[R]], lone: Callable[[Failure], R]) -> list[R]:
    """What became of each input, in order: a refused batch is sent again in halves, down to a single input.

    `send` raises `Refused` for what is the fault of an input; `lone` makes a result of the refusal of a single one.
    """
    if not inputs:
        return []
    try:
        return send(inputs)
    except Refused as refused:
        if len(inputs) == 1:
            return [lone(refused.failure)]
    middle = len(inputs) // 2
    return [*bisected(inputs[:middle], send, lone), *bisected(inputs[middle:], send, lone)]


class Batches:
    """The batch writes of one portal."""

    def __init__(self, client: Client, records: Records) -> None:
        self._client, self._records = client, records

    @property
    def _objects(self) -> Objects:
        return self._records.objects

    def save(self, items: Sequence[Item]) -> dict[int, Result]:
        """Create or update; all items are of one table. By the index of each item."""
        found: dict[int, Result] = {}
        for match_by, operation in ((MatchBy.EXTERNAL_ID, "upsert"), (MatchBy.ID, "update")):
            send = partial(self._saved, operation)
            for chunk in chunks([item for item in items if item.write.match_by is match_by], BATCH):
                results: list[Result] = bisected(chunk, send, _failed)
                found |= {item.index: result for item, result in zip(chunk, results, strict=True)}
        return found

    def archive(self, type_id: str, ids: Mapping[int, str]) -> dict[int, Result]:
        """Move records to where HubSpot keeps deleted ones for 90 days; by index."""
        path = self._client.paths.objects(type_id, "batch/archive")

        def send(part: Sequence[int]) -> list[Result]:
            self._send("POST", path, {"inputs": [{"id": ids[index]} for index in part]})
            return [Applied(ids[index]) for index in part]

        results: list[Result] = [
            result for part in chunks(list(ids), BATCH) for result in bisected(part, send, _failed)
        ]
        return dict(zip(ids, results, strict=True))

    def link(self, other: str, links: Sequence[Link]) -> list[Failure | None]:
        """Associate each record with the other one as the one it belongs to; None where that went well."""
        if not links:
            return []
        start, end = self._objects.type_id(links[0][0].table.object), self._objects.type_id(other)
        primary = PRIMARY.get((start, end))
        rest = "batch/associate/default" if primary is None else "batch/create"
        path = self._client.paths.associations(start, end, rest)
        types = {"types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": primary}]} if primary else {}

        def send(part: Sequence[Link]) -> list[Failure | None]:
            inputs = [{"from": {"id": id_}, "to": {"id": target}, **types} for _, id_, target in part]
            self._send("POST", path, {"inputs": inputs})
            return [None] * len(part)

        return [done for part in chunks(links, LINKS) for done in bisected(part, send, lambda failure: failure)]

    def unlink(self, other: str, links: Sequence[Link]) -> None:
        """Take records apart; what is not together is no error."""
        for chunk in chunks(links, BATCH):
            start, end = self._objects.type_id(chunk[0][0].table.object), self._objects.type_id(other)
            inputs = [{"from": {"id": id_}, "to": [{"id": target}]} for _, id_, target in chunk]
            self._client.post(self._client.paths.associations(start, end, "batch/archive"), {"inputs": inputs})

    def _saved(self, operation: str, items: Sequence[Item]) -> list[Result]:
        path = self._client.paths.objects(self._objects.type_id(items[0].table.object), f"batch/{operation}")
        inputs = [_input(number, item) for number, item in enumerate(items)]
        answer = self._bare("POST", path, {"inputs": inputs}) or {}
        results: list[Result | None] = [None] * len(items)
        for error in answer.get("errors") or ():
            for trace in (error.get("context") or {}).get("objectWriteTraceId") or ():
                _put(results, trace, of_error(error))
        for result in answer.get("results") or ():
            trace = result.get("objectWriteTraceId")
            _put(results, _place(items, result) if trace is None else trace, Applied(str(result["id"])))
        return [UNANSWERED if result is None else result for result in results]

    def _send(self, method: str, path: str, body: Row) -> None:
        """A call whose answer names no inputs: one error in it refuses the whole."""
        answer = self._bare(method, path, body) or {}
        errors = answer.get("errors") or ()
        if errors:
            refused = Refused(207, of_error(errors[0]), None)
            if disposition(refused.failure).recovery not in OWN_FAULT:
                self._client.raise_for(refused)
            raise refused

    def _bare(self, method: str, path: str, body: Row) -> Any:
        """The answer; raises `Refused` only where one of the inputs can be at fault."""
        try:
            return self._client.bare(method, path, body)
        except Refused as refused:
            if disposition(refused.failure).recovery in OWN_FAULT:
                raise
            self._client.raise_for(refused)


def _failed(failure: Failure) -> Result:
    return failure


def _input(number: int, item: Item) -> Row:
    """One input of a batch; HubSpot sends its trace id back with the result, or with the error."""
    made: Row = {"id": item.write.key, "objectWriteTraceId": str(number), "properties": item.properties}
    if item.write.match_by is MatchBy.EXTERNAL_ID:
        made["idProperty"] = item.key_property
        made["properties"] = {item.key_property: item.write.key, **item.properties}
    return made


def _put(results: list[Result | None], trace: object, result: Result) -> None:
    number = int(str(trace)) if str(trace).isdigit() else -1
    if 0 <= number < len(results):
        results[number] = result


def _place(items: Sequence[Item], result: Mapping[str, Any]) -> int:
    """Which input a result without a trace id belongs to: the one with its key."""
    known = {"hs_object_id": str(result["id"]), **(result.get("properties") or {})}
    return next((number for number, item in enumerate(items) if known.get(item.key_property) == item.write.key), -1)
