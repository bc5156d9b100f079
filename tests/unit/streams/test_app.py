"""Sentences about the worker that hosts the lanes."""

import asyncio
import threading

from streams.app import LaneService

MANY = 40  # more lanes than an event loop has threads of its own


class Meeting:
    """A lane that goes on only when all lanes run at once."""

    def __init__(self, barrier: threading.Barrier) -> None:
        self.barrier = barrier

    def run(self, stop: threading.Event) -> None:
        self.barrier.wait()


def test_every_lane_runs_however_many_there_are():
    barrier, crashed = threading.Barrier(MANY, timeout=20), []
    services = [LaneService(f"lane-{n}", lambda: Meeting(barrier), crashed.append) for n in range(MANY)]  # type: ignore[arg-type,return-value]

    async def hosted() -> None:
        for service in services:
            await service.start()
        for service in services:
            while service._finished is None:
                await asyncio.sleep(0)
            await service._finished
            await service.stop()

    asyncio.run(hosted())
    assert crashed == []
    assert not barrier.broken
