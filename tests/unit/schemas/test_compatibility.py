"""The comparator: it finds each kind of break and names it, and what it lets pass really can be read."""

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.compatibility import Break, breaks, breaks_of_all
from tests.unit.schemas.strategies import fitting

Schema = Mapping[str, Any]
TEXT, WHOLE, NUMBER, NULL = {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "null"}


def either(*alternatives: Schema) -> Schema:
    return {"anyOf": list(alternatives)}


def record(required: str = "", **properties: Schema) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


class Edit(NamedTuple):
    """A schema before and after, and the path and words of the break that it is."""

    old: Schema
    new: Schema
    path: str
    words: str


DOMAINS = {"type": "array", "items": TEXT}
BROKEN = {
    "a required field is added": Edit(record(), record("a", a=TEXT), "$.a", "is new and required"),
    "an optional field is added without a default": Edit(record(), record(a=TEXT), "$.a", "is new and has no default"),
    "a required field is removed": Edit(record("a", a=TEXT), record(), "$.a", "was required and is gone"),
    "an optional field becomes required": Edit(record(a=TEXT), record("a", a=TEXT), "$.a", "is required now"),
    "a type is replaced": Edit(record(a=TEXT), record(a=WHOLE), "$.a", "no longer takes string, only integer"),
    "a number becomes a whole number": Edit(NUMBER, WHOLE, "$", "no longer takes number"),
    "anything becomes a text": Edit({}, TEXT, "$", "no longer takes anything, only string"),
    "null is no longer taken": Edit(either(TEXT, NULL), TEXT, "$", "no longer takes null"),
    "one of two types is dropped": Edit({"type": ["string", "integer"]}, TEXT, "$", "no longer takes integer"),
    "a value of an enumeration is removed": Edit({"enum": ["a", "b"]}, {"enum": ["a"]}, "$", 'takes the value "b"'),
    "true is no longer listed though 1 is": Edit({"enum": [True]}, {"enum": [1]}, "$", "the value true"),
    "a constant changes": Edit({"const": "a"}, {"const": "b"}, "$", 'no longer takes the value "a"'),
    "any text becomes one of a list": Edit(TEXT, {**TEXT, "enum": ["a"]}, "$", "took any string"),
    "a minimum is raised": Edit({**WHOLE, "minimum": 0}, {**WHOLE, "minimum": 1}, "$", "minimum was 0 and is 1"),
    "a minimum is set": Edit(WHOLE, {**WHOLE, "minimum": 1}, "$", "minimum was not set"),
    "a maximum is lowered": Edit({**NUMBER, "maximum": 2}, {**NUMBER, "maximum": 1}, "$", "maximum was 2 and is 1"),
    "a text is bounded": Edit(TEXT, {**TEXT, "maxLength": 9}, "$", "maxLength was not set and is 9"),
    "a pattern is set": Edit(TEXT, {**TEXT, "pattern": "^a"}, "$", "pattern was not set and is ^a"),
    "a format changes": Edit({**TEXT, "format": "date"}, {**TEXT, "format": "date-time"}, "$", "format was date"),
    "the items of a list change": Edit(DOMAINS, {**DOMAINS, "items": WHOLE}, "$[*]", "no longer takes string"),
    "a list of anything becomes one of texts": Edit({"type": "array"}, DOMAINS, "$[*]", "no longer takes anything"),
    "the values of a dictionary change": Edit(
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": WHOLE},
        "$.*",
        "no longer takes string",
    ),
    "an entry of a dictionary gets a type of its own": Edit(
        {"type": "object", "additionalProperties": TEXT},
        {**record(a={**WHOLE, "default": 0}), "additionalProperties": TEXT},
        "$.a",
        "no longer takes string",
    ),
    "a field becomes an entry of a dictionary": Edit(
        {**record(a=TEXT), "additionalProperties": WHOLE},
        {**record(), "additionalProperties": WHOLE},
        "$.a",
        "no longer takes string",
    ),
    "a field behind two references changes": Edit(
        {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/B"}, "B": TEXT}},
        {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/B"}, "B": WHOLE}},
        "$",
        "no longer takes string, only integer",
    ),
    "unknown fields are refused": Edit(
        record(a=TEXT), {**record(a=TEXT), "additionalProperties": False}, "$.*", "were ignored and are refused now"
    ),
    "an optional field is removed where unknown ones are refused": Edit(
        {**record(a=TEXT), "additionalProperties": False},
        {**record(), "additionalProperties": False},
        "$.a",
        "is gone, and unknown fields are refused",
    ),
    "a field deep inside changes": Edit(
        record(a={"type": "array", "items": record(b=TEXT)}),
        record(a={"type": "array", "items": record(b=WHOLE)}),
        "$.a[*].b",
        "no longer takes string",
    ),
    "a field behind a reference changes": Edit(
        {"$ref": "#/$defs/A", "$defs": {"A": record(b=TEXT)}},
        {"$ref": "#/$defs/B", "$defs": {"B": record(b=NULL)}},
        "$.b",
        "no longer takes string, only null",
    ),
    "a keyword that nobody understands appears": Edit(DOMAINS, {**DOMAINS, "contains": TEXT}, "$", "contains changed"),
    "a keyword that nobody understands goes": Edit({**DOMAINS, "contains": TEXT}, DOMAINS, "$", "contains changed"),
}
FINE = {
    "an optional field is added with a default": (record(), record(a={**TEXT, "default": ""})),
    "an optional field is removed": (record(a=TEXT), record()),
    "a required field becomes optional": (record("a", a=TEXT), record(a=TEXT)),
    "a whole number becomes a number": (WHOLE, NUMBER),
    "null is taken as well": (TEXT, either(NULL, TEXT)),
    "an enumeration grows": ({"enum": ["a"]}, {"enum": ["b", "a"]}),
    "an enumeration becomes any text": ({**TEXT, "enum": ["a"]}, TEXT),
    "a bound is loosened": ({**TEXT, "minLength": 2, "maxLength": 3}, {**TEXT, "minLength": 1}),
    "a pattern is dropped": ({**TEXT, "pattern": "^a"}, TEXT),
    "unknown fields are ignored where they were refused": ({**record(), "additionalProperties": False}, record()),
    "a text becomes anything": (TEXT, {}),
    "words and examples change": ({**TEXT, "title": "A", "examples": ["x"]}, {**TEXT, "description": "b"}),
    "a definition is renamed": (
        {"$ref": "#/$defs/A", "$defs": {"A": TEXT}},
        {"$ref": "#/$defs/B", "$defs": {"B": TEXT}},
    ),
}


@pytest.mark.parametrize("edit", BROKEN.values(), ids=BROKEN)
def test_it_is_a_break_when(edit: Edit) -> None:
    [found] = breaks(edit.old, edit.new)
    assert found.path == edit.path
    assert edit.words in found.reason


@pytest.mark.parametrize("pair", FINE.values(), ids=FINE)
def test_it_is_no_break_when(pair: tuple[Schema, Schema]) -> None:
    assert breaks(*pair) == []


@pytest.mark.parametrize("edit", BROKEN.values(), ids=BROKEN)
def test_nothing_breaks_where_nothing_changed(edit: Edit) -> None:
    assert breaks(edit.old, copy.deepcopy(edit.old)) == []


def test_every_break_of_a_schema_is_told():
    found = breaks(record("a b", a=TEXT, b=WHOLE), record("c", b=TEXT, c=TEXT))
    assert [each.path for each in found] == ["$.c", "$.a", "$.b"]


def test_of_several_alternatives_the_nearest_is_the_one_that_is_told():
    found = breaks(record(a=TEXT, b=TEXT), either(record(a=WHOLE, b=WHOLE), record(a=WHOLE, b=TEXT)))
    assert [each.path for each in found] == ["$.a"]


def test_a_schema_that_contains_itself_is_compared_once():
    def tree(leaf: Schema) -> Schema:
        node = record(leaf=leaf, branches={"type": "array", "items": {"$ref": "#/$defs/Node"}})
        return {"$ref": "#/$defs/Node", "$defs": {"Node": node}}

    assert breaks(tree(TEXT), tree(TEXT)) == []
    assert [each.path for each in breaks(tree(TEXT), tree(WHOLE))] == ["$.leaf"]


def test_in_a_set_the_name_of_the_schema_stands_before_the_path():
    found = breaks_of_all({"account": record(a=TEXT), "lead": TEXT}, {"account": record(a=WHOLE)})
    assert list(map(str, found)) == [
        "account $.a: no longer takes string, only integer",
        "lead $: the schema is gone, so nothing reads it any more",
    ]


def test_a_schema_that_is_new_breaks_nobody():
    assert breaks_of_all({}, {"lead": record("a", a=TEXT)}) == []


def test_a_reference_out_of_the_document_is_refused():
    with pytest.raises(ValueError, match="leads out of its document"):
        breaks({"$ref": "other.json"}, TEXT)


def test_a_rule_beside_a_union_that_its_members_have_too_is_refused():
    with pytest.raises(ValueError, match="minLength stands beside and inside"):
        breaks(TEXT, {"minLength": 5, **either({**TEXT, "minLength": 1})})


LEAVES = st.one_of(
    st.sampled_from([TEXT, WHOLE, NUMBER, NULL, {}]),
    st.integers(0, 3).map(lambda length: {**TEXT, "minLength": length}),
    st.tuples(st.integers(-3, 0), st.integers(0, 3)).map(
        lambda ends: {**WHOLE, "minimum": ends[0], "maximum": ends[1]}
    ),
    st.lists(st.sampled_from("xyz"), min_size=1, unique=True).map(lambda values: {**TEXT, "enum": values}),
)


def records(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    fields = st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    return st.tuples(fields, st.sets(st.sampled_from("abc")), st.sampled_from([None, False, TEXT])).map(
        lambda drawn: {
            **record(
                " ".join(sorted(drawn[1] & set(drawn[0]))), **{k: {**v, "default": 0} for k, v in drawn[0].items()}
            ),
            **({} if drawn[2] is None else {"additionalProperties": drawn[2]}),
        }
    )


SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        records(inner),
        inner.map(lambda items: {"type": "array", "items": items}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: either(*each)),
    ),
    max_leaves=6,
)


@st.composite
def edited(draw: st.DrawFn, schema: Schema) -> Schema:
    """The schema with a few of its parts, at any depth, replaced by others."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.one_of(LEAVES, st.just(either(schema, NULL)), st.just({})))
    if "anyOf" in schema:
        return either(*[draw(edited(each)) for each in schema["anyOf"]], *draw(st.lists(LEAVES, max_size=1)))
    if "items" in schema:
        return {**schema, "items": draw(edited(schema["items"]))}
    if "properties" in schema:
        kept = {k: v for k, v in schema["properties"].items() if draw(st.integers(0, 3))}
        fields = {k: {**draw(edited(v)), "default": 0} for k, v in kept.items()}
        added = draw(st.dictionaries(st.sampled_from("de"), LEAVES.map(lambda it: {**it, "default": 0}), max_size=1))
        return {**schema, "properties": {**fields, **added}, "required": [k for k in schema["required"] if k in fields]}
    return schema


@given(st.data())
def test_what_it_lets_pass_can_be_read(data: st.DataObject) -> None:
    old = data.draw(SCHEMAS)
    new = data.draw(edited(old))
    assume(breaks(old, new) == [])
    value = data.draw(fitting(old))
    Draft202012Validator(new).validate(value)


@given(SCHEMAS)
def test_a_schema_reads_what_it_wrote(schema: Schema) -> None:
    assert breaks(schema, schema) == []


def test_a_break_reads_as_a_line():
    assert str(Break("$.record.name", "is gone")) == "$.record.name: is gone"
