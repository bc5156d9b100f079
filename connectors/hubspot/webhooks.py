"""Follows pushed webhooks: acknowledges an event only when what it meant is committed; it never trusts its values.

The cursor has one slot of the whole source, "webhooks": a word that names the events of the last pass. When it comes
back with the next pass, those events are kept, and HubSpot is told so; else it sends them again.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.base import STREAM, Event, Progress, slots_of
from connectors.hubspot.events import Happening, tell
from connectors.hubspot.listener import Receiver
from connectors.hubspot.objects import STANDARD
from connectors.hubspot.polling import Polling
from connectors.hubspot.records import Records
from connectors.hubspot.settings import Settings
from connectors.hubspot.window import Window
from connectors.receiving import Delivery
from mappings.table import EntityMap

SLOT = "webhooks"
REPEATED_FOR = timedelta(hours=24)  # HubSpot tries so long (facts, hubspot 3.4)
_NAMES: Mapping[str, str] = {"contact": "0-1", "company": "0-2", "deal": "0-3", "lead": "0-136"}
_ACTIONS: Mapping[str, str] = {
    "creation": "CREATE",
    "propertyChange": "UPDATE",
    "deletion": "DELETE",
    "privacyDeletion": "GDPR_DELETE",
    "merge": "MERGE",
    "restore": "RESTORE",
}


class Webhooks:
    """One app's webhooks. What came while nobody listened, or was never sent, is found by searching."""

    def __init__(self, settings: Settings, records: Records, polling: Polling, clock: Callable[[], datetime]) -> None:
        self._settings, self._records, self._polling, self._clock = settings, records, polling, clock
        self._receiver: Receiver | None = None
        self._pending: list[Delivery] = []
        self._pass, self._begun, self._searched = 0, clock(), datetime.min.replace(tzinfo=clock().tzinfo)
        self._kept: dict[tuple[str, str], datetime] = {}

    @property
    def receiver(self) -> Receiver:
        """The listener; it opens with the first pass."""
        if self._receiver is None:
            settings, app = self._settings.listener, self._settings.app
            assert settings is not None and app is not None  # noqa: S101, PT018 - the settings see to it
            self._receiver = Receiver(settings, app.client_secret.get_secret_value(), self._clock)
        return self._receiver

    def close(self) -> None:
        """Stop listening, if it ever began."""
        if self._receiver is not None:
            self._receiver.close()

    def changes(
        self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str], windows: Mapping[str, Window]
    ) -> Iterator[Event]:
        """What came since the last pass; a search first where it is time for one."""
        receiver, listener = self.receiver, self._settings.listener
        self._acknowledge(slots_of(STREAM, cursors).get(SLOT))
        told = False
        for event in self._found(tables, windows):
            told = True
            yield event
        taken = [each for each in receiver.taken(listener.patience_s if listener else 0.0) if not each.late]
        self._pass += 1  # before anything is told: a pass that breaks off has a word that was never saved
        self._pending = [each for each in taken if not self._known(each)]
        new = [event for delivery in self._pending for event in delivery.events if _name(event) not in self._kept]
        happenings = [each for each in (happening(event, self._settings.app_id) for event in new) if each is not None]
        # The floors stay: a webhook can be lost, and then the next search has to find what it was about.
        for event in tell(self._records, tables, windows, happenings):
            told = True
            yield event
        if not told:
            # All of it was told and committed before: there is nothing to wait for.
            self._keep()
        elif self._pending:
            yield Progress(STREAM, self._word(), SLOT)

    def _found(self, tables: Mapping[str, EntityMap], windows: Mapping[str, Window]) -> Iterator[Event]:
        """What a search finds, where it is time for one."""
        now, listener = self._clock(), self._settings.listener
        if listener is None or now - self._searched < timedelta(seconds=listener.search_every_s):
            return
        for table in tables.values():
            yield from self._polling.poll(table, windows[table.entity], thorough=True)
        self._searched = now

    def _acknowledge(self, word: str | None) -> None:
        """Answer the requests of the last pass, if that pass was committed."""
        if word == self._word():
            self._keep()
        self._pending = []
        now = self._clock()
        self._kept = {name: at for name, at in self._kept.items() if now - at < REPEATED_FOR}

    def _keep(self) -> None:
        now = self._clock()
        for delivery in self._pending:
            self._kept |= {_name(event): now for event in delivery.events}
            delivery.kept.set()
        self._pending = []

    def _known(self, delivery: Delivery) -> bool:
        """Whether all of it was kept before; then it is acknowledged at once."""
        known = all(_name(event) in self._kept for event in delivery.events)
        if known:
            delivery.kept.set()
        return known

    def _word(self) -> str:
        return f"{self._begun.isoformat()} {self._pass}"


def happening(event: Mapping[str, Any], app_id: int | None) -> Happening | None:
    """A webhook as a happening; None for a kind that no subscription of ours names.

    `company.propertyChange`, or `object.propertyChange` with an `objectTypeId`; older payloads say `eventType`.
    """
    name, _, kind = str(event.get("subscriptionType") or event.get("eventType")).partition(".")
    type_id = str(event["objectTypeId"]) if event.get("objectTypeId") else _NAMES.get(name, "")
    own = (
        app_id is not None and event.get("changeSource") == "INTEGRATION" and str(event.get("sourceId")) == str(app_id)
    )
    action = _ACTIONS.get(kind)
    if kind == "associationChange":
        action = "ASSOCIATION_REMOVED" if event.get("associationRemoved") else "ASSOCIATION_ADDED"
        touched = _ends(event, type_id)
    else:
        ids = [event.get("newObjectId"), event.get("primaryObjectId"), event.get("objectId")]
        touched = [(type_id, str(id_)) for id_ in ids if id_ is not None]
    if action is None or not touched:
        return None
    changed = frozenset({str(event["propertyName"])} if event.get("propertyName") else ())
    return Happening(action, int(event["occurredAt"]), tuple(dict.fromkeys(touched)), changed, own)


def _ends(event: Mapping[str, Any], type_id: str) -> list[tuple[str, str]]:
    """Both ends of an association, named as in CONTACT_TO_COMPANY."""
    start, _, end = str(event.get("associationType") or "").casefold().partition("_to_")
    kinds = {"fromObjectId": _NAMES.get(start, type_id), "toObjectId": _NAMES.get(end, "")}
    found = [(kind, str(event[key])) for key, kind in kinds.items() if event.get(key) is not None and kind]
    return [each for each in found if each[0] in STANDARD.values() or each[0] == type_id]


def _name(event: Mapping[str, Any]) -> tuple[str, str]:
    """What makes an event the same when it is sent again: its own number and the subscription's."""
    return str(event.get("eventId")), str(event.get("subscriptionId"))
