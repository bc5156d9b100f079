"""The bus of events: gives each an id, holds it as long as the delivery faults say, and hands it to EventBridge."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from .core import BusEvent, Clock, Shape
from .delivery import Delivery


class Bus:
    """`log` is every event that was emitted, with `deliveries`, how often it was or will be delivered."""

    def __init__(self, clock: Clock, chance: Random, account: str, region: str, faults: Delivery) -> None:
        self.faults, self.log = faults, list[Shape]()
        self.deliver: Callable[[Shape], int] | None = None  # None until EventBridge stands: events are held
        self._clock, self._chance, self._account, self._region = clock, chance, account, region
        self._held: list[tuple[datetime, int, Shape]] = []
        self._numbers = count()

    def emit(self, event: BusEvent) -> None:
        """An event of now. It is delivered at once, unless the faults say otherwise."""
        now = self._clock()
        body = self._envelope(event, now)
        delays = self.faults.delays(self._chance)
        self.log.append({"deliveries": len(delays), "emitted": now, "event": body})
        for delay in delays:
            heapq.heappush(self._held, (now + timedelta(seconds=delay), next(self._numbers), body))
        self.tick()

    def tick(self) -> None:
        """Delivers what is due."""
        while self.deliver is not None and self._held and self._held[0][0] <= self._clock():
            self.deliver(deepcopy(heapq.heappop(self._held)[2]))

    @property
    def held(self) -> int:
        """Deliveries that are still to come."""
        return len(self._held)

    def again(self, event_id: str) -> bool:
        """Delivers an event once more, dropped ones too; False where no event has this id."""
        found = next((one["event"] for one in self.log if one["event"]["id"] == event_id), None)
        if found is None or self.deliver is None:
            return False
        self.deliver(deepcopy(found))
        return True

    def _envelope(self, event: BusEvent, now: datetime) -> Shape:
        """As EventBridge hands it to a rule; the time becomes text with seconds when it goes to a queue."""
        return {
            "version": "0", "id": str(UUID(int=self._chance.getrandbits(128), version=4)),
            "detail-type": event.detail_type, "source": event.source, "account": self._account,
            "time": now.timestamp(), "region": self._region, "resources": list(event.resources),
            "detail": deepcopy(dict(event.detail)),
        }  # fmt: skip
