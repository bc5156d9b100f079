"""Reads the invitations that AWS sends us; it never answers one.

Only listings as the receiver are trusted: the invitations by which our own opportunities reach AWS look the same.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.aws_partner_central.central import Central
from connectors.aws_partner_central.opportunity import AWS_SPEND, READ_ONLY, Nested, stamp
from connectors.aws_partner_central.window import OPEN, SETTLED, Window
from connectors.base import Event
from mappings.table import EntityMap

PENDING, ACCEPTED, RUNNING = "PENDING", "ACCEPTED", "IN_PROGRESS"
DATES = ("InvitationDate", "ExpirationDate")


class Invitations:
    """Those that are new since the last listing, and those whose end was not seen yet."""

    def __init__(self, central: Central, overlap: timedelta) -> None:
        self._central, self._overlap = central, overlap

    def poll(self, table: EntityMap, window: Window, *, thorough: bool) -> Iterator[Event]:
        """What has become of them; `thorough` looks at all that there are."""
        since = None if thorough else window.since(self._overlap)
        newest: datetime | None = None
        listed = set()
        for summary in self._central.invitations():
            at = summary["InvitationDate"]
            if since is not None and at < since:
                break
            newest = at if newest is None else max(newest, at)
            listed.add(summary["Id"])
            if thorough or self._is_news(window, summary):
                yield from self._tell(table, window, summary)
        yield from self._unfinished(table, window, listed)
        yield from window.advance(newest)

    def _unfinished(self, table: EntityMap, window: Window, listed: set[str]) -> Iterator[Event]:
        older = [id_ for id_ in window.living(OPEN) if id_ not in listed]
        if not older:
            return
        pending = {each["Id"] for each in self._central.invitations(Status=[PENDING])}
        for id_ in older:
            if id_ in pending:
                continue
            found = self._central.invitation(id_)
            yield from window.gone(id_) if found is None else self._tell(table, window, found)

    @staticmethod
    def _is_news(window: Window, summary: Mapping[str, Any]) -> bool:
        """Whether a listed invitation may differ from how it was told; what it says is fixed while it is pending."""
        seen = window.seen(summary["Id"])
        return seen is None or (seen.state == OPEN and summary["Status"] != PENDING)

    def _tell(self, table: EntityMap, window: Window, summary: Mapping[str, Any]) -> Iterator[Event]:
        # What was rejected or has run out may no longer be seen in full: then the listing says what there is.
        found = {**summary, **(self._central.invitation(summary["Id"]) or {})}
        task = self._central.acceptance(found["Id"]) if found["Status"] == ACCEPTED else None
        unfinished = found["Status"] == PENDING or (task is not None and task.get("TaskStatus") == RUNNING)
        row = invitation_row(found, task or {}, table.vendor_fields)
        state = OPEN if unfinished else SETTLED
        yield from window.tell(found["Id"], found["InvitationDate"], row, state=state)


def invitation_row(found: Mapping[str, Any], task: Mapping[str, Any], names: tuple[str, ...]) -> Nested:
    """The vendor fields `names` of an invitation; `task` is the one that accepted it."""
    dates = {name: stamp(found[name]) for name in DATES if found.get(name) is not None}
    read: Nested = {**found, "Invitation": {**found, **dates}, "Task": task}
    row: Nested = {}
    for name in names:
        value: Any = read
        *heads, last = name.split(READ_ONLY)
        for step in heads:
            value = _entry(value.get(step)) if isinstance(value, Mapping) else None
        node = row
        for step in heads:
            node = node.setdefault(step, {})
        node[last] = value.get(last) if isinstance(value, Mapping) else None
    return row


def _entry(value: Any) -> Any:
    """Of several expected spends the one at AWS, else the first."""
    if not isinstance(value, list):
        return value
    return next((each for each in value if each.get("TargetCompany") == AWS_SPEND), value[0] if value else None)
