"""Builds the few queries that the connector asks; pure text, it never sends anything."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote_plus

from simple_salesforce.format import quote_soql_value

from connectors.errors import StopMapping

# URI and headers share 16,384 bytes (help.salesforce.com 000386264); a quarter of it leaves room for a long token.
MAX_QUERY_BYTES = 12_000
# One string in a WHERE clause (developer.salesforce.com, SOQL and SOSL limits).
MAX_STRING = 4_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")


EPOCH, MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


class Position(NamedTuple):
    """A place in the order (SystemModstamp, Id): all up to it is done; with an empty id, all before `stamp` is."""

    stamp: datetime
    id: str = ""


def name(path: str) -> str:
    """The object or field path, if it is one; raises `StopMapping` for anything that would inject SOQL."""
    if not _NAME.fullmatch(path):
        raise StopMapping(f"{path!r} is no Salesforce name", "correct it in mappings/salesforce.toml")
    return path


def quoted(text: str) -> str:
    """A string literal that reads back as exactly this text."""
    return str(quote_soql_value(text))


def stamp(moment: datetime) -> str:
    """A date-time literal in UTC; milliseconds only where there are some."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """A stamp as an answer (`...+0000`) or a cursor (`...Z`) holds it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - EPOCH) // MS


def of_epoch_ms(value: int) -> datetime:
    """The moment, in UTC."""
    return EPOCH + value * MS


def after(position: Position | None) -> str:
    """The condition that leaves out what is done, to the record: a page may end between equal stamps."""
    if position is None:
        return ""
    at = stamp(position.stamp)
    if not position.id:
        return f" WHERE SystemModstamp >= {at}"
    return f" WHERE (SystemModstamp = {at} AND Id > {quoted(position.id)}) OR SystemModstamp > {at}"


def _select(entity: str, fields: Sequence[str]) -> str:
    return f"SELECT {', '.join(name(field) for field in fields)} FROM {name(entity)}"  # noqa: S608 - checked names


def page(entity: str, fields: Sequence[str], position: Position | None, limit: int) -> str:
    """The next records after a position, oldest first."""
    order = f"ORDER BY SystemModstamp, Id LIMIT {limit:d}"
    return f"{_select(entity, fields)}{after(position)} {order}"


def whole(entity: str, fields: Sequence[str], since: datetime | None) -> str:
    """All records from a stamp on, for a bulk query, which takes no order and no limit."""
    return f"{_select(entity, fields)}{_since(since)}"


def count(entity: str, since: datetime | None) -> str:
    """How many there are from a stamp on."""
    return f"SELECT COUNT() FROM {name(entity)}{_since(since)}"  # noqa: S608 - a checked name


def _since(since: datetime | None) -> str:
    return after(None if since is None else Position(since))


def newest(entity: str) -> str:
    """The youngest stamp that the org shows."""
    return f"{_select(entity, ['SystemModstamp'])} ORDER BY SystemModstamp DESC LIMIT 1"


def lookups(entity: str, fields: Sequence[str], key: str, values: Sequence[str]) -> Iterator[str]:
    """The records whose `key` is one of the values, in as many queries as the URI limit asks for.

    A value longer than a WHERE clause can hold is left out: no record can be found by it.
    """
    head = f"{_select(entity, fields)} WHERE {name(key)} IN ("
    room = MAX_QUERY_BYTES - len(quote_plus(head)) - len(quote_plus(")"))
    chunk: list[str] = []
    used = 0
    for literal in (quoted(value) for value in values if len(value) <= MAX_STRING):
        size = len(quote_plus(f"{literal},"))
        if chunk and used + size > room:
            yield f"{head}{','.join(chunk)})"
            chunk, used = [], 0
        chunk.append(literal)
        used += size
    if chunk:
        yield f"{head}{','.join(chunk)})"
