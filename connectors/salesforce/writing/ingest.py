"""Writes many records by Bulk API 2.0 jobs; it never waits: a job that still runs is known when it is asked again.

A job outlives the process that began it. A new process first lets the org end what it finds running on the same
objects, so that no value of an old job is written over a newer one; then the writes come again, and what the old job
wrote agrees already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from connectors.base import Applied
from connectors.errors import RetryLater
from connectors.salesforce.bulk import NULL, Bulk, Job, Kind, Outcomes, written
from connectors.salesforce.client import Client, Mismatch, Row
from connectors.salesforce.errors import Failure, Recovery, disposition, of_bulk
from connectors.salesforce.writing.collections import archived
from connectors.salesforce.writing.rows import HEADERS, ID_LENGTH, Item, Result, key_field
from mappings.table import EntityMap
from schemas.messages import MatchBy, WriteAction

JOB = 10_000  # writes of one job at most: so many the org takes as one batch of its own
LONGEST_S = 60.0  # between two looks at a job
LARGEST = 100_000_000  # bytes of CSV of one job (Bulk API 2.0, Limits: 150 MB in base64)
UNPROCESSED, FORGOTTEN = "UNPROCESSED", "Forgotten"
_Key = tuple[WriteAction, MatchBy, str]


@dataclass(slots=True)
class _Running:
    job: Job
    items: Mapping[_Key, Item]
    entity: str = ""
    looks: int = 0
    told: Mapping[_Key, Result] | None = None


class Ingest:
    """The jobs that this process began, and those that it found.

    So many `rows` make a job (0: none is ever made); `poll_s` is the time to the second look at it.
    """

    def __init__(self, client: Client, rows: int, poll_s: float) -> None:
        self._client, self._bulk, self._rows, self._poll_s = client, Bulk(client), rows, poll_s
        self._running: dict[str, list[_Running]] = {}
        self._found: dict[str, list[_Running]] | None = None
        self._unfit: set[str] = set()

    def results(self, table: EntityMap, items: Sequence[Item]) -> dict[int, Result]:
        """What ended jobs say of these items, until they are forgotten; raises `RetryLater` while one runs."""
        if self._rows == 0:
            return {}
        self._let_end_what_was_found(table)
        for running in self._running.get(table.object, []):
            self._look(running)
        jobs = [each for each in self._running.get(table.object, []) if each.entity == table.entity]
        told: dict[_Key, tuple[Item, Result]] = {}
        for running in jobs:
            running.told = running.told or self._told(running)
            told |= {key: (running.items[key], result) for key, result in running.told.items()}
        # A write that has other values now than the job had is no longer the job's.
        return {
            item.index: told[_key(item)][1]
            for item in items
            if _key(item) in told and told[_key(item)][0].values == item.values
        }

    def forget(self, table: EntityMap) -> None:
        """The jobs of the entity have ended and what they told has reached the caller."""
        jobs = self._running.get(table.object, [])
        self._running[table.object] = [each for each in jobs if each.entity != table.entity]

    def save(self, table: EntityMap, items: Sequence[Item]) -> dict[int, Result] | None:
        """Begin a job for each way of writing; results only if all have ended. None for what is not to go as a job."""
        if len(items) < self._rows or not self._takes(table, items):
            return None
        for kind in {(item.write.action, item.match_by) for item in items}:
            chosen = [item for item in items if (item.write.action, item.match_by) == kind]
            for start in range(0, len(chosen), JOB):
                if not self._begin(table, chosen[start : start + JOB]):
                    return None
        return self.results(table, items)

    def _takes(self, table: EntityMap, items: Sequence[Item]) -> bool:
        """Whether its object has jobs, no text would be read as a null, and no record is there twice."""
        once = len({(item.match_by, item.identity) for item in items}) == len(items)
        fit = self._rows > 0 and table.object not in self._unfit
        return fit and once and not any(NULL in item.values.values() for item in items)

    def _begin(self, table: EntityMap, items: Sequence[Item]) -> bool:
        operation, key = _operation(table, items[0])
        data = _data(key, operation, items)
        if len(data) > LARGEST and len(items) > 1:
            half = len(items) // 2
            return self._begin(table, items[:half]) and self._begin(table, items[half:])
        try:
            job = self._bulk.ingest(table.object, operation, key if operation == "upsert" else None, HEADERS)
        except Mismatch as mismatch:
            if disposition(mismatch.failure).recovery is Recovery.STOP:
                raise
            # Some objects have no bulk jobs: they go as everything else.
            self._unfit.add(table.object)
            return False
        self._bulk.upload(job.id, data)
        # Known from here on: were the answer to the closing lost, the job would run all the same.
        running = _Running(job, {_key(item): item for item in items}, table.entity)
        self._running.setdefault(table.object, []).append(running)
        self._close(running)
        return True

    def _close(self, running: _Running) -> None:
        """The answer counts no rows: whatever state it tells, the job is looked at."""
        running.job = self._bulk.close(running.job.id)._replace(state="UploadComplete")

    def _look(self, running: _Running) -> None:
        """One look, unless it has ended; raises while it runs. A job that the org has forgotten has ended."""
        if running.job.ended or running.job.state == FORGOTTEN:
            return
        try:
            running.job = self._bulk.state(Kind.INGEST, running.job.id)
            if running.job.state == "Open":
                self._close(running)
        except Mismatch as mismatch:
            if mismatch.failure.code != "NOT_FOUND":
                raise
            running.job = running.job._replace(state=FORGOTTEN)
            return
        if not running.job.ended:
            running.looks += 1
            after = min(LONGEST_S, self._poll_s * 2 ** (running.looks - 1))
            reason = f"the bulk job {running.job.id} is under way, with {running.job.processed} records done"
            raise RetryLater(reason, "none needed, it is waited for", after)

    def _told(self, running: _Running) -> dict[_Key, Result]:
        """What an ended job says of each of its items: a row that it does not name was not processed."""
        job, items = running.job, running.items
        failure = of_bulk(job.error) if job.error else Failure(UNPROCESSED, f"the bulk job {job.id} is {job.state}")
        known = disposition(failure)
        if known.recovery is Recovery.STOP:
            raise Mismatch(failure, known.remedy)
        reason = f"the bulk job {job.id} ended before this row: {failure.reason}"
        told: dict[_Key, Result] = dict.fromkeys(items, Failure(UNPROCESSED, reason))
        if not job.processed:
            return told
        cells = {_cell(item): key for key, item in items.items()}
        for row in self._bulk.outcomes(job.id, Outcomes.SUCCESSFUL):
            told |= {key: Applied(row["sf__Id"]) for key in _named(row, cells)}
        if job.failed:
            for row in self._bulk.outcomes(job.id, Outcomes.FAILED):
                told |= {key: archived(items[key], of_bulk(row["sf__Error"])) for key in _named(row, cells)}
        return told

    def _let_end_what_was_found(self, table: EntityMap) -> None:
        if self._found is None:
            self._found = self._unended()
        found = self._found.get(table.object, [])
        while found:
            self._look(found[0])
            found.pop(0)

    def _unended(self) -> dict[str, list[_Running]]:
        """Ingest jobs of our user that the org has taken and not ended, by object."""
        found: dict[str, list[_Running]] = {}
        user, path = self._client.user(), "jobs/ingest"
        while path:
            page = self._listed(path)
            for row in page["records"]:
                ours = row["createdById"][:ID_LENGTH] == user[:ID_LENGTH]
                if ours and row["state"] in {"UploadComplete", "InProgress"}:
                    job = Job(str(row["id"]), Kind.INGEST, str(row["state"]))
                    found.setdefault(row["object"], []).append(_Running(job, {}))
            following = page.get("nextRecordsUrl") or ""
            # `/services/data/v59.0/jobs/ingest?queryLocator=...`
            path = f"jobs/ingest{following.partition('jobs/ingest')[2]}" if following else ""
        return found

    def _listed(self, path: str) -> Row:
        try:
            return cast(Row, self._client.rest("GET", path))
        except Mismatch:
            # We may not use bulk jobs here; whether writes are allowed, they will tell themselves.
            self._rows = 0
            return {"records": []}


def _key(item: Item) -> _Key:
    return item.write.action, item.match_by, item.key


def _operation(table: EntityMap, item: Item) -> tuple[str, str]:
    """The job's operation, and the column by which its rows are found."""
    if item.write.action is WriteAction.ARCHIVE:
        return "delete", "Id"
    return ("update" if item.match_by is MatchBy.ID else "upsert"), key_field(table, item.match_by)


def _cell(item: Item) -> str:
    """How the item stands in that column."""
    return item.target if item.write.action is WriteAction.ARCHIVE else item.key


def _data(key: str, operation: str, items: Sequence[Item]) -> bytes:
    values: Sequence[Mapping[str, object]] = [{} if operation == "delete" else item.values for item in items]
    rows = [{key: _cell(item), **own} for item, own in zip(items, values, strict=True)]
    return written([key, *sorted({name for row in rows for name in row} - {key})], rows)


def _named(row: Mapping[str, str], cells: Mapping[str, _Key]) -> list[_Key]:
    """Whose row it is: the results repeat the columns as they were sent, the key's first."""
    sent = [value for name, value in row.items() if not name.startswith("sf__")]
    return [cells[sent[0]]] if sent and sent[0] in cells else []
