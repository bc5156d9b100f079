"""Conditional requests on one row: ETags for accounts, dates for every object; it reads, and refuses with 412 or 304.

Source: REST guide, "Conditional Request Headers". The body of a 412 is not documented; its words here are ours.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import orjson
from aiohttp import web

from ..errors import SalesforceError
from ..metadata.model import ObjectDef, Row
from ..values import to_json

TAGGED = "Account"
_TAGS = re.compile(r'\s*(?:\*|(?:W/)?"[^"]*"(?:\s*,\s*(?:W/)?"[^"]*")*)\s*')


def headers_of(sobject: ObjectDef, row: Row) -> dict[str, str]:
    """What an answer with the row says of its state."""
    dates = {"Last-Modified": format_datetime(_modified(row), usegmt=True)}
    return {"ETag": tag_of(row), **dates} if sobject.name == TAGGED else dates


def tag_of(row: Row) -> str:
    content = orjson.dumps({name: to_json(value) for name, value in row.items()}, option=orjson.OPT_SORT_KEYS)
    return f'"{base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()}"'


def check(request: web.Request, sobject: ObjectDef, row: Row) -> web.Response | None:
    """None to go on, a 304 for a GET of what the caller has; raises PRECONDITION_FAILED (412), or 400 for bad headers."""
    reading = request.method == "GET"
    if request.method == "DELETE":  # "DELETE requests aren't supported": the headers do nothing
        return None
    headers = request.headers
    tags = _tags(headers, "If-Match", row), _tags(headers, "If-None-Match", row)
    if sobject.name == TAGGED:
        if tags[0] is False:
            raise _failed("If-Match")
        if tags[1] is True:
            return _have_it(reading, "If-None-Match")
    unmodified = _date(headers, "If-Unmodified-Since", reading)
    if unmodified is not None and _modified(row) > unmodified:
        raise _failed("If-Unmodified-Since")
    modified = _date(headers, "If-Modified-Since", True)
    if modified is not None and _modified(row) <= modified:
        return _have_it(reading, "If-Modified-Since")
    return None


def _have_it(reading: bool, name: str) -> web.Response:
    if not reading:
        raise _failed(name)
    return web.Response(status=304)


def _tags(headers: Mapping[str, str], name: str, row: Row) -> bool | None:
    """Whether the row has one of the header's tags; None without the header."""
    text = headers.get(name)
    if text is None:
        return None
    if not _TAGS.fullmatch(text):
        raise SalesforceError("INVALID_HEADER", f"Invalid value of the header {name}: {text}")
    own = tag_of(row)
    # The platform's tags end in -gzip where the answer was compressed; the tag is the same.
    return text.strip() == "*" or any(one.replace('-gzip"', '"') == own for one in re.findall(r'"[^"]*"', text))


def _date(headers: Mapping[str, str], name: str, lenient: bool) -> datetime | None:
    text = headers.get(name)
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        if lenient:
            return None
        raise SalesforceError("INVALID_HEADER", f"Invalid value of the header {name}: {text}") from None


def _modified(row: Row) -> datetime:
    stamp = row["LastModifiedDate"]
    assert isinstance(stamp, datetime)
    return stamp


def _failed(name: str) -> SalesforceError:
    return SalesforceError("PRECONDITION_FAILED", f"The record does not meet the condition of {name}", status=412)
