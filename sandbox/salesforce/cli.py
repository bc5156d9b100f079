"""The command line of the emulator: options to settings, one ready line, and a clean stop on SIGTERM."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sandbox import clocks, running

from . import seeding, times
from .auth import ConnectedApp
from .faults import FaultPlanError, read_plan
from .metadata.sfdx import SfdxError
from .org import Settings
from .pubsub.topics import ChannelError
from .server import Listener
from .soql import parser as soql

_EPILOG = """\
examples:
  # an org with the objects that the admin deploys and our company list as accounts
  python -m sandbox.salesforce --port 8101 --sfdx deploy/salesforce/force-app --accounts data/companies/ours.csv

  # get a token, then ask
  curl -d grant_type=client_credentials -d client_id=tandem-sandbox -d client_secret=sandbox-secret \\
       http://127.0.0.1:8101/services/oauth2/token
  curl -H "Authorization: Bearer $TOKEN" -G http://127.0.0.1:8101/services/data/v59.0/query \\
       --data-urlencode "q=SELECT Id, Name, Owner.Name FROM Account WHERE Name LIKE 'A%' LIMIT 5"

  # a salesperson edits an account (not the integration user)
  curl -d '{"user": "admin@tandem.example", "object": "Account", "id": "001...", "fields": {"Phone": "1"}}' \\
       http://127.0.0.1:8101/__sandbox__/edit

fault plan (--faults plan.toml, or PUT a list of rules to /__sandbox__/faults):
  [[fault]]
  kind = "reset_after"        # the write is applied, the answer never arrives
  path = "composite/sobjects"
  nth = [3]                   # on the third matching call

  [[fault]]
  kind = "unavailable"        # 503; others: too_many_requests, reset_before, slow, expired_token, lost_cursor, lock_row
  probability = 0.02
  retry_after = 1

behind the platform's back, under /__sandbox__/:
  GET health, writes?object=, dump?object=, faults, triggers, pubsub
  POST reset, load?object=, edit, merge, undelete, convert-lead, clock, expire-tokens
  POST pubsub/drop, silence, keepalive, corrupt, age, gap, announce, overflow, refuse
  PUT faults, limits, triggers                         DELETE faults, triggers

stdout gets one line when the ports are open:
  {"ready": true, "base_url": "http://127.0.0.1:8101", "pubsub": "127.0.0.1:8102"}
"""


def parser() -> argparse.ArgumentParser:
    made = running.parser(
        "salesforce",
        "A strict Salesforce REST org in memory: OAuth, SOQL, sObject rows, collections, describe, limits.",
        _EPILOG,
    )
    made.add_argument("--pubsub-port", type=int, default=0, help="port of the Pub/Sub API (gRPC without TLS); 0: free")
    made.add_argument("--seed", type=int, default=0, help="owners, populations, dates and faults follow from it")
    made.add_argument("--verbose", action="store_true", help="one line per request on stderr")
    made.add_argument(
        "--now",
        type=clocks.moment(times.parse_datetime),
        metavar="TIME",
        help="the org's time at the start, 2026-11-22T10:00:00Z",
    )
    what = made.add_argument_group("what the org holds")
    what.add_argument("--sfdx", type=Path, metavar="DIR", help="SFDX package folder with custom objects and fields")
    what.add_argument("--accounts", type=Path, metavar="CSV", help="accounts: id,name,website,country,city,zipcode")
    what.add_argument("--data", type=Path, metavar="FILE", help='JSON lines: {"attributes": {"type": "Lead"}, ...}')
    app = made.add_argument_group("connected app")
    default = ConnectedApp()
    app.add_argument("--client-id", default=default.client_id, help="consumer key (default %(default)s)")
    app.add_argument("--client-secret", default=default.client_secret, help="consumer secret (default %(default)s)")
    app.add_argument("--run-as", default=default.run_as, help="Username of the integration user (default %(default)s)")
    app.add_argument("--jwt-key", type=Path, metavar="PEM", help="public key or certificate that signs JWT bearers")
    app.add_argument("--audience", action="append", default=[], help="one more accepted JWT audience; repeatable")
    app.add_argument("--token-ttl", type=float, metavar="SECONDS", help="a token expires after so long")
    app.add_argument("--token-calls", type=int, metavar="N", help="a token expires after so many calls")
    hard = made.add_argument_group("hardship")
    hard.add_argument("--api-limit", type=int, default=15000, help="calls per 24 hours (default %(default)s)")
    hard.add_argument("--api-used", type=int, default=0, help="calls already used (default %(default)s)")
    hard.add_argument("--page-size", type=int, default=2000, help="upper bound of a query page (default %(default)s)")
    hard.add_argument("--keepalive", type=float, default=270.0, metavar="SECONDS",
                      help="a silent subscription gets a keepalive after so long (default %(default)s)")  # fmt: skip
    hard.add_argument("--faults", type=Path, metavar="TOML", help="fault plan, see below")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used."""
    options = parser().parse_args(arguments)
    return running.run(
        "salesforce",
        options,
        lambda: _prepared(options),
        SfdxError,
        ChannelError,
        FaultPlanError,
        seeding.SeedError,
        OSError,
    )


def _prepared(options: argparse.Namespace) -> Callable[[], Listener]:
    org = seeding.build(_settings(options))
    soql.parse("SELECT Id FROM Account")  # builds the grammar now, not in the first query
    return partial(Listener, org, options.verbose, options.pubsub_port)


def _settings(options: argparse.Namespace) -> Settings:
    app = ConnectedApp(
        options.client_id, options.client_secret, options.run_as,
        options.jwt_key.read_text("utf-8") if options.jwt_key else None,
        tuple(options.audience), options.token_ttl, options.token_calls,
    )  # fmt: skip
    return Settings(
        seed=options.seed, clock=clocks.from_moment(options.now), app=app, sfdx=options.sfdx,
        accounts=options.accounts,
        data=options.data, faults=read_plan(options.faults) if options.faults else (), api_limit=options.api_limit,
        api_used=options.api_used, page_size=options.page_size, pubsub_keepalive=options.keepalive,
    )  # fmt: skip
