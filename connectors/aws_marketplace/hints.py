"""Which records an event is a hint of; pure, it reads nothing and believes no value of an event but ids.

Shapes: AWS Marketplace Seller Guide (EventBridge events of catalog and agreements), and the older SNS messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.aws.events import Event

CATALOG, AGREEMENTS, SNS = "aws.marketplacecatalog", "aws.agreement-marketplace", "sns"
SOURCES = frozenset({CATALOG, AGREEMENTS, SNS})


@dataclass(slots=True)
class Hints:
    """What has to be read again, each once and in the order in which it was first heard of.

    `accepted` are offers whose agreements are meant; `all_agreements`: one changed, and the message does not say which.
    """

    ids: dict[str, dict[str, None]] = field(default_factory=dict)
    accepted: dict[str, None] = field(default_factory=dict)
    all_agreements: bool = False

    def add(self, entity: str, record_id: object) -> None:
        """Read this record again."""
        if isinstance(record_id, str) and record_id:
            self.ids.setdefault(entity, {})[record_id] = None

    def of(self, entity: str) -> list[str]:
        """The records of an entity to read."""
        return list(self.ids.get(entity, ()))

    def hear(self, event: Event) -> bool:
        """Take up an event; False for one that no marketplace sends."""
        if event.source == CATALOG:
            self._catalog(event)
        elif event.source == AGREEMENTS:
            self.add("agreement", _at(event.detail, "agreement", "id"))
        elif event.source == SNS:
            self._older(event)
        return event.source in SOURCES

    def _catalog(self, event: Event) -> None:
        detail = event.detail
        self.add("offer", _at(detail, "offer", "id"))
        self.add("offer_set", _at(detail, "offerSet", "id"))
        for each in detail.get("associatedOffers") or ():
            self.add("offer", _at(each, "offer", "id") if isinstance(each, Mapping) else None)
        # Events of change sets name no offer: what it changed is told by its description.
        self.add("change_set", detail.get("ChangeSetId"))

    def _older(self, event: Event) -> None:
        offer = event.detail.get("offer-identifier")
        if isinstance(offer, str) and offer:
            self.accepted[offer] = None
        else:
            self.all_agreements = True


def _at(value: Mapping[str, Any], *path: str) -> object:
    found: object = value
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
