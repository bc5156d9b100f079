"""Values that fit a JSON Schema, for the part of JSON Schema that our models use."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]
SAFE = 2**53
KNOWN = {
    "type", "enum", "const", "anyOf", "$ref", "minLength", "pattern", "format", "minimum", "maximum", "items", "properties",
    "required", "additionalProperties",
    "$schema", "$id", "$defs", "title", "description", "default", "examples",
}  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=zones)


def fitting(schema: Schema, root: Schema | None = None) -> st.SearchStrategy[Any]:
    """Values that fit; optional properties are there or not. A keyword that is not known here is an error."""
    root = schema if root is None else root
    unknown = schema.keys() - KNOWN
    assert not unknown, f"teach {__name__} the keywords {unknown}"
    if "$ref" in schema:
        return st.deferred(lambda: fitting(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root))
    if "anyOf" in schema:
        return st.one_of(*(fitting(each, root) for each in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    return _of_type(schema, root)


def _of_type(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    low, high = schema.get("minimum"), schema.get("maximum")
    match schema.get("type"):
        case "string":
            return _text(schema)
        case "integer":
            return st.integers(-SAFE if low is None else low, SAFE if high is None else high)
        case "number":
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            return st.lists(fitting(schema.get("items", {}), root), max_size=4)
        case "object":
            return _object(schema, root)
    return json_values


def _text(schema: Schema) -> st.SearchStrategy[str]:
    formats = {
        "date-time": moments.map(datetime.isoformat),
        "date": st.dates().map(date.isoformat),
        "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    }
    if "format" in schema:
        return formats[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].removesuffix("$") + r"\Z")  # `$` alone allows a line's end behind it
    text = st.text(min_size=schema.get("minLength", 0), max_size=20)
    # Readers strip a text that must not be empty, which the schema cannot say.
    return text.filter(str.strip) if schema.get("minLength") else text


def _object(schema: Schema, root: Schema) -> st.SearchStrategy[dict[str, Any]]:
    properties = {name: fitting(each, root) for name, each in schema.get("properties", {}).items()}
    required = set(schema.get("required", ()))
    if not properties:
        rest = schema.get("additionalProperties", {})
        if rest is False:
            return st.just({})
        return st.dictionaries(st.text(max_size=8), fitting(rest, root), max_size=4)
    return st.fixed_dictionaries(
        {name: each for name, each in properties.items() if name in required},
        optional={name: each for name, each in properties.items() if name not in required},
    )
