"""The topics of a `MemoryBroker` as the ledger reads them: whole, from positions that it keeps itself."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.log import Partition
from tandem.kafka.following import Batch, Extent
from tests.support.memory_log import MemoryBroker


@dataclass
class MemoryFeed:
    """`dropped` records of a partition are gone by age; `lives` tells one topic from a later one of its name."""

    broker: MemoryBroker
    topics: Iterable[str]
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    dropped: dict[Partition, int] = field(default_factory=dict)
    lives: dict[str, str] = field(default_factory=dict)
    at: dict[Partition, int] = field(default_factory=dict)

    def extents(self) -> dict[Partition, Extent]:
        spots = [Partition(name, number) for name in self.topics for number in range(self.broker.partitions)]
        names = self.identities()
        return {
            spot: Extent(names[spot.topic], self.dropped.get(spot, 0), len(self.broker.topics[spot])) for spot in spots
        }

    def identities(self) -> dict[str, str]:
        return {name: self.lives.get(name, "first") for name in self.topics}

    def assign(self, positions: Mapping[Partition, int]) -> None:
        self.at = dict(positions)

    def poll(self, limit: int, timeout: float) -> Batch:
        batch = Batch([], {})
        spots = list(self.at)
        self.chance.shuffle(spots)
        for spot in spots:
            fresh = self.broker.topics[spot][self.at[spot] :][: limit - len(batch.records)]
            batch.records.extend(fresh)
            if fresh:
                self.at[spot] += len(fresh)
                batch.reached[spot] = self.at[spot]
        return batch

    def close(self) -> None:
        self.at = {}
