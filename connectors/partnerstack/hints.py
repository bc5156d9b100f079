"""What a webhook of PartnerStack hints at: which record to read again; pure, it trusts no value and calls nobody.

PartnerStack spells its events in two ways, `deal_created` and `deal.created`; older bodies name theirs in `event`
(docs.partnerstack.com, Webhooks and Webhook payloads). How newer bodies name it was not seen: so a body is also known by
the key that it bears, and one that says nothing makes everything be listed. Nothing is signed.
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.receiving import Answer, Delivery, Judge

_OBJECTS: Mapping[str, str] = {
    "partnership": "partnerships",
    "customer": "customers",
    "deal": "deals",
    "lead": "leads",
    "transaction": "transactions",
    "reward": "rewards",
}
_KEY = re.compile(r"[\w@+:-][\w@+:.-]*")  # of a record: what is no such text would name another path


@dataclass(slots=True)
class Hints:
    """Records to read again, by resource; `all`: something happened that no record can be named for."""

    keys: dict[str, list[str]] = field(default_factory=dict)
    all: bool = False

    def hear(self, body: object) -> None:
        """Take up one webhook, or a list of them."""
        for each in body if isinstance(body, list) else [body]:
            found = hint(each) if isinstance(each, Mapping) else None
            if found is None:
                self.all = True
            elif found[1] not in self.keys.setdefault(found[0], []):
                self.keys[found[0]].append(found[1])

    def of(self, resource: str) -> Sequence[str]:
        """The keys of one resource."""
        return self.keys.get(resource, ())


def hint(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """The resource and the key that a webhook is about; None where it names none."""
    inner = body.get("data")
    inside = inner if isinstance(inner, Mapping) else body
    name = next((str(body[key]) for key in ("event", "event_type", "type") if body.get(key)), "")
    kind = re.split(r"[._]", name, maxsplit=1)[0]
    resource = _OBJECTS.get(kind)
    if resource is None:
        return None
    # A partnership is known by its partner key; the `id` of older bodies is a number that the API does not take.
    names = ("partner_key",) if resource == "partnerships" else ("key", f"{kind}_key")
    key = next((str(inside[each]) for each in names if inside.get(each)), "")
    return (resource, key) if _KEY.fullmatch(key) else None


def judge(secret: str) -> Judge:
    """Believes a POST whose path ends in the secret; to everybody else there is nothing at any address."""

    def judged(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | Delivery:
        last = path.partition("?")[0].rstrip("/").rpartition("/")[2]
        if method != "POST" or not hmac.compare_digest(last.encode(), secret.encode()):
            return Answer(404)
        try:
            return Delivery([json.loads(body)])
        except ValueError:
            return Answer(400)

    return judged
