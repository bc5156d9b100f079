"""Looks whether a store answers and lets all statements be read, and whether the receiver can listen; it changes nothing."""

import socket
from collections.abc import Iterator, Sequence

from connectors.base import Finding
from connectors.errors import ConnectorError
from connectors.xapi.settings import Receiver, Settings
from connectors.xapi.source import NO_WAY, NO_WAY_REMEDY
from connectors.xapi.store import Store
from mappings.converters import Choice
from mappings.table import EntityMap


class XapiCheck:
    """A `connectors.base.Checkable`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`."""
        if self._settings.endpoint is None and self._settings.receiver is None:
            yield Finding("statements", False, NO_WAY, NO_WAY_REMEDY)
        if self._settings.endpoint is not None:
            yield from self._store(Store(self._settings))
        if self._settings.receiver is not None:
            yield _listening(self._settings.receiver)
        for table in tables:
            for name in ("meaning", "kind"):
                converter = table.fields[name].converter if name in table.fields else None
                if isinstance(converter, Choice):
                    known = len(converter.values)
                    yield Finding(f"statement.{name}", True, f"{known} spellings are known (mappings/xapi.toml)")

    def _store(self, store: Store) -> Iterator[Finding]:
        try:
            versions = store.about()
            spoken = any(each.startswith(self._settings.version.rpartition(".")[0]) for each in versions)
            detail = f"speaks xAPI {', '.join(versions) or '(it does not say which)'}"
            yield Finding(f"store at {store.endpoint}", spoken or not versions, detail, "set `version` to one of them")
            page = store.first(None, 1)
            told = "is" if page.consistent else "is not"
            yield Finding("statements", True, f"can be read; {told} told through when they are complete")
        except ConnectorError as error:
            yield Finding(f"store at {store.endpoint}", False, error.reason, error.remedy)


def _listening(receiver: Receiver) -> Finding:
    """Whether the port is free, or something listens there already: the source that runs."""
    place = f"{receiver.host}:{receiver.port}"
    subject = f"receiver at {place}{receiver.path}"
    try:
        with socket.create_server((receiver.host, receiver.port), reuse_port=False):
            return Finding(subject, True, "can listen; put TLS in front of it")
    except OSError as error:
        return Finding(subject, False, f"cannot listen: {error.strerror}", "stop what listens there, or choose another")
