"""The ingest jobs of Bulk API 2.0: create, one upload, change of state, look, delete, and the three lists of rows."""

from __future__ import annotations

from aiohttp import web

from ..bulk.ingest import OPERATIONS, IngestJob, key_of
from ..bulk.jobs import ENDED, invalid_job, invalid_state
from ..errors import SalesforceError
from .bulk_query import all_jobs, csv_answer, known_keys
from .wire import answer, json_object, org_of, user_of, version_of

_KEYS = {"object", "operation", "externalIdFieldName", "contentType", "columnDelimiter", "lineEnding",
         "assignmentRuleId"}  # fmt: skip


async def create(request: web.Request) -> web.Response:
    org, body = org_of(request), await json_object(request)
    known_keys(body, _KEYS)
    if body.get("operation") not in OPERATIONS:
        raise invalid_job(f"Operation {body.get('operation')} is not one of {', '.join(OPERATIONS)}")
    if body["operation"] == "hardDelete":
        raise SalesforceError("FEATURENOTENABLED", "hardDelete operation requires special user profile permission")
    sobject = org.schema.get(str(body.get("object", "")))
    if sobject is None:
        raise SalesforceError("INVALIDENTITY", f"Unable to find object: {body.get('object')}")
    key = key_of(sobject, body)
    info = org.jobs.describe("ingest", body, sobject.name, user_of(request), version_of(request))
    info.extra = {"externalIdFieldName": key.name} if key else {}
    org.jobs.add(IngestJob(info, org.dml, sobject, key))
    return answer(info.opened())


async def upload(request: web.Request) -> web.Response:
    """PUT text/csv, once and whole; 201 without a body."""
    job = _job(request)
    if job.info.state != "Open":
        raise invalid_state(f"Data can be uploaded while the job is Open; it is {job.info.state}")
    if request.content_type != "text/csv":
        raise SalesforceError(
            "UNSUPPORTED_MEDIA_TYPE", f"Content type not supported: {request.content_type}", status=415
        )
    job.upload(await _body(request, org_of(request).jobs.max_bytes))
    return web.Response(status=201)


async def listed(request: web.Request) -> web.Response:
    return all_jobs(request, [job.info for job in org_of(request).jobs.all("ingest")])


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


async def successful(request: web.Request) -> web.Response:
    return csv_answer(_ended(request).successful())


async def failed(request: web.Request) -> web.Response:
    return csv_answer(_ended(request).failed())


async def unprocessed(request: web.Request) -> web.Response:
    return csv_answer(_ended(request).unprocessed())


def _ended(request: web.Request) -> IngestJob:
    job = _job(request)
    if job.info.state not in ENDED:
        raise invalid_state(f"Results are there once the job has ended; it is {job.info.state}")
    return job


async def _body(request: web.Request, most: int) -> bytes:
    """The data, read in pieces: the limit for JSON bodies is another."""
    parts, size = [], 0
    async for part in request.content.iter_chunked(1 << 20):
        size += len(part)
        if size > most:
            raise SalesforceError("BULK_API_ERROR", f"Maximum size of job data is {most} bytes", status=413)
        parts.append(part)
    return b"".join(parts)


def _job(request: web.Request) -> IngestJob:
    job = org_of(request).jobs.get("ingest", request.match_info["job"])
    assert isinstance(job, IngestJob)
    return job
