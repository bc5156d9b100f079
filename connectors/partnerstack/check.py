"""Looks whether an account has what the mapping needs, and whether we may read it; it changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.base import Finding
from connectors.errors import ConnectorError
from connectors.partnerstack.client import Client
from connectors.partnerstack.resources import RESOURCES
from connectors.partnerstack.rows import FORM, STATE_FIELD
from connectors.partnerstack.settings import Settings
from mappings.errors import nearest
from mappings.table import EntityMap

REGISTER = "register the webhook: POST /api/v2/webhooks with the listener's public_url/secret as its target"


class PartnerStackCheck:
    """A `connectors.base.Checkable`."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._client = settings, Client(settings)

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; without a sign-in nothing else is looked at."""
        signed_in = self._readable(f"sign-in at {self._settings.base_url}", "partnerships", "the keys are taken")
        yield signed_in
        if not signed_in.ok:
            return
        used = [table for table in tables if table.reads or table.writes]
        for table in used:
            yield from self._table(table)
        for resource in dict.fromkeys(table.object for table in used if table.object in RESOURCES):
            if RESOURCES[resource].template is not None:
                yield from self._form(resource, [table for table in used if table.object == resource])
        if self._settings.listener is not None:
            yield self._webhook(self._settings.listener.public_url)

    def _table(self, table: EntityMap) -> Iterator[Finding]:
        subject = f"{table.entity} -> {table.object}"
        if table.object not in RESOURCES:
            yield Finding(subject, False, f"{table.object} is no resource", nearest(table.object, RESOURCES))
        else:
            yield self._readable(subject, table.object, "it can be read")

    def _readable(self, subject: str, resource: str, well: str) -> Finding:
        try:
            next(self._client.pages(resource), None)
        except ConnectorError as error:
            return Finding(subject, False, error.reason, error.remedy)
        return Finding(subject, True, well)

    def _form(self, resource: str, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """Each field of the form that is written, and how many there are that are only read."""
        subject, template = f"form of {resource}", RESOURCES[resource].template or ""
        try:
            answer = self._client.read(resource, template)
        except ConnectorError as error:
            yield Finding(subject, False, error.reason, error.remedy)
            return
        known = _names(answer)
        if not known:
            # No template is no proof: an account may have its fields on another form.
            yield Finding(subject, True, "PartnerStack shows no form template, so its fields are not checked")
            return
        yield Finding(subject, True, f"{len(known)} fields are visible")
        for name, written in _wanted(tables).items():
            if name in known:
                yield Finding(f"{resource}.{name}", True, "a field of the form")
            elif written:
                remedy = f"add it to the form, hidden from partners; or correct the mapping: {nearest(name, known)}"
                yield Finding(f"{resource}.{name}", False, "the form has no such field", remedy)
            else:
                yield Finding(f"{resource}.{name}", True, "the form has no such field, nothing is read from it")

    def _webhook(self, public_url: str) -> Finding:
        subject = f"webhook to {public_url}"
        try:
            targets = [each for page in self._client.pages("webhooks") for each in page]
        except ConnectorError as error:
            return Finding(subject, False, error.reason, error.remedy)
        # The member is `target` in one source and `target_url` in another (unverified).
        ours = [each for each in targets if str(each.get("target") or each.get("target_url")).startswith(public_url)]
        if not ours:
            return Finding(subject, False, "no webhook of the account has this target", REGISTER)
        events = sorted({str(event) for each in ours for event in each.get("events") or ()})
        return Finding(subject, True, f"it is told of {', '.join(events) or 'unnamed events'}")


def _wanted(tables: Sequence[EntityMap]) -> Mapping[str, bool]:
    """The fields of a form that the tables name, and whether one of them writes it."""
    found: dict[str, bool] = {}
    for table in tables:
        for each in table.fields.values():
            if each.vendor.startswith(FORM):
                name = each.vendor.removeprefix(FORM)
                found[name] = found.get(name, False) or table.writes
            elif each.vendor == "state" and table.writes:
                found[STATE_FIELD] = True
    return found


def _names(answer: Mapping[str, Any] | None) -> set[str]:
    """The API names of a form template, or of several in `items`."""
    if answer is None:
        return set()
    templates = answer.get("items") if isinstance(answer.get("items"), list) else [answer]
    fields = [each for one in templates or () if isinstance(one, Mapping) for each in one.get("fields") or ()]
    return {str(each.get("api_name") or each.get("internal_name")) for each in fields if isinstance(each, Mapping)}
