"""The stream worker: a Faust app that hosts the lanes as services, with web server, metrics and signals; the only Faust import.

Faust's own agents are not used: they lose or repeat events on a crash (docs/decisions/0003). Nothing here touches Kafka:
each lane brings its own log, and the app boots without Faust's consumer and producer.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faust
from faust.app.base import BootStrategy
from faust.web import Request, Response, View
from mode import Service

from streams.lane import Lane

OpenLane = Callable[[], Lane]
Crashed = Callable[[BaseException], None]


class LanesOnly(BootStrategy):
    """Boots sensors, web and services, and none of Faust's own Kafka clients."""

    enable_kafka = False


class LaneService(Service):
    """Runs one lane in a thread of its own; `crashed` hears of a lane that fails, and is expected to end the process."""

    def __init__(self, name: str, open_lane: OpenLane, crashed: Crashed) -> None:
        super().__init__()
        self.lane_name = name
        self.lane: Lane | None = None
        self._open, self._when_crashed, self._halt = open_lane, crashed, threading.Event()
        self._finished: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        return f"<lane {self.lane_name}>"

    @Service.task
    async def _turn(self) -> None:
        # The loop's own executor has a few threads only: the lanes beyond them would never begin.
        own = ThreadPoolExecutor(max_workers=1, thread_name_prefix=self.lane_name)
        self._finished = asyncio.get_running_loop().run_in_executor(own, self._run)
        own.shutdown(wait=False)
        await self._finished

    def _run(self) -> None:
        try:
            self.lane = self._open()
            self.lane.run(self._halt)
        except BaseException as error:
            self._when_crashed(error)
            raise

    async def on_stop(self) -> None:
        """Let the batch in hand end, then leave the group."""
        self._halt.set()
        if self._finished is not None:
            await asyncio.wait([self._finished])


class LaneApp(faust.App):
    """A Faust app of lanes: there are no Faust tables whose recovery it would have to wait for."""

    BootStrategy = LanesOnly

    async def _wait_for_table_recovery_completed(self) -> bool:
        return False


def build(
    name: str,
    lanes: Sequence[tuple[str, OpenLane]],
    render: Callable[[Sequence[Lane]], bytes],
    data: Path,
    address: tuple[str, int],
    crashed: Crashed,
) -> faust.App:
    """A worker of these lanes (name and how to open it). `render` makes the text of `/metrics`; port 0: no web server."""
    host, port = address
    app = LaneApp(
        name,
        broker="kafka://unused",  # Faust insists on one; `LanesOnly` never connects to it
        datadir=str(data),
        web_enabled=port > 0,
        web_port=port or None,
        web_bind=host,
        topic_disable_leader=True,
    )
    services = [LaneService(lane, open_lane, crashed) for lane, open_lane in lanes]
    for service in services:
        app.service(service)  # type: ignore[arg-type]  # Faust takes instances as well
    _add_pages(app, services, render)
    return app


def _add_pages(app: faust.App, services: Sequence[LaneService], render: Callable[[Sequence[Lane]], bytes]) -> None:
    """`/metrics` for Prometheus, `/health` for a probe: 200 once every lane has joined its group, 503 before."""

    @app.page("/metrics")
    async def metrics(view: View, request: Request) -> Response:
        text = render([service.lane for service in services if service.lane])
        return view.bytes(text, content_type="text/plain; version=0.0.4")

    @app.page("/health")
    async def health(view: View, request: Request) -> Response:
        lanes = {service.lane_name: service.lane is not None for service in services}
        return view.json({"ready": all(lanes.values()), "lanes": lanes}, status=200 if all(lanes.values()) else 503)


def run(app: faust.App, level: str) -> None:
    """Run a worker until SIGTERM or Ctrl-C."""
    worker = faust.Worker(app, quiet=True, loglevel=level, redirect_stdouts=False, override_logging=False)
    worker.execute_from_commandline()
