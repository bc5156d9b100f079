"""Reads a form as PHP does, `users[0][email]=...` into nested lists, and checks fields; it knows no function."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import invalid_parameter

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")
_MAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Texts at the leaves; a level whose keys are 0, 1, 2 ... becomes a list."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        matched = _KEY.match(key)
        if matched is None:
            continue
        steps = [matched[1], *_PART.findall(matched[2])]
        level = tree
        for step in steps[:-1]:
            level = level.setdefault(step, {})
        level[steps[-1]] = value
    return {key: _listed(value) for key, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(each) for key, each in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def rows(arguments: Mapping[str, Any], name: str, required: Iterable[str], optional: Iterable[str]) -> list[Any]:
    """The structures of a list; a key too many or too few refuses the whole call."""
    found = arguments.get(name, [])
    wanted, known = set(required), {*required, *optional}
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise invalid_parameter()
    if any(not wanted <= set(each) or not set(each) <= known for each in found):
        raise invalid_parameter()
    return found


def texts(arguments: Mapping[str, Any], name: str) -> list[str]:
    found = arguments.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise invalid_parameter()
    return found


def number(value: object) -> int:
    """PARAM_INT."""
    if not isinstance(value, str) or not re.fullmatch(r"-?\d+", value):
        raise invalid_parameter()
    return int(value)


def boolean(value: object) -> bool:
    """PARAM_BOOL: 0 or 1; the words true and false are none."""
    if value not in {"0", "1"}:
        raise invalid_parameter()
    return value == "1"


def mail(value: str) -> str:
    """PARAM_EMAIL."""
    if not _MAIL.match(value):
        raise invalid_parameter()
    return value
