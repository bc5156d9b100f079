"""Whether a new schema still reads what an old one wrote, by rule on the two JSON Schemas; it never looks at data.

The rules are those of a registry's BACKWARD, for readers that ignore unknown fields (an open content model): a writer
is taken to write only what its schema declares, so a new optional field is no break. A keyword that is not understood
must stay as it is: what cannot be judged counts as a break.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

ANNOTATIONS = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples", "deprecated",
     "readOnly", "writeOnly", "discriminator"}
)  # fmt: skip
LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
DROPPABLE = ("pattern", "format", "multipleOf", "uniqueItems")
STRUCTURE = ("type", "enum", "const", "anyOf", "oneOf", "items", "properties", "required", "additionalProperties")
JUDGED = {*ANNOTATIONS, *LOWER_BOUNDS, *UPPER_BOUNDS, *DROPPABLE, *STRUCTURE}


@dataclass(frozen=True, slots=True)
class Break:
    """What a new reader can no longer read. `path` is a JSON path: `$.record.name`, `$.reasons[*]`, `$.fields.*`."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def breaks(old: Schema, new: Schema, root: str = "$") -> list[Break]:
    """Every way in which what fits `old` may not fit `new`; empty if the new reader can read all of it.

    Raises `ValueError` for a `$ref` that leads out of its document.
    """
    return _Comparison(old, new).compare(root, old, new)


def breaks_of_all(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[Break]:
    """The same for two sets of schemas by name; the name stands before the path. A schema that is gone is a break."""
    found: list[Break] = []
    for name, schema in old.items():
        if name in new:
            found += breaks(schema, new[name], f"{name} $")
        else:
            found.append(Break(f"{name} $", "the schema is gone, so nothing reads it any more"))
    return found


@dataclass(slots=True)
class _Comparison:
    old_document: Schema
    new_document: Schema
    # Pairs of references that are being compared further up: a schema may contain itself.
    open: set[tuple[str, str]] = field(default_factory=set)

    def compare(self, path: str, old: Any, new: Any) -> list[Break]:
        pair = (_ref(old), _ref(new))
        if all(pair):
            if pair in self.open:
                return []
            self.open.add(pair)
        try:
            wanted = list(_alternatives(old, self.old_document))
            offered = list(_alternatives(new, self.new_document))
            return [each for one in wanted for each in self._accepted(path, one, offered)]
        finally:
            self.open.discard(pair)

    def _accepted(self, path: str, old: Schema, offered: list[Schema]) -> list[Break]:
        """Nothing if one of the alternatives takes all that the old one did; else what the nearest one lacks."""
        alike = [each for each in offered if _takes_type(old, each)]
        if not alike:
            kinds = " or ".join(dict.fromkeys(_kind(each) for each in offered))
            return [Break(path, f"no longer takes {_kind(old)}, only {kinds}")]
        return min((self._one(path, old, each) for each in alike), key=len)

    def _one(self, path: str, old: Schema, new: Schema) -> list[Break]:
        found = [Break(path, reason) for reason in (*_values(old, new), *_bounds(old, new), *_others(old, new))]
        if "items" in new:
            found += self.compare(f"{path}[*]", old.get("items", {}), new["items"])
        return found + list(self._object(path, old, new))

    def _object(self, path: str, old: Schema, new: Schema) -> Iterator[Break]:
        before, after = old.get("properties", {}), new.get("properties", {})
        rest_before, rest_after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        yield from _requirements(path, old, new)
        for name, schema in before.items():
            if name in after:
                yield from self.compare(f"{path}.{name}", schema, after[name])
            elif isinstance(rest_after, Mapping):
                yield from self.compare(f"{path}.{name}", schema, rest_after)
            elif rest_after is False and name not in old.get("required", ()):
                yield Break(f"{path}.{name}", "is gone, and unknown fields are refused")
        for name in (name for name in after if name not in before and isinstance(rest_before, Mapping)):
            yield from self.compare(f"{path}.{name}", rest_before, after[name])
        if rest_after is False and rest_before is not False:
            yield Break(f"{path}.*", "unknown fields were ignored and are refused now")
        elif isinstance(rest_after, Mapping) and rest_before is not False:
            yield from self.compare(f"{path}.*", rest_before, rest_after)


def _requirements(path: str, old: Schema, new: Schema) -> Iterator[Break]:
    before, after = old.get("properties", {}), new.get("properties", {})
    demanded, kept = old.get("required", ()), new.get("required", ())
    for name in kept:
        if name not in demanded:
            was = "was optional and is required now" if name in before else "is new and required"
            yield Break(f"{path}.{name}", f"{was}, so what was written without it cannot be read")
    for name, schema in after.items():
        if name not in before and name not in kept and "default" not in schema:
            yield Break(f"{path}.{name}", "is new and has no default")
    for name in demanded:
        if name not in after:
            yield Break(f"{path}.{name}", "was required and is gone")


def _values(old: Schema, new: Schema) -> Iterator[str]:
    before, after = _listed(old), _listed(new)
    if after is None:
        return
    if before is None:
        yield f"took any {_kind(old)} and takes only {', '.join(after)}"
        return
    for value in before:
        if value not in after:
            yield f"no longer takes the value {value}"


def _listed(node: Schema) -> list[str] | None:
    """The only values that it takes, as JSON text (in Python True equals 1); None if it does not list them."""
    values = [node["const"]] if "const" in node else node.get("enum")
    return None if values is None else [json.dumps(value, sort_keys=True) for value in values]


def _bounds(old: Schema, new: Schema) -> Iterator[str]:
    for name in LOWER_BOUNDS:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{name} was {old.get(name, 'not set')} and is {new[name]}"
    for name in UPPER_BOUNDS:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{name} was {old.get(name, 'not set')} and is {new[name]}"


def _others(old: Schema, new: Schema) -> Iterator[str]:
    for name in DROPPABLE:
        if name in new and new[name] != old.get(name):
            yield f"{name} was {old.get(name, 'not set')} and is {new[name]}"
    for name in sorted((old.keys() | new.keys()) - JUDGED):
        if old.get(name) != new.get(name):
            yield f"{name} changed, which is not understood here and so counts as a break"


def _takes_type(old: Schema, new: Schema) -> bool:
    before, after = old.get("type"), new.get("type")
    return after is None or before == after or (before, after) == ("integer", "number")


def _kind(node: Schema) -> str:
    return str(node.get("type", "anything"))


def _ref(node: Any) -> str:
    return str(node.get("$ref", "")) if isinstance(node, Mapping) else ""


def _alternatives(node: Any, document: Schema) -> Iterator[Schema]:
    """The schemas of which one must fit, without references, unions and lists of types; annotations are kept."""
    if isinstance(node, bool):
        yield {} if node else {"not": {}}
        return
    while "$ref" in node:
        node = _both(_without(node, "$ref"), _target(node["$ref"], document))
    for union in ("anyOf", "oneOf"):
        if union in node:
            rest = {key: value for key, value in _without(node, union).items() if key not in ANNOTATIONS}
            for each in node[union]:
                yield from _alternatives(_both(rest, each), document)
            return
    kinds = node.get("type")
    if isinstance(kinds, list):
        yield from ({**node, "type": kind} for kind in kinds)
    else:
        yield node


def _without(node: Schema, keyword: str) -> Schema:
    return {key: value for key, value in node.items() if key != keyword}


def _both(outer: Schema, inner: Schema) -> Schema:
    """One schema that says what both say; the outer one's annotations win."""
    clash = sorted(key for key in outer.keys() & inner.keys() - ANNOTATIONS if outer[key] != inner[key])
    if clash:
        raise ValueError(f"{', '.join(clash)} stands beside and inside a reference or union: say it in one place")
    return {**inner, **outer}


def _target(ref: str, document: Schema) -> Schema:
    if not ref.startswith("#/"):
        raise ValueError(f"{ref!r} leads out of its document: bundle the schemas first")
    node: Any = document
    for step in ref.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    found: Schema = node
    return found
