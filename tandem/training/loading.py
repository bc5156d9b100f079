"""Reads a model file, for whoever matches with it; it imports nothing that training needs."""

from pathlib import Path

from streams.matching.evidence import NAMES
from streams.matching.model import Model, parse, shipped
from tandem.settings import ConfigError


def load_model(path: Path | None) -> Model:
    """A model file, or the shipped model. Raises `ConfigError`."""
    if path is None:
        return shipped()
    try:
        return parse(path.read_text(encoding="utf-8"), frozenset(NAMES))
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "name a file that `tandem model train` of this version has written"
        raise ConfigError(f"{path} is no model: {error}. Remedy: {remedy}") from error
