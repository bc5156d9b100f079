"""A CRM, a PRM and two learning systems in plain Python, and the real decision over rows that are written and read as JSON."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mappings.learning import Item, LearningPath, LearningRules, Milestone, Onboarding, Program
from mappings.tiers import Certified, Notice, Revenue, Tier, TierRules
from schemas import topics
from schemas.messages import (
    CHANGED,
    CertificationDecided,
    Changed,
    ChangeKind,
    Message,
    NoticeGiven,
    PartnerDecided,
    TimePassed,
    Write,
    WriteFinished,
    WriteStatus,
    identity,
)
from streams.connected import Connected
from streams.enablement import Setup, steps

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOOKING = ("crm", "prm", "lms", "lrs")
ITEMS = (
    Item(id="basics", connection="lms", ids=("42",), kinds=("course",), names=("Fleet Basics*",)),
    Item(id="badge", ids=("17", "https://lms.example/badge/17"), kinds=("badge",)),
    Item(id="lab", ids=("43",), kinds=("course",)),
)
PROGRAMS = (
    Program(program="fleet", name="Fleet Specialist", product="fleet", valid_months=12, needs=(("basics", "badge"),)),
    Program(program="expert", name="Fleet Expert", product="fleet", level=2, needs=("badge", "lab")),
)
TIERS = (
    Tier(tier="registered", name="Registered"),
    Tier(tier="silver", name="Silver", grace_days=30, certified=(Certified(people=1, product="fleet"),)),
    Tier(tier="gold", name="Gold", grace_days=10, revenue=Decimal(1000), certified=(Certified(people=2),)),
)
PATHS = (LearningPath(connection="lms", path="sales-path", roles=("sales",), types=("reseller",)),)
MILESTONES = (Milestone(name="30 days", days=30, users=2), Milestone(name="60 days", days=60, certified=1))


def tier_rules(**values) -> TierRules:
    told = {
        "notice": Notice(certification_days=(60, 14), tier_days=(60, 14)),
        "revenue": Revenue.model_validate({"currency": "USD", "months": 12, "from": ("transactions", "deals")}),
        "tiers": TIERS,
        **values,
    }
    return TierRules.model_construct(**told)


def learning_rules(**values) -> LearningRules:
    onboarding = Onboarding(within_days=120, paths=PATHS, milestones=MILESTONES)
    told = {"items": ITEMS, "programs": PROGRAMS, "accounts": {"https://lms.example": "lms"}, "onboarding": onboarding}
    return LearningRules(**{**told, **values})


def setup(**values) -> Setup:
    takes = {"partner_standing": ("crm", "prm"), "learner": ("lms",), "path_enrollment": ("lms",)}
    connected = Connected(crms=("crm",), prms=("prm",), learning=("lms", "lrs"), takes=takes)
    return Setup(**{"connected": connected, "rules": tier_rules(), "learning": learning_rules(), **values})


class Rows:
    """The rows of one key, as JSON between two events."""

    def __init__(self, row) -> None:
        self.row, self.rows, self.names = row, {}, []

    def get(self, name: str):
        return self.row.validate_json(self.rows[name]) if name in self.rows else None

    def scan(self, prefix: str, limit: int) -> dict:
        start, end = bisect_left(self.names, prefix), bisect_left(self.names, prefix + chr(0x10FFFF))
        return {name: self.get(name) for name in self.names[start:end][:limit]}

    def apply(self, rows: dict) -> None:
        for name, row in rows.items():
            self.rows.pop(name, None)
            if row is not None:
                self.rows[name] = self.row.dump_json(row)
        self.names = sorted(self.rows)


class World:
    """One deployment. `said` is everything that was published, in order."""

    def __init__(self, of: Setup | None = None) -> None:
        self.now = START
        self.step = steps(of or setup())[0]
        self.rows = Rows(self.step.row)
        self.said: list[Message] = []
        self.told: list[Changed] = []
        self.versions: dict[str, int] = {}

    def with_rules(self, of: Setup) -> "World":
        """The same deployment, started again with other rules."""
        self.step = steps(of)[0]
        return self

    def take(self, event: Message) -> None:
        decision = self.step.decide(self.rows, event)
        assert decision == self.step.decide(self.rows, event), "the same state and event decide the same"
        self.rows.apply(dict(decision.rows))
        self.said += [each.message for each in decision.emissions]

    def change(self, ref: str, gone: ChangeKind | None = None, into: str | None = None, **fields) -> Changed:
        connection, entity, record_id = ref.split("/", 2)
        version = self.versions[ref] = self.versions.get(ref, 0) + 1
        told = {"id": identity(ref, str(version)), "connection": connection, "party": "us", "record_id": record_id,
                "version": version, "kind": gone or ChangeKind.UPSERTED, "record": None if gone else fields,
                "merged_into": into, "occurred_at": self.now, "seen_at": self.now}  # fmt: skip
        return CHANGED[entity].model_validate(told)

    def put(self, ref: str, **fields) -> "World":
        self.told.append(self.change(ref, **fields))
        self.take(self.told[-1])
        return self

    def gone(self, ref: str, into: str | None = None) -> "World":
        self.take(self.change(ref, ChangeKind.MERGED if into else ChangeKind.DELETED, into))
        return self

    def look(self, days: float = 0) -> "World":
        """Every source has looked at everything, so many days later."""
        self.now += timedelta(days=days)
        for name in LOOKING:
            self.take(TimePassed(connection=name, at=self.now))
        return self

    def walk(self, days: int) -> "World":
        for _ in range(days):
            self.look(1)
        return self

    def finish(self, write: Write, status: WriteStatus = WriteStatus.APPLIED, reason: str | None = None) -> "World":
        self.take(
            WriteFinished(
                write_id=write.id, connection=write.connection, entity=write.entity, key=write.key, status=status,
                reason=reason, decided_at=write.decided_at, finished_at=self.now,
            )
        )  # fmt: skip
        return self

    def of(self, kind: type) -> list:
        return [each for each in self.said if type(each) is kind]

    def writes(self, entity: str) -> list[Write]:
        return [each for each in self.of(Write) if each.entity == entity]

    @property
    def partners(self) -> dict[str, PartnerDecided]:
        """The partners by key, as last said."""
        return {each.partner: each for each in self.of(PartnerDecided)}

    @property
    def certifications(self) -> dict[tuple[str, str], CertificationDecided]:
        return {(each.email, each.program): each for each in self.of(CertificationDecided)}

    @property
    def notices(self) -> list[tuple[str, str, str]]:
        return [(each.about, each.subject, each.due_on.isoformat()) for each in self.of(NoticeGiven)]

    def cert(self, email: str = "ada@acme.com", program: str = "fleet") -> CertificationDecided | None:
        return self.certifications.get((email, program))

    # --- the story

    def acme(self, **fields) -> "World":
        told = {"name": "Acme Cloud GmbH", "website": "https://acme.com", "types": ("reseller",), **fields}
        return self.put("crm/partner/1", **told)

    def badge(self, email: str = "ada@acme.com", issued: datetime = START, number: int = 1, **fields) -> "World":
        told = {"learner": "7", "email": email, "item": "17", "issued_at": issued, **fields}
        return self.put(f"lms/credential/{number}", **told)

    def statement(self, number: int = 1, **fields) -> "World":
        told = {"learner": "mailto:ada@acme.com", "meaning": "earned", "item": "https://lms.example/badge/17",
                "kind": "badge", "at": START, **fields}  # fmt: skip
        return self.put(f"lrs/statement/s{number}", **told)

    def sold(self, amount: str, day: datetime, number: int = 1, currency: str = "USD", **fields) -> "World":
        told = {"partner": "1", "amount": amount, "currency": currency, "at": day, **fields}
        return self.put(f"crm/transaction/t{number}", **told)


TOPICS = (topics.PARTNERS, topics.CERTIFICATIONS, topics.NOTICES)
