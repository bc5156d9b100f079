"""What the portal says of itself, what it can be told, and what a check says of it."""

import socket

import pytest
import requests
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from connectors import portal
from connectors.portal.bodies import AnswerBody, RegistrationBody
from connectors.portal.judge import ROUTES
from tests.unit.connectors.portal.conftest import ACME, BOREALIS, ROBOTICS, START, TABLES


@pytest.fixture
def described(at):
    return requests.get(f"{at.url}/v1/openapi.json", timeout=5).json()


def test_anybody_may_ask_whether_it_is_well(at):
    answer = requests.get(f"{at.url}/v1/health", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_description_has_every_path_and_method_that_is_served(described):
    written = {
        (path.replace("{id}", "(.+)"), method.upper()) for path, it in described["paths"].items() for method in it
    }
    served = {(pattern, method) for pattern, method, _ in ROUTES}
    assert written == served | {("/v1/health", "GET"), ("/v1/openapi.json", "GET")}


def test_its_schemas_are_schemas_and_hold_for_what_is_taken(described):
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator({**described["components"]["schemas"]["RegistrationBody"], **defs(described)})
    assert list(checker.iter_errors(ROBOTICS)) == []
    assert list(checker.iter_errors({**ROBOTICS, "deal_type": "resell"})) != []


def defs(described):
    return {"components": described["components"]}


def test_every_reference_in_it_points_to_something(described):
    schemas = described["components"]["schemas"]
    assert refs(described) <= {f"#/components/schemas/{name}" for name in schemas}


def refs(value):
    if isinstance(value, dict):
        return {value["$ref"]} if "$ref" in value else set().union(*map(refs, value.values()), set())
    return set().union(*map(refs, value), set()) if isinstance(value, list) else set()


def test_every_field_that_can_be_sent_is_mapped():
    assert set(RegistrationBody.model_fields) <= set(TABLES["registration"].vendor_fields)
    assert set(AnswerBody.model_fields) <= set(TABLES["partner_lead"].vendor_fields)


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ([], "at least 1"),
        ([{"partner": "acme", "token": "short"}], "16 characters"),
        ([{"partner": "acme", "token": ACME}, {"partner": "borealis", "token": ACME}], "acme, borealis are the same"),
    ],
)
def test_tokens_that_protect_nobody_are_refused(tokens, words):
    with pytest.raises(ValidationError, match=words):
        portal.Settings(tokens=tokens)


def test_a_partner_may_have_two_tokens_while_one_replaces_the_other(opened):
    at = opened(tokens=[{"partner": "acme", "token": ACME}, {"partner": "acme", "token": BOREALIS}])
    at.register()
    assert at.change(body={**ROBOTICS, "city": "Bonn"}, token=BOREALIS)[0] == 200


def test_a_check_tells_for_whom_it_listens_and_a_taken_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = portal.Settings(tokens=[{"partner": "acme", "token": ACME}], port=taken.getsockname()[1])
        findings = list(portal.checker(settings, lambda: START, "portal").check(list(TABLES.values())))
    assert [finding.ok for finding in findings] == [False, True, True]
    assert "acme" in findings[1].detail
    assert all(each.ok for each in portal.checker(settings, lambda: START, "portal").check(list(TABLES.values())))
