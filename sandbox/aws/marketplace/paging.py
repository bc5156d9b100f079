"""Pages of a list, with tokens that only this emulator can read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def page(found: Sequence[T], size: int, token: str | None) -> tuple[list[T], str | None]:
    """One page, and the token of the next one. Raises ValueError where the token is not ours.

    A token is a place in the list, so what is changed between two pages may be seen twice or missed, as with AWS a
    client has to expect.
    """
    start = _place(token) if token else 0
    end = start + size
    following = base64.b64encode(f"at:{end}".encode()).decode() if end < len(found) else None
    return list(found[start:end]), following


def _place(token: str) -> int:
    try:
        mark, _, place = base64.b64decode(token.encode(), validate=True).decode().partition(":")
        if mark != "at":
            raise ValueError(token)
        return int(place)
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(token) from error
