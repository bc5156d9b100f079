"""Finds the line of a TOML file on which a table or a key stands; it reads no file and judges no value."""

import re
from collections.abc import Iterator

Step = str | int
Spot = tuple[Step, ...]  # as ("tiers", 1, "revenue"): a key of the second table of [[tiers]]
Files = tuple[tuple[str, str], ...]  # name and text, the file that goes before the others first
_NAME = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_NAMES = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_NAMES})\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*({_NAMES})\s*=")


def find(files: Files, spot: Spot) -> tuple[str, int | None]:
    """The file and line of a key, or of the innermost table around it that is written down.

    A list stands in one file as a whole: where an entry is asked for, the first file that has the list counts. Of other
    keys the first file counts that has the most of the spot. No line: nothing of it stands anywhere.
    """
    at = next((number for number, step in enumerate(spot) if isinstance(step, int)), None)
    if at is not None:
        files = next((((file, text),) for file, text in files if _line(text, spot[:at])[0] == at), files[:1])
    found = [(*_line(text, spot), file) for file, text in files]
    depth = max((each[0] for each in found), default=0)
    return next(((file, line) for deep, line, file in found if deep == depth), ("", None))


def _line(text: str, spot: Spot) -> tuple[int, int | None]:
    """How many steps of a spot a file has, and on which line the last of them stands first."""
    depth, at = 0, None
    for number, path, inner in _written(text):
        if path[: len(spot)] == spot:
            deep = len(spot)
        elif path == spot[: len(path)]:
            deep = _deepest(inner, spot, len(path))
        else:
            continue
        if deep > depth:
            depth, at = deep, number
    return depth, at


def _deepest(inner: str, spot: Spot, depth: int) -> int:
    """The steps that a value shows, of which the key stands at a depth: keys of tables within one line."""
    for last in range(len(spot), depth, -1):
        if re.search(rf"""(?:^|[\s{{,."'])['"]?{re.escape(str(spot[last - 1]))}['"]?\s*=""", inner):
            return last
    return depth


def _written(text: str) -> Iterator[tuple[int, Spot, str]]:
    """Each line with the path of the table or key that it is about, and what it says of a value."""
    counts: dict[Spot, int] = {}
    here: Spot = ()
    path: Spot = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            names = _split(header[2])
            here = _resolved(names[:-1], counts)
            if header[1] == "[[":
                here = (*here, names[-1])
                counts[here] = counts.get(here, -1) + 1
                here = (*here, counts[here])
            else:
                here = _resolved(names, counts)
            path = here
            yield number, path, ""
        else:
            key = _KEY.match(line)
            path = (*here, *_split(key[1])) if key else path
            yield number, path, line[key.end() if key else 0 :].partition("#")[0]


def _resolved(names: tuple[str, ...], counts: dict[Spot, int]) -> Spot:
    """The path of a table: within a list it belongs to the entry that was opened last."""
    path: Spot = ()
    for name in names:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return path


def _split(names: str) -> tuple[str, ...]:
    return tuple(each.strip("\"'") for each in re.findall(_NAME, names))
