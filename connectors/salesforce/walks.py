"""Reads an object, or all of it from a stamp on, in pages or as a bulk query; it can be broken off after any record."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from connectors.errors import RetryLater
from connectors.salesforce import soql
from connectors.salesforce.bulk import Bulk, Job, Kind, Results
from connectors.salesforce.cdc.cursors import WalkState
from connectors.salesforce.client import Client, Mismatch, Row
from connectors.salesforce.rows import MASTER, columns, of_csv, record
from connectors.salesforce.settings import Settings
from connectors.salesforce.shape import Shape
from connectors.salesforce.soql import Position
from connectors.salesforce.window import Record

log = logging.getLogger(__name__)
LOOK_AGAIN_S = 10.0  # between two looks at a bulk job


class Portion(NamedTuple):
    """Records with the state after each of them, and the state after all; deleted ones are among them."""

    records: Sequence[Record]
    states: Sequence[WalkState]
    after: WalkState


class Walks:
    """Walks objects of one org. A deleted record of the recycle bin is read as what it is."""

    def __init__(self, client: Client, settings: Settings, user: str) -> None:
        self._client, self._bulk, self._settings, self._user = client, Bulk(client), settings, user

    def portions(self, shape: Shape, state: WalkState) -> Iterator[Portion]:
        """The rest of a walk; the last portion's state is done, or one of the walk that follows.

        Raises `RetryLater` while Salesforce still prepares a bulk query: the state in the last portion knows the job.
        """
        if not state.of and not state.at and not state.job:
            state = replace(state, of=self._client.count(soql.count(shape.table.object, _since(state)), deleted=True))
        if state.job:
            yield from self._bulk_pages(shape, state)
        elif state.of >= self._settings.bulk_from and not state.at and not state.paged:
            yield self._job_opened(shape, state)
        else:
            yield from self._pages(shape, state)

    def _pages(self, shape: Shape, state: WalkState) -> Iterator[Portion]:
        size = self._settings.page_size
        while True:
            position = _position(state)
            query = soql.page(shape.table.object, self._columns(shape), position, size)
            page = self._client.query(query, deleted=True)
            states = []
            for row in page.rows:
                at = f"{soql.stamp(soql.parsed(row['SystemModstamp']))} {row['Id']}"
                state = replace(state, at=at, told=state.told + 1)
                states.append(state)
            more = len(page.rows) == size or not page.whole
            state = state if more else state.finished()
            yield Portion(self._records(shape, page.rows), states, state)
            if not more:
                return
            self._client.breathe()

    def _job_opened(self, shape: Shape, state: WalkState) -> Portion:
        """A bulk query is started, or, where it is refused, the object is read page by page."""
        query = soql.whole(shape.table.object, self._columns(shape), _since(state))
        try:
            job = self._bulk.query(query, deleted=True)
        except Mismatch as mismatch:
            log.warning("%s is read page by page: %s", shape.table.object, mismatch.reason)
            return Portion([], [], replace(state, paged=True))
        return Portion([], [], replace(state, job=job.id))

    def _bulk_pages(self, shape: Shape, state: WalkState) -> Iterator[Portion]:
        complete = self._complete(shape, state)
        if complete is not None:
            yield Portion([], [], complete)
            return
        while True:
            found = self._results(state)
            if found is None:
                log.warning("%s: the results of bulk job %s are gone, it is read anew", shape.table.object, state.job)
                yield Portion([], [], replace(state, job="", locator="", row=0, told=0))
                return
            page, rows = replace(state, row=0), [of_csv(cells, shape.types) for cells in found.rows]
            states = [replace(page, row=n, told=state.told + n - state.row) for n in range(1, len(rows) + 1)]
            told = state.told + len(rows) - state.row
            following = found.locator
            after = replace(page, locator=following, told=told) if following else replace(page, told=told).finished()
            yield Portion(self._records(shape, rows[state.row :]), states[state.row :], after)
            if not following:
                self._forget(state.job)
                return
            state = after
            self._client.breathe()

    def _complete(self, shape: Shape, state: WalkState) -> WalkState | None:
        """None once the job has its results; else the state to go on with, or `RetryLater`."""
        job = self._state(state)
        if job is not None and job.complete:
            return None
        if job is not None and not job.ended:
            what = f"{shape.table.object}: Salesforce prepares {state.of:,} records"
            raise RetryLater(f"{what} (bulk job {job.id}, {job.processed:,} so far)", "none needed", LOOK_AGAIN_S)
        said = "Salesforce does not know it any more" if job is None else f"{job.state}: {job.error}"
        log.warning("%s is read page by page: bulk job %s: %s", shape.table.object, state.job, said)
        return replace(state, job="", locator="", row=0, told=0, paged=True)

    def _state(self, state: WalkState) -> Job | None:
        try:
            return self._bulk.state(Kind.QUERY, state.job)
        except Mismatch as mismatch:
            if mismatch.failure.code == "NOT_FOUND":
                return None
            raise

    def _results(self, state: WalkState) -> Results | None:
        try:
            return self._bulk.results(state.job, state.locator or None, self._settings.bulk_page)
        except Mismatch as mismatch:
            if mismatch.failure.code in {"NOT_FOUND", "INVALID_QUERY_LOCATOR"}:
                return None
            raise

    def _forget(self, job_id: str) -> None:
        """Free the results; Salesforce does so by itself after seven days."""
        try:
            self._bulk.delete(Kind.QUERY, job_id)
        except (Mismatch, RetryLater) as error:
            log.info("bulk job %s is left to Salesforce to delete: %s", job_id, error.reason)

    def _columns(self, shape: Shape) -> tuple[str, ...]:
        return columns(shape.table, *([MASTER] if shape.merges else []))

    def _records(self, shape: Shape, rows: Sequence[Row]) -> list[Record]:
        return [record(row, shape.table, self._user) for row in rows]

    def read(self, shape: Shape, ids: Sequence[str]) -> Mapping[str, Record]:
        """The records with these ids as they are now."""
        rows = self._client.by_ids(shape.table.object, self._columns(shape), ids)
        return {each.id: each for each in self._records(shape, rows)}


def _since(state: WalkState) -> datetime | None:
    return None if state.since is None else soql.of_epoch_ms(state.since // 1000 * 1000)


def _position(state: WalkState) -> Position | None:
    if state.at:
        stamp, _, id_ = state.at.partition(" ")
        return Position(soql.parsed(stamp), id_)
    since = _since(state)
    return None if since is None else Position(since)
