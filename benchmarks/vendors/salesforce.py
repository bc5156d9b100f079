"""An emulated Salesforce org with Tandem's package, and a connection to it whose calls are counted."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import JsonValue, SecretStr

from connectors import salesforce
from connectors.base import Sink, Source
from connectors.salesforce.settings import ClientCredentials
from connectors.salesforce.source import SalesforceSource
from mappings.loader import load
from sandbox.salesforce.faults import FaultRule
from sandbox.salesforce.org import Settings
from sandbox.salesforce.store import Write
from sandbox.salesforce.testing import START, Emulator, emulator

PACKAGE = Path(__file__).parents[2] / "deploy" / "salesforce"
PLENTY = 10_000_000  # calls a day: nothing is slowed down
KEEPALIVE_S = 0.03  # a stream that owes nothing says so at once; the vendor takes up to 270 s, and no call
AGE = timedelta(days=400)
COUNTED = re.compile(r"/services/data/v\d+\.0/(.+)")
_ID = re.compile(r"(?<=/)(?:[a-zA-Z0-9]{18}|[a-zA-Z0-9]{15})(?=/|$)")


class Org:
    """A `benchmarks.api_cost.World`."""

    def __init__(self, running: Emulator) -> None:
        self._running, self._sources = running, list[SalesforceSource]()
        self.endpoints: Counter[str] = Counter()
        self._ask = running.org.faults.for_request
        # The org counts calls, and not which; whoever is asked for faults hears of each.
        running.org.faults.for_request = self._heard  # type: ignore[method-assign]

    def _heard(self, method: str, path: str) -> FaultRule | None:
        found = COUNTED.match(path)
        if found:
            self.endpoints[f"{method} {_ID.sub('{id}', found[1])}"] += 1
        return self._ask(method, path)

    def accounts(self, count: int, values: Mapping[str, JsonValue]) -> Sequence[str]:
        """So many more accounts, changed last at moments spread over 400 days; their ids."""
        return self._running.call(lambda: self._seeded(count, values))

    def _seeded(self, count: int, values: Mapping[str, JsonValue]) -> Sequence[str]:
        org, account = self._running.org, self._running.org.schema.require("Account")
        body = {"Name": "Acme Robotics GmbH", "Website": "https://acme.com", "BillingCountry": "Germany"}
        first = org.dml.create(
            account, {**body, **load("salesforce")["account_summary"].to_vendor(values)}, org.admin_id
        )
        row, found = org.store.get("Account", first) or {}, [first]
        for number in range(1, count):
            at = START - AGE + (AGE * number / count)
            stamp = at.replace(microsecond=0)
            dates = {"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
            found.append(org.store.next_id("Account"))
            fresh = {**row, **dates, "Id": found[-1], "Name": f"Acme Robotics {number} GmbH"}
            org.store.put("Account", fresh, Write("create", org.admin_id, stamp, ()))
        org.changes.forget()
        return found

    def _settings(self) -> salesforce.Settings:
        app = self._running.org.settings.app
        auth = ClientCredentials(
            method="client_credentials", client_id=app.client_id, client_secret=SecretStr(app.client_secret)
        )
        return salesforce.Settings(
            base_url=self._running.base_url, auth=auth, pubsub_address=self._running.pubsub_address
        )

    def sink(self) -> Sink:
        """A fresh one."""
        return salesforce.sink(self._settings(), self.clock, "bench")

    def source(self) -> Source:
        """A fresh one, by Change Data Capture."""
        self._sources.append(SalesforceSource(self._settings(), self.clock))
        return self._sources[-1]

    def clock(self) -> datetime:
        """The org's."""
        return self._running.org.clock()

    def advance(self, seconds: float) -> None:
        """Time goes by, for both sides."""
        self._running.call(lambda: self._running.org.clock.advance(seconds))

    def used(self) -> int:
        """Calls that the org has counted."""
        return self._running.org.usage.used

    def close(self) -> None:
        """End the streams."""
        for source in self._sources:
            source.close()


@contextmanager
def salesforce_org() -> Iterator[Org]:
    """A fresh one, at an address of this machine."""
    settings = Settings(clock=lambda: START, sfdx=PACKAGE, api_limit=PLENTY, pubsub_keepalive=KEEPALIVE_S)
    with emulator(settings) as running:
        org = Org(running)
        try:
            yield org
        finally:
            org.close()
