"""Which objects are selected for change events and which topic carries them; it holds no events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from ..metadata.model import Schema
from .schema import event_name

DEFAULT_CHANNEL = "ChangeEvents"
_PREFIX = "/data/"


class ChannelError(Exception):
    """A channel or member file that cannot be used; the message names the file and the reason."""


class Channels:
    """Channel names with the objects selected for them; `ChangeEvents` is the channel that every org has."""

    def __init__(self, schema: Schema, members: dict[str, list[str]]) -> None:
        self._schema, self._members = schema, members

    @property
    def selected(self) -> frozenset[str]:
        """The objects whose changes are kept, on whatever channel."""
        return frozenset(one for members in self._members.values() for one in members)

    def members(self) -> list[tuple[str, str]]:
        """(channel, object) of every selection."""
        return [(channel, one) for channel, members in self._members.items() for one in members]

    def resolve(self, topic: str) -> frozenset[str] | None:
        """The objects that a topic carries, or None for a topic that does not exist.

        The topic of an object that nobody selected exists and stays silent.
        """
        name = topic.removeprefix(_PREFIX)
        if name == topic:
            return None
        if name == DEFAULT_CHANNEL or name.endswith("__chn"):
            members = self._members.get(name)
            return None if members is None else frozenset(members)
        sobject = self.object_of(name)
        return None if sobject is None else frozenset({sobject}) & self.selected

    def object_of(self, name: str) -> str | None:
        """The object whose event has this name; User has none here."""
        return next((one.name for one in self._schema if one.createable and event_name(one.name) == name), None)


def channels(schema: Schema, folder: Path | None, default: Sequence[str]) -> Channels:
    """Channels from the SFDX folder's platformEventChannelMembers; without any, `default` on ChangeEvents."""
    members: dict[str, list[str]] = {DEFAULT_CHANNEL: []}
    files = [] if folder is None else sorted(folder.rglob("*.platformEventChannelMember-meta.xml"))
    if folder is not None:
        for path in sorted(folder.rglob("*.platformEventChannel-meta.xml")):
            members.setdefault(path.name.removesuffix(".platformEventChannel-meta.xml"), [])
    found = Channels(schema, members)
    for path in files:
        channel, entity = _text(path, "eventChannel"), _text(path, "selectedEntity")
        sobject = found.object_of(entity)
        if sobject is None:
            raise ChannelError(f"{path}: selectedEntity {entity} is not a change event of this org")
        if channel not in members:
            raise ChannelError(f"{path}: eventChannel {channel} has no platformEventChannel file; add it")
        members[channel].append(sobject)
    if not files:
        members[DEFAULT_CHANNEL] += [one for one in default if schema.get(one) is not None]
    return found


def _text(path: Path, name: str) -> str:
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314 - files of our own repository
    except ElementTree.ParseError as broken:
        raise ChannelError(f"{path}: not well-formed XML ({broken})") from broken
    found = next((one.text for one in root if one.tag.rpartition("}")[2] == name), None)
    if not found:
        raise ChannelError(f"{path}: <{name}> is missing; add it as the metadata API requires")
    return found.strip()
