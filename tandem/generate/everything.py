"""The list of all generated files; it never writes one."""

from pathlib import Path

from tandem import __version__
from tandem.generate import asyncapi, commands, configuration, errors, jsonschemas, mappings, metrics, topics
from tandem.settings import ConfigError

SCHEMAS, RELEASED, REFERENCE = "schemas/json", "schemas/json/released", "docs/reference"
OWNED = {SCHEMAS: ".json"}


def files() -> dict[str, str]:
    """Path from the root of the source tree to text, of every generated file."""
    pages = {
        "asyncapi.yaml": asyncapi.document_text(__version__),
        "topics.md": topics.page(),
        "configuration.md": configuration.page(),
        "commands.md": commands.page(),
        "mappings.md": mappings.page(),
        "metrics.md": metrics.page(),
        "errors.md": errors.page(),
    }
    return _schemas(SCHEMAS) | {f"{REFERENCE}/{name}": text for name, text in pages.items()}


def baseline(root: Path, version: str) -> dict[str, str]:
    """The schemas of today as those that a version was released with; a version that has them already is an error."""
    folder = f"{RELEASED}/{version}"
    if (root / folder).exists():
        raise ConfigError(
            f"{folder} is there already. Remedy: raise the version in pyproject.toml; or, if it was never released, "
            "delete the folder and do this again."
        )
    return _schemas(folder)


def _schemas(folder: str) -> dict[str, str]:
    return {f"{folder}/{name}.json": text for name, text in jsonschemas.texts().items()}
