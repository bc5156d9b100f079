"""The query jobs of Bulk API 2.0: create, look, abort, delete, and the pages of their results."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..bulk.jobs import JobInfo, invalid_job, invalid_state
from ..bulk.query import QueryJob, check
from ..errors import SalesforceError
from .wire import answer, json_object, org_of, user_of, version_of

_KEYS = {"operation", "query", "contentType", "columnDelimiter", "lineEnding"}


async def create(request: web.Request) -> web.Response:
    org, body = org_of(request), await json_object(request)
    known_keys(body, _KEYS)
    if body.get("operation") not in ("query", "queryAll"):
        raise invalid_job(f"Operation {body.get('operation')} is not query or queryAll")
    soql = body.get("query")
    if not isinstance(soql, str) or not soql.strip():
        raise SalesforceError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    sobject = check(org.store, soql, org.clock)
    info = org.jobs.describe("query", body, sobject, user_of(request), version_of(request))
    org.usage.query_jobs += 1
    org.jobs.add(QueryJob(info, soql, org.store, org.clock))
    return answer(info.opened())


async def listed(request: web.Request) -> web.Response:
    return all_jobs(request, [job.info for job in org_of(request).jobs.all("query")])


async def read(request: web.Request) -> web.Response:
    job = _job(request)
    org_of(request).jobs.poll(job)
    return answer(job.info.full())


async def change(request: web.Request) -> web.Response:
    job, body = _job(request), await json_object(request)
    org_of(request).jobs.set_state(job, body.get("state"))
    return answer(job.info.brief())


async def delete(request: web.Request) -> web.Response:
    org_of(request).jobs.delete(_job(request))
    return web.Response(status=204)


async def results(request: web.Request) -> web.Response:
    """A page of CSV; `Sforce-Locator: null` on the last, `maxRecords` caps a page, the version must be the job's."""
    job = _job(request)
    if job.info.version != version_of(request):
        raise SalesforceError("VERSION_CONFLICT", f"The job was created with {job.info.version}", status=409)
    if job.info.state != "JobComplete":
        raise invalid_state(f"Results are there once the job is JobComplete; it is {job.info.state}")
    asked = request.query.get("maxRecords")
    if asked is not None and not (asked.isdigit() and int(asked)):
        raise SalesforceError("INVALID_INPUT", f"maxRecords {asked} is not a number above 0")
    locator = request.query.get("locator")
    body, count, following = job.page(locator, int(asked) if asked else org_of(request).jobs.page_rows)
    headers = {"Sforce-NumberOfRecords": str(count), "Sforce-Locator": following}
    return csv_answer(body, headers)


def csv_answer(body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=body, headers=headers, content_type="text/csv", charset="UTF-8")


def all_jobs(request: web.Request, infos: list[JobInfo]) -> web.Response:
    """The list without pages: an org of a test never has more than the thousand that one page holds."""
    return answer({"done": True, "nextRecordsUrl": None, "records": [one.opened() for one in infos]})


def known_keys(body: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(body) - known)
    if unknown:
        raise SalesforceError("JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}"')


def _job(request: web.Request) -> QueryJob:
    job = org_of(request).jobs.get("query", request.match_info["job"])
    assert isinstance(job, QueryJob)
    return job
