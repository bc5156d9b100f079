"""Where each partition stands in the ledger: kept in the transaction of the rows; a lost stretch is written down."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from schemas.log import Partition
from tandem.kafka.following import Extent
from tandem.ledger.tables import Base, Gap, Position

log = logging.getLogger(__name__)

POSITION = Base.metadata.tables["position"]


class Spot(NamedTuple):
    """A row of `position`, and the next offset to feed."""

    id: int
    next: int


class Displaced(Exception):
    """Another process has fed the ledger, or another ledger has taken its place: read the positions again."""


def place(connection: Connection, extents: Mapping[Partition, Extent], now: datetime) -> dict[Partition, Spot]:
    """Where to go on in each partition. A topic that was made anew starts at its beginning."""
    known = {(row.topic, row.partition, row.identity): row for row in connection.execute(select(POSITION))}
    places = {}
    for partition, extent in extents.items():
        row = known.get((partition.topic, partition.number, extent.identity))
        if row is None:
            places[partition] = _begun(connection, partition, extent)
        else:
            places[partition] = _continued(connection, partition, extent, Spot(row.id, row.next), now)
    return places


def _begun(connection: Connection, partition: Partition, extent: Extent) -> Spot:
    row = {
        "topic": partition.topic,
        "partition": partition.number,
        "identity": extent.identity,
        "next": extent.first,
    }
    key = connection.execute(insert(Position).values(row)).inserted_primary_key
    return Spot(int(key[0]) if key else 0, extent.first)


def _continued(connection: Connection, partition: Partition, extent: Extent, spot: Spot, now: datetime) -> Spot:
    if extent.first <= spot.next <= extent.end:
        return spot
    if spot.next < extent.first:
        log.warning(
            "%s: offsets %d to %d were dropped by age before they were fed; what they said is not in the ledger",
            partition, spot.next, extent.first - 1,
        )  # fmt: skip
        gap = {"position_id": spot.id, "at_offset": spot.next, "until_offset": extent.first, "found_at": now}
        connection.execute(insert(Gap).values(gap))
    else:
        log.warning(
            "%s ends at %d and was fed up to %d: its broker has lost records; reading it from its beginning",
            partition, extent.end, spot.next,
        )  # fmt: skip
    connection.execute(update(Position).where(Position.id == spot.id).values(next=extent.first))
    return Spot(spot.id, extent.first)


def hold(connection: Connection, spots: Mapping[Partition, Spot]) -> None:
    """Keep everybody else from moving them until the transaction ends; raises `Displaced` where somebody has."""
    wanted = {spot.id: spot.next for spot in spots.values()}
    asked = select(Position.id, Position.next).where(Position.id.in_(wanted)).order_by(Position.id).with_for_update()
    found = {row.id: row.next for row in connection.execute(asked)}
    if found != wanted:
        raise Displaced


def move(connection: Connection, spots: Mapping[Partition, Spot]) -> None:
    """Save where partitions stand now."""
    statement = update(POSITION).where(POSITION.c.id == bindparam("which")).values(next=bindparam("at"))
    connection.execute(statement, [{"which": spot.id, "at": spot.next} for spot in spots.values()])
