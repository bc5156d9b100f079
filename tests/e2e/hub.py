"""A whole hub in one process: real connectors against real wires, the lanes and the runners, and a log in memory between them."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from connectors import partner_list, salesforce
from connectors.pull import Pull
from connectors.push import Push
from mappings import icp
from mappings.loader import load
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, Emulator, emulator
from schemas import topics
from schemas.codec import decode
from schemas.messages import DeadLetter
from streams.accounts import steps
from streams.lane import Lane
from streams.state import in_memory
from tests.support.memory_log import MemoryBroker, MemoryLog

ROOT = Path(__file__).parents[2]
COLUMNS = ("id", "name", "website", "country", "population", "owner")
OVERLAP_FIELDS = (
    "Id, Account__c, Partner_Name__c, Status__c, Main_Reason__c, Our_Population__c, Partner_Population__c, Fit_Band__c,"
    " Partner_Evidence__c, Evidence_Codes__c, Icp_Version__c, Partner_Population_Since__c, First_Seen__c"
)


class Hub:
    """Our Salesforce, the lists of partners, and Tandem between them."""

    def __init__(self, org: Emulator, folder: Path) -> None:
        self.org, self.folder, self.broker = org, folder, MemoryBroker(partitions=2)
        self._deliveries = 0
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
        self._crm = salesforce.Settings(base_url=org.base_url, auth=auth, changes="poll")
        self._tables = load("salesforce")
        crm = salesforce.source(self._crm, self.now, "our-crm")
        self.pulls = {"our-crm": self._pull("our-crm", "us", self._tables["account"], crm)}
        self.lanes = [self._lane(step) for step in steps({"acme": "Acme Cloud", "bolt": "Bolt"}, icp=icp.load())]
        journal = MemoryLog(self.broker, "sink", "writes.our-crm")
        writable = {entity: table for entity, table in self._tables.items() if table.writes}
        self.push = Push("our-crm", writable, salesforce.sink(self._crm, self.now, "our-crm"), journal, self.now)
        journal.start(self.push)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def _pull(self, name: str, party: str, table, source) -> Pull:
        return Pull(name, party, {table.entity: table}, source, MemoryLog(self.broker, name, "none"), self.now)

    def _lane(self, step) -> Lane:
        journal = MemoryLog(self.broker, step.name, step.topic.name)
        lane = Lane(step, journal, in_memory)
        journal.start(lane)
        return lane

    def partner_delivers(self, partner: str, *rows: dict[str, str]) -> None:
        """The partner's list as it is from now on."""
        path, name = self.folder / f"{partner}.csv", f"{partner}-list"
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows(rows)
        self._deliveries += 1
        stamp = START.timestamp() + self._deliveries  # a list is as old as its file: no wall clock in a test
        os.utime(path, (stamp, stamp))
        if name not in self.pulls:
            settings = partner_list.Settings(path=str(path))
            source = partner_list.source(settings, self.now, name)
            self.pulls[name] = self._pull(name, f"partner:{partner}", load("partner_list")["account"], source)

    def runs(self) -> None:
        """Everything that there is to do is done."""
        for pull in self.pulls.values():
            pull.once()
        for lane in self.lanes:
            while lane.turn(0):
                pass
        while self.push.turn(0):
            pass

    def overlaps(self) -> list[dict[str, Any]]:
        """What a rep finds, asked of Salesforce itself."""
        return self._ask(f"SELECT {OVERLAP_FIELDS} FROM Partner_Overlap__c ORDER BY Overlap_Key__c")

    def account(self, account_id: str) -> dict[str, Any]:
        """The roll-up on one of our accounts."""
        fields = (
            "Partner_Count__c, Best_Partner__c, Partner_Since__c, Icp_Fit_Band__c, Partner_Qualified__c,"
            " Partner_Qualified_Codes__c"
        )
        return self._ask(f"SELECT {fields} FROM Account WHERE Id = '{account_id}'")[0]

    def _ask(self, query: str) -> list[dict[str, Any]]:
        head = {"Authorization": f"Bearer {self.org.token()}"}
        address = f"{self.org.base_url}/services/data/v59.0/query"
        return requests.get(address, params={"q": query}, headers=head, timeout=10).json()["records"]

    def a_rep_creates(self, **fields: Any) -> str:
        return str(self._edit(fields=fields)["id"])

    def a_rep_edits(self, account_id: str, **fields: Any) -> None:
        self._edit(id=account_id, fields=fields)

    def a_rep_deletes(self, account_id: str) -> None:
        self._edit(id=account_id, delete=True)

    def _edit(self, **what: Any) -> dict[str, Any]:
        self.org.call(lambda: self.org.org.clock.advance(1))
        body = {"user": "admin@tandem.example", "object": "Account", **what}
        answer = requests.post(f"{self.org.base_url}/__sandbox__/edit", json=body, timeout=10)
        answer.raise_for_status()
        return dict(answer.json())

    def writes_to(self, record_id: str) -> int:
        """How many times a record really changed."""
        address = f"{self.org.base_url}/__sandbox__/writes"
        object_name = "Account" if record_id.startswith("001") else "Partner_Overlap__c"
        counts = requests.get(address, params={"object": object_name, "id": record_id}, timeout=10).json()
        return int(counts[record_id]["effective"])

    def dead_letters(self) -> list[DeadLetter]:
        return [decode(record) for record in self.broker.read(topics.DEADLETTERS.name)]


@contextmanager
def hub(folder: Path) -> Iterator[Hub]:
    """A hub over a fresh org with Tandem's Salesforce package."""
    package = ROOT / "deploy/salesforce/force-app"
    with emulator(OrgSettings(sfdx=package, clock=lambda: START)) as org:
        yield Hub(org, folder)
