"""The token endpoint and userinfo."""

from __future__ import annotations

from aiohttp import web

from ..errors import OAuthError, SalesforceError
from .wire import SERVER, answer, org_of


async def token(request: web.Request) -> web.Response:
    form = {name: str(value) for name, value in (await request.post()).items()}
    try:
        issued = org_of(request).auth.token(form, request.headers.get("Authorization"), request.app[SERVER].base_url)
    except OAuthError as refused:
        return answer({"error": refused.error, "error_description": refused.description}, refused.status)
    return answer(issued)


async def userinfo(request: web.Request) -> web.Response:
    """A wrong token is answered with 403 and plain text, not with the list that REST resources use."""
    org = org_of(request)
    try:
        session = org.auth.check(request.headers.get("Authorization"))
    except SalesforceError:
        return web.Response(status=403, text="Bad_OAuth_Token")
    row = org.store.get("User", session.user_id)
    assert row is not None
    base_url = request.app[SERVER].base_url
    return answer({
        "sub": f"{base_url}/id/{org.id}/{session.user_id}",
        "user_id": session.user_id,
        "organization_id": org.id,
        "preferred_username": row["Username"],
        "name": row["Name"],
        "email": row["Email"],
        "active": row["IsActive"],
        "urls": {"rest": f"{base_url}/services/data/v{{version}}/"},
    })  # fmt: skip


def add_routes(app: web.Application) -> None:
    app.router.add_route("POST", "/services/oauth2/token", token)
    app.router.add_route("GET", "/services/oauth2/userinfo", userinfo)
    app.router.add_route("POST", "/services/oauth2/userinfo", userinfo)
