"""Where each resource of the API lives, in numbered and in dated paths; pure text, it never calls anybody."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths of one version: `v3`, where associations are v4, or a date (developers.hubspot.com, API reference)."""

    api: str
    journal: str = "2026-03"

    @property
    def numbered(self) -> bool:
        """Whether the version is a number and not a date."""
        return self.api.startswith("v")

    def _crm(self, resource: str, version: str) -> str:
        return f"/crm/{version}/{resource}" if self.numbered else f"/crm/{resource}/{self.api}"

    def objects(self, object_: str, rest: str = "") -> str:
        """The records of one object type; `rest` as `batch/read` or `search`."""
        return f"{self._crm('objects', 'v3')}/{_part(object_)}{_tail(rest)}"

    def associations(self, start: str, end: str, rest: str) -> str:
        """The associations from one object type to another."""
        return f"{self._crm('associations', 'v4')}/{_part(start)}/{_part(end)}{_tail(rest)}"

    def properties(self, object_: str, rest: str = "") -> str:
        """The property definitions of an object type."""
        return f"{self._crm('properties', 'v3')}/{_part(object_)}{_tail(rest)}"

    def schemas(self, rest: str = "") -> str:
        """The definitions of custom objects."""
        return f"/crm-object-schemas/{'v3' if self.numbered else self.api}/schemas{_tail(rest)}"

    def owners(self) -> str:
        """The users that own records."""
        return self._crm("owners", "v3")

    def account(self) -> str:
        """The portal's id and time zone."""
        return f"/account-info/{'v3' if self.numbered else self.api}/details"

    def journal_of(self, rest: str) -> str:
        """The webhooks journal of one portal; `rest` as `latest` or `offset/<offset>/next`."""
        return f"/webhooks-journal/journal-local/{self.journal}/{rest}"

    def subscriptions(self) -> str:
        """What the journal tells of."""
        return f"/webhooks-journal/subscriptions/{self.journal}"

    def token(self) -> str:
        """The token endpoint, which has no dated path yet."""
        return "/oauth/v1/token"


def _part(name: str) -> str:
    return quote(name, safe="")


def _tail(rest: str) -> str:
    return f"/{rest}" if rest else ""
