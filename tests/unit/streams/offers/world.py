"""The real decision in a real lane over the log in memory, between a model of the clouds and CRMs."""

from datetime import timedelta

from mappings.offers import OfferRules, load
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import Message, OfferLinkDecided, Ruling, RulingGiven, TimePassed, Write, WriteFinished, identity
from streams.lane import Lane
from streams.offers import Setup, steps
from streams.state import MemoryStore, Overlay, in_memory
from tests.support.memory_log import Crash, MemoryBroker, MemoryLog
from tests.unit.streams.offers.model import BUYER, Clouds

LOOKING = ("crm", "hs", "aws", "ace")
ACME = {"name": "Acme Robotics GmbH", "website": "https://acme.com"}
ASKING = {
    "name": "Acme: 40 seats", "stage": "negotiation", "account": "001", "amount": "12000.00", "currency": "USD",
    "offer_request": "create", "buyer_account": BUYER, "product": "prod-1", "grants": ("seats=40",),
}  # fmt: skip


def ruled(**tables) -> OfferRules:
    """The shipped rules with changes, as `create={"currency": "EUR"}`."""
    rules = load()
    changes = {name: getattr(rules, name).model_copy(update=table) for name, table in tables.items()}
    return rules.model_copy(update=changes)


class World:
    """A deployment with two CRMs, a marketplace and a partner system; `outcomes` are on their way back to the hub."""

    def __init__(
        self,
        *,
        cosell: bool = False,
        marketplace: str | None = "aws",
        records: tuple[str, ...] = ("crm",),
        cosell_rules: dict | None = None,
        **tables,
    ) -> None:
        self.broker = MemoryBroker(partitions=1)
        self.clouds = Clouds()
        rules = ruled(**tables, cosell=cosell_rules or {})
        self.setup = Setup(
            deals=("crm", "hs"),
            marketplace=marketplace,
            partner_central="ace" if cosell else None,
            rules=rules,
            offer_records=records,
        )
        (self.step,) = steps(self.setup)
        self.lane: Lane | None = None
        self.taken = dict.fromkeys(LOOKING, 0)
        self.finished: list[WriteFinished] = []
        self.rulings = 0

    def publish(self, *events: Message) -> None:
        for event in events:
            name = getattr(event, "id", "") or identity(event.model_dump_json())
            self.broker.publish(
                [encode(topics.OFFER_CHANGES, topics.ONE_ORDER, event, source="test", event_id=name, trace=None)]
            )

    def turn(self) -> None:
        if self.lane is None:
            journal = MemoryLog(self.broker, self.step.name, self.step.topic.name)
            self.lane = Lane(self.step, journal, in_memory, batch=4)
            journal.start(self.lane)
        try:
            self.lane.turn(0)
        except Crash:
            self.lane = None

    def decided(self, name: str) -> list[Write]:
        return [decode(record) for record in self.broker.read(f"writes.{name}")]

    def deliver(self, name: str, limit: int = 1000, *, lose: bool = False) -> int:
        """Some writes reach their system. `lose`: the sink dies before it says so, and takes them again later."""
        fresh = self.decided(name)[self.taken[name] :][:limit]
        for write in fresh:
            finished = self.clouds.write(write)
            if name in {"aws", "ace"} and not lose:
                self.publish(finished)
                self.finished.append(finished)
        if not lose:
            self.taken[name] += len(fresh)
        return len(fresh)

    def tell(self, ref: str) -> None:
        self.publish(self.clouds.read(ref))

    def look(self, *, whole: bool = False) -> None:
        """Every source looks at everything that changed, or at everything, and says that it has."""
        for ref in list(self.clouds.records) if whole else list(self.clouds.dirty):
            self.tell(ref)
        for name in LOOKING:
            self.publish(TimePassed(connection=name, at=self.clouds.now))

    def drain(self) -> None:
        while self.broker.behind(self.step.name, self.step.topic.name):
            self.turn()

    def settle(self, *, whole: bool = False) -> "World":
        """Until nothing happens any more; change sets are left where they are."""
        self.look(whole=whole)
        for _ in range(60):
            self.drain()
            delivered = sum(self.deliver(name) for name in LOOKING)
            for ref in list(self.clouds.dirty):
                self.tell(ref)
                delivered += 1
            if not delivered:
                return self
        raise AssertionError(f"it does not come to rest: {self.decided('ace')[-3:]}")

    def work(self, failure: str | None = None) -> "World":
        """The marketplace works off its change sets; each is told."""
        self.settle()
        while self.clouds.open_change_sets():
            for ref in self.clouds.open_change_sets():
                self.clouds.progress(ref, failure)
            self.settle()
        return self

    def days(self, number: int) -> "World":
        self.clouds.now += timedelta(days=number)
        return self.settle()

    def deal(self, deal_id: str = "006A", connection: str = "crm", **fields) -> "World":
        known = self.clouds.records.get(f"{connection}/deal/{deal_id}", {})
        self.clouds.put(f"{connection}/deal/{deal_id}", **{**({} if known else ASKING), **fields})
        return self.settle()

    def start(self) -> "World":
        self.clouds.put("crm/account/001", **ACME)
        return self.settle()

    def ruling(self, ruling: Ruling, *refs: str, **more) -> RulingGiven:
        self.rulings += 1
        name = identity("ruling", str(self.rulings))
        return RulingGiven(id=name, ruling=ruling, refs=refs, by="dana", at=self.clouds.now, **more)

    def rule(self, ruling: Ruling, *refs: str, **more) -> "World":
        self.publish(self.ruling(ruling, *refs, **more))
        return self.settle()

    # --- what has come of it

    def facts(self, deal: str = "crm/deal/006A") -> list[OfferLinkDecided]:
        every = [decode(record) for record in self.broker.read(topics.OFFER_LINKS.name)]
        return [fact for fact in every if fact.deal == deal]

    def link(self, deal: str = "crm/deal/006A") -> OfferLinkDecided | None:
        return next(iter(self.facts(deal)[::-1]), None)

    def state(self, deal: str = "crm/deal/006A") -> str | None:
        link = self.link(deal)
        return None if link is None or link.state is None else link.state.value

    def shown(self, deal: str = "crm/deal/006A") -> dict:
        return self.clouds.shown.get(deal, {})

    def problem(self, deal: str = "crm/deal/006A") -> str:
        return self.shown(deal).get("offer_problem") or ""

    def asked(self) -> list[Write]:
        """Requests to make an offer."""
        return [write for write in self.decided("aws") if write.match_by == "external_id"]

    def changes(self) -> list[Write]:
        """Requests to change one."""
        return [write for write in self.decided("aws") if write.match_by == "id"]

    def dead(self) -> list[str]:
        return [decode(record).reason for record in self.broker.read(topics.DEADLETTERS.name)]

    def outputs(self) -> dict[str, list[bytes | None]]:
        names = [*(f"writes.{name}" for name in LOOKING), topics.OFFER_LINKS.name, topics.OFFER_MATCHES.name]
        told = {name: [record.value for record in self.broker.read(name)] for name in names}
        rows = {record.key: record.value for record in self.broker.read(topics.changelog(self.step.name).name)}
        return told | {"rows": sorted(row for row in rows.values() if row is not None)}

    def replica(self) -> dict[str, list[bytes | None]]:
        """The same of another replica, that takes the input one record at a time and never crashes."""
        state, told = Overlay(MemoryStore(), self.step.row), {name: [] for name in self.outputs()}
        for record in self.broker.read(self.step.topic.name):
            decision = self.step.decide(state.view(b"ours"), decode(record))
            state.set(b"ours", decision.rows)
            for emission in decision.emissions:
                told[emission.topic.name].append(emission.message.model_dump_json().encode())
        return told | {"rows": sorted(row for row in state.changes().values() if row is not None)}
