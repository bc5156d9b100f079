"""Sends several records in one call that takes all or none, and halves them until each has its own answer; no more.

Moodle rolls a batch back for one bad row and does not say which it was (facts, lms 2.4).
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from connectors.dispositions import Failure, Refused

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def halved(items: Sequence[Item], send: Callable[[Sequence[Item]], Sequence[Answer]]) -> list[Answer | Failure]:
    """One answer or failure for each item, in order. Raises what is not about an item."""
    if not items:
        return []
    try:
        return list(send(items))
    except Refused as refused:
        if len(items) == 1:
            return [refused.failure]
    middle = len(items) // 2
    return [*halved(items[:middle], send), *halved(items[middle:], send)]
