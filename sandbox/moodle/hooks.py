"""tool_trigger's http_post step: what an admin wrote, with placeholders filled in; no signature, no event id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import Event

TEMPLATE = (
    '{"event": "{eventname}", "userid": "{userid}", "relateduserid": "{relateduserid}", '
    '"dateexpire": "{other_dateexpire}"}'
)


@dataclass(slots=True)
class Hooks:
    """Where events are posted. `sent` counts the events that were posted so far; others wait."""

    target_url: str = ""
    template: str = TEMPLATE
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int = 0

    def body(self, event: Event) -> str:
        """A placeholder that the event does not fill arrives as it stands (observed)."""
        values = {"eventname": event.name.replace("\\", "\\\\"), "userid": event.user, "relateduserid": event.related}
        text = self.template
        for key, value in {**values, **dict(event.other)}.items():
            text = text.replace("{" + key + "}", str(value))
        return text
