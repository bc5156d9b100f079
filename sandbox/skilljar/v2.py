"""The second API: tokens, students, enrolments, certificates; JSON:API with opaque cursors and rows of their own fate."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from .academy import Academy, Certificate, Enrollment, Learner
from .errors import Refusal, failed, grant, second
from .wire import academy_of, answer, json_object, require_token

MOST = 200  # rows of a batch
Row = dict[str, Any]


async def token(request: web.Request) -> web.Response:
    """A form or JSON; the published description names JSON, and clients were seen to use a form."""
    academy = academy_of(request)
    form = dict(await request.post()) if "form" in request.content_type else await json_object(request)
    if form.get("grant_type", "client_credentials") != "client_credentials":
        raise grant("unsupported_grant_type", "Only client credentials here.", 400)
    settings = academy.settings
    if (form.get("client_id"), form.get("client_secret")) != (settings.client_id, settings.client_secret):
        raise grant("invalid_client", "Client authentication failed.")
    made = f"token-{academy.next_id()}"
    academy.tokens[made] = academy.clock() + timedelta(seconds=settings.token_s)
    return answer({"access_token": made, "refresh_token": None, "expires_in": settings.token_s, "token_type": "Bearer"})


async def patch_students(request: web.Request) -> web.Response:
    require_token(request, "students:write")
    academy, body = academy_of(request), await json_object(request)
    return _batch(_rows(body), lambda number, row: _rename(academy, number, row))


def _rename(academy: Academy, number: int, row: Row) -> Row:
    attributes, pointer = row.get("attributes") or {}, f"/data/{number}/id"
    found = academy.data.learners.get(str(row.get("id"))) or academy.find(str(attributes.get("email", "")))
    if found is None:
        return failed("not_found", "No such student.", pointer, row.get("id"))
    if found.sso or found.inactive:
        return failed("validation_error", "The student cannot be changed.", pointer, found.id)
    for name in ("first_name", "last_name"):
        if attributes.get(name) is not None:
            setattr(found, name, attributes[name])
    found.writes += 1
    return {"status": "succeeded", "id": found.id, "result": _student(found)}


async def list_enrollments(request: web.Request) -> web.Response:
    require_token(request, "enrollments:read")
    academy, query = academy_of(request), request.query
    found: list[Enrollment] = []
    for each in academy.data.enrollments.values():
        student = query.get("filter[student.id]")
        if student in (None, each.learner) and _within(query.get("filter[enrolled_gte]"), each.enrolled_at):
            found += [each] if _within(query.get("filter[completed_gte]"), each.completed_at) else []
    return _page(request, found if _domain(request) else [], lambda each: _enrollment(academy, each))


async def enroll(request: web.Request) -> web.Response:
    """One course for all rows."""
    require_token(request, "enrollments:write")
    academy, body = academy_of(request), await json_object(request)
    rows, published = _rows(body), str(body.get("published_course_id"))
    if published not in academy.data.courses:
        raise second(404, "not_found", "No such published course.", "/published_course_id")
    seen: set[str] = set()
    return _batch(rows, lambda number, row: _enroll(academy, published, number, row, seen))


def _enroll(academy: Academy, published: str, number: int, row: Row, seen: set[str]) -> Row:
    pointer = f"/data/{number}/attributes/email"
    email = str((row.get("attributes") or {}).get("email", "")).lower()
    if email in seen:
        return failed("duplicate_in_batch", "The address is in this batch already.", pointer)
    seen.add(email)
    learner = academy.find(email)
    if learner is None or not learner.on_domain:
        return failed("not_in_domain", "The student is not on the domain.", pointer)
    known = (each for each in academy.data.enrollments.values() if each.active)
    if any((each.learner, each.published) == (learner.id, published) for each in known):
        return failed("already_enrolled", "The student is enrolled already.", pointer)
    made = academy.enroll(learner, published)
    return {"status": "succeeded", "id": made.id, "result": _enrollment(academy, made)}


async def list_certificates(request: web.Request) -> web.Response:
    require_token(request, "certificates:read")
    academy, query = academy_of(request), request.query
    student, since = query.get("filter[student.id]"), query.get("filter[issued_gte]")
    found = [
        each
        for each in academy.data.certificates.values()
        if student in (None, each.learner) and _within(since, each.issued_at) and _status(academy, query, each)
    ]
    return _page(request, found if _domain(request) else [], _certificate)


async def list_published(request: web.Request) -> web.Response:
    require_token(request, "published-courses:read")
    courses = academy_of(request).data.courses
    included = [{"type": "courses", "id": each.id, "attributes": {"title": each.title}} for each in courses.values()]
    shown = included if "course" in request.query.get("include", "").split(",") else None

    def row(each: Any) -> Row:
        linked = {"course": {"data": {"type": "courses", "id": each.id}}}
        return {
            "type": "published-courses",
            "id": each.published,
            "attributes": {"live": True},
            "relationships": linked,
        }

    return _page(request, list(courses.values()), row, shown)


def _status(academy: Academy, query: Any, each: Certificate) -> bool:
    wanted = query.get("filter[status]", "all")
    if wanted not in {"active", "expired", "all"}:
        raise second(422, "validation_error", "Unknown status.", "filter[status]")
    expired = each.expires_at is not None and each.expires_at <= academy.now()
    return bool(wanted == "all" or expired == (wanted == "expired"))


def _domain(request: web.Request) -> bool:
    """Unknown names match nothing, and are no error."""
    wanted = request.query.get("filter[domains]")
    return wanted is None or academy_of(request).settings.domain in wanted.split(",")


def _within(since: str | None, at: str | None) -> bool:
    if since is None:
        return True
    moment = datetime.fromisoformat(since)
    if moment.tzinfo is None:
        raise second(422, "validation_error", "A timezone offset is required.")
    return at is not None and datetime.fromisoformat(at) >= moment


def _rows(body: Row) -> list[Row]:
    found = body.get("data")
    if not isinstance(found, list) or not found or len(found) > MOST:
        raise second(400, "validation_error", f"Give 1 to {MOST} items.", "/data")
    return found


def _batch(rows: Sequence[Row], act: Callable[[int, Row], Row]) -> web.Response:
    data = [act(number, row) for number, row in enumerate(rows)]
    bad = sum(each["status"] == "failed" for each in data)
    summary = {"total": len(data), "succeeded": len(data) - bad, "failed": bad}
    return answer({"data": data, "summary": summary}, 207 if bad else 200)


def _page(request: web.Request, rows: Sequence[Any], show: Callable[[Any], Row], included: Any = None) -> web.Response:
    size = int(request.query.get("page[size]", 25))
    if not 1 <= size <= 100:
        raise second(422, "validation_error", "page[size] is 1 to 100.", "page[size]")
    start = _start(request.query.get("page[cursor]"))
    more = start + size < len(rows)
    cursor = base64.urlsafe_b64encode(str(start + size).encode()).decode() if more else None
    body = {"data": [show(each) for each in rows[start : start + size]], "meta": {"page_size": size},
            "links": {"self": str(request.rel_url), "next": cursor, "prev": None},
            "has_more": more, "next_cursor": cursor}  # fmt: skip
    return answer(body | ({"included": included} if included is not None else {}))


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise Refusal(400, second(400, "invalid_cursor", "The cursor cannot be read.").body) from None


def _student(learner: Learner) -> Row:
    attributes = {"email": learner.email, "first_name": learner.first_name, "last_name": learner.last_name,
                  "is_inactive": learner.inactive, "external_id": learner.id, "date_joined": learner.joined}  # fmt: skip
    return {"type": "students", "id": learner.id, "attributes": attributes}


def _enrollment(academy: Academy, each: Enrollment) -> Row:
    certified = any(
        (one.learner, one.course) == (each.learner, academy.data.courses[each.published].id)
        for one in academy.data.certificates.values()
    )
    attributes = {"enrolled_at": each.enrolled_at, "expires_at": each.expires_at, "due_at": None, "active": each.active,
                  "channel": "api", "source": "assigned", "progress_status": each.progress,
                  "completed_at": each.completed_at, "score": None, "max_score": None, "success_status": each.success,
                  "domain_name": academy.settings.domain, "has_certificate": certified}  # fmt: skip
    return {
        "type": "enrollments",
        "id": each.id,
        "attributes": attributes,
        "relationships": dict(_links("published-course", "published-courses", each.published, each.learner)),
    }


def _certificate(each: Certificate) -> Row:
    attributes = {"code": each.code, "issued_at": each.issued_at, "expires_at": each.expires_at}
    return {
        "type": "certificates",
        "id": each.id,
        "attributes": attributes,
        "relationships": dict(_links("course", "courses", each.course, each.learner)),
    }


def _links(name: str, kind: str, id_: str, learner: str) -> Iterator[tuple[str, Row]]:
    yield "student", {"data": {"type": "students", "id": learner}}
    yield name, {"data": {"type": kind, "id": id_}}
