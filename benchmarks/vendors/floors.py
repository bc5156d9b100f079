"""The fewest API calls that a job can be done with, from the limits that the vendors publish; it measures nothing.

One rule holds for both vendors: nothing is written that stands there already, because such a write moves the record's
date of change, runs its automation and comes back as an event. So values that may be equal have to be read first, while
records that are known to be new need no reading. What the floors are not: what one would build. The fewest calls of a
backfill, for instance, take all of it into memory at once.

Left out for Salesforce is the Composite resource, one call for up to 25 others (5 of them queries): its subrequests share
the limits of one request. With it, five calls of the update would be one.
Left out for HubSpot are the imports and exports of files, which give no outcome by record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Floor:
    """So many calls, and in words why."""

    calls: int
    how: str


# Salesforce (developer.salesforce.com: sObject Collections, Get Records Using sObject Collections, SOQL limits, Bulk API
# 2.0 Developer Guide).
COLLECTION = 200  # records written by one call
RETRIEVED = 2_000  # records read by id with one POST to composite/sobjects/{object}
QUERY_PAGE = 2_000  # rows of one answer to a query
INGEST = 5  # create the job, upload the rows (up to 100 MB), close it, look once, fetch the successful results
QUERY_JOB = 3  # create the job, look once, fetch the results; maxRecords sets how many rows one answer has
# HubSpot (developers.hubspot.com: CRM objects, Search the CRM).
BATCH = 100  # inputs of one batch call, to read, create or update
SEARCH_PAGE = 200  # results of one search; that a search ends at 10,000 costs nothing, the next begins behind the last
OWNERS = 1  # the names of up to 500 owners, which a record only has the ids of


def salesforce_create(count: int, changed: int) -> Floor:
    """10,000: one job of 5 calls, instead of 50 collections."""
    return _written(count)


def salesforce_update(count: int, changed: int) -> Floor:
    """10,000 with 1,000 that differ: 5 calls to read, 5 to write (5 collections, or one job)."""
    read, written = _of(count, RETRIEVED), _written(changed)
    return Floor(read + written.calls, f"{count:,} / {RETRIEVED:,} read + {written.how}")


def salesforce_backfill(count: int, changed: int) -> Floor:
    """100,000: one query job of 3 calls, instead of 50 pages."""
    pages = _of(count, QUERY_PAGE)
    if pages < QUERY_JOB:
        return Floor(pages, f"{count:,} / {QUERY_PAGE:,} per query")
    return Floor(QUERY_JOB, "a query job: create, look, results")


def hubspot_create(count: int, changed: int) -> Floor:
    """10,000: 100 batches; a creation takes its associations along."""
    return Floor(_of(count, BATCH), f"{count:,} / {BATCH} per batch")


def hubspot_update(count: int, changed: int) -> Floor:
    """10,000 with 1,000 that differ: 100 batches to read, 10 to write."""
    return Floor(_of(count, BATCH) + _of(changed, BATCH), f"{count:,} / {BATCH} read + {changed:,} / {BATCH} written")


def hubspot_backfill(count: int, changed: int) -> Floor:
    """100,000: 500 searches (a list has pages of 100, and so 1,000 of them), and the owners."""
    return Floor(_of(count, SEARCH_PAGE) + OWNERS, f"{count:,} / {SEARCH_PAGE} per search + {OWNERS} for the owners")


FLOORS: Mapping[tuple[str, str], Callable[[int, int], Floor]] = {
    ("salesforce", "create"): salesforce_create,
    ("salesforce", "update"): salesforce_update,
    ("salesforce", "backfill"): salesforce_backfill,
    ("hubspot", "create"): hubspot_create,
    ("hubspot", "update"): hubspot_update,
    ("hubspot", "backfill"): hubspot_backfill,
}


def _written(count: int) -> Floor:
    collections = _of(count, COLLECTION)
    if collections <= INGEST:
        return Floor(collections, f"{count:,} / {COLLECTION} written")
    return Floor(INGEST, "an ingest job: create, upload, close, look, results")


def _of(count: int, size: int) -> int:
    return -(-count // size)
