"""Assembles the web application: routes and guards around a portal; it opens no socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from ..portal import Portal
from . import admin, associations, definitions, guards, journal, objects
from .wire import SERVER, Server

MAX_BODY = 50 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_V = "{version:\\d{4}-\\d\\d}"
_OBJECTS = ("/crm/v3/objects", f"/crm/objects/{_V}")
_PAIRS = ("/crm/v4/associations", f"/crm/associations/{_V}")
_OF_ONE = ("/crm/v4/objects", f"/crm/objects/{_V}")
_PROPERTIES = ("/crm/v3/properties", f"/crm/properties/{_V}")
_SCHEMAS = ("/crm-object-schemas/v3/schemas", "/crm/v3/schemas", f"/crm-object-schemas/{_V}/schemas")
_PIPELINES = ("/crm/v3/pipelines", f"/crm/pipelines/{_V}")
_OWNERS = ("/crm/v3/owners", f"/crm/owners/{_V}")
_ACCOUNT = ("/account-info/v3", f"/account-info/{_V}")
_JOURNAL = (f"/webhooks-journal/journal/{_V}", f"/webhooks-journal/journal-local/{_V}")
_SUBSCRIPTIONS = (f"/webhooks-journal/subscriptions/{_V}",)
_TOKEN = ("/oauth/v1/token", "/oauth/v3/token", f"/oauth/{_V}/token")


def build_app(portal: Portal, verbose: bool = False) -> web.Application:
    app = web.Application(middlewares=guards.middlewares(verbose), client_max_size=MAX_BODY)
    app[SERVER] = Server(portal)
    admin.add_routes(app)
    app.router.add_route("GET", f"{guards.FILES}/{{offset}}.json", journal.file)
    for prefixes, method, path, handler in _ROUTES:
        for prefix in prefixes:
            app.router.add_route(method, f"{prefix}{path}", handler)
    return app


# The order matters: a fixed part (batch, search, merge) goes before the one that takes any id.
_ROUTES: tuple[tuple[tuple[str, ...], str, str, Handler], ...] = (
    (_TOKEN, "POST", "", journal.token),
    (_OBJECTS, "POST", "/{type}/search", objects.search),
    (_OBJECTS, "POST", "/{type}/batch/read", objects.batch_read),
    (_OBJECTS, "POST", "/{type}/batch/create", objects.batch_create),
    (_OBJECTS, "POST", "/{type}/batch/update", objects.batch_update),
    (_OBJECTS, "POST", "/{type}/batch/upsert", objects.batch_upsert),
    (_OBJECTS, "POST", "/{type}/batch/archive", objects.batch_archive),
    (_OBJECTS, "POST", "/{type}/merge", objects.merge),
    (_OBJECTS, "POST", "/{type}/gdpr-delete", objects.gdpr_delete),
    (_OBJECTS, "GET", "/{type}", objects.listing),
    (_OBJECTS, "POST", "/{type}", objects.create),
    (_OBJECTS, "GET", "/{type}/{id}", objects.read),
    (_OBJECTS, "PATCH", "/{type}/{id}", objects.update),
    (_OBJECTS, "DELETE", "/{type}/{id}", objects.archive),
    (("/crm/v3/objects",), "GET", "/{type}/{id}/associations/{to}", associations.read_v3),
    (_OF_ONE, "GET", "/{type}/{id}/associations/{to}", associations.read_one),
    (_OF_ONE, "PUT", "/{type}/{id}/associations/default/{to}/{to_id}", associations.put_default),
    (_OF_ONE, "PUT", "/{type}/{id}/associations/{to}/{to_id}", associations.put_one),
    (_OF_ONE, "DELETE", "/{type}/{id}/associations/{to}/{to_id}", associations.delete_one),
    (_PAIRS, "POST", "/{type}/{to}/batch/create", associations.batch_create),
    (_PAIRS, "POST", "/{type}/{to}/batch/associate/default", associations.batch_default),
    (_PAIRS, "POST", "/{type}/{to}/batch/read", associations.batch_read),
    (_PAIRS, "POST", "/{type}/{to}/batch/archive", associations.batch_archive),
    (_PAIRS, "POST", "/{type}/{to}/batch/labels/archive", associations.batch_archive_labels),
    (_PAIRS, "GET", "/{type}/{to}/labels", associations.list_labels),
    (_PAIRS, "POST", "/{type}/{to}/labels", associations.create_label),
    (_PROPERTIES, "GET", "/{type}/groups", definitions.list_groups),
    (_PROPERTIES, "POST", "/{type}/groups", definitions.create_group),
    (_PROPERTIES, "POST", "/{type}/batch/create", definitions.create_properties),
    (_PROPERTIES, "GET", "/{type}", definitions.list_properties),
    (_PROPERTIES, "POST", "/{type}", definitions.create_property),
    (_PROPERTIES, "GET", "/{type}/{name}", definitions.read_property),
    (_PROPERTIES, "PATCH", "/{type}/{name}", definitions.change_property),
    (_SCHEMAS, "GET", "", definitions.list_schemas),
    (_SCHEMAS, "POST", "", definitions.create_schema),
    (_SCHEMAS, "GET", "/{type}", definitions.read_schema),
    (_PIPELINES, "GET", "/{type}", definitions.list_pipelines),
    (_PIPELINES, "GET", "/{type}/{pipeline}", definitions.read_pipeline),
    (_OWNERS, "GET", "", definitions.list_owners),
    (_OWNERS, "GET", "/", definitions.list_owners),
    (_OWNERS, "GET", "/{owner}", definitions.read_owner),
    (_ACCOUNT, "GET", "/details", definitions.account_details),
    (_ACCOUNT, "GET", "/api-usage/daily/private-apps", definitions.daily_usage),
    (_JOURNAL, "GET", "/earliest", journal.earliest),
    (_JOURNAL, "GET", "/latest", journal.latest),
    (_JOURNAL, "GET", "/offset/{offset}/next", journal.following),
    (_JOURNAL, "GET", "/batch/earliest/{count:\\d+}", journal.batch_earliest),
    (_JOURNAL, "GET", "/batch/latest/{count:\\d+}", journal.batch_latest),
    (_JOURNAL, "GET", "/batch/{offset}/next/{count:\\d+}", journal.batch_following),
    (_JOURNAL, "POST", "/batch/read", journal.batch_read),
    (_SUBSCRIPTIONS, "GET", "", journal.list_subscriptions),
    (_SUBSCRIPTIONS, "POST", "", journal.subscribe),
    (_SUBSCRIPTIONS, "DELETE", "/{id:\\d+}", journal.unsubscribe),
    (_SUBSCRIPTIONS, "DELETE", "/portals/{id:\\d+}", journal.unsubscribe_portal),
)
