"""Webhooks: who wants to hear of what, in which spelling, and what waits to be sent; it sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import bad
from .model import Kind


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of the account. Nothing that is sent to it is signed."""

    key: str
    target: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that waits."""

    target: str
    body: Mapping[str, Any]


@dataclass(slots=True)
class Push:
    """`bodies`: whether one of the newer spelling bears its event's name (see `AccountSettings`)."""

    bodies: Literal["named", "bare"] = "named"
    hooks: list[Hook] = field(default_factory=list)
    queue: list[Delivery] = field(default_factory=list)
    sent: int = 0

    def register(self, body: Mapping[str, Any]) -> Hook:
        """{"target" or "target_url", "events": [names in either spelling]}; raises 400."""
        target, events = body.get("target") or body.get("target_url"), body.get("events")
        if not target or not isinstance(events, list) or not events:
            raise bad("target and events are required")
        hook = Hook(f"hook_{len(self.hooks) + 1:04d}", str(target), tuple(map(str, events)))
        self.hooks.append(hook)
        return hook

    def heard(self, kind: Kind, number: int, record: Mapping[str, Any], archived: bool, what: str) -> None:
        for hook in self.hooks:
            for spelling in ("_", "."):
                name = f"{kind.singular}{spelling}{what}"
                if name in hook.events:
                    self.queue.append(Delivery(hook.target, self._body(name, spelling, number, record, archived)))

    def _body(self, name: str, spelling: str, number: int, record: Mapping[str, Any], archived: bool) -> dict[str, Any]:
        if spelling == "_":  # docs.partnerstack.com v1.0, Webhook payloads
            return {"id": number, **record, "event": name, "archived": archived}
        return {**record, "event": name} if self.bodies == "named" else dict(record)
