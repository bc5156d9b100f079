"""What `tandem init` writes: a file that loads as it is, with everything in it that can be said."""

import re

import pytest
from pydantic import BaseModel

from tandem import starter
from tandem.settings import ConfigError, Connection, Settings, connector, connector_names, load, models_in

OPTION = re.compile(r"^# (?=[a-z_]+ = )", re.MULTILINE)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "tandem.toml"
    starter.write(path, force=False)
    return path


def every_key(model: type[BaseModel]) -> set[str]:
    inner = [each for field in model.model_fields.values() for each in models_in(field.annotation)]
    return set(model.model_fields).union(*map(every_key, inner))


def test_the_file_loads_as_it_is_and_everything_in_it_is_a_default(path):
    settings = load(path)
    plain = Settings().model_dump(exclude={"connections", "data"})
    assert settings.model_dump(exclude={"connections", "data"}) == plain
    assert {it.connector for it in settings.connections.values()} == set(connector_names())
    assert settings.connection("acme-list").party == "partner:acme"
    for it in settings.connections.values():
        required = it.options.model_dump(
            include={n for n, f in type(it.options).model_fields.items() if f.is_required()}
        )
        assert it.options == type(it.options)(**required)


def test_the_file_loads_with_everything_in_it_uncommented(path, monkeypatch):
    monkeypatch.setenv("KAFKA_USER", "tandem")
    text = path.read_text()
    path.write_text(OPTION.sub("", text))
    settings = load(path)
    assert len(OPTION.findall(text)) > 30
    assert settings.kafka.options["sasl.username"] == "tandem"
    assert settings.connection("acme-list").options.columns == {"id": "Kundennummer", "name": "Firma"}


def test_every_key_that_can_be_said_is_in_the_file(path):
    models = [Settings, Connection, *(connector(name).Settings for name in connector_names())]
    wanted = {key for model in models for key in every_key(model)} - {"options"}
    text = path.read_text()
    assert len(wanted) > 40
    assert [key for key in sorted(wanted) if not re.search(rf"\b{key}\b\"? = |\[{key}[.\]]", text)] == []


def test_an_example_that_is_no_default_says_so(path):
    lines = path.read_text().splitlines()
    assert "# confirm_removals = 5234  # an example" in lines
    assert "# max_removed_rows = 10" in lines


def test_a_file_that_is_there_is_kept(path):
    path.write_text("mine")
    with pytest.raises(ConfigError, match=r"is there already\. Remedy: another name, or --force"):
        starter.write(path, force=False)
    assert path.read_text() == "mine"
    starter.write(path, force=True)
    assert "[connections.our-crm]" in path.read_text()


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nope/tandem\.toml cannot be written \(No such file"):
        starter.write(tmp_path / "nope" / "tandem.toml", force=False)
    with pytest.raises(ConfigError, match="cannot be written"):
        starter.write(tmp_path, force=True)
