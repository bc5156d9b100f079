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

from .academy import Academy
from .faults import FaultPlanError, read_plan
from .seeding import build
from .server import Listener
from .settings import AcademySettings, Clock, wall_clock

_EPILOG = """\
examples:
  python -m sandbox.skilljar --port 8602 --domain learn.acme.example
  curl -u sk-live-sandbox: http://127.0.0.1:8602/v1/domains/learn.acme.example/users
  curl -d '{"email": "ada@partner.example"}' http://127.0.0.1:8602/__sandbox__/learners

fault plan (--faults plan.toml, or PUT a list of rules to /__sandbox__/faults):
  [[fault]]
  kind = "too_many_requests"      # HTTP 429
  path = "/v2/enrollments/"
  nth = [3]
  retry_after = 20

  others: refuse (code, status), unavailable, reset_before, reset_after, slow, expired_token

behind the platform's back, under /__sandbox__/:
  GET health, dump?kind=, calls, faults, webhook     PUT faults, webhook     DELETE calls, faults
  POST reset, clock, learners, edit, enroll, complete, certify, make, webhook/deliver

stdout gets one line when the port is open: {"ready": true, "base_url": "http://127.0.0.1:8602"}
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m sandbox.skilljar",
        description="A Skilljar organization in memory: domain users, enrolments, paths and certificates.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = AcademySettings()
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    made.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (default)")
    made.add_argument("--seed", type=int, default=0, help="ids and faults follow from it")
    made.add_argument("--domain", default=default.domain, help="the training domain (default %(default)s)")
    made.add_argument("--api-key", default=default.api_key, help="key of the first API (default %(default)s)")
    made.add_argument("--client-id", default=default.client_id, help="client of the second API (default %(default)s)")
    made.add_argument("--client-secret", default=default.client_secret, help="its secret (default %(default)s)")
    made.add_argument(
        "--per-minute", type=int, default=default.per_minute, help="calls per minute (default %(default)s)"
    )
    made.add_argument("--now", type=_moment, metavar="TIME", help="its time at the start, 2026-11-22T10:00:00Z")
    made.add_argument("--verbose", action="store_true", help="one line per call on stderr")
    made.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    try:
        faults = read_plan(options.faults) if options.faults else ()
    except FaultPlanError as refused:
        print(f"sandbox.skilljar: {refused}", file=sys.stderr)
        return 2
    settings = AcademySettings(
        seed=options.seed, domain=options.domain, api_key=options.api_key, client_id=options.client_id,
        client_secret=options.client_secret, per_minute=options.per_minute, faults=faults, clock=_clock(options.now),
    )  # fmt: skip
    asyncio.run(_serve(build(settings), options.host, options.port, options.verbose))
    return 0


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-11-22T10:00:00Z")
    return found


def _clock(start: datetime | None) -> Clock:
    """The wall clock, or one that starts at the given time and runs on."""
    if start is None:
        return wall_clock
    shift = start - wall_clock()
    return lambda: wall_clock() + shift


async def _serve(academy: Academy, host: str, port: int, verbose: bool) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopped.set)
    listener = Listener(academy, verbose)
    base_url = await listener.start(host, port)
    print(orjson.dumps({"ready": True, "base_url": base_url}).decode(), flush=True)
    await stopped.wait()
    await listener.stop()
