"""Which record an event of Partner Central is a hint about; it never believes what else an event says.

Events carry ids only and their layouts differ between the names, old and new, so ids are looked for wherever they
stand (EventBridge reference, Partner Central Selling events).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from connectors.aws.events import Event

SOURCE = "aws.partnercentral-selling"
COSELL, INVITATION = "cosell", "cosell_invitation"
_OPPORTUNITY = re.compile(r"(?:^|/)(O[0-9]{1,19})(?:/|$)")
_INVITATION = re.compile(r"(?:^|/)(engi-[0-9a-z]{1,40})(?:/|$)")


class Hint(NamedTuple):
    """A record that may have changed."""

    entity: str
    record_id: str


def hints(event: Event, catalog: str) -> tuple[Hint, ...]:
    """The records that an event names, each once; none where it is of another source or catalog."""
    if event.source != SOURCE or event.detail.get("catalog", catalog) != catalog:
        return ()
    found: dict[Hint, None] = {}
    for text in (*_texts(event.detail), *event.resources):
        for entity, pattern in ((COSELL, _OPPORTUNITY), (INVITATION, _INVITATION)):
            for record_id in pattern.findall(text):
                found[Hint(entity, record_id)] = None
    return tuple(found)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
