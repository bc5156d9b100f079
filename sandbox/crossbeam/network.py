"""One organization at Crossbeam with its partners: records, overlaps, signals, bookmarks, exports; it speaks no HTTP.

Shapes of records and what a bookmark does: Crossbeam's published collection (developers.crossbeam.com).
"""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sandbox.hubspot.times import AdjustableClock, Clock, wall_clock

from .faults import BeamFault, Faults

Item = dict[str, Any]
TOKEN_S = timedelta(hours=24)
DEFAULT_PAGE, MAX_PAGE = 25, 1000
SEGMENTS = {"Customers": "customers", "Open Opportunities": "open_opportunities", "Prospects": "prospects"}


class BeamError(Exception):
    """An answer other than success. Crossbeam documents no body; this one is the emulator's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Everything that makes an organization."""

    seed: int = 0
    clock: Clock = wall_clock
    organization: str = "36dff61a-70b1-4201-9e99-5f37cd2b6650"
    name: str = "Dunder Mifflin"
    client_id: str = "client-sandbox"
    client_secret: str = "secret-sandbox"  # noqa: S105
    refresh_token: str = "refresh-sandbox"  # noqa: S105
    webhook_secret: str = "webhook-sandbox"  # noqa: S105
    faults: Sequence[BeamFault] = ()


@dataclass(slots=True)
class Stored:
    """One overlap or signal as the wire shows it, and when it changed last, in order."""

    item: Item
    changed: int
    deleted: bool = False


@dataclass(slots=True)
class Webhook:
    """Where signals are sent to, and what waits."""

    target: str = ""
    queue: list[Item] = field(default_factory=list)


class Network:
    """The state that requests act on. `exported` counts the records that were handed out."""

    def __init__(self, settings: NetworkSettings) -> None:
        self.settings = settings
        self.clock = AdjustableClock(settings.clock)
        self.random = random.Random(settings.seed)
        self.faults = Faults(settings.faults, settings.seed)
        self.calls: Counter[str] = Counter()
        self.partners: dict[str, Item] = {}
        self.rows: dict[str, dict[str, Stored]] = {"overlaps": {}, "signals": {}}
        self.webhook = Webhook()
        self.exported = 0
        self._tokens: dict[str, Any] = {}
        self._ticks = 0

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=5))

    def tick(self) -> int:
        self._ticks += 1
        return self._ticks

    def grant(self, form: Mapping[str, str]) -> Item:
        """A token for a refresh token, good for 24 hours."""
        it = self.settings
        wanted = (it.client_id, it.client_secret, it.refresh_token, "refresh_token")
        if tuple(form.get(name) for name in ("client_id", "client_secret", "refresh_token", "grant_type")) != wanted:
            raise BeamError(403, "invalid_grant")
        token = self.uuid()
        self._tokens[token] = self.clock() + TOKEN_S
        return {"access_token": token, "token_type": "Bearer", "expires_in": int(TOKEN_S.total_seconds())}

    def believe(self, token: str, organization: str | None, *, anywhere: bool = False) -> None:
        """Raises where the token is not good, or the organization is not the user's."""
        if self._tokens.get(token, self.clock()) <= self.clock():
            raise BeamError(401, "Unauthorized")
        if not anywhere and organization is None:
            raise BeamError(400, "Xbeam-Organization is missing")
        if not anywhere and organization != self.settings.organization:
            raise BeamError(403, "no such organization")

    def expire_tokens(self) -> None:
        self._tokens.clear()

    def page(self, kind: str, filters: Mapping[str, str], limit: int, cursor: str | None) -> Item:
        """Changes since the bookmark in an order that means nothing; a first reading shows what is there.

        A cursor that was made with other filters is taken, and what changed before now is never told of again.
        """
        at = _decoded(cursor) or {"since": 0, "until": None, "last": "", "filters": dict(filters)}
        if at["filters"] != dict(filters):
            at = {"since": self._ticks, "until": None, "last": "", "filters": dict(filters)}
        until = self._ticks if at["until"] is None else at["until"]
        every = [
            (id_, each)
            for id_, each in sorted(self.rows[kind].items())
            if at["since"] < each.changed <= until
            and _fits(each.item, filters)
            and not (each.deleted and not at["since"])
        ]
        rest = [(id_, each) for id_, each in every if id_ > at["last"]]
        given, more = rest[:limit], len(rest) > limit
        self.exported += len(given)
        following = (
            {**at, "until": until, "last": given[-1][0]} if more else {**at, "since": until, "until": None, "last": ""}
        )
        items = [{**each.item, **({"is_deleted": each.deleted} if kind == "overlaps" else {})} for _, each in given]
        return {"data": items, "pagination": {"has_more": more, "next_cursor": _encoded(following)}}


def _fits(item: Item, filters: Mapping[str, str]) -> bool:
    return "partner" not in filters or filters["partner"] == item["partner_id"]


def _encoded(at: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(at).encode()).decode()


def _decoded(cursor: str | None) -> dict[str, Any] | None:
    if not cursor:
        return None
    try:
        return dict(json.loads(base64.urlsafe_b64decode(cursor)))
    except ValueError:
        raise BeamError(400, "the cursor is none of ours") from None
