"""Assembles the web application: routes and guards around an org; it opens no socket."""

from __future__ import annotations

from aiohttp import web

from ..org import Org
from . import admin, backstage, bulk_ingest, bulk_query, collections, graph, guards, oauth, query, sobjects, tooling
from .wire import SERVER, Server, answer, org_of, version_of

MAX_BODY = 50 * 1024 * 1024


def build_app(org: Org, verbose: bool = False) -> web.Application:
    app = web.Application(middlewares=guards.middlewares(verbose), client_max_size=MAX_BODY)
    app[SERVER] = Server(org)
    oauth.add_routes(app)
    admin.add_routes(app)
    backstage.add_routes(app, admin.PREFIX)
    for path in ("/services/data", "/services/data/"):
        app.router.add_route("GET", path, _versions)
    for method, path, handler in _ROUTES:
        for slash in ("", "/"):
            app.router.add_route(method, f"/services/data/{{version:v\\d+\\.0}}{path}{slash}", handler)
    return app


async def _versions(request: web.Request) -> web.Response:
    span = range(guards.MIN_VERSION, guards.MAX_VERSION + 1)
    return answer([{"label": f"v{one}", "url": f"/services/data/v{one}.0", "version": f"{one}.0"} for one in span])


async def _resources(request: web.Request) -> web.Response:
    base = f"/services/data/{version_of(request)}"
    names = ("sobjects", "query", "queryAll", "composite", "limits", "jobs")
    return answer({name: f"{base}/{name}" for name in names})


async def _limits(request: web.Request) -> web.Response:
    return answer(org_of(request).usage.resource())


# The order matters: a fixed last part (describe, updated) goes before the one that takes any id.
_ROUTES = (
    ("GET", "", _resources),
    ("GET", "/limits", _limits),
    ("GET", "/query", query.query),
    ("GET", "/queryAll", query.query_all),
    ("GET", "/tooling/query", tooling.query),
    ("GET", "/query/{locator}", query.next_page),
    ("GET", "/queryAll/{locator}", query.next_page),
    ("GET", "/sobjects", sobjects.describe_global),
    ("GET", "/sobjects/{sobject}", sobjects.basic),
    ("POST", "/sobjects/{sobject}", sobjects.create),
    ("GET", "/sobjects/{sobject}/describe", sobjects.describe_one),
    ("GET", "/sobjects/{sobject}/updated", sobjects.updated),
    ("GET", "/sobjects/{sobject}/deleted", sobjects.deleted),
    ("GET", "/sobjects/{sobject}/{id}", sobjects.read),
    ("PATCH", "/sobjects/{sobject}/{id}", sobjects.update),
    ("DELETE", "/sobjects/{sobject}/{id}", sobjects.delete),
    ("GET", "/sobjects/{sobject}/{field}/{value:.+?}", sobjects.read_by_external_id),
    ("PATCH", "/sobjects/{sobject}/{field}/{value:.+?}", sobjects.upsert),
    ("DELETE", "/sobjects/{sobject}/{field}/{value:.+?}", sobjects.delete_by_external_id),
    ("POST", "/composite/sobjects", collections.create),
    ("PATCH", "/composite/sobjects", collections.update),
    ("DELETE", "/composite/sobjects", collections.delete),
    ("POST", "/composite", graph.composite),
    ("POST", "/composite/graph", graph.graph),
    ("GET", "/composite/sobjects/{sobject}", collections.retrieve),
    ("POST", "/composite/sobjects/{sobject}", collections.retrieve),
    ("PATCH", "/composite/sobjects/{sobject}/{field}", collections.upsert),
    ("POST", "/jobs/query", bulk_query.create),
    ("GET", "/jobs/query", bulk_query.listed),
    ("GET", "/jobs/query/{job}", bulk_query.read),
    ("PATCH", "/jobs/query/{job}", bulk_query.change),
    ("DELETE", "/jobs/query/{job}", bulk_query.delete),
    ("GET", "/jobs/query/{job}/results", bulk_query.results),
    ("POST", "/jobs/ingest", bulk_ingest.create),
    ("GET", "/jobs/ingest", bulk_ingest.listed),
    ("GET", "/jobs/ingest/{job}", bulk_ingest.read),
    ("PATCH", "/jobs/ingest/{job}", bulk_ingest.change),
    ("DELETE", "/jobs/ingest/{job}", bulk_ingest.delete),
    ("PUT", "/jobs/ingest/{job}/batches", bulk_ingest.upload),
    ("GET", "/jobs/ingest/{job}/successfulResults", bulk_ingest.successful),
    ("GET", "/jobs/ingest/{job}/failedResults", bulk_ingest.failed),
    ("GET", "/jobs/ingest/{job}/unprocessedrecords", bulk_ingest.unprocessed),
)
