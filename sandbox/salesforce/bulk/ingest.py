"""Ingest jobs: an uploaded CSV applied row by row as one user, and the outcome of each row; it bends no rule of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .. import batches
from ..dml import Dml
from ..errors import SalesforceError
from ..metadata.model import FieldDef, ObjectDef
from ..pubsub import origin
from . import tables
from .jobs import JobInfo, invalid_job

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
CHUNK = 200


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: a field, or over `relationship` a field that names the parent."""

    field: FieldDef
    relationship: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row; `error` is the text of `sf__Error`."""

    line: Sequence[str]
    record_id: str = ""
    created: bool = False
    error: str | None = None


class IngestJob:
    """A `jobs.Job`. Takes its data once; `results` grows in the order of the rows."""

    def __init__(self, info: JobInfo, dml: Dml, sobject: ObjectDef, key: FieldDef | None) -> None:
        self.info, self._dml, self._sobject, self._key = info, dml, sobject, key
        self.data: bytes | None = None
        self._origin = origin.current()  # the job's writes name the API and the client that created it
        self.results: list[Result] = []
        self._table: tables.Table | None = None
        self._columns: list[_Column] = []

    def upload(self, data: bytes) -> None:
        if self.data is not None:
            # Recorded, with its spelling.
            raise SalesforceError(
                "BULK_API_ERROR",
                f"Found multipe contents for job: <{self.info.id[:15]}>, please 'Close' / 'Abort' / 'Delete' the "
                "current Job then create a new Job and make sure you only do 'PUT' once on a given Job.",
            )
        self.data = data

    def work(self, rows: int | None) -> bool:
        try:
            table = self._opened()
        except tables.BadTableError as bad:
            self.info.error = str(bad)
            return False
        start = self.info.processed
        end = len(table.rows) if rows is None else min(len(table.rows), start + rows)
        while start < end:
            part = table.rows[start : min(start + CHUNK, end)]
            with origin.made_by(self._origin):
                done = self._apply(part)
            self.results += done
            self.info.processed += len(done)
            self.info.failed += sum(one.error is not None for one in done)
            start += len(part)
        return self.info.processed == len(table.rows)

    def successful(self) -> bytes:
        good = [[one.record_id, str(one.created).lower(), *one.line] for one in self.results if one.error is None]
        return self._csv(("sf__Id", "sf__Created"), good)

    def failed(self) -> bytes:
        bad = [[one.record_id, one.error, *one.line] for one in self.results if one.error is not None]
        return self._csv(("sf__Id", "sf__Error"), bad)

    def unprocessed(self) -> bytes:
        return self._csv((), [] if self._table is None else self._table.rows[self.info.processed :])

    def _csv(self, extra: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
        between = tables.DELIMITERS[self.info.delimiter]
        own = [self._table.header_line] if self._table else []
        header = between.join([*(tables.quote(name) for name in extra), *own])
        return tables.write(header, lines, self.info.delimiter, self.info.line_ending)

    def _opened(self) -> tables.Table:
        """The table, once its columns are known to be fields; raises BadTableError."""
        if self._columns and self._table is not None:
            return self._table
        self._table = tables.Table(self.data or b"", self.info.delimiter, self.info.line_ending)
        self._columns = [self._column(name.strip()) for name in self._table.header]
        known = {one.field.name for one in self._columns if one.relationship is None}
        needed = {"update": "Id", "delete": "Id", "upsert": self._key.name if self._key else "Id"}
        wanted = needed.get(self.info.operation)
        if wanted is not None and wanted not in known:
            raise _no_field(wanted)
        return self._table

    def _column(self, name: str) -> _Column:
        steps = name.split(".")
        owner: ObjectDef | None = self._sobject
        if len(steps) == 2:
            link = self._sobject.relationship(steps[0])
            owner = self._dml.store.schema.require(link.reference_to[0]) if link else None
        found = owner.field(steps[-1]) if owner and len(steps) < 3 else None
        if found is None or (len(steps) == 2 and not found.id_lookup):
            raise _no_field(name)
        return _Column(found, steps[0] if len(steps) == 2 else None)

    def _apply(self, lines: Sequence[Sequence[str]]) -> list[Result]:
        """One transaction of the platform: the rows that can be read, then each with its outcome."""
        read: list[dict[str, Any] | SalesforceError] = [self._record(line) for line in lines]
        good = [one for one in read if isinstance(one, dict)]
        answers = iter(self._write(good))
        return [
            self._result(line, one.as_row_error() if isinstance(one, SalesforceError) else None, answers)
            for line, one in zip(lines, read, strict=True)
        ]

    def _write(self, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        user_id = self.info.user_id
        if self.info.operation == "delete":
            return batches.delete(self._dml, [str(one.get("Id", "")) for one in records], False, user_id)
        if self._key is not None:
            return batches.upsert(self._dml, (self._sobject, self._key), records, False, user_id)
        run: Callable[..., list[dict[str, Any]]] = batches.create if self.info.operation == "insert" else batches.update
        return run(self._dml, records, False, user_id)

    def _result(self, line: Sequence[str], error: dict[str, Any] | None, answers: Iterator[dict[str, Any]]) -> Result:
        answer: dict[str, Any] = {"success": False, "errors": [error]} if error else next(answers)
        if answer["success"]:
            created = self.info.operation == "insert" or bool(answer.get("created"))
            return Result(line, str(answer["id"]), created)
        first = answer["errors"][0]
        # Recorded: "INVALID_FIELD:Failed to deserialize field at col 3. Due to, ...:CloseDate --".
        named = f"{', '.join(first['fields'])} " if first["fields"] else ""
        words = f"{first['statusCode']}:{first['message']}:{named}--"
        return Result(line, self._own_id(line), False, words)

    def _own_id(self, line: Sequence[str]) -> str:
        """The id that a failed row gave, if the job works by id."""
        names = [one.field.name if one.relationship is None else "" for one in self._columns]
        return line[names.index("Id")] if "Id" in names and self.info.operation != "insert" else ""

    def _record(self, line: Sequence[str]) -> dict[str, Any] | SalesforceError:
        """The row as JSON: an empty cell is left out, `#N/A` is null."""
        record: dict[str, Any] = {"attributes": {"type": self._sobject.name}}
        try:
            for number, (column, text) in enumerate(zip(self._columns, line, strict=True)):
                if text == "":
                    continue
                value = None if text == tables.NULL else tables.read(column.field, text, number)
                if column.relationship is None:
                    record[column.field.name] = value
                else:
                    record[column.relationship] = None if value is None else {column.field.name: value}
        except SalesforceError as refused:
            return refused
        return record


def key_of(sobject: ObjectDef, body: dict[str, Any]) -> FieldDef | None:
    """The field that an upsert goes by; raises INVALIDJOB where it is missing or not one."""
    name = body.get("externalIdFieldName")
    if body["operation"] != "upsert":
        if name:
            raise invalid_job("externalIdFieldName is only for upsert")
        return None
    if not name:
        raise invalid_job("externalIdFieldName is required for upsert")
    found = sobject.field(str(name))
    if found is None or not found.id_lookup:
        raise invalid_job(f"{name} is not an external id field of {sobject.name}")
    return found


def _no_field(name: str) -> tables.BadTableError:
    """Recorded: "InvalidBatch : Field name not found : StageName_invalid_field_on_purpose"."""
    return tables.BadTableError(f"InvalidBatch : Field name not found : {name}")
