"""Finds out which objects the channel carries, and so what must be polled beside it; it changes no selection."""

import logging
from collections.abc import Mapping
from enum import StrEnum

from connectors.salesforce import soql
from connectors.salesforce.client import Client, Mismatch
from connectors.salesforce.settings import Settings
from connectors.salesforce.shape import Shape

log = logging.getLogger(__name__)
STANDARD = "ChangeEvents"


class Mode(StrEnum):
    """How the changes of one entity are read."""

    STREAMED = "the stream"
    BOTH = "the stream, and polling beside it"
    POLLED = "polling"


def event_name(entity: str) -> str:
    """AccountChangeEvent, Partner_Overlap__ChangeEvent."""
    return f"{entity.removesuffix('c')}ChangeEvent" if entity.endswith("__c") else f"{entity}ChangeEvent"


def modes(client: Client, settings: Settings, shapes: Mapping[str, Shape]) -> Mapping[str, Mode]:
    """The mode of each entity; what is not known to be streamed is polled as well, so that nothing can be missed."""
    selected = _selected(client, settings)
    found = {}
    for entity, shape in shapes.items():
        name = shape.table.object
        if selected is None:
            found[entity], why = Mode.BOTH, "it is not known whether the channel carries it: set `selected`"
        elif event_name(name) not in selected:
            found[entity], why = Mode.POLLED, f"the channel {settings.channel} does not carry it: select it there"
        elif shape.formulas:
            found[entity], why = Mode.BOTH, f"no event carries its formulas {', '.join(shape.formulas)}"
        else:
            found[entity], why = Mode.STREAMED, f"the channel {settings.channel} carries it"
        log.info("%s (%s) is read by %s: %s", entity, name, found[entity], why)
    return found


def _selected(client: Client, settings: Settings) -> frozenset[str] | None:
    """The names of the events on the channel, or None where Salesforce does not say."""
    if settings.selected is not None:
        return frozenset(map(event_name, settings.selected))
    channel = settings.channel.removeprefix("/data/")
    if channel != STANDARD and not channel.endswith("__chn"):
        return frozenset({channel})
    query = f"SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = {soql.quoted(channel)}"  # noqa: S608
    try:
        rows = client.tooling(query)
    except Mismatch as mismatch:
        log.warning("Salesforce does not say what %s carries: %s", settings.channel, mismatch.reason)
        return None
    return frozenset(str(row["SelectedEntity"]) for row in rows)
