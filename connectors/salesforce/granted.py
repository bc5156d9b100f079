"""Looks whether the integration user has its permission sets, and which change events are selected; changes nothing.

`PermissionSetAssignment` (SOQL) and `PlatformEventChannelMember` (Tooling API) are documented; that a user without
"View Setup and Configuration" sees its own assignments is not verified, so what cannot be seen is said, not guessed.
"""

from collections.abc import Iterator, Sequence

from connectors.base import Finding
from connectors.errors import ConnectorError
from connectors.salesforce.cdc.selection import STANDARD, event_name
from connectors.salesforce.client import Client
from connectors.salesforce.drift import DEPLOY
from connectors.salesforce.package import shipped
from connectors.salesforce.settings import Settings
from connectors.salesforce.soql import quoted

INTEGRATION, EVENTS = "Tandem_Integration", "Tandem_Change_Events"
_SEE_ALL = "without View All Records on an object Salesforce leaves out its change events silently"


def permission_sets(client: Client, names: Sequence[str]) -> Iterator[Finding]:
    """One finding per permission set that the integration user should have."""
    try:
        user = client.user()
        query = f"SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE AssigneeId = {quoted(user)}"  # noqa: S608
        assigned = {row["PermissionSet"]["Name"] for row in client.query(query).rows}
    except ConnectorError as error:
        yield Finding("permission sets", True, f"they cannot be seen by the integration user: {error.reason}")
        return
    for name in names:
        if name in assigned:
            yield Finding(f"permission set {name}", True, f"assigned to {user}")
            continue
        why = f"; {_SEE_ALL}" if name == EVENTS else ""
        yield Finding(
            f"permission set {name}",
            False,
            f"not assigned to {user}{why}",
            f"deploy deploy/salesforce and assign the permission set {name} to that user",
        )


def change_events(client: Client, settings: Settings, entities: Sequence[str]) -> Iterator[Finding]:
    """One finding per object that is read and could be streamed: whether the channel carries its changes."""
    channel = settings.channel.removeprefix("/data/")
    wanted = [entity for entity in entities if entity in shipped().change_events]
    if settings.changes != "cdc" or not wanted:
        return
    if channel != STANDARD and not channel.endswith("__chn"):
        selected = {channel}
    elif settings.selected is not None:
        selected = {event_name(entity) for entity in settings.selected}
    else:
        query = f"SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = {quoted(channel)}"  # noqa: S608
        try:
            selected = {str(row["SelectedEntity"]) for row in client.tooling(query)}
        except ConnectorError as error:
            remedy = "list the selected objects in `selected`, or grant View Setup and Configuration"
            yield Finding(
                f"change events of {settings.channel}", False, f"Salesforce does not say: {error.reason}", remedy
            )
            return
    for entity in wanted:
        subject = f"change events of {entity}"
        if event_name(entity) in selected:
            yield Finding(subject, True, f"{settings.channel} carries them")
        else:
            remedy = f"select {entity} in Setup, Change Data Capture; or {DEPLOY}; or set changes = 'poll'"
            yield Finding(subject, False, f"{settings.channel} does not carry them: {entity} is polled", remedy)
