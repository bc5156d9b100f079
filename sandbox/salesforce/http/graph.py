"""composite and composite/graph: many row requests in one call, HTTP 200 whatever becomes of them."""

from __future__ import annotations

from aiohttp import web

from .. import composites
from .saving import dml_of, stop_after
from .wire import answer, json_object, user_of


async def graph(request: web.Request) -> web.Response:
    """{"graphs": [{"graphId", "compositeRequest": [{"method", "url", "referenceId", "body"}]}]}; each graph is atomic."""
    graphs = composites.read_graphs((await json_object(request)).get("graphs"))
    return answer({"graphs": composites.run_graphs(dml_of(request), graphs, user_of(request), stop_after(request))})


async def composite(request: web.Request) -> web.Response:
    """{"allOrNone", "compositeRequest": [...]}: up to 25, of row resources only."""
    body = await json_object(request)
    nodes = composites.read_nodes(body.get("compositeRequest"), composites.MAX_SUBREQUESTS)
    if body.get("allOrNone") is True:
        answers, _ = composites.run_together(dml_of(request), nodes, user_of(request))
    else:
        answers = composites.run_each(dml_of(request), nodes, user_of(request))
    return answer({"compositeResponse": answers})
