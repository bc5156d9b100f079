"""The jobs of an org and their way through the states, one step per poll; what a job does is its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from .. import ids, times
from ..errors import SalesforceError
from ..faults import FaultRule
from ..times import Clock
from .tables import DELIMITERS, LINE_ENDINGS

State = Literal["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
Kind = Literal["ingest", "query"]
ENDED: tuple[State, ...] = ("JobComplete", "Failed", "Aborted")
# "You can upload up to 150 MB per job (after base64 encoding)", which is 100 MB of CSV (Bulk API 2.0 limits).
MAX_BYTES = 100 * 1024 * 1024
_JOB_PREFIX = "750"


@dataclass(slots=True)
class JobInfo:
    """What every job has, in the words of the vendor's answers."""

    id: str
    kind: Kind
    operation: str
    sobject: str
    user_id: str
    version: str
    created: str
    modified: str
    state: State
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    processed: int = 0
    failed: int = 0
    error: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def brief(self) -> dict[str, Any]:
        """The answer to a change of state."""
        return {
            "id": self.id, "operation": self.operation, "object": self.sobject, "createdById": self.user_id,
            "createdDate": self.created, "systemModstamp": self.modified, "state": self.state, **self.extra,
            "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": float(self.version[1:]),
        }  # fmt: skip

    def opened(self) -> dict[str, Any]:
        """The answer to the creation."""
        url = f"services/data/{self.version}/jobs/ingest/{self.id}/batches"
        place = {"contentUrl": url} if self.kind == "ingest" else {}
        return {**self.brief(), **place, "lineEnding": self.line_ending, "columnDelimiter": self.delimiter}

    def full(self) -> dict[str, Any]:
        """The answer to a poll."""
        failed = {"numberRecordsFailed": self.failed} if self.kind == "ingest" else {}
        trouble = {"errorMessage": self.error} if self.error else {}
        return {
            **self.brief(), "jobType": "V2Ingest" if self.kind == "ingest" else "V2Query",
            "lineEnding": self.line_ending, "columnDelimiter": self.delimiter,
            "numberRecordsProcessed": self.processed, **failed, "retries": 0, "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0, "apexProcessingTime": 0, **trouble,
        }  # fmt: skip


class Job(Protocol):
    info: JobInfo

    def work(self, rows: int | None) -> bool:
        """Does so many rows more, or all; True when nothing is left. Sets `info.error` to fail the job."""


@dataclass(slots=True)
class Pace:
    """How jobs move: one step at each poll, at once when their data is there, or held InProgress after `rows` rows."""

    kind: Literal["by_poll", "at_once", "held"] = "by_poll"
    rows: int = 0


class Faulty(Protocol):
    def for_job(self, sobject: str) -> FaultRule | None:
        """The rule that fails this job, if one fires."""


class Jobs:
    """The jobs by id. A deleted job is gone; an id of the other kind is unknown."""

    def __init__(self, clock: Clock, faults: Faulty) -> None:
        self.pace, self.max_bytes, self.page_rows = Pace(), MAX_BYTES, 50_000
        self._clock, self._faults = clock, faults
        self._jobs: dict[str, Job] = {}
        self._count = 0
        self._doomed: dict[str, FaultRule | None] = {}

    def describe(self, kind: Kind, body: dict[str, Any], sobject: str, user_id: str, version: str) -> JobInfo:
        """A new job's info from the body of its creation; raises for delimiters and endings that do not exist."""
        delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
        for value, known, name in ((delimiter, DELIMITERS, "columnDelimiter"), (ending, LINE_ENDINGS, "lineEnding")):
            if value not in known:
                raise invalid_job(f"{name} {value} is not one of {', '.join(known)}")
        if body.get("contentType", "CSV") != "CSV":
            raise invalid_job(f"Content type {body['contentType']} is not supported, only CSV is")
        self._count += 1
        now = self._now()
        state: State = "Open" if kind == "ingest" else "UploadComplete"
        return JobInfo(ids.make(_JOB_PREFIX, self._count), kind, str(body["operation"]), sobject, user_id, version,
                       now, now, state, str(delimiter), str(ending))  # fmt: skip

    def add(self, job: Job) -> None:
        self._jobs[job.info.id] = job
        self._started(job)

    def get(self, kind: Kind, job_id: str) -> Job:
        full = ids.normalise(job_id)
        found = self._jobs.get(full or "")
        if found is None or found.info.kind != kind:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist", status=404)
        return found

    def all(self, kind: Kind) -> Iterator[Job]:
        return (job for job in self._jobs.values() if job.info.kind == kind)

    def poll(self, job: Job) -> None:
        """What one look at a job does to it."""
        if job.info.state == "UploadComplete":
            self._move(job, "InProgress")
        elif job.info.state == "InProgress":
            self._work(job, self.pace.rows if self.pace.kind == "held" else None)

    def set_state(self, job: Job, state: object) -> None:
        """PATCH: `UploadComplete` for an open ingest job, `Aborted` for any that has not ended."""
        if state == "UploadComplete" and job.info.kind == "ingest":
            if job.info.state != "Open":
                raise invalid_state("Closing already Completed Job not allowed")
            self._move(job, "UploadComplete")
            self._started(job)
        elif state == "Aborted":
            if job.info.state in ENDED:
                raise invalid_state("Aborting already Completed Job not allowed")
            self._move(job, "Aborted")
        else:
            raise invalid_job(f"State {state} cannot be set")

    def delete(self, job: Job) -> None:
        if job.info.state not in ("UploadComplete", *ENDED):
            raise invalid_state(f"A job in the state {job.info.state} cannot be deleted; abort it first")
        del self._jobs[job.info.id]

    def run_all(self) -> int:
        """Everything that waits or is held comes to its end, whatever the pace; returns how many jobs moved."""
        waiting = [job for job in self._jobs.values() if job.info.state in ("UploadComplete", "InProgress")]
        for job in waiting:
            self._finish(job)
        return len(waiting)

    def _started(self, job: Job) -> None:
        if self.pace.kind == "at_once" and job.info.state == "UploadComplete":
            self._finish(job)

    def _finish(self, job: Job) -> None:
        self._move(job, "InProgress")
        self._work(job, None)

    def _work(self, job: Job, rows: int | None) -> None:
        if job.info.id not in self._doomed:  # a job is counted once, however often it is polled
            self._doomed[job.info.id] = self._faults.for_job(job.info.sobject)
        rule = self._doomed[job.info.id]
        allowed = rows if rule is None else min(rule.rows, rows if rows is not None else rule.rows)
        left = None if allowed is None else max(0, allowed - job.info.processed)
        done = job.work(left)
        if job.info.error is None and rule is not None and job.info.processed >= rule.rows:
            job.info.error = rule.message or "InternalServerError : the job was stopped"
        if job.info.error is not None:
            self._move(job, "Failed")
        elif done:
            self._move(job, "JobComplete")

    def _move(self, job: Job, state: State) -> None:
        job.info.state, job.info.modified = state, self._now()

    def _now(self) -> str:
        return times.format_datetime(self._clock())


def invalid_job(message: str) -> SalesforceError:
    return SalesforceError("INVALIDJOB", message)


def invalid_state(message: str) -> SalesforceError:
    """Recorded for an abort that comes too late (restforce #905)."""
    return SalesforceError("INVALIDJOBSTATE", message)
