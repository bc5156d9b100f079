"""The real decision in a real lane over the log in memory, between a PRM, two CRMs and partners."""

from datetime import UTC, datetime, timedelta

from mappings.engagement import Engagement, load
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import (
    CHANGED,
    FeeDecided,
    Message,
    NoticeGiven,
    OfferLinkDecided,
    PartnerDecided,
    RegistrationDecided,
    Ruling,
    RulingGiven,
    TimePassed,
    Write,
    WriteFinished,
    identity,
)
from streams.connected import Connected
from streams.lane import Lane
from streams.registrations import Setup, steps
from streams.registrations.state import ROW, Case
from streams.state import MemoryStore, in_memory
from tests.support.memory_log import Crash, MemoryBroker, MemoryLog

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TAKES = {
    "registration_outcome": ("prm", "crm"),
    "deal": ("crm",),
    "deal_partner": ("crm",),
}
ACME = {
    "partner": "blue", "company": "Acme Robotics GmbH", "website": "https://acme.com", "country": "Germany",
    "contact_last_name": "Okafor", "contact_email": "ada@acme.com", "amount": "12500.00", "currency": "EUR",
    "expected_close": "2026-06-30", "deal_type": "resale", "products": ("fleet",), "user_email": "rep@blue.example",
}  # fmt: skip
SPELT = {
    **ACME,
    "company": "ACME Robotics",
    "website": "www.acme.com",
    "partner": "red",
    "user_email": "rep@red.example",
}
GLOBEX = {**ACME, "company": "Globex Trading", "website": "https://globex.test", "contact_email": "bo@globex.test"}
DANA, LEE, CHRIS = "dana@us.example", "lee@us.example", "chris@us.example"


def after(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def ruled(**tables) -> Engagement:
    """The shipped rules with changes, as `quality={"required": ()}`, and with people in the roles."""
    rules = load()
    tables = {"roles": {"channel_managers": (LEE,), "channel_leads": (CHRIS,)}, **tables}
    changes = {
        name: {**getattr(rules, name), **table}
        if name == "roles"
        else getattr(rules, name).model_copy(update=table)
        if isinstance(table, dict)
        else table
        for name, table in tables.items()
    }
    return rules.model_copy(update=changes)


def of(entity: str, ref_id: str, version: int, record: dict | None, at: datetime, **more) -> Message:
    connection = more.pop("connection", "prm" if entity == "registration" else "crm")
    return CHANGED[entity].model_validate(
        {
            "id": identity(connection, entity, ref_id, str(version)), "connection": connection, "party": "us",
            "record_id": ref_id, "kind": "upserted" if record is not None else "deleted", "version": version,
            "record": record, "occurred_at": at, **more,
        }
    )  # fmt: skip


def known(key: str, at: datetime = T0, **more) -> PartnerDecided:
    given = {
        "id": identity("partner", key, at.isoformat(), str(more)), "partner": key, "name": f"{key.title()} Reseller",
        "refs": (f"prm/partner/p-{key}", f"crm/partner/001{key}"), "status": "active", "domains": (f"{key}.example",),
        "owner_email": DANA, "tier": "gold", "decided_at": at, **more,
    }  # fmt: skip
    return PartnerDecided.model_validate(given)


class World:
    """A deployment with one PRM and two CRMs; `turn` says how many events a transaction takes."""

    def __init__(self, *, started: bool = True, rules: Engagement | None = None, **tables) -> None:
        self.broker = MemoryBroker(partitions=1)
        self.rules = rules or ruled(**tables)
        self.setup = Setup(connected=Connected(crms=("crm", "hub"), prms=("prm",), takes=TAKES), rules=self.rules)
        (self.step,) = steps(self.setup)
        self.lane: Lane | None = None
        self.now = T0
        self.versions: dict[str, int] = {}
        self.records: dict[str, dict] = {}
        self.taken = 0
        if started:
            self.tell(known("blue"), known("red"), known("green"))
            self.look()

    def tell(self, *events: Message) -> "World":
        for event in events:
            name = getattr(event, "id", "") or identity(event.model_dump_json())
            topic, key = topics.REGISTRATION_CHANGES, topics.ONE_ORDER
            self.broker.publish([encode(topic, key, event, source="test", event_id=name, trace=None)])
        while self.broker.behind(self.step.name, self.step.topic.name):
            self.turn()
        assert self.lane is None or self.lane.stats.dead_letters == 0, self.broker.read("deadletters")[-1].value
        return self

    def turn(self) -> None:
        if self.lane is None:
            journal = MemoryLog(self.broker, self.step.name, self.step.topic.name)
            self.lane = Lane(self.step, journal, in_memory, batch=4)
            journal.start(self.lane)
        try:
            self.lane.turn(0)
        except Crash:
            self.lane = None

    def changed(self, entity: str, ref_id: str, record: dict | None, **more) -> Message:
        """The change of a record to these fields, on top of what it said before."""
        connection = more.get("connection", "prm" if entity == "registration" else "crm")
        ref = f"{connection}/{entity}/{ref_id}"
        self.versions[ref] = self.versions.get(ref, 0) + 1
        whole = None if record is None else {**self.records.get(ref, {}), **record}
        self.records[ref] = whole or {}
        return of(entity, ref_id, self.versions[ref], whole, more.pop("at", self.now), **more)

    def registers(self, ref_id: str = "a", record: dict | None = None, hours: float | None = None, **fields) -> "World":
        base = ACME if record is None else record
        known_one = self.records.get(f"{fields.get('connection', 'prm')}/registration/{ref_id}")
        when = {} if hours is None else {"submitted_at": after(hours).isoformat()}
        connection = {"connection": fields.pop("connection")} if "connection" in fields else {}
        values = {**({} if known_one else base), **when, **fields}
        return self.tell(self.changed("registration", ref_id, values, **connection))

    def account(self, ref_id: str = "001", **fields) -> "World":
        base = {"name": "Acme Robotics", "website": "acme.com", "country": "DE"}
        return self.tell(self.changed("account", ref_id, {**base, **fields}))

    def deal(self, ref_id: str = "006", **fields) -> "World":
        fresh = f"crm/deal/{ref_id}" not in self.records
        base = {"name": "Acme: 40 seats", "account": "001", "amount": "9000.00", "currency": "EUR"} if fresh else {}
        return self.tell(self.changed("deal", ref_id, {**base, **fields}))

    def offers(self, deal: str, state: str) -> "World":
        fact = {"id": identity("offer", deal, state), "deal": deal, "state": state, "step": "x", "decided_at": self.now}
        return self.tell(OfferLinkDecided.model_validate(fact))

    def look(self) -> "World":
        return self.tell(*(TimePassed(connection=name, at=self.now) for name in ("prm", "crm", "hub")))

    def later(self, *, hours: float = 0, days: float = 0) -> "World":
        self.now += timedelta(hours=hours, days=days)
        return self.look()

    def ruling(self, ruling: Ruling, ref_id: str = "a", *, by: str = DANA, **more) -> "World":
        ref = f"prm/registration/{ref_id}"
        self.now += timedelta(seconds=1)
        name = identity(ruling, ref, by, self.now.isoformat())
        return self.tell(RulingGiven(id=name, ruling=ruling, refs=(ref,), by=by, at=self.now, **more))

    def finish(self, write: Write, status: str = "applied", **more) -> "World":
        values = {"write_id": write.id, **{name: getattr(write, name) for name in ("connection", "entity", "key")}}
        times = {"decided_at": write.decided_at, "finished_at": self.now}
        return self.tell(WriteFinished.model_validate({**values, **times, "status": status, **more}))

    def said(self, topic: topics.Topic) -> list[Message]:
        return [decode(record) for record in self.broker.read(topic.name)]

    @property
    def facts(self) -> list[RegistrationDecided]:
        return self.said(topics.REGISTRATIONS)

    def fact(self, ref_id: str = "a", connection: str = "prm") -> RegistrationDecided:
        ref = f"{connection}/registration/{ref_id}"
        return next(fact for fact in reversed(self.facts) if fact.registration == ref)

    def status(self, ref_id: str = "a") -> str:
        return self.fact(ref_id).status.value

    @property
    def fees(self) -> list[FeeDecided]:
        return self.said(topics.FEES)

    @property
    def notices(self) -> list[NoticeGiven]:
        return self.said(topics.NOTICES)

    def writes(self, entity: str, connection: str = "crm") -> list[Write]:
        found = (decode(record) for record in self.broker.read(f"writes.{connection}"))
        return [write for write in found if write.entity == entity]

    def shown(self, ref_id: str = "a", entity: str = "registration_outcome", connection: str = "prm") -> dict:
        """All that a record was told, the last word for each field."""
        fields: dict = {}
        for write in self.writes(entity, connection):
            if write.key == ref_id:
                fields |= write.fields
        return fields

    def cases(self) -> list[Case]:
        """Every registration as the lane remembers it, restored from its changelog."""
        store = MemoryStore()
        for record in self.broker.read(topics.changelog(self.step.name).name):
            store.apply({record.key: record.value}, 0)
        rows = [ROW.validate_json(value) for _, value in store.scan(b"")]
        return [row for row in rows if isinstance(row, Case)]
