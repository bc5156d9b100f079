"""Looks whether the portal can listen and for whom; it changes nothing."""

import socket
from collections.abc import Iterator, Sequence

from connectors.base import Finding
from connectors.portal.settings import Settings
from mappings.table import EntityMap


class PortalCheck:
    """A `connectors.base.Checkable`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; a source that runs holds the port."""
        place = (self._settings.host, self._settings.port)
        subject = f"portal at {place[0]}:{place[1]}"
        try:
            with socket.create_server(place):
                yield Finding(subject, True, "can listen; put TLS in front of it")
        except OSError as error:
            yield Finding(
                subject, False, f"cannot listen: {error.strerror}", "stop what listens there, or choose another"
            )
        partners = sorted({each.partner for each in self._settings.tokens})
        yield Finding("tokens", True, f"{len(self._settings.tokens)}, of {', '.join(partners)}")
        yield Finding(
            "taken in", bool(tables), ", ".join(sorted(table.object for table in tables)), "read registrations"
        )
