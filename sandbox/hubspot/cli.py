"""The command line of the emulator: options to settings, one ready line, and a clean stop on SIGTERM."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sandbox import clocks, running

from . import seeding, times
from .auth import App
from .faults import FaultPlanError, read_plan
from .portal import PortalSettings
from .server import Listener

_EPILOG = """\
examples:
  # a partner's portal with its company list
  python -m sandbox.hubspot --port 8201 --companies data/companies/partner.csv --seed 7

  # ask it
  curl -H "Authorization: Bearer pat-na1-sandbox" "http://127.0.0.1:8201/crm/objects/2026-09/companies?limit=3"

  # a salesperson edits a company (not the integration)
  curl -d '{"object": "companies", "id": "9996", "properties": {"phone": "1"}}' http://127.0.0.1:8201/__sandbox__/edit

fault plan (--faults plan.toml, or PUT a list of rules to /__sandbox__/faults):
  [[fault]]
  kind = "timeout_after"      # the write is applied, the answer is 504
  path = "batch/upsert"
  nth = [3]                   # on the third matching call

  [[fault]]
  kind = "half_reset"         # the first rows of the batch are applied, then the connection breaks
  rows = 40
  probability = 0.02

  others: too_many_requests, daily_limit, unavailable, reset_before, reset_after, slow, expired_token, half_207

behind the platform's back, under /__sandbox__/:
  GET health, writes?object=, dump?object=, calls, faults, workflows, webhooks
  POST reset, edit, associate, clock, expire-tokens, journal/drop, webhooks/deliver
  PUT faults, conditions, workflows, webhooks     DELETE faults, calls, workflows

stdout gets one line when the port is open: {"ready": true, "base_url": "http://127.0.0.1:8201"}
"""


def parser() -> argparse.ArgumentParser:
    made = running.parser(
        "hubspot",
        "A strict HubSpot portal in memory: objects, batches, search, associations, journal, webhooks.",
        _EPILOG,
    )
    default, app = PortalSettings(), App()
    made.add_argument("--seed", type=int, default=0, help="owners, stages, dates and faults follow from it")
    made.add_argument("--verbose", action="store_true", help="one line per request on stderr")
    made.add_argument(
        "--now",
        type=clocks.moment(times.parse),
        metavar="TIME",
        help="the portal's time at the start, 2026-11-22T10:00:00Z",
    )
    what = made.add_argument_group("what the portal is")
    what.add_argument("--companies", type=Path, metavar="CSV", help="companies: id,name,website,country,city,zipcode")
    what.add_argument("--portal-id", type=int, default=default.portal_id, help="(default %(default)s)")
    what.add_argument("--no-enterprise", action="store_true", help="a portal without custom objects")
    what.add_argument("--keep-primary-id", action="store_true", help="a merge keeps the primary record's id")
    who = made.add_argument_group("app")
    who.add_argument("--token", default=app.token, help="private-app token (default %(default)s)")
    who.add_argument("--app-id", type=int, default=app.app_id, help="(default %(default)s)")
    who.add_argument("--client-id", default=app.client_id, help="(default %(default)s)")
    who.add_argument("--client-secret", default=app.client_secret, help="(default %(default)s)")
    hard = made.add_argument_group("hardship")
    hard.add_argument("--burst", type=int, default=default.private_burst, help="calls per 10 s (default %(default)s)")
    hard.add_argument("--daily", type=int, default=default.daily_limit, help="calls per day (default %(default)s)")
    hard.add_argument(
        "--searches", type=int, default=default.search_per_second, help="per second (default %(default)s)"
    )
    hard.add_argument(
        "--index-lag", type=float, default=0.0, metavar="SECONDS", help="how late a search is (default 0)"
    )
    hard.add_argument("--clock-skew", type=float, default=0.0, metavar="SECONDS", help="bound of the servers' skew")
    hard.add_argument("--journal-delay", type=float, default=0.0, metavar="SECONDS", help="how late the journal is")
    hard.add_argument("--short-pages", action="store_true", help="searches give fewer records than asked for, by seed")
    hard.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    return running.run("hubspot", options, lambda: _prepared(options), FaultPlanError, seeding.SeedError, OSError)


def _prepared(options: argparse.Namespace) -> Callable[[], Listener]:
    return partial(Listener, seeding.build(_settings(options)), options.verbose)


def _settings(options: argparse.Namespace) -> PortalSettings:
    return PortalSettings(
        seed=options.seed, clock=clocks.from_moment(options.now), portal_id=options.portal_id,
        app=App(options.app_id, options.token, options.client_id, options.client_secret),
        companies=options.companies, enterprise=not options.no_enterprise,
        faults=read_plan(options.faults) if options.faults else (), private_burst=options.burst,
        daily_limit=options.daily, search_per_second=options.searches, index_lag=options.index_lag,
        clock_skew=options.clock_skew, journal_delay=options.journal_delay, short_pages=options.short_pages,
        merge_makes_new_record=not options.keep_primary_id,
    )  # fmt: skip
