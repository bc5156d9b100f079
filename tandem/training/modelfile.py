"""Writes a model as a file that a person can read, with its report; it never computes a figure."""

from collections.abc import Mapping, Sequence
from typing import Any

from streams.matching.model import CROWD, Model

HEAD = """\
# How accounts are matched: the log-odds of a pair are base + the sum of weight * value over its findings.
# Written by `tandem model train`; the report below says from what, and how right it was on companies it had not seen.
"""


def dumps(model: Model, report: Mapping[str, Any]) -> str:
    """TOML that `streams.matching.model.parse` reads."""
    lines = [
        HEAD,
        f"version = {_value(model.version)}",
        f"base = {_value(model.base)}",
        "# From this confidence on a pair is linked, and from that one on it is shown to be confirmed.",
        f"linked = {_value(model.linked)}",
        f"shown = {_value(model.shown)}",
        f"# Log-odds of an equal name that up to {CROWD[0]}, {CROWD[1]}, {CROWD[2]} or more accounts of one list have.",
        f"crowd = {_value(list(model.crowd))}",
        "",
        "# Log-odds -> confidence: linear between the knots, level outside.",
        "calibration = [",
        *(f"  [{_value(x)}, {_value(y)}]," for x, y in model.calibration),
        "]",
        "",
        "[weights]",
        *(f"{name} = {_value(weight)}" for name, weight in model.weights.items()),
        "",
        *_table("report", report),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _table(name: str, values: Mapping[str, Any], many: bool = False) -> list[str]:
    """A table: plain values first, then what is nested."""
    lines = [f"[[{name}]]" if many else f"[{name}]"]
    nested: list[str] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            nested += _table(f"{name}.{key}", value)
        elif _rows(value):
            lines += [f"{key} = [", *(f"  {_value(row)}," for row in value), "]"]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            nested += [line for row in value for line in _table(f"{name}.{key}", row, many=True)]
        else:
            lines.append(f"{key} = {_value(value)}")
    return [*lines, "", *nested]


def _rows(value: object) -> bool:
    """A list of small mappings that fit on a line each."""
    if not isinstance(value, list) or not value:
        return False
    return all(
        isinstance(row, Mapping) and not any(isinstance(v, Mapping | list) for v in row.values()) for row in value
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)
