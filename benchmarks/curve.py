"""Draws what a size costs as an SVG, both axes logarithmic; it measures nothing."""

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

WIDTH, HEIGHT, EDGE = 640, 400, 56
COLOURS = {"tandem": "#1f5fbf", "splink": "#b3541e"}
UNITS = {"wall_s": ("s, wall", ""), "peak_gb": ("GB, peak", "6 4")}


def drawn(rows: Sequence[Mapping[str, Any]]) -> str:
    """Wall time (whole line) and peak memory (broken) over rows a side, of each tool that was measured."""
    lines = [
        (tool, unit, [(float(row["size"]), float(row[tool][unit])) for row in rows if row.get(tool)])
        for tool in COLOURS
        for unit in UNITS
    ]
    lines = [(tool, unit, [point for point in points if point[1] > 0]) for tool, unit, points in lines]
    seen = [point for _, _, points in lines for point in points]
    if not seen:
        raise ValueError("nothing was measured, so there is nothing to draw")
    box = [(_floor(min(each)), _ceiling(max(each))) for each in zip(*seen, strict=True)]
    body = [*_grid(box)]
    for at, (tool, unit, points) in enumerate(line for line in lines if line[2]):
        body += _line(tool, unit, [(_x(x, box[0]), _y(y, box[1])) for x, y in points], at)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>', *body, "</svg>", ""])


def _line(tool: str, unit: str, points: list[tuple[float, float]], at: int) -> list[str]:
    colour, (name, dash) = COLOURS[tool], UNITS[unit]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    made = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>']
    made += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    made.append(
        f'<text x="{EDGE + 8}" y="{18 + 15 * at}" fill="{colour}">{tool}: {name}{" (broken)" if dash else ""}</text>'
    )
    return made


def _grid(box: list[tuple[int, int]]) -> list[str]:
    made = []
    for power in range(box[0][0], box[0][1] + 1):
        x = _x(10.0**power, box[0])
        made.append(f'<line x1="{x:.1f}" y1="{EDGE / 2}" x2="{x:.1f}" y2="{HEIGHT - EDGE}" stroke="#dddddd"/>')
        made.append(f'<text x="{x:.1f}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(box[1][0], box[1][1] + 1):
        y = _y(10.0**power, box[1])
        made.append(f'<line x1="{EDGE}" y1="{y:.1f}" x2="{WIDTH - EDGE / 2}" y2="{y:.1f}" stroke="#dddddd"/>')
        made.append(f'<text x="{EDGE - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    made.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">accounts in each list</text>')
    return made


def _x(value: float, ends: tuple[int, int]) -> float:
    return EDGE + (log10(value) - ends[0]) / (ends[1] - ends[0]) * (WIDTH - 1.5 * EDGE)


def _y(value: float, ends: tuple[int, int]) -> float:
    return HEIGHT - EDGE - (log10(value) - ends[0]) / (ends[1] - ends[0]) * (HEIGHT - 1.5 * EDGE)


def _floor(value: float) -> int:
    return int(log10(value) // 1)


def _ceiling(value: float) -> int:
    return _floor(value) + 1
