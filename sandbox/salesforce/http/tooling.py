"""The Tooling API's query, for the one object that a check asks for: the selected change events."""

from __future__ import annotations

from aiohttp import web

from .. import ids
from ..errors import SalesforceError
from ..metadata.model import Schema
from ..metadata.setup import tooling_objects
from ..org import Org
from ..pubsub.schema import event_name
from ..soql import engine
from ..store import Store, Write
from .wire import answer, org_of, version_of

_FIELDS = ("DeveloperName", "EventChannel", "SelectedEntity")


async def query(request: web.Request) -> web.Response:
    org, text = org_of(request), request.query.get("q")
    if text is None:
        raise SalesforceError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    result = engine.run(_members(org), text, org.clock())
    records = result.page(0, result.printable, f"{version_of(request)}/tooling")
    return answer({"size": result.size, "totalSize": result.size, "done": True, "records": records})


def _members(org: Org) -> Store:
    store = Store(Schema([tooling_objects(_FIELDS)]))
    now = org.clock()
    for number, (channel, sobject) in enumerate(org.changes.channels.members(), 1):
        entity = event_name(sobject)
        store.put(
            "PlatformEventChannelMember",
            {
                "Id": ids.make("0v8", number), "IsDeleted": False, "CreatedDate": now, "LastModifiedDate": now,
                "SystemModstamp": now, "DeveloperName": f"{channel.replace('__', '_')}_{entity}",
                "EventChannel": channel, "SelectedEntity": entity,
            },
            Write("create", org.admin_id, now, ()),
        )  # fmt: skip
    return store
