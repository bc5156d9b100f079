"""Arguments as Moodle's REST wire takes them, and what its answers hold; pure, it calls nobody.

Nested lists are flattened as PHP reads them (`users[0][email]`), booleans are 0 and 1, ids come back as numbers or as
texts, times are epoch seconds (facts, lms 2.8).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime


def flattened(arguments: Mapping[str, object]) -> list[tuple[str, str]]:
    """The fields of the form, in order. A None is the empty text."""
    return [pair for name, value in arguments.items() for pair in _pairs(name, value)]


def _pairs(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _pairs(f"{name}[{key}]", each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, each in enumerate(value):
            yield from _pairs(f"{name}[{number}]", each)
    elif isinstance(value, bool):
        yield name, str(int(value))
    else:
        yield name, "" if value is None else str(value)


def id_of(value: object) -> str:
    """An id, whether it came as a number or as a text."""
    return str(value).strip()


def moment(value: object) -> str | None:
    """Epoch seconds as `2026-11-22T10:00:00Z`; None for null, 0 and nothing."""
    seconds = int(str(value).strip() or 0) if value is not None else 0
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else None


def epoch(value: str) -> int:
    """An instant with its zone as epoch seconds."""
    return int(datetime.fromisoformat(value).timestamp())
