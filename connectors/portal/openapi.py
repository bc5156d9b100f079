"""The portal's interface in OpenAPI 3.1, made from the models that it checks with; it never serves anything."""

from typing import Any

from connectors.portal.bodies import AnswerBody, RegistrationBody

REF = "#/components/schemas/{model}"
Raw = dict[str, Any]


def document() -> Raw:
    """The whole description, as JSON."""
    schemas: Raw = {"Errors": _errors(), "Taken": _taken()}
    for model in (RegistrationBody, AnswerBody):
        schema = model.model_json_schema(ref_template=REF)
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tandem portal",
            "version": "1",
            "description": "Register deals and answer leads. Success is answered only when it is kept for good: after a "
            "503, or no answer at all, send the same request again.",
        },
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _paths() -> Raw:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Your own id of the registration. The same request may be sent again with it.",
        "schema": {"type": "string", "maxLength": 128},
    }
    return {
        "/v1/registrations": {"post": _call("Register a deal", "RegistrationBody", "202", [key])},
        "/v1/registrations/{id}": {
            "put": _call(
                "Make a registration be as the body says", "RegistrationBody", "200", [_in_path("Your own id.")]
            )
        },
        "/v1/leads/{id}/answer": {
            "post": _call("Answer a lead", "AnswerBody", "200", [_in_path("As it was told, percent-encoded.")])
        },
        "/v1/health": {"get": _open("Whether it listens")},
        "/v1/openapi.json": {"get": _open("This description")},
    }


def _call(summary: str, body: str, success: str, parameters: list[Raw]) -> Raw:
    words = {
        "401": "No known token.",
        "409": "The id is taken: by another partner, or by a registration that says something else.",
        "422": "Some field is wrong; each is named.",
        "503": "It could not be kept in time: send it again.",
    }
    refused = {status: _answer(text, "Errors") for status, text in words.items()}
    repeated = {"200": _answer("It is kept.", "Taken")}
    return {
        "summary": summary,
        "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": _ref(body)}}}},
        "responses": {**repeated, success: _answer("It is kept.", "Taken"), **refused},
    }


def _open(summary: str) -> Raw:
    return {"summary": summary, "security": [], "responses": {"200": {"description": "Here it is."}}}


def _in_path(description: str) -> Raw:
    return {"name": "id", "in": "path", "required": True, "description": description, "schema": {"type": "string"}}


def _answer(description: str, schema: str) -> Raw:
    return {"description": description, "content": {"application/json": {"schema": {"$ref": _ref(schema)}}}}


def _ref(name: str) -> str:
    return REF.format(model=name)


def _taken() -> Raw:
    return {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}


def _errors() -> Raw:
    names = ["field", "problem", "remedy"]
    entry = {"type": "object", "required": names, "properties": {name: {"type": "string"} for name in names}}
    return {"type": "object", "required": ["errors"], "properties": {"errors": {"type": "array", "items": entry}}}
