"""The updated and deleted lists of an object over a span of time (getUpdated, getDeleted); it only reads."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from . import times
from .errors import SalesforceError
from .metadata.model import ObjectDef
from .store import Store

# Windows by the SOAP guide of the two calls: at most 30 days back, deletions kept for 15 days.
MAX_SPAN = timedelta(days=30)
DELETE_LOG = timedelta(days=15)


def updated(store: Store, sobject: ObjectDef, start: str | None, end: str | None, now: datetime) -> dict[str, Any]:
    """Ids of live rows whose SystemModstamp is in [start, end); seconds of both are ignored."""
    since, until = _span(start, end, now)
    found = [row["Id"] for row in store.rows(sobject.name) if not row["IsDeleted"] and _within(row, since, until)]
    return {"ids": found, "latestDateCovered": times.format_datetime(until)}


def deleted(store: Store, sobject: ObjectDef, start: str | None, end: str | None, now: datetime) -> dict[str, Any]:
    since, until = _span(start, end, now)
    found = [
        {"id": row["Id"], "deletedDate": times.format_datetime(_stamp(row))}
        for row in store.rows(sobject.name)
        if row["IsDeleted"] and _within(row, since, until)
    ]
    return {
        "deletedRecords": found,
        "earliestDateAvailable": times.format_datetime((now - DELETE_LOG).replace(second=0)),
        "latestDateCovered": times.format_datetime(until),
    }


def _span(start: str | None, end: str | None, now: datetime) -> tuple[datetime, datetime]:
    since, until = _minute("start", start), _minute("end", end)
    if since < now - MAX_SPAN:
        raise SalesforceError("INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
    if until - since < timedelta(minutes=1):
        raise SalesforceError("INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate")
    return since, min(until, times.to_second(now).replace(second=0))


def _minute(name: str, text: str | None) -> datetime:
    found = times.parse_datetime(text) if text else None
    if found is None:
        raise SalesforceError("INVALID_REPLICATION_DATE", f"{name} is not a valid dateTime: {text}")
    return found.replace(second=0)


def _within(row: dict[str, Any], since: datetime, until: datetime) -> bool:
    return since <= _stamp(row) < until


def _stamp(row: dict[str, Any]) -> datetime:
    stamp = row["SystemModstamp"]
    assert isinstance(stamp, datetime)
    return stamp
