"""Subrequests in one call: rows that refer to each other's results, rolled back together. It knows no HTTP server.

Sources: REST guide, "Using Composite Graphs" and "Composite Graph Limits"; PROCESSING_HALTED and the words of a missing
reference are recorded there. The words of refused limits are ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from . import batches, ids, render
from .dml import Dml
from .errors import SalesforceError, entity_is_deleted, no_such_resource
from .metadata.model import ObjectDef, Row

MAX_GRAPHS, MAX_DEPTH, MAX_NODES, MAX_KINDS, MAX_FAILURES = 75, 15, 500, 15, 14
MAX_SUBREQUESTS = 25
_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])+)\}")
_ROW_URL = re.compile(r"/services/data/(v\d+\.0)/sobjects/(\w+)/?(?:([^/]+)/?(?:([^/]+)/?)?)?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,39}")
_ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."
_TOO_MANY = f"Processing was halted since more than {MAX_FAILURES} graphs of the request failed."


@dataclass(frozen=True, slots=True)
class Node:
    """One subrequest."""

    method: str
    url: str
    reference: str
    body: Any

    @property
    def references(self) -> set[str]:
        return {found[0] for text in _texts([self.url, self.body]) for found in _REFERENCE.findall(text)}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def printed(self, node: Node) -> dict[str, Any]:
        return {"body": self.body, "httpHeaders": self.headers, "httpStatusCode": self.status,
                "referenceId": node.reference}  # fmt: skip


class _HaltedError(Exception):
    """Leaves the savepoint of a graph; never seen outside this module."""


def read_nodes(raw: Any, most: int) -> list[Node]:
    """The subrequests of a `compositeRequest`; raises for what has no such shape."""
    if not isinstance(raw, list) or not raw or not all(isinstance(one, dict) for one in raw):
        raise SalesforceError("JSON_PARSER_ERROR", "compositeRequest must be a list of objects, and not empty")
    if len(raw) > most:
        raise too_many(f"more than {most} subrequests")
    nodes = [
        Node(str(one.get("method", "")), str(one.get("url", "")), str(one.get("referenceId", "")), one.get("body"))
        for one in raw
    ]
    names = [one.reference for one in nodes]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9]\w*", name, re.ASCII) or names.count(name) > 1:
            raise SalesforceError("INVALID_INPUT", f"Provided referenceId ('{name}') is not a name, or is there twice")
    return nodes


def read_graphs(raw: Any) -> list[tuple[str, list[Node]]]:
    """(graphId, nodes) of each graph; raises where a limit of composite graphs is passed."""
    if not isinstance(raw, list) or not raw or not all(isinstance(one, dict) for one in raw):
        raise SalesforceError("JSON_PARSER_ERROR", "graphs must be a list of objects, and not empty")
    if len(raw) > MAX_GRAPHS:
        raise too_many(f"more than {MAX_GRAPHS} graphs")
    graphs = [(str(one.get("graphId", "")), read_nodes(one.get("compositeRequest"), MAX_NODES)) for one in raw]
    names = [name for name, _ in graphs]
    for name in names:
        if not _NAME.fullmatch(name) or names.count(name) > 1:
            raise SalesforceError("INVALID_INPUT", f"graphId '{name}' is not a name of up to 40, or is there twice")
    nodes = [one for _, graph in graphs for one in graph]
    if len(nodes) > MAX_NODES:
        raise too_many(f"more than {MAX_NODES} nodes")
    if len({_kind(one) for one in nodes}) > MAX_KINDS:
        raise too_many(f"more than {MAX_KINDS} different nodes")
    if any(_depth(graph) > MAX_DEPTH for _, graph in graphs):
        raise too_many(f"a graph deeper than {MAX_DEPTH}")
    return graphs


def too_many(what: str) -> SalesforceError:
    return SalesforceError("LIMIT_EXCEEDED", f"The request has {what}")


def run_graphs(
    dml: Dml, graphs: Sequence[tuple[str, list[Node]]], user_id: str, stop_after: int | None = None
) -> list[dict[str, Any]]:
    """Each graph whole or not at all; after 14 failures are exceeded the rest is not tried."""
    answers, failures = [], 0
    for name, nodes in graphs[:stop_after]:
        if failures > MAX_FAILURES:
            printed, well = [_halted(_TOO_MANY).printed(one) for one in nodes], False
        else:
            printed, well = run_together(dml, nodes, user_id)
            failures += not well
        answers.append({"graphId": name, "graphResponse": {"compositeResponse": printed}, "isSuccessful": well})
    return answers


def run_together(dml: Dml, nodes: Sequence[Node], user_id: str) -> tuple[list[dict[str, Any]], bool]:
    """All nodes in one transaction: (their answers, whether it was kept)."""
    results: dict[str, Answer] = {}
    try:
        with dml.store.savepoint():
            for node in nodes:
                results[node.reference] = _attempt(dml, node, results, user_id)
                if results[node.reference].status >= 300:
                    raise _HaltedError
    except _HaltedError:
        culprit = next(reversed(results))
        kept = {culprit: results[culprit]}
        return [kept.get(one.reference, _halted(_ROLLED_BACK)).printed(one) for one in nodes], False
    return [results[one.reference].printed(one) for one in nodes], True


def run_each(dml: Dml, nodes: Sequence[Node], user_id: str) -> list[dict[str, Any]]:
    """Every node by itself, in order; one that refers to a failed one is halted."""
    results: dict[str, Answer] = {}
    for node in nodes:
        results[node.reference] = _attempt(dml, node, results, user_id)
    return [results[one.reference].printed(one) for one in nodes]


def _attempt(dml: Dml, node: Node, results: Mapping[str, Answer], user_id: str) -> Answer:
    try:
        with dml.store.savepoint():
            filled = Node(node.method, str(_fill(node.url, results)), node.reference, _fill(node.body, results))
            return _serve(dml, filled, user_id)
    except SalesforceError as refused:
        return Answer(refused.status, [refused.as_request_error()])


def _halted(words: str) -> Answer:
    return Answer(400, [SalesforceError("PROCESSING_HALTED", words).as_request_error()])


def _fill(part: Any, results: Mapping[str, Answer]) -> Any:
    """The part with every `@{name.path}` replaced; a text that is one reference takes the value's own type."""
    if isinstance(part, dict):
        return {name: _fill(value, results) for name, value in part.items()}
    if isinstance(part, list):
        return [_fill(value, results) for value in part]
    if not isinstance(part, str):
        return part
    whole = _REFERENCE.fullmatch(part)
    if whole:
        return _value(whole, results)
    return _REFERENCE.sub(lambda found: str(_value(found, results)), part)


def _value(found: re.Match[str], results: Mapping[str, Answer]) -> Any:
    name, path = found.groups()
    value: Any = results[name].body if name in results and results[name].status < 300 else None
    for step in re.findall(r"\w+", path):
        if isinstance(value, dict):
            value = next((one for key, one in value.items() if key.lower() == step.lower()), None)
        else:
            value = value[int(step)] if isinstance(value, list) and step.isdigit() and int(step) < len(value) else None
    if value is None:
        words = f"Invalid reference specified. No value for {name}{path} found in {name}"
        raise SalesforceError("PROCESSING_HALTED", words)
    return value


def _serve(dml: Dml, node: Node, user_id: str) -> Answer:
    """One row resource: POST to an object, GET, PATCH and DELETE by id or by external id."""
    sobject, version, steps = _target(dml, node)
    body = node.body if isinstance(node.body, dict) else {}
    if not steps and node.method == "POST":
        record_id = dml.create(sobject, body, user_id)
        location = f"/services/data/{version}/sobjects/{sobject.name}/{record_id}"
        return Answer(201, {"id": record_id, "success": True, "errors": []}, {"Location": location})
    if len(steps) == 2 and node.method == "PATCH":
        key = batches.external_id_field(sobject, steps[0])
        record_id, created = dml.upsert(sobject, key, steps[1], body, user_id)
        answer = {"id": record_id, "success": True, "errors": [], "created": created}
        return Answer(201 if created else 200, answer)
    if steps and node.method in ("GET", "PATCH", "DELETE"):
        row = _row(dml, sobject, steps)
        if node.method == "PATCH":
            dml.update(sobject, str(row["Id"]), body, user_id)
        elif node.method == "DELETE":
            dml.delete(sobject, str(row["Id"]), user_id)
        else:
            names = parse_qs(urlsplit(node.url).query).get("fields", [""])[0]
            fields = render.chosen_fields(sobject, [one for one in names.split(",") if one.strip()])
            return Answer(200, render.record(sobject, row, fields, version))
        return Answer(204)
    raise SalesforceError("METHOD_NOT_ALLOWED", f"HTTP Method '{node.method}' not allowed for {node.url}", status=405)


def _target(dml: Dml, node: Node) -> tuple[ObjectDef, str, list[str]]:
    """(object, version, the steps after it) of a node's URL; raises NOT_FOUND for any other resource."""
    found = _ROW_URL.fullmatch(urlsplit(node.url).path)
    sobject = dml.store.schema.get(found[2]) if found else None
    if found is None or sobject is None:
        raise no_such_resource()
    return sobject, found[1], [unquote(one) for one in (found[3], found[4]) if one is not None]


def _row(dml: Dml, sobject: ObjectDef, steps: Sequence[str]) -> Row:
    if len(steps) == 1:
        return dml.live(sobject, steps[0])
    key = batches.external_id_field(sobject, steps[0])
    found = dml.store.find(sobject.name, key, dml.key_value(key, steps[1]))
    if len(found) != 1:
        raise no_such_resource()
    row = dml.store.get(sobject.name, ids.normalise(found[0]) or "")
    if row is None or row["IsDeleted"]:
        raise entity_is_deleted()
    return row


def _kind(node: Node) -> tuple[str, str, str]:
    """ "Nodes are considered different if they use ... different API versions, a different HTTP method, or ... objects"."""
    found = _ROW_URL.fullmatch(urlsplit(node.url).path)
    return (found[1], node.method, found[2].lower()) if found else ("", node.method, node.url)


def _depth(nodes: Sequence[Node]) -> int:
    depth: dict[str, int] = {}
    for node in nodes:
        depth[node.reference] = 1 + max((depth.get(one, 0) for one in node.references), default=0)
    return max(depth.values())


def _texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for one in inner for text in _texts(one)]
