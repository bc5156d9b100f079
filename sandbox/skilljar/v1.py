"""The first API: users of a domain and paths; pages with a count, or bare arrays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from .academy import Academy, Learner, PathEnrollment, spelt
from .errors import first, invalid
from .wire import academy_of, answer, json_object, require_key

_MAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


async def ping(request: web.Request) -> web.Response:
    require_key(request)
    return web.Response()


async def list_users(request: web.Request) -> web.Response:
    require_key(request)
    academy, wanted = academy_of(request), request.query.get("user__email")
    found = [each for each in academy.data.learners.values() if each.on_domain and wanted in (None, each.email)]
    return _page(request, [_user(each) for each in found])


async def add_user(request: web.Request) -> web.Response:
    """Who is there already stays as they are, and the call succeeds."""
    require_key(request)
    academy, body = academy_of(request), await json_object(request)
    user = body.get("user") or {}
    email = str(user.get("email", ""))
    if not _MAIL.match(email):
        raise invalid(user="Enter a valid email address.")
    for name in ("first_name", "last_name"):
        if len(str(user.get(name, ""))) > 50:
            raise invalid(user=f"Ensure {name} has no more than 50 characters.")
    known = academy.find(email)
    there = known is not None and known.on_domain
    made = academy.add(email, str(user.get("first_name", "")), str(user.get("last_name", "")))
    if not there:
        made.active, made.writes = bool(body.get("active", True)), made.writes + 1
    return answer(_user(made), 201)


async def change_user(request: web.Request) -> web.Response:
    """Only `active` and `expires_at`."""
    require_key(request)
    found = academy_of(request).data.learners.get(request.match_info["user"])
    if found is None or not found.on_domain:
        raise first(404, "Not found.")
    body = await json_object(request)
    if "active" in body:
        found.active, found.writes = bool(body["active"]), found.writes + 1
    return answer(_user(found))


async def list_paths(request: web.Request) -> web.Response:
    require_key(request)
    paths = academy_of(request).data.paths.values()
    rows = [{"id": each.id, "path": {"id": f"p{each.id}", "title": each.title}, "hidden": False} for each in paths]
    return _page(request, rows)


async def list_path_enrollments(request: web.Request) -> web.Response:
    require_key(request)
    academy, path = academy_of(request), _path(request)
    found = [each for each in academy.data.path_enrollments.values() if each.path == path]
    return _page(request, [_enrollment(academy, each) for each in found])


async def enroll(request: web.Request) -> web.Response:
    """Idempotent on user and `enrolled_at`; without one it is now, and so another one."""
    require_key(request)
    academy, path, body = academy_of(request), _path(request), await json_object(request)
    learner = academy.data.learners.get(str((body.get("user") or {}).get("id", "")))
    if learner is None or not learner.on_domain:
        raise invalid(user="User does not exist.")
    at = body.get("enrolled_at")
    moment = academy.now() if at is None else spelt(datetime.fromisoformat(at))
    made = academy.enroll_path(learner, path, moment, expires_at=body.get("expires_at"))
    return answer(_enrollment(academy, made), 201)


def _path(request: web.Request) -> str:
    path = request.match_info["path"]
    if path not in academy_of(request).data.paths:
        raise first(404, "Not found.")
    return path


def _user(learner: Learner) -> dict[str, Any]:
    return {"user": _person(learner), "active": learner.active, "marketing_optin": None,
            "enrolled_at": learner.joined, "expires_at": None, "access_code": None}  # fmt: skip


def _person(learner: Learner) -> dict[str, str]:
    return {"id": learner.id, "email": learner.email, "first_name": learner.first_name, "last_name": learner.last_name}


def _enrollment(academy: Academy, each: PathEnrollment) -> dict[str, Any]:
    return {"id": each.id, "user": _person(academy.data.learners[each.learner]), "enrolled_at": each.enrolled_at,
            "expires_at": each.expires_at, "active": each.active}  # fmt: skip


def _page(request: web.Request, rows: Sequence[dict[str, Any]]) -> web.Response:
    settings = academy_of(request).settings
    if settings.bare_arrays:
        return answer(list(rows))
    number, size = int(request.query.get("page", 1)), int(request.query.get("page_size", 100))
    size = min(size, settings.page_limit)
    start = (number - 1) * size
    if number > 1 and start >= len(rows):
        raise first(404, "Invalid page.")
    following = str(request.url.update_query(page=number + 1)) if start + size < len(rows) else None
    return answer({"count": len(rows), "next": following, "previous": None, "results": rows[start : start + size]})
