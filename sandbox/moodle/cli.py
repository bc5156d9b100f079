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

from .faults import FaultPlanError, read_plan
from .seeding import build
from .server import Listener
from .settings import Clock, SiteSettings, wall_clock
from .site import Site

_EPILOG = """\
examples:
  python -m sandbox.moodle --port 8601 --token moodle-sandbox-token
  curl -d wstoken=moodle-sandbox-token -d wsfunction=core_webservice_get_site_info -d moodlewsrestformat=json \\
       http://127.0.0.1:8601/webservice/rest/server.php
  curl -d '{"user": 3, "badge": 1}' http://127.0.0.1:8601/__sandbox__/award

fault plan (--faults plan.toml, or PUT a list of rules to /__sandbox__/faults):
  [[fault]]
  kind = "refuse"                 # HTTP 200 with an exception
  code = "nopermissions"
  path = "core_cohort"            # the path ends in the function's name
  nth = [3]

  others: unavailable, disabled (empty body), crash (HTTP 500, empty body), reset_before, reset_after, slow

behind the platform's back, under /__sandbox__/:
  GET health, dump?kind=, calls, faults     PUT faults, hooks     DELETE calls, faults
  POST reset, clock, users, edit, award, issue, complete, enrol, member, make, hooks/deliver

stdout gets one line when the port is open: {"ready": true, "base_url": "http://127.0.0.1:8601"}
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m sandbox.moodle",
        description="A Moodle site in memory: users, enrolments, cohorts, completions and badges by web services.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = SiteSettings()
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    made.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (default)")
    made.add_argument("--seed", type=int, default=0, help="badge numbers and faults follow from it")
    made.add_argument("--token", default=default.token, help="web service token (default %(default)s)")
    made.add_argument("--now", type=_moment, metavar="TIME", help="the site's time at the start, 2026-11-22T10:00:00Z")
    made.add_argument("--ids-as-text", action="store_true", help="ids in answers are texts")
    made.add_argument("--verbose", action="store_true", help="one line per call on stderr")
    made.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    try:
        faults = read_plan(options.faults) if options.faults else ()
    except FaultPlanError as refused:
        print(f"sandbox.moodle: {refused}", file=sys.stderr)
        return 2
    settings = SiteSettings(
        seed=options.seed, token=options.token, ids_as_text=options.ids_as_text, faults=faults,
        clock=_clock(options.now),
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


async def _serve(site: Site, host: str, port: int, verbose: bool) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopped.set)
    listener = Listener(site, verbose)
    base_url = await listener.start(host, port)
    print(orjson.dumps({"ready": True, "base_url": base_url}).decode(), flush=True)
    await stopped.wait()
    await listener.stop()
