"""Looks whether Crossbeam lets us in, and whether the partners are those that are meant; it spends no record export."""

import socket
from collections.abc import Iterator, Sequence

from connectors.base import Finding
from connectors.crossbeam.client import Client
from connectors.crossbeam.partners import Partners
from connectors.crossbeam.settings import Settings, Webhooks
from connectors.errors import ConnectorError
from mappings.errors import nearest
from mappings.table import EntityMap


class CrossbeamCheck:
    """A `connectors.base.Checkable`. Overlaps and signals are not asked for: each counts as an export."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._client = settings, Client(settings)

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; without a sign-in nothing else is looked at."""
        try:
            yield self._organization()
            yield from self._partners()
        except ConnectorError as error:
            yield Finding(f"sign-in at {self._settings.base_url}", False, error.reason, error.remedy)
        if self._settings.webhooks is not None:
            yield _listening(self._settings.webhooks)

    def _organization(self) -> Finding:
        found = self._client.organizations()
        name, told = found.get(self._settings.organization), ", ".join(f"{name} {uuid}" for uuid, name in found.items())
        if name is None:
            return Finding(
                "organization", False, "the token's user does not belong to it", f"choose of: {told or 'none'}"
            )
        return Finding("organization", True, f"signed in for {name}")

    def _partners(self) -> Iterator[Finding]:
        every = self._client.partners()
        partners = Partners(self._settings.partners)
        known = partners.known(every)
        for name in partners.missing(every):
            remedy = nearest(name, [each.name for each in every])
            yield Finding(f"partner {name}", False, "Crossbeam knows no partner of this name or uuid", remedy)
        left_out = sorted(each.name for each in every if each.uuid not in known)
        detail = f"{len(known)} of {len(every)} are mapped" + (f"; left out: {', '.join(left_out)}" if left_out else "")
        yield Finding("partners", bool(known), detail, "name them in `partners`")


def _listening(webhooks: Webhooks) -> Finding:
    place = (webhooks.host, webhooks.port)
    subject = f"webhooks at {place[0]}:{place[1]}"
    try:
        with socket.create_server(place):
            return Finding(subject, True, "can listen; put TLS in front of it")
    except OSError as error:
        return Finding(subject, False, f"cannot listen: {error.strerror}", "stop what listens there, or choose another")
