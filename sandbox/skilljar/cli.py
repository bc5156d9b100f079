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
from .settings import AcademySettings

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
    made = running.parser(
        "skilljar",
        "A Skilljar organization in memory: domain users, enrolments, paths and certificates.",
        _EPILOG,
    )
    default = AcademySettings()
    made.add_argument("--seed", type=int, default=0, help="ids and faults follow from it")
    made.add_argument("--domain", default=default.domain, help="the training domain (default %(default)s)")
    made.add_argument("--api-key", default=default.api_key, help="key of the first API (default %(default)s)")
    made.add_argument("--client-id", default=default.client_id, help="client of the second API (default %(default)s)")
    made.add_argument("--client-secret", default=default.client_secret, help="its secret (default %(default)s)")
    made.add_argument(
        "--per-minute", type=int, default=default.per_minute, help="calls per minute (default %(default)s)"
    )
    made.add_argument("--now", type=clocks.moment(), metavar="TIME", help="its time at the start, 2026-11-22T10:00:00Z")
    made.add_argument("--verbose", action="store_true", help="one line per call on stderr")
    made.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    return running.run("skilljar", options, lambda: _prepared(options), FaultPlanError)


def _prepared(options: argparse.Namespace) -> Callable[[], Listener]:
    settings = AcademySettings(
        seed=options.seed, domain=options.domain, api_key=options.api_key, client_id=options.client_id,
        client_secret=options.client_secret, per_minute=options.per_minute,
        faults=read_plan(options.faults) if options.faults else (), clock=clocks.from_moment(options.now),
    )  # fmt: skip
    return partial(Listener, build(settings), options.verbose)
