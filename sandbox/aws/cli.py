"""The command line of the emulator: options to settings, one ready line, and a clean stop on SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from .build import build
from .delivery import Delivery
from .platform import Platform
from .server import Listener
from .settings import FULL, NARROW, AwsSettings
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
    made = argparse.ArgumentParser(
        prog="python -m sandbox.aws",
        description="An AWS in memory: Marketplace Catalog and Agreement, Partner Central Selling, SQS, SNS, EventBridge.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = AwsSettings()
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    made.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (default)")
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
    try:
        platform = build(_settings(options))
    except (FaultPlanError, OSError, ValueError) as refused:
        print(f"sandbox.aws: {refused}", file=sys.stderr)
        return 2
    asyncio.run(_serve(platform, options.host, options.port, options.verbose))
    return 0


def _settings(options: argparse.Namespace) -> AwsSettings:
    return AwsSettings(
        seed=options.seed, clock=_clock(options.now), account=options.account, limits=not options.no_limits,
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


def _clock(start: datetime | None) -> Callable[[], datetime] | None:
    """The wall clock, or one that starts at the given time and runs on."""
    if start is None:
        return None
    shift = start - datetime.now(UTC)
    return lambda: datetime.now(UTC) + shift


async def _serve(platform: Platform, host: str, port: int, verbose: bool) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopped.set)
    listener = Listener(platform, verbose)
    base_url = await listener.start(host, port)
    print(orjson.dumps(_ready(listener, platform, base_url)).decode(), flush=True)
    await stopped.wait()
    await listener.stop()


def _ready(listener: Listener, platform: Platform, base_url: str) -> dict[str, Any]:
    places = listener.places
    return {
        "ready": True, "base_url": base_url, "sqs_endpoint": base_url, "moto_url": listener.messaging.url,
        "marketplace_queue": places.marketplace_url, "partner_central_queue": places.partner_central_url,
        "dead_queues": places.dead_urls, "topic_arn": places.topic_arn,
        "account": platform.settings.account, "region": platform.settings.region,
        "access_key": FULL.access, "secret_key": FULL.secret,
        "narrow_access_key": NARROW.access, "narrow_secret_key": NARROW.secret,
    }  # fmt: skip
