"""The command line of the emulator: options to settings, one ready line, and a clean stop on SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson

from sandbox.hubspot import times

from .faults import FaultPlanError, read_plan
from .network import Network, NetworkSettings
from .server import Listener

_EPILOG = """\
examples:
  python -m sandbox.crossbeam --port 8401

  # a partner joins, shares an account, opens a deal
  curl -d '{"act": "partner", "name": "Acme Cloud"}' http://127.0.0.1:8401/__sandbox__/act
  curl -d '{"act": "share", "partner": "Acme Cloud", "name": "Acme Robotics", "record_id": "001A"}' \\
    http://127.0.0.1:8401/__sandbox__/act
  curl -d '{"act": "signal", "partner": "Acme Cloud", "record_id": "001A", "name": "Acme Robotics"}' \\
    http://127.0.0.1:8401/__sandbox__/act

fault plan (--faults plan.toml, or PUT a list of rules to /__sandbox__/faults):
  [[fault]]
  kind = "unavailable"
  path = "/v1/overlaps"
  nth = [2]                   # on the second matching call

  others: too_many_requests, reset_before, expired_token, no_json, status (with `status`)

behind the platform's back, under /__sandbox__/:
  GET health, dump, calls     POST reset, act, clock, expire-tokens, webhooks/deliver     PUT, DELETE faults

stdout gets one line when the port is open: {"ready": true, "base_url": "http://127.0.0.1:8401"}
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m sandbox.crossbeam",
        description="An organization at Crossbeam in memory: partners, overlaps, signals, bookmarks, webhooks.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = NetworkSettings()
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    made.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (default)")
    made.add_argument("--seed", type=int, default=0, help="ids and faults follow from it")
    made.add_argument("--now", type=_moment, metavar="TIME", help="the time at the start, 2026-11-22T10:00:00Z")
    made.add_argument("--organization", default=default.organization, help="its uuid (default %(default)s)")
    made.add_argument("--client-id", default=default.client_id, help="(default %(default)s)")
    made.add_argument("--client-secret", default=default.client_secret, help="(default %(default)s)")
    made.add_argument("--refresh-token", default=default.refresh_token, help="(default %(default)s)")
    made.add_argument("--webhook-secret", default=default.webhook_secret, help="(default %(default)s)")
    made.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    try:
        rules = read_plan(options.faults) if options.faults else ()
    except FaultPlanError as refused:
        print(f"sandbox.crossbeam: {refused}", file=sys.stderr)
        return 2
    settings = NetworkSettings(
        seed=options.seed, clock=_clock(options.now), organization=options.organization, faults=rules,
        client_id=options.client_id, client_secret=options.client_secret, refresh_token=options.refresh_token,
        webhook_secret=options.webhook_secret,
    )  # fmt: skip
    asyncio.run(_serve(Network(settings), options.host, options.port))
    return 0


def _moment(text: str) -> datetime:
    found = times.parse(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-11-22T10:00:00Z")
    return found


def _clock(start: datetime | None) -> times.Clock:
    """The wall clock, or one that starts at the given time and runs on."""
    if start is None:
        return times.wall_clock
    shift = start - times.wall_clock()
    return lambda: times.wall_clock() + shift


async def _serve(network: Network, host: str, port: int) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopped.set)
    listener = Listener(network)
    base_url = await listener.start(host, port)
    print(orjson.dumps({"ready": True, "base_url": base_url}).decode(), flush=True)
    await stopped.wait()
    await listener.stop()
