"""The vendor API v2: lists, records, forms, webhooks."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..errors import PartnerStackError, bad, missing
from ..forms import template
from ..model import DEFAULT_PAGE, KINDS, MAX_PAGE, Kind
from .wire import account_of, answer, data, json_object

# Which of create, update and archive a resource takes here; transactions and rewards are made by the sandbox door.
_TAKES = {"deals": "CUA", "leads": "CUA", "partnerships": "U", "customers": "C"}


async def listing(request: web.Request) -> web.Response:
    """The newest first; `starting_after` and `ending_before` are keys and exclude each other."""
    account, kind = account_of(request), _kind(request)
    limit, after, before = _limit(request), request.query.get("starting_after"), request.query.get("ending_before")
    if after and before:
        raise bad("starting_after and ending_before are mutually exclusive")
    for name in ("min_created", "max_created", "min_updated", "max_updated"):
        if not request.query.get(name, "0").isdecimal():
            raise bad(f"{name}: Not a valid integer")
    every = list(account.listed(kind, dict(request.query)))
    rest = _behind(every, after) if after else list(reversed(_behind(every[::-1], before))) if before else every
    page = rest[-limit:] if before else rest[:limit]
    items = [account.show(kind, each, in_list=True) for each in page]
    return data({"items": items, "has_more": len(rest) > len(page)}, "Page returned successfully")


async def read(request: web.Request) -> web.Response:
    account, kind, key = account_of(request), _kind(request), request.match_info["key"]
    # The reference of leads names the form in the singular, the types of deals in the plural.
    if key == {"deals": "form-templates", "leads": "form-template"}.get(kind.name):
        return data(template(kind))
    return data(account.show(kind, account.find(kind, key)))


async def create(request: web.Request) -> web.Response:
    account, kind = account_of(request), _taking(request, "C")
    return data(account.show(kind, account.create(kind, await _body(request, kind), "api")))


async def update(request: web.Request) -> web.Response:
    account, kind = account_of(request), _taking(request, "U")
    stored = account.update(kind, request.match_info["key"], await _body(request, kind), "api")
    return data(account.show(kind, stored))


async def archive(request: web.Request) -> web.Response:
    account, kind = account_of(request), _taking(request, "A")
    account.archive(kind, request.match_info["key"], "api")
    return answer({"message": "Archived", "status": 200})


async def convert(request: web.Request) -> web.Response:
    account, kind = account_of(request), _kind(request)
    if kind.name not in {"deals", "leads"}:
        raise PartnerStackError(404, "Not Found")
    made = account.convert(kind, request.match_info["key"], await json_object(request))
    return data(account.show(KINDS["customers"], made))


async def webhooks(request: web.Request) -> web.Response:
    hooks = account_of(request).push.hooks
    return data({"items": [_hook(each) for each in hooks], "has_more": False})


async def register(request: web.Request) -> web.Response:
    return data(_hook(account_of(request).push.register(await json_object(request))))


async def unregister(request: web.Request) -> web.Response:
    push, key = account_of(request).push, request.match_info["key"]
    if key not in {each.key for each in push.hooks}:
        raise missing("webhook", key)
    push.hooks = [each for each in push.hooks if each.key != key]
    return answer({"message": "Deleted", "status": 200})


def add_routes(app: web.Application) -> None:
    api = "/api/v2"
    for method, path, handler in (
        ("GET", "/webhooks", webhooks), ("POST", "/webhooks", register), ("DELETE", "/webhooks/{key}", unregister),
        ("GET", "/{resource}", listing), ("POST", "/{resource}", create), ("GET", "/{resource}/{key}", read),
        ("PATCH", "/{resource}/{key}", update), ("DELETE", "/{resource}/{key}", archive),
        ("POST", "/{resource}/{key}/convert", convert),
    ):  # fmt: skip
        app.router.add_route(method, f"{api}{path}", handler)


def _kind(request: web.Request) -> Kind:
    kind = KINDS.get(request.match_info["resource"])
    if kind is None:
        raise PartnerStackError(404, "Not Found")
    return kind


def _taking(request: web.Request, what: str) -> Kind:
    kind = _kind(request)
    if what not in _TAKES.get(kind.name, ""):
        raise PartnerStackError(405, "Method Not Allowed")
    return kind


async def _body(request: web.Request, kind: Kind) -> dict[str, Any]:
    """A parameter that the reference does not name is refused (unverified: it may be ignored)."""
    body = await json_object(request)
    odd = sorted(set(body) - set(kind.members))
    if odd:
        raise bad(f"{odd[0]}: Unknown field")
    return body


def _limit(request: web.Request) -> int:
    told = request.query.get("limit", str(DEFAULT_PAGE))
    if not told.isdecimal() or not 1 <= int(told) <= MAX_PAGE:
        raise bad(f"limit: Must be between 1 and {MAX_PAGE}")
    return int(told)


def _behind(every: list[Any], key: str) -> list[Any]:
    """What follows a key; one that the list does not hold is refused (unverified)."""
    for at, each in enumerate(every):
        if each.record["key"] == key:
            return every[at + 1 :]
    raise bad(f"{key} is not in the list")


def _hook(hook: Any) -> dict[str, Any]:
    return {"key": hook.key, "target": hook.target, "events": list(hook.events)}
