"""Our Salesforce and an emulated AWS, tied together by the real connectors and the real decision in one process."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors import aws_marketplace, aws_partner_central, salesforce
from connectors.base import Sink
from connectors.errors import PauseConnection, RetryLater
from connectors.pull import Pull
from connectors.push import Push
from mappings import offers as offer_rules
from mappings.loader import load
from sandbox.aws import testing as clouds
from sandbox.aws.marketplace.seeds import ANALYTICS, BUYERS
from sandbox.aws.settings import FULL
from sandbox.salesforce import testing as orgs
from sandbox.salesforce.org import Settings as OrgSettings
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import DeadLetter, OfferLinkDecided, OfferMatched, Ruling, RulingGiven, Write
from streams.lane import Lane
from streams.offers import Setup, steps
from streams.state import in_memory
from tandem.ledger.answers import Trace
from tandem.ledger.feed import fed
from tandem.ledger.follow import Follower
from tandem.ledger.tracing import trace
from tests.support.memory_feed import MemoryFeed
from tests.support.memory_log import MemoryBroker, MemoryLog
from tests.unit.tandem.ledger.world import opened_at

START = orgs.START
PACKAGE = Path(__file__).parents[2] / "deploy/salesforce/force-app"
CRM, AWS, ACE = "our-crm", "our-aws", "our-ace"
MODULES = {CRM: salesforce, AWS: aws_marketplace, ACE: aws_partner_central}
READ = {CRM: ("account", "deal")}
SOLUTION, BUYER = "S-0000001", BUYERS[0]
ROUNDS = 40  # of pull, decide and push: by then nothing may be left to do
STEP_S = 2  # seconds of every clock between two rounds


class Hub:
    """The systems with hands in them; `runs` brings everything to rest, `reads_all` is the reconciling look."""

    def __init__(self, org: orgs.Emulator, aws: clouds.Emulator, rules: Path | None) -> None:
        self.org, self.aws, self.broker, self.at = org, aws, MemoryBroker(partitions=1), START
        self.tables = {name: load(module.__name__.rpartition(".")[2]) for name, module in MODULES.items()}
        self.settings = {CRM: self._org_settings(), **self._aws_settings()}
        loaded = offer_rules.load(rules)
        defaults = {"create": {"product": self.product()}, "cosell": {"solution": SOLUTION}}
        loaded = loaded.model_copy(
            update={name: getattr(loaded, name).model_copy(update=values) for name, values in defaults.items()}
        )
        self.setup = Setup(deals=(CRM,), marketplace=AWS, partner_central=ACE, rules=loaded, offer_records=(CRM,))
        self.start()

    def start(self) -> None:
        """Every process anew, as after a crash: what is not on a topic is gone."""
        self.pulls = {name: self._pull(name) for name in MODULES}
        self.pushes = {name: self._push(name) for name in MODULES}
        (step,) = steps(self.setup)
        log = MemoryLog(self.broker, step.name, step.topic.name)
        self.lane = Lane(step, log, in_memory)
        log.start(self.lane)

    def _org_settings(self) -> Any:
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
        return salesforce.Settings(base_url=self.org.base_url, auth=auth, changes="poll")

    def _aws_settings(self) -> dict[str, Any]:
        keys = {"method": "keys", "access_key_id": FULL.access, "secret_access_key": FULL.secret}
        shared = {"base_url": self.aws.base_url, "auth": keys, "rate_share": 1.0, "poll_s": 300}
        queues = self.aws.places
        return {
            AWS: aws_marketplace.Settings(**shared, queue_url=queues.marketplace_url, linger_s=0),
            ACE: aws_partner_central.Settings(
                **shared, queue_url=queues.partner_central_url, linger_s=0, catalog="AWS", reread_s=0
            ),
        }

    def _pull(self, name: str) -> Pull:
        source = MODULES[name].source(self.settings[name], self.now, name)
        tables = {entity: it for entity, it in self.tables[name].items() if it.reads}
        tables = {entity: it for entity, it in tables.items() if entity in READ.get(name, tables)}
        log = MemoryLog(self.broker, f"source.{name}", "none")
        return Pull(name, "us", tables, source, log, self.now, feeds=[topics.OFFER_CHANGES])

    def _push(self, name: str) -> Push:
        log = MemoryLog(self.broker, f"sink.{name}", topics.writes(name).name)
        writable = {entity: it for entity, it in self.tables[name].items() if it.writes}
        feeds = [] if name == CRM else [topics.OFFER_CHANGES]
        push = Push(name, writable, self.sink(name), log, self.now, feeds=feeds)
        log.start(push)
        return push

    def sink(self, name: str) -> Sink:
        made: Sink = MODULES[name].sink(self.settings[name], self.now, name)
        return made

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.org.call(lambda: self.org.org.clock.advance(seconds))
        self.aws.advance(seconds)

    def catches_up(self) -> None:
        """The other clocks go on to where AWS's has been moved."""
        ahead = (self.aws.world.clock() - self.at).total_seconds()
        if ahead > 0:
            self.at += timedelta(seconds=ahead)
            self.org.call(lambda: self.org.org.clock.advance(ahead))

    def runs(self, rounds: int = ROUNDS) -> int:
        """Read, decide and write until nothing is left to do for three rounds; returns how many writes there were."""
        before, quiet = len(self.writes()), 0
        for _ in range(rounds):
            quiet = 0 if self.round() else quiet + 1
            if quiet == 3:
                return len(self.writes()) - before
            self.wait(STEP_S)
        raise AssertionError(f"after {rounds} rounds there is still something to do: {self.writes()[-3:]}")

    def round(self) -> int:
        """Each process once; returns how much was done."""
        return self.looks() + self.decides() + self.sends()

    def looks(self) -> int:
        return sum(map(self._read, self.pulls.values()))

    def decides(self) -> int:
        decided = 0
        while count := self.lane.turn(0):
            decided += count
        return decided

    def sends(self) -> int:
        return sum(push.turn(0) + push.waiting for push in self.pushes.values())

    def _read(self, pull: Pull) -> int:
        try:
            return pull.once()
        except (RetryLater, PauseConnection):
            return 1  # it is tried again in the next round

    def reads_all(self) -> None:
        """The next looks are reconciling ones: as long has passed as between two of them."""
        self.wait(301)

    # What people do.

    def product(self) -> str:
        """The id of the product that we sell."""
        return ANALYTICS

    def rep_creates(self, sobject: str = "Opportunity", **fields: Any) -> str:
        return self._in_org(lambda dml, schema, user: dml.insert(schema.require(sobject), fields, user))

    def rep_edits(self, record_id: str, sobject: str = "Opportunity", **fields: Any) -> None:
        self._in_org(lambda dml, schema, user: dml.update(schema.require(sobject), record_id, fields, user))

    def _in_org(self, act: Any) -> Any:
        org = self.org.org
        self.wait(1)
        return self.org.call(lambda: act(org.dml, org.schema, org.admin_id))

    def rules(self, ruling: Ruling, *refs: str, **more: Any) -> None:
        given = RulingGiven(
            id=f"{ruling}{self.at}", ruling=ruling, refs=tuple(refs), by="dana@borealis.example", at=self.at, **more
        )
        told = encode(topics.OFFER_CHANGES, topics.ONE_ORDER, given, source="test", event_id=given.id, trace=None)
        self.broker.append(told)

    def buyer(self, act: str, **arguments: Any) -> Any:
        return self.aws.act("marketplace-agreement", act, **arguments)

    def seller(self, act: str, **arguments: Any) -> Any:
        return self.aws.act("marketplace-catalog", act, **arguments)

    def reviewer(self, act: str, **arguments: Any) -> Any:
        return self.aws.act("partnercentral-selling", act, **arguments)

    # What stands where.

    def deal(self, record_id: str) -> dict[str, Any]:
        """An opportunity in Salesforce as it is."""
        return next(row for row in self.deals() if row["Id"] == record_id)

    def deals(self) -> list[dict[str, Any]]:
        """Every opportunity in Salesforce."""
        return [dict(row) for row in self.org.call(lambda: self.org.org.store.rows("Opportunity"))]

    def invitations(self) -> list[str]:
        """The invitations that were told, by name."""
        told = (change.ref for change in self._told(topics.CHANGES["cosell_invitation"].name))
        return sorted(set(told))

    def offer_records(self) -> list[dict[str, Any]]:
        rows = self.org.call(lambda: self.org.org.store.rows("Private_Offer__c"))
        return [dict(row) for row in rows if not row["IsDeleted"]]

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    def offers(self) -> dict[str, Mapping[str, Any]]:
        """The private offers of the marketplace by id, as AWS describes them."""
        catalog = self.client("marketplace-catalog")
        found = catalog.list_entities(Catalog="AWSMarketplace", EntityType="Offer", MaxResults=50)["EntitySummaryList"]
        private = [each for each in found if "BuyerAccounts" in each["OfferSummary"].get("Targeting", [])]
        return {each["EntityId"]: each["OfferSummary"] for each in private}

    def opportunities(self) -> dict[str, Mapping[str, Any]]:
        """The co-sell opportunities by id, as AWS gives them."""
        central = self.client("partnercentral-selling")
        found = central.list_opportunities(Catalog="AWS", MaxResults=100)["OpportunitySummaries"]
        return {each["Id"]: central.get_opportunity(Catalog="AWS", Identifier=each["Id"]) for each in found}

    def links(self) -> dict[str, OfferLinkDecided]:
        """The last word on each deal."""
        return {each.deal: each for each in self._told(topics.OFFER_LINKS.name)}

    def history(self, deal_id: str) -> list[OfferLinkDecided]:
        return [each for each in self._told(topics.OFFER_LINKS.name) if each.deal == f"{CRM}/deal/{deal_id}"]

    def matches(self) -> dict[str, OfferMatched]:
        return {each.offer: each for each in self._told(topics.OFFER_MATCHES.name)}

    def writes(self) -> list[Write]:
        return [write for name in MODULES for write in self._told(topics.writes(name).name)]

    def dead_letters(self) -> list[DeadLetter]:
        return self._told(topics.DEADLETTERS.name)

    def timeline(self, folder: Path, deal_id: str) -> Trace:
        """What `tandem trace` tells of a deal, from a ledger that is fed with all that is on the topics."""
        store = opened_at(folder / "ledger.db")
        feed = MemoryFeed(self.broker, [topic.name for topic in fed(list(MODULES))])
        follower = Follower(store, feed, self.now, 1000)
        follower.start()
        while follower.turn(0):
            pass
        with store.reading() as asked:
            told = trace(asked, f"{CRM}/deal/{deal_id}")
        assert isinstance(told, Trace)
        return told

    def _told(self, topic: str) -> list[Any]:
        return [decode(record) for record in self.broker.read(topic) if record.value is not None]


@contextmanager
def hub(rules: Path | None = None, **aws: Any) -> Iterator[Hub]:
    """The two systems, empty, with Tandem between them; `aws` are settings of the emulated AWS."""
    settings = OrgSettings(sfdx=PACKAGE, clock=lambda: START)
    cloud = replace(clouds.standing_still(), **aws)
    with orgs.emulator(settings) as org, clouds.emulator(cloud) as found:
        yield Hub(org, found, rules)
