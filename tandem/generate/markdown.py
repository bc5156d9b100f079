"""Pages and tables in Markdown; it never knows what they are about."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel


def page(title: str, source: str, *blocks: str) -> str:
    """A page that says what it was made from."""
    note = f"<!-- Made by `make generate` from {source}. Change that, not this page. -->"
    return "\n\n".join([f"# {title}", note, *blocks]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; line breaks and bars in cells are kept from breaking it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def code(text: object) -> str:
    """As code; nothing where there is nothing."""
    return f"`{text}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    """Several as code, with commas."""
    return ", ".join(code(each) for each in texts)


def toml(value: Any) -> str:
    """A value as it stands in a TOML file."""
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{_key(key)} = {toml(inner)}" for key, inner in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, BaseModel):
        return toml(value.model_dump(mode="json"))
    if isinstance(value, Path):
        return json.dumps(value.as_posix())
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else json.dumps(name)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
