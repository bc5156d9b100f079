"""Every version that was released can still be read: by rule on its schemas, and by reading what fits them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from pydantic import BaseModel

from schemas.compatibility import breaks_of_all
from schemas.messages import MESSAGES
from tandem.generate import jsonschemas
from tests.unit.schemas.strategies import fitting

ROOT = Path(__file__).parents[3] / "schemas" / "json"
VERSIONS = sorted((ROOT / "released").iterdir())
MODELS = jsonschemas.models()
SCHEMAS = [(folder.name, path) for folder in VERSIONS for path in sorted(folder.glob("*.json"))]


def schemas(folder: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}


@pytest.mark.parametrize("version", VERSIONS, ids=lambda folder: folder.name)
def test_today_s_schemas_read_what_was_written_by(version: Path) -> None:
    today = {name: jsonschemas.schema(name, model) for name, model in MODELS.items()}
    assert list(map(str, breaks_of_all(schemas(version), today))) == []


def test_the_first_release_has_a_schema_of_every_message():
    assert {message.TYPE for message in MESSAGES} >= {
        name for name in schemas(VERSIONS[0]) if name.startswith("tandem.")
    }
    assert "tandem.account.changed" in schemas(VERSIONS[0])


@pytest.mark.parametrize(("version", "path"), SCHEMAS, ids=lambda it: it if isinstance(it, str) else it.stem)
def test_today_s_reader_takes_what_may_stand_in_a_topic_since(version: str, path: Path) -> None:
    model: type[BaseModel] = MODELS[path.stem]

    @given(fitting(json.loads(path.read_text("utf-8"))))
    def is_read(written: dict[str, Any]) -> None:
        read = json.loads(model.model_validate_json(json.dumps(written)).model_dump_json())
        assert read.keys() >= written.keys() & model.model_fields.keys()

    is_read()


def test_a_field_that_was_renamed_would_be_found():
    released = schemas(VERSIONS[0])
    renamed = json.loads(json.dumps(released).replace("occurred_at", "happened_at"))
    found = [str(each) for each in breaks_of_all(released, renamed)]
    assert found == [
        "tandem.account.changed $.happened_at: is new and required, so what was written without it cannot be read",
        "tandem.account.changed $.occurred_at: was required and is gone",
    ]
