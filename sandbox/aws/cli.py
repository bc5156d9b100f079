"""The command line of the emulator: options to settings, one ready line, and a clean stop on SIGTERM."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sandbox import clocks, running

from .build import build
from .delivery import Delivery
from .server import Listener
from .settings import AwsSettings
from .wire.faults import FaultPlanError, read_plan

_EPILOG = """\
examples:
  # reviews end by themselves after four seconds, change sets after three
  python -m sandbox.aws --port 8301 --seed 7 --review 2 --approve 2 --change-set 3

  # every third event is lost, every second one comes twice
  python -m sandbox.aws --drop 0.33 --twice 0.5

  # the buyer accepts an offer (see GET /__sandbox__/act for all acts)
  curl -d '{"service": "marketplace-agreement", "act": "accept", "args": {"offer": "offer-..."}}' \\
    http://127.0.0.1:8301/__sandbox__/act

fault plan (--faults plan.toml, or PUT a list of rules to /__sandbox__/faults):
  [[fault]]
  kind = "reset_after"                          # the work is done, the answer is lost
  path = "marketplace-catalog/StartChangeSet"   # searched in <service>/<Operation>
  nth = [1]

  others: throttled, server_error, unavailable, reset_before, timeout_after, slow, refuse (code, status, message)

behind the platform's back, under /__sandbox__/:
  GET health, dump?kind=, calls, faults, delivery, act
  POST reset, act, clock/advance, tick, redeliver, notify
  PUT faults, delivery, permissions, limits     DELETE faults, delivery, calls

stdout gets one line when the port is open: {"ready": true, "base_url": "http://127.0.0.1:8301", "marketplace_queue": ...}
"""


def parser() -> argparse.ArgumentParser:
    made = running.parser(
        "aws",
        "An AWS in memory: Marketplace Catalog and Agreement, Partner Central Selling, SQS, SNS, EventBridge.",
        _EPILOG,
    )
    default = AwsSettings()
    made.add_argument("--seed", type=int, default=0, help="ids, faults and deliveries follow from it")
    made.add_argument("--verbose", action="store_true", help="one line per request on stderr")
    made.add_argument("--now", type=_moment, metavar="TIME", help="the time at the start, 2026-11-22T10:00:00Z")
    made.add_argument("--account", default=default.account, help="the seller's account (default %(default)s)")
    pace = made.add_argument_group("pace, in seconds")
    pace.add_argument("--change-set", type=float, default=3.0, help="from start to end (default %(default)s)")
    pace.add_argument("--review", type=float, help="from Submitted to In review; without: only by an act")
    pace.add_argument("--approve", type=float, help="from In review to Approved; without: only by an act")
    hard = made.add_argument_group("hardship")
    hard.add_argument("--no-limits", action="store_true", help="no quotas")
    hard.add_argument("--drop", type=float, default=0.0, help="chance that an event is lost")
    hard.add_argument("--twice", type=float, default=0.0, help="chance that an event comes twice")
    hard.add_argument("--late", type=float, default=0.0, help="chance that an event comes late")
    hard.add_argument("--late-by", type=float, default=60.0, help="at most so late (default %(default)s s)")
    hard.add_argument("--shuffle", type=float, default=0.0, help="events are held up to so many seconds")
    hard.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    return running.run("aws", options, lambda: _prepared(options), FaultPlanError, OSError, ValueError)


def _prepared(options: argparse.Namespace) -> Callable[[], Listener]:
    return partial(Listener, build(_settings(options)), options.verbose)


def _settings(options: argparse.Namespace) -> AwsSettings:
    return AwsSettings(
        seed=options.seed, clock=None if options.now is None else clocks.from_moment(options.now),
        account=options.account, limits=not options.no_limits,
        faults=read_plan(options.faults) if options.faults else (),
        delivery=Delivery(options.drop, options.twice, options.late, options.late_by, options.shuffle),
        change_set_preparing=options.change_set / 3, change_set_applying=options.change_set * 2 / 3,
        review_starts_after=options.review, review_ends_after=options.approve,
    )  # fmt: skip


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-11-22T10:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
