"""A hundred at a time: outcomes per row with trace ids, all or nothing without."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api, unique_key


def named(name: str, trace: str | None = None, **more: Any) -> dict[str, Any]:
    return {"properties": {"name": name, **more}, **({"objectWriteTraceId": trace} if trace is not None else {})}


def test_a_batch_takes_a_hundred_inputs(api: Api) -> None:
    assert api.batch("companies", "create", *[named(str(one)) for one in range(100)]).status_code == 201
    refused = api.batch("companies", "create", *[named(str(one)) for one in range(101)])
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")


def test_one_bad_row_refuses_a_batch_without_trace_ids_and_nothing_is_written(api: Api) -> None:
    refused = api.batch("companies", "create", named("A"), named("B", nope="1"))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "PROPERTY_DOESNT_EXIST")
    assert api.objects("GET", "companies").json()["results"] == []


def test_with_trace_ids_every_row_has_its_own_outcome(api: Api) -> None:
    existing = api.create("contacts", email="a@acme.example")
    done = api.batch(
        "contacts",
        "create",
        {"properties": {"email": "a@acme.example"}, "objectWriteTraceId": "0"},
        {"properties": {"email": "b@acme.example"}, "objectWriteTraceId": "1"},
    )
    body = done.json()
    assert (done.status_code, body["status"], body["numErrors"]) == (207, "COMPLETE", 1)
    assert [one["objectWriteTraceId"] for one in body["results"]] == ["1"]
    assert body["errors"] == [
        {
            "status": "error",
            "category": "CONFLICT",
            "message": f"Contact already exists. Existing ID: {existing}",
            "context": {"objectWriteTraceId": ["0"], "existingId": [existing]},
        }
    ]


def test_a_conflict_in_a_batch_without_trace_ids_does_not_say_which_one_exists(api: Api) -> None:
    api.create("contacts", email="a@acme.example")
    refused = api.batch("contacts", "create", {"properties": {"email": "a@acme.example"}})
    assert (refused.status_code, refused.json()["message"]) == (409, "Contact already exists")


def test_an_update_of_unknown_ids_leaves_the_others_their_way(api: Api) -> None:
    known = api.create("companies", name="A")
    done = api.batch("companies", "update", {"id": known, **named("B")}, {"id": "77", **named("C")})
    assert done.status_code == 207
    assert [one["properties"]["name"] for one in done.json()["results"]] == ["B"]
    error = done.json()["errors"][0]
    assert (error["category"], error["context"]) == ("OBJECT_NOT_FOUND", {"ids": ["77"]})


def test_one_bad_property_refuses_a_whole_update(api: Api) -> None:
    ids = [api.create("companies", name=name) for name in "AB"]
    refused = api.batch("companies", "update", {"id": ids[0], **named("C")}, {"id": ids[1], **named("D", nope="1")})
    assert refused.status_code == 400
    assert api.get("companies", ids[0])["properties"]["name"] == "A"


def test_an_id_that_comes_twice_refuses_an_update(api: Api) -> None:
    known = api.create("companies", name="A")
    refused = api.batch("companies", "update", {"id": known, **named("B")}, {"id": known, **named("C")})
    assert refused.json()["message"] == f"Duplicate IDs found in batch input: [{known}]. IDs must be unique"


def test_an_upsert_goes_by_a_unique_property_and_says_what_is_new(api: Api) -> None:
    key = unique_key(api)
    first = api.batch("companies", "upsert", {"id": "k1", "idProperty": key, **named("A")})
    assert [one["new"] for one in first.json()["results"]] == [True]
    again = api.batch(
        "companies",
        "upsert",
        {"id": "k1", "idProperty": key, **named("B")},
        {"id": "k2", "idProperty": key, **named("C")},
    )
    assert again.status_code == 200
    assert [(one["new"], one["properties"]["name"]) for one in again.json()["results"]] == [(False, "B"), (True, "C")]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"id": "1", "properties": {"name": "A"}}, "idProperty is required"),
        ({"id": "1", "idProperty": "domain", "properties": {}}, "non-unique 0-2 property domain in portal ID 62515"),
        ({"id": "1", "idProperty": "hs_object_id", "properties": {}}, "non-unique 0-2 property hs_object_id"),
        ({"id": 1, "idProperty": "tandem_key", "properties": {}}, "every input needs an id, a string"),
        ({"id": "1", "idProperty": "tandem_key"}, "properties must be an object"),
        ({"id": "1", "idProperty": "tandem_key", "properties": {"name": None}}, "must be a string, not null"),
    ],
)
def test_an_upsert_that_is_not_whole_is_refused(api: Api, given: dict[str, Any], words: str) -> None:
    unique_key(api)
    refused = api.batch("companies", "upsert", given)
    assert refused.status_code == 400
    assert words in refused.json()["message"]


def test_a_traced_upsert_refuses_the_bad_row_only(api: Api) -> None:
    key = unique_key(api)
    inputs = [
        {"id": str(n), "idProperty": key, **named(f"C{n}", str(n), **({"industry": "x"} if n == 1 else {}))}
        for n in range(3)
    ]
    done = api.batch("companies", "upsert", *inputs)
    assert (done.status_code, len(done.json()["results"])) == (207, 2)
    assert done.json()["errors"][0]["context"] == {"objectWriteTraceId": ["1"]}


def test_a_read_shows_what_exists_once_and_names_the_rest(api: Api) -> None:
    key = unique_key(api)
    known = api.create("companies", name="A", **{key: "k"})
    read = api.batch("companies", "read", {"id": "k"}, {"id": "k"}, {"id": "z"}, idProperty=key, properties=["city"])
    assert read.status_code == 207
    assert [(one["id"], one["properties"]["city"]) for one in read.json()["results"]] == [(known, None)]
    assert read.json()["errors"][0]["context"] == {"ids": ["z"]}
    assert api.batch("companies", "read", {"id": known}).status_code == 200


def test_an_archive_says_nothing_of_ids_that_do_not_exist(api: Api) -> None:
    known = api.create("companies", name="A")
    assert api.batch("companies", "archive", {"id": known}, {"id": "77"}).status_code == 204
    assert api.objects("GET", f"companies/{known}").status_code == 404
