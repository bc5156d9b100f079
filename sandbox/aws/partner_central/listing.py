"""Sorting and paging of lists, the same for every List operation; it reads no entity."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ..core import Shape
from .errors import malformed

T = TypeVar("T")


def page(
    found: Iterable[T],
    request: Shape,
    keys: Mapping[str, Callable[[T], Any]],
    default: str,
    size: int,
) -> tuple[list[T], str | None]:
    """The page that a request asks for, newest first unless it sorts, and the token of the next page."""
    sort = request.get("Sort") or {"SortBy": default, "SortOrder": "DESCENDING"}
    ordered = sorted(found, key=keys[sort["SortBy"]], reverse=sort["SortOrder"] == "DESCENDING")
    start = _start(request.get("NextToken"))
    wanted = int(request.get("MaxResults") or size)
    end = start + wanted
    return ordered[start:end], _token(end) if end < len(ordered) else None


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode()


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
        return int(text.removeprefix("from:"))
    except (ValueError, binascii.Error) as broken:
        raise malformed("NextToken", "INVALID_VALUE", "is not a token of this list") from broken


def wanted(request: Shape, member: str, value: Any) -> bool:
    """Whether a filter that lists values takes this one; a filter that is not given takes all."""
    listed = request.get(member)
    return not listed or value in listed
