"""The JSON Schema of every message and entity, as a reader takes it; it never changes a model."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import WithDefaultSchema

from mappings.build import MODELS
from schemas.messages import MESSAGES


class _WithFactories(GenerateJsonSchema):
    """Also tells the default that a factory makes: a reader fills it in all the same."""

    def get_default_value(self, schema: WithDefaultSchema) -> Any:
        factory = schema.get("default_factory")
        if factory is None or schema.get("default_factory_takes_data"):
            return super().get_default_value(schema)
        return factory()  # type: ignore[call-arg]


def models() -> dict[str, type[BaseModel]]:
    """By name: a message is named as its `ce_type` header, an entity as in the mapping tables."""
    return {message.TYPE: message for message in MESSAGES} | dict(MODELS)


def schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a model, JSON Schema 2020-12."""
    made = model.model_json_schema(mode="validation", schema_generator=_WithFactories)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:tandem:schema:{name}",
        "title": made.pop("title"),
        "description": made.pop("description"),
        **made,
    }


def texts() -> dict[str, str]:
    """The schemas as text, by name."""
    return {name: text(schema(name, model)) for name, model in models().items()}


def text(made: dict[str, Any]) -> str:
    """Two blanks of indent and the order of the model: one change in a model is one change in a diff."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
