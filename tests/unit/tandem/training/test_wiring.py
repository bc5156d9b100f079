from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.matching import model
from tandem.deciding import steps
from tandem.settings import ConfigError, Settings, load
from tandem.training.loading import load_model
from tandem.training.modelfile import dumps


@pytest.fixture(autouse=True)
def _shipped_again() -> Iterator[None]:
    yield
    model.use(None)


def deployment(folder: Path) -> Settings:
    (folder / "tandem.toml").write_text('[matching]\nmodel = "mine.toml"\n', encoding="utf-8")
    return load(folder / "tandem.toml")


def test_a_deployment_decides_with_the_model_that_its_configuration_names(tmp_path: Path):
    shipped = load_model(None)
    mine = dumps(shipped, {}).replace(shipped.version, "mine")
    (tmp_path / "mine.toml").write_text(mine, encoding="utf-8")
    steps(deployment(tmp_path), lambda _: {}, lambda _: {})
    assert model.model().version == "mine"
    assert model.model().weights == shipped.weights


def test_without_one_it_decides_with_the_shipped_model():
    steps(Settings(), lambda _: {}, lambda _: {})
    assert model.model() is load_model(None)


def test_a_model_that_is_not_there_stops_the_start_with_a_remedy(tmp_path: Path):
    with pytest.raises(ConfigError, match="is no model"):
        steps(deployment(tmp_path), lambda _: {}, lambda _: {})
