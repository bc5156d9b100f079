"""Our Salesforce and our HubSpot, emulated, kept in step by the real connectors and the real decision in one process."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors import hubspot, salesforce
from connectors.errors import RetryLater
from connectors.pull import Pull
from connectors.push import Push
from mappings import ownership
from mappings.loader import load
from sandbox.hubspot import testing as portals
from sandbox.hubspot.portal import USER
from sandbox.salesforce import testing as orgs
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.platform import Platform
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import ConflictFound, DeadLetter, LinkDecided, RulingGiven, Write
from streams.lane import Lane
from streams.reconcile import Rules, steps
from streams.state import in_memory
from tests.support.memory_log import MemoryBroker, MemoryLog

START = orgs.START
PACKAGE = Path(__file__).parents[2] / "deploy/salesforce/force-app"
CRM, MARKETING = "our-crm", "our-hubspot"
ENTITIES = ("account", "contact", "deal")
ROUNDS = 12  # of pull, decide and push: by then nothing may be left to do


class Crms:
    """The two systems with hands in them; `runs` brings everything to rest."""

    def __init__(self, org: orgs.Emulator, portal: portals.Emulator, overrides: Path | None, rules: Rules) -> None:
        self.org, self.portal, self.broker = org, portal, MemoryBroker(partitions=1)
        self.at = START
        settings = {CRM: self._org_settings(), MARKETING: self._portal_settings()}
        modules = {CRM: salesforce, MARKETING: hubspot}
        assert [each for each in hubspot.prepare(settings[MARKETING], self.now) if not each.ok] == []
        self.tables = {name: self._tables(module.__name__.rpartition(".")[2]) for name, module in modules.items()}
        (step,) = steps(self.tables, ownership.load(overrides), rules)
        self.pulls = {name: self._pull(name, module, settings[name]) for name, module in modules.items()}
        self.pushes = {name: self._push(name, module, settings[name]) for name, module in modules.items()}
        log = MemoryLog(self.broker, step.name, step.topic.name)
        self.lane = Lane(step, log, in_memory)
        log.start(self.lane)

    def _org_settings(self) -> salesforce.Settings:
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
        return salesforce.Settings(base_url=self.org.base_url, auth=auth, changes="poll")

    def _portal_settings(self) -> hubspot.Settings:
        app = self.portal.portal.settings.app
        return hubspot.Settings(
            base_url=self.portal.base_url,
            auth={"method": "token", "token": app.token},
            app={"client_id": app.client_id, "client_secret": app.client_secret},
            app_id=app.app_id,
            changes="journal",
            searches_per_s=1_000_000,
        )

    def _tables(self, system: str) -> Mapping[str, Any]:
        found = load(system)
        return {entity: found[entity] for entity in ENTITIES}

    def _pull(self, name: str, module: Any, settings: Any) -> Pull:
        source = module.source(settings, self.now, name)
        log = MemoryLog(self.broker, f"source.{name}", "none")
        return Pull(name, "us", self.tables[name], source, log, self.now, feeds=[topics.OUR_CHANGES])

    def _push(self, name: str, module: Any, settings: Any) -> Push:
        log = MemoryLog(self.broker, f"sink.{name}", topics.writes(name).name)
        push = Push(name, self.tables[name], module.sink(settings, self.now, name), log, self.now)
        log.start(push)
        return push

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.org.call(lambda: self.org.org.clock.advance(seconds))
        self.portal.call(lambda: self.portal.portal.clock.advance(seconds))

    def runs(self) -> int:
        """Read, decide and write until nothing is left to do; returns how many writes there were."""
        before = len(self.writes())
        for _ in range(ROUNDS):
            told = sum(map(self._read, self.pulls.values()))
            decided = self.turns()
            done = self.sends()
            self.wait(2)
            if not (told or decided or done):
                return len(self.writes()) - before
        raise AssertionError(f"after {ROUNDS} rounds there is still something to do: {self.writes()[-3:]}")

    def _read(self, pull: Pull) -> int:
        try:
            return pull.once()
        except RetryLater:
            return 1  # it is tried again in the next round

    def turns(self) -> int:
        decided = 0
        while count := self.lane.turn(0):
            decided += count
        return decided

    def sends(self) -> int:
        """Push until nothing waits, over the sinks' own pauses."""
        done = 0
        for push in self.pushes.values():
            for _ in range(20):
                done += push.turn(0)
                if not push.waiting:
                    break
                self.wait(30)
            assert not push.waiting
        return done

    def rules(self, ruling: RulingGiven) -> None:
        key = topics.ONE_ORDER
        self.broker.append(encode(topics.OUR_CHANGES, key, ruling, source="test", event_id=ruling.id, trace=None))

    # What people do, in either system.

    def rep_creates(self, sobject: str = "Account", **fields: Any) -> str:
        return self._in_org(lambda dml, schema, user: dml.insert(schema.require(sobject), fields, user))

    def rep_edits(self, record_id: str, sobject: str = "Account", **fields: Any) -> None:
        self._in_org(lambda dml, schema, user: dml.update(schema.require(sobject), record_id, fields, user))

    def rep_deletes(self, record_id: str, sobject: str = "Account") -> None:
        self._in_org(lambda dml, schema, user: dml.delete(schema.require(sobject), record_id, user))

    def rep_restores(self, record_id: str, sobject: str = "Account") -> None:
        self._on_platform(lambda platform, org: platform.undelete(org.schema.require(sobject), record_id, org.admin_id))

    def rep_merges(self, winner: str, loser: str, sobject: str = "Account") -> None:
        self._on_platform(
            lambda platform, org: platform.merge(org.schema.require(sobject), winner, [loser], {}, org.admin_id)
        )

    def _on_platform(self, act: Any) -> None:
        org = self.org.org
        self.wait(1)
        self.org.call(lambda: act(Platform(org.dml, org.clock), org))

    def _in_org(self, act: Any) -> Any:
        org = self.org.org
        self.wait(1)
        return self.org.call(lambda: act(org.dml, org.schema, org.admin_id))

    def marketer_creates(self, kind: str = "companies", **properties: str) -> str:
        return self._in_portal(lambda crm, type_: crm.create(type_, properties, USER).id, kind)

    def marketer_edits(self, record_id: str, kind: str = "companies", **properties: str) -> None:
        self._in_portal(
            lambda crm, type_: crm.update(type_, crm.store.get(type_.id, record_id), properties, USER), kind
        )

    def marketer_deletes(self, record_id: str, kind: str = "companies") -> None:
        self._in_portal(lambda crm, type_: crm.archive(type_, crm.store.get(type_.id, record_id), USER), kind)

    def marketer_restores(self, record_id: str, kind: str = "companies") -> None:
        self._in_portal(lambda crm, type_: crm.restore(type_, crm.store.get(type_.id, record_id), USER), kind)

    def marketer_merges(self, winner: str, loser: str, kind: str = "companies") -> str:
        return self._in_portal(lambda crm, type_: crm.merge(type_, winner, loser, USER, True).id, kind)

    def _in_portal(self, act: Any, kind: str) -> Any:
        portal = self.portal.portal
        self.wait(1)
        return self.portal.call(lambda: act(portal.crm, portal.schema.require(kind)))

    # What stands where.

    def accounts(self) -> dict[str, dict[str, Any]]:
        """Living accounts by id."""
        rows = self.org.call(lambda: self.org.org.store.rows("Account"))
        return {row["Id"]: row for row in rows if not row["IsDeleted"]}

    def companies(self) -> dict[str, dict[str, str | None]]:
        """Living companies by id."""
        portal = self.portal.portal
        rows = self.portal.call(lambda: list(portal.store.rows(portal.schema.require("companies").id)))
        return {row.id: dict(row.properties) for row in rows if not row.archived}

    def writes(self) -> list[Write]:
        return [w for name in self.pushes for w in self._told(topics.writes(name).name)]

    def links(self) -> dict[str, LinkDecided]:
        return {link.ref: link for link in self._told(topics.LINKS.name)}

    def conflicts(self) -> list[ConflictFound]:
        last = {each.id: each for each in self._told(topics.CONFLICTS.name)}
        return list(last.values())

    def dead_letters(self) -> list[DeadLetter]:
        return self._told(topics.DEADLETTERS.name)

    def _told(self, topic: str) -> list[Any]:
        return [decode(record) for record in self.broker.read(topic) if record.value is not None]


@contextmanager
def crms(overrides: Path | None = None, rules: Rules | None = None, **org: Any) -> Iterator[Crms]:
    """The two systems, empty, with Tandem between them; `org` are settings of the Salesforce emulator."""
    settings = OrgSettings(sfdx=PACKAGE, clock=lambda: START, **org)
    with orgs.emulator(settings) as first, portals.emulator() as second:
        yield Crms(first, second, overrides, rules or Rules())
