"""The command line of the emulator: options to settings, one ready line, and a clean stop on SIGTERM."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sandbox import clocks, running

from .faults import FaultPlanError, read_plan
from .seeding import build
from .server import Listener
from .settings import SiteSettings

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
    made = running.parser(
        "moodle",
        "A Moodle site in memory: users, enrolments, cohorts, completions and badges by web services.",
        _EPILOG,
    )
    default = SiteSettings()
    made.add_argument("--seed", type=int, default=0, help="badge numbers and faults follow from it")
    made.add_argument("--token", default=default.token, help="web service token (default %(default)s)")
    made.add_argument(
        "--now", type=clocks.moment(), metavar="TIME", help="the site's time at the start, 2026-11-22T10:00:00Z"
    )
    made.add_argument("--ids-as-text", action="store_true", help="ids in answers are texts")
    made.add_argument("--verbose", action="store_true", help="one line per call on stderr")
    made.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    return running.run("moodle", options, lambda: _prepared(options), FaultPlanError)


def _prepared(options: argparse.Namespace) -> Callable[[], Listener]:
    settings = SiteSettings(
        seed=options.seed, token=options.token, ids_as_text=options.ids_as_text,
        faults=read_plan(options.faults) if options.faults else (), clock=clocks.from_moment(options.now),
    )  # fmt: skip
    return partial(Listener, build(settings), options.verbose)
