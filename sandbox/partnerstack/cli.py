"""The command line of the emulator: options to settings, one ready line, and a clean stop on SIGTERM."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sandbox import clocks, running
from sandbox.hubspot import times

from .account import Account, AccountSettings
from .faults import FaultPlanError, read_plan
from .model import LIMIT_PER_MINUTE, STAGES
from .seeding import SeedError, load_partners
from .server import Listener

_EPILOG = """\
examples:
  python -m sandbox.partnerstack --port 8301 --partners partners.csv

  # ask it
  curl -u pk_sandbox:sk_sandbox "http://127.0.0.1:8301/api/v2/deals?limit=3"

  # a partner registers a deal
  curl -d '{"act": "submit_deal", "partner_key": "acmecloud354", "account_name": "Acme Robotics", "amount": 1250050,
            "form": {"website": "https://acme.com"}}' http://127.0.0.1:8301/__sandbox__/act

fault plan (--faults plan.toml, or PUT a list of rules to /__sandbox__/faults):
  [[fault]]
  kind = "timeout_after"      # the write is applied, the answer is 504
  path = "/deals/"
  nth = [3]                   # on the third matching call

  others: too_many_requests, unavailable, reset_before, reset_after, slow, no_json, status (with `status`)

behind the platform's back, under /__sandbox__/:
  GET health, writes?resource=, dump?resource=, calls, faults, webhooks
  POST reset, act, clock, webhooks/deliver     PUT faults     DELETE faults, calls

stdout gets one line when the port is open: {"ready": true, "base_url": "http://127.0.0.1:8301"}
"""


def parser() -> argparse.ArgumentParser:
    made = running.parser(
        "partnerstack",
        "A PartnerStack account in memory: partnerships, deals, leads, customers, earnings, webhooks.",
        _EPILOG,
    )
    default = AccountSettings()
    made.add_argument("--seed", type=int, default=0, help="keys and faults follow from it")
    made.add_argument(
        "--now",
        type=clocks.moment(times.parse),
        metavar="TIME",
        help="the account's time at the start, 2026-11-22T10:00:00Z",
    )
    made.add_argument("--partners", type=Path, metavar="CSV", help="partners: partner_key,name,email,group,tier")
    made.add_argument("--stages", default=",".join(STAGES), help="the group's deal stages, by commas")
    made.add_argument("--public-key", default=default.public_key, help="(default %(default)s)")
    made.add_argument("--secret-key", default=default.secret_key, help="(default %(default)s)")
    made.add_argument("--per-minute", type=int, default=LIMIT_PER_MINUTE, help="calls a minute (default %(default)s)")
    made.add_argument("--bodies", choices=("named", "bare"), default=default.bodies, help="how newer webhooks look")
    made.add_argument("--archived-shown", action="store_true", help="an archived record can still be fetched")
    made.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    return running.run("partnerstack", options, lambda: _prepared(options), FaultPlanError, SeedError, OSError)


def _prepared(options: argparse.Namespace) -> Callable[[], Listener]:
    account = Account(_settings(options))
    if options.partners is not None:
        load_partners(account, options.partners)
    return partial(Listener, account)


def _settings(options: argparse.Namespace) -> AccountSettings:
    return AccountSettings(
        seed=options.seed, clock=clocks.from_moment(options.now), public_key=options.public_key,
        secret_key=options.secret_key,
        stages=tuple(options.stages.split(",")), per_minute=options.per_minute, bodies=options.bodies,
        archived_shown=options.archived_shown, faults=read_plan(options.faults) if options.faults else (),
    )  # fmt: skip
