"""Model CRMs with the real decision between them, in a real lane over the log in memory."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from mappings.ownership import FieldRule, OnGone, Ownership, Policy
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import ConflictFound, LinkDecided, Message, Ruling, RulingGiven, Write, identity
from streams.lane import Lane
from streams.reconcile import Rules, steps
from streams.state import MemoryStore, Overlay, in_memory
from tests.support.memory_log import Crash, MemoryBroker, MemoryLog
from tests.unit.streams.reconcile.crm import START_MS, Crm, Trigger, table

RECENT, BLANK, MANUAL = (FieldRule(each) for each in (Policy.MOST_RECENT, Policy.FILL_BLANK, Policy.MANUAL))
ACCOUNT = Ownership(
    "account",
    {
        "name": RECENT,
        "website": RECENT,
        "country": RECENT,
        "phone": RECENT,
        "postal_code": RECENT,
        "city": FieldRule(Policy.OWNER, "ann"),
        "street": BLANK,
        "description": MANUAL,
    },
)
CONTACT = Ownership("contact", {"last_name": RECENT, "email": RECENT, "title": RECENT, "account": RECENT})
DEAL = Ownership("deal", {"name": RECENT, "amount": RECENT, "account": RECENT, "next_step": RECENT})
LEAD = Ownership("lead", {"last_name": RECENT, "company": RECENT, "email": RECENT})
OWNERSHIP = {each.entity: each for each in (ACCOUNT, CONTACT, DEAL, LEAD)}
CHOSEN = {"convert": "choice", "values": {"The Head": "head"}}
SHORT = {"convert": "text", "max_length": 6}


def owned(**entities: Mapping) -> dict[str, Ownership]:
    """The ownership with changes, as `account={"create": ("bob",)}`."""
    return {entity: replace(rules, **entities.get(entity, {})) for entity, rules in OWNERSHIP.items()}


def tables(system: str, phone: object = None, title: object = None) -> dict:
    names = {entity: dict.fromkeys(rules.fields) for entity, rules in OWNERSHIP.items()}
    names["account"] |= {"phone": phone, "source_id": None}
    names["deal"] |= {"amount": {"convert": "money"}}
    names["contact"] |= {"title": title}
    return {entity: table(system, entity, fields) for entity, fields in names.items()}


class World:
    """`names` are the systems; `faults` befall the lane's commits in turn."""

    def __init__(
        self,
        ownership: Mapping[str, Ownership] = OWNERSHIP,
        names: tuple[str, ...] = ("ann", "bob"),
        rules: Rules | None = None,
        triggers: Mapping[str, Trigger] | None = None,
        short: str = "",
        choosy: str = "",
        skew_ms: Mapping[str, int] | None = None,
        faults: Iterable[str | None] = (),
        refuses: Mapping[str, Callable[[dict], bool]] | None = None,
    ) -> None:
        self.ms = START_MS
        self.broker = MemoryBroker(partitions=1, faults=list(faults))
        self.crms = {
            name: Crm(
                name,
                tables(name, SHORT if name == short else None, CHOSEN if name == choosy else None),
                lambda: self.ms,
                (skew_ms or {}).get(name, 0),
            )
            for name in names
        }
        for name, trigger in (triggers or {}).items():
            self.crms[name].trigger = trigger
        for name, refused in (refuses or {}).items():
            self.crms[name].refuses = refused
        connections = {name: crm.tables for name, crm in self.crms.items()}
        (self.step,) = steps(connections, ownership, rules or Rules())
        self.lane: Lane | None = None
        self.taken = dict.fromkeys(names, 0)
        self.edits = self.rulings = 0

    def __getattr__(self, name: str) -> Crm:
        try:
            return self.__dict__["crms"][name]
        except KeyError:
            raise AttributeError(name) from None

    def outputs(self) -> dict[str, list[bytes | None]]:
        """Everything that the lane has published, by topic, and the rows that it ended with."""
        names = [*(f"writes.{name}" for name in self.crms), topics.LINKS.name, topics.CONFLICTS.name]
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
                told.setdefault(emission.topic.name, []).append(emission.message.model_dump_json().encode())
        told.pop(self.step.topic.name, None)
        return told | {"rows": sorted(row for row in state.changes().values() if row is not None)}

    def tick(self, seconds: float = 60.0) -> None:
        self.ms += round(seconds * 1000)

    def publish(self, *events: Message) -> None:
        key = topics.ONE_ORDER
        for event in events:
            found = encode(
                topics.OUR_CHANGES, key, event, source="test", event_id=getattr(event, "id", "x"), trace=None
            )
            self.broker.publish([found])

    def start(self) -> "World":
        """Everything that is there is told, and that it is everything."""
        for crm in self.crms.values():
            self.publish(*crm.poll(coalesce=False), crm.caught_up())
        return self.settle()

    def turn(self) -> int:
        if self.lane is None:
            journal = MemoryLog(self.broker, self.step.name, self.step.topic.name)
            self.lane = Lane(self.step, journal, in_memory, batch=5)
            journal.start(self.lane)
        try:
            return self.lane.turn(0)
        except Crash:
            self.lane = None
            return 0

    def poll(self, name: str, coalesce: bool = False, limit: int | None = None) -> None:
        crm = self.crms[name]
        if limit is not None:
            crm.feed, later = crm.feed[:limit], crm.feed[limit:]
            self.publish(*crm.poll(coalesce))
            crm.feed += later
        else:
            self.publish(*crm.poll(coalesce))

    def decided(self, name: str) -> list[Write]:
        return [decode(record) for record in self.broker.read(f"writes.{name}")]

    def deliver(self, name: str, limit: int = 1000) -> int:
        fresh = self.decided(name)[self.taken[name] :][:limit]
        for write in fresh:
            self.crms[name].apply(write)
        self.taken[name] += len(fresh)
        return len(fresh)

    def behind(self) -> int:
        return self.broker.behind(self.step.name, self.step.topic.name)

    def settle(
        self, coalesce: bool = False, rounds: int = 60, after_poll: Callable[[Crm], None] = lambda crm: None
    ) -> "World":
        """Until nothing happens any more; it is an error if that takes too long."""
        for _ in range(rounds):
            for name in self.crms:
                self.poll(name, coalesce)
                after_poll(self.crms[name])
            while self.behind():
                self.turn()
            self.tick(30)
            delivered = sum(self.deliver(name) for name in self.crms)
            if not delivered and not any(crm.feed for crm in self.crms.values()):
                return self
        raise AssertionError(f"the systems do not come to rest: {self.decided('bob')[-3:]}")

    def rule(self, ruling: Ruling, *refs: str, connection: str | None = None) -> "World":
        self.rulings += 1
        at = self.ms / 1000
        ruling_id = identity("ruling", str(self.rulings))
        self.publish(RulingGiven(id=ruling_id, ruling=ruling, refs=refs, connection=connection, by="dana", at=at))
        return self.settle()

    def last(self, topic: topics.Topic) -> dict[str, Message]:
        return {record.key.decode(): decode(record) for record in self.broker.read(topic.name)}

    def links(self) -> dict[str, LinkDecided]:
        return {ref: link for ref, link in self.last(topics.LINKS).items() if link.key is not None}

    def linked(self) -> set[tuple[str, ...]]:
        """Which records are one thing, of those with more than one record."""
        return {link.members for link in self.links().values() if len(link.members) > 1}

    def conflicts(self, kind: str = "") -> list[ConflictFound]:
        found = [c for c in self.last(topics.CONFLICTS).values() if not kind or c.kind == kind]
        return sorted(found, key=lambda conflict: conflict.id)

    def open(self, kind: str = "") -> list[ConflictFound]:
        return [conflict for conflict in self.conflicts(kind) if conflict.open]

    def dead(self) -> list[str]:
        return [decode(record).reason for record in self.broker.read(topics.DEADLETTERS.name)]


ACME = {"name": "Acme Robotics", "website": "https://acme.com"}
ARCHIVING = owned(account={"on_delete": OnGone.ARCHIVE, "on_merge": OnGone.ARCHIVE})
CREATING = {"create": ("bob",)}


def pair(**more) -> World:
    world = World(**more)
    for name in world.crms:
        world.crms[name].create("account", ACME, f"{name}1")
    world.start()
    world.tick(600)
    return world


def ids(world: World) -> set[tuple[str, ...]]:
    return {tuple(ref.rpartition("/")[2] for ref in refs) for refs in world.linked()}
