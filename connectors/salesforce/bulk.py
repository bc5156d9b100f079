"""Bulk API 2.0 jobs, query and ingest: one method for each call; it waits for nothing and keeps no state of its own.

All that a job is lives in Salesforce under its id, so that a restarted process goes on with `state(kind, id)`. The token
is renewed by `Client` in the middle of a job as in any other call. Errors are those of `Client`; a job that failed as a
whole is no error of a call but a `Job` whose state is `Failed`.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from connectors.salesforce.client import Client, Row

# A cell that clears the field; an empty cell leaves it alone (Bulk API 2.0, Prepare CSV Files).
NULL = "#N/A"
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
_CSV = {"Content-Type": "text/csv; charset=UTF-8", "Accept": "application/json"}
_TEXT = {"Accept": "text/csv"}


class Kind(StrEnum):
    """The two kinds of jobs, as they stand in the address."""

    QUERY = "query"
    INGEST = "ingest"


class Outcomes(StrEnum):
    """What became of the rows of an ingest job, as it stands in the address."""

    SUCCESSFUL = "successfulResults"  # sf__Id, sf__Created and the columns that were sent
    FAILED = "failedResults"  # sf__Id, sf__Error (`CODE:words:fields --`) and the columns that were sent
    UNPROCESSED = "unprocessedrecords"  # the columns that were sent: the job ended before them


class Job(NamedTuple):
    """A job as of the last look at it. `processed` counts rows, `failed` those of them that were refused."""

    id: str
    kind: Kind
    state: str
    processed: int = 0
    failed: int = 0
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more; only `JobComplete` has results."""
        return self.state in ENDED

    @property
    def complete(self) -> bool:
        """Ended well as a job, though single rows may have been refused."""
        return self.state == "JobComplete"


class Results(NamedTuple):
    """One page of a query's rows, each column to its text; `locator` asks for the next one, None after the last."""

    rows: Sequence[Mapping[str, str]]
    locator: str | None


class Bulk:
    """The jobs of one org, through its `Client`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def query(self, soql: str, *, deleted: bool = False) -> Job:
        """Start a query job; with `deleted`, also over what is in the recycle bin."""
        body = {"operation": "queryAll" if deleted else "query", "query": soql}
        return _job(Kind.QUERY, self._client.rest("POST", "jobs/query", body))

    def ingest(
        self, entity: str, operation: str, external_id: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Job:
        """Open an ingest job; `operation` is insert, update, upsert or delete, and an upsert names its external id."""
        body = {"object": entity, "operation": operation, "contentType": "CSV", "lineEnding": "LF"}
        if external_id is not None:
            body["externalIdFieldName"] = external_id
        return _job(Kind.INGEST, self._client.rest("POST", "jobs/ingest", body, headers))

    def upload(self, job_id: str, table: bytes) -> None:
        """The rows of an open ingest job, once: UTF-8 CSV as `written` makes it, at most 100 MB."""
        self._client.raw("PUT", f"jobs/ingest/{job_id}/batches", table, _CSV)

    def close(self, job_id: str) -> Job:
        """Nothing more is uploaded: the org may begin with an ingest job."""
        return self._set(Kind.INGEST, job_id, "UploadComplete")

    def state(self, kind: Kind, job_id: str) -> Job:
        """One look at a job. Raises `Mismatch` (NOT_FOUND) where the org has forgotten it, after seven days."""
        return _job(kind, self._client.rest("GET", f"jobs/{kind}/{job_id}"))

    def results(self, job_id: str, locator: str | None = None, most: int = 10_000) -> Results:
        """The page of a complete query job that `locator` names, the first without one."""
        asked = {"maxRecords": str(most)} | ({} if locator is None else {"locator": locator})
        answer = self._client.raw("GET", f"jobs/query/{job_id}/results", None, _TEXT, asked)
        following = answer.headers.get("Sforce-Locator", "null")
        return Results(_rows(answer.content), None if following in {"", "null"} else following)

    def outcomes(self, job_id: str, which: Outcomes) -> Sequence[Mapping[str, str]]:
        """The rows of an ended ingest job with that outcome."""
        return _rows(self._client.raw("GET", f"jobs/ingest/{job_id}/{which}", None, _TEXT).content)

    def abort(self, kind: Kind, job_id: str) -> Job:
        """Stop a job that has not ended; what an ingest job has written stays written."""
        return self._set(kind, job_id, "Aborted")

    def delete(self, kind: Kind, job_id: str) -> None:
        """Remove an ended job and its results."""
        self._client.raw("DELETE", f"jobs/{kind}/{job_id}")

    def _set(self, kind: Kind, job_id: str, state: str) -> Job:
        return _job(kind, self._client.rest("PATCH", f"jobs/{kind}/{job_id}", {"state": state}))


def written(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """CSV for `Bulk.upload`: None clears a field, a column that the row has not is left alone, times are as in REST."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows([_cell(row[name]) if name in row else "" for name in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return NULL
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rows(content: bytes) -> Sequence[Mapping[str, str]]:
    # A single text may be as long as the longest text area (131,072), which is csv's own limit for a field. The limit
    # is that of the whole process: it is put back.
    before = csv.field_size_limit(1 << 22)
    try:
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    finally:
        csv.field_size_limit(before)


def _job(kind: Kind, answer: Row) -> Job:
    return Job(
        id=str(answer["id"]),
        kind=kind,
        state=str(answer["state"]),
        processed=int(answer.get("numberRecordsProcessed") or 0),
        failed=int(answer.get("numberRecordsFailed") or 0),
        error=str(answer.get("errorMessage") or ""),
    )
