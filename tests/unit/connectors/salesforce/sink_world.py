"""An emulated org for tests of the sink: writes to ask for, faults to arm, and what the org then holds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import requests

from connectors import salesforce
from connectors.base import Outcome, Sink
from connectors.errors import RetryLater
from mappings.loader import load
from sandbox.salesforce.bulk.jobs import Pace
from sandbox.salesforce.faults import FaultRule
from sandbox.salesforce.rules.model import parse_rules
from sandbox.salesforce.testing import START, Emulator
from schemas.messages import MatchBy, Write

TABLES = {name: table for name, table in load("salesforce").items() if table.writes}
SFDX = Path(__file__).parents[4] / "deploy" / "salesforce"
AT = datetime(2026, 11, 22, tzinfo=UTC)
PATIENCE = 30


class SinkOrg:
    """A running emulator as the sink's tests need it. Keys are never given twice."""

    def __init__(self, running: Emulator) -> None:
        self.running, self._numbers = running, count(1)

    @property
    def org(self) -> Any:
        return self.running.org

    def settings(self, **changed: Any) -> salesforce.Settings:
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
        return salesforce.Settings(base_url=self.running.base_url, auth=auth, **changed)

    def sink(self, **changed: Any) -> Sink:
        return salesforce.sink(self.settings(**changed), lambda: START, "our-crm")

    def key(self) -> str:
        return f"k{next(self._numbers)}"

    def arm(self, *rules: dict[str, Any]) -> None:
        self.running.call(lambda: self.org.faults.arm([FaultRule(**rule) for rule in rules]))

    def rules(self, *rules: dict[str, Any]) -> None:
        self.running.call(lambda: self.org.gate.arm(parse_rules(list(rules))))

    def pace(self, kind: str, rows: int = 0) -> None:
        self.running.call(lambda: setattr(self.org.jobs, "pace", Pace(kind, rows)))

    def account(self, **fields: Any) -> str:
        return self.act("edit", object="Account", fields={"Name": "Acme Robotics", **fields})["id"]

    def edit(self, entity: str, record_id: str, **fields: Any) -> None:
        self.running.call(lambda: self.org.clock.advance(1))
        self.act("edit", object=entity, id=record_id, fields=fields)

    def act(self, what: str, **body: Any) -> Any:
        """What a user or an admin does."""
        body = {"user": "admin@tandem.example", **body}
        answer = requests.post(f"{self.running.base_url}/__sandbox__/{what}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def rows(self, entity: str) -> list[dict[str, Any]]:
        return [row for row in self.running.call(lambda: self.org.store.rows(entity)) if not row["IsDeleted"]]

    def row(self, entity: str, **by: Any) -> dict[str, Any]:
        ((name, value),) = by.items()
        (found,) = [row for row in self.rows(entity) if row[name] == value]
        return found

    def effects(self, record_id: str) -> int:
        """How many of our writes changed the record."""
        ledger = self.running.call(lambda: list(self.org.store.writes(record_id)))
        return sum(1 for write in ledger if write.changed and write.user_id == self.org.integration_id)

    def calls(self) -> int:
        return int(self.org.usage.used)


def write(entity: str, match_by: MatchBy, key: str, fields: dict[str, Any], **more: Any) -> Write:
    at = {"id": f"w-{key}", "connection": "our-crm", "decided_at": AT}
    return Write(**at, entity=entity, match_by=match_by, key=key, fields=fields, **more)


def overlap(key: str, parent: Any = None, expected: Any = None, action: str = "set", **fields: Any) -> Write:
    values = fields or {"status": "active"}
    return write("overlap", MatchBy.EXTERNAL_ID, key, values, parent=parent, expected=expected, action=action)


def summary(key: str, expected: Any = None, action: str = "set", **fields: Any) -> Write:
    return write("account_summary", MatchBy.ID, key, fields or {"partner_count": 2}, expected=expected, action=action)


def push(sink: Sink, batch: Sequence[Write]) -> Sequence[Outcome]:
    """As the runner does: again when the sink says later."""
    for _ in range(PATIENCE):
        try:
            return sink.write(TABLES, batch)
        except RetryLater:
            continue
    raise AssertionError("it does not come to an end")
