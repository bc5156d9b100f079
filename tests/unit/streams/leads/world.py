"""A hub, its CRMs, a PRM and partners, as lead routing sees them: events in, facts and writes out; time goes on by hand."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from mappings.routing_rules import RoutingRules
from schemas.entities import Account, Deal, Lead, Overlap
from schemas.messages import (
    AccountChanged,
    ChangeKind,
    DealChanged,
    LeadChanged,
    LeadRouted,
    Message,
    OverlapDecided,
    PartnerDecided,
    PartnerLeadChanged,
    RegistrationDecided,
    RouteState,
    Ruling,
    RulingGiven,
    TimePassed,
    Write,
    identity,
)
from schemas.partners import PartnerLead, Registration
from streams.connected import Connected
from streams.leads import Setup, steps
from streams.leads.pools import is_full
from streams.leads.state import OPEN, ROW, Load, PartnerRow, Route

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
CRM, HUB, PRM = "our-crm", "our-hubspot", "our-prm"
BOTH = Connected(crms=(CRM, HUB), prms=(PRM,), takes={"lead_assignment": (CRM, HUB), "partner_lead": (PRM,)})
BASE = """
tiers = ["registered", "silver", "gold"]
[intake]
statuses = ["new"]
sources = []
except_sources = ["Spam"]
max_age = "14 days"
accept_within = "12 hours"
same_company = 0.8
wait = "0 seconds"
[territories.dach]
countries = ["DE", "AT", "CH"]
[territories.texas]
states = { US = ["TX", "Texas"] }
[territories.munich]
postal = { DE = ["80", "81"] }
[segments.small]
to = 99
[segments.large]
from = 100
[products]
fleet = ["Fleet Manager"]
arm = []
[languages]
de = ["German"]
en = ["English"]
[scale]
certified = 4
load = 10
"""
ROTATE = """
[[rules]]
name = "all"
partner = { serves = ["territory", "segment", "product", "language"] }
rank = { by = "rotation" }
accept_within = "24 hours"
attempts = 3
fallback = "direct"
"""


def rules(text: str = ROTATE, base: str = BASE) -> RoutingRules:
    return RoutingRules.model_validate(tomllib.loads(base + text))


def _kind(record: BaseModel | None, more: Mapping[str, Any]) -> ChangeKind:
    if record is not None:
        return ChangeKind.UPSERTED
    return ChangeKind.MERGED if "merged_into" in more else ChangeKind.DELETED


class Rows(dict[str, bytes]):
    """The rows of the lane's one key, kept as bytes."""

    def get(self, name: str) -> BaseModel | None:  # type: ignore[override]
        raw = super().get(name)
        return None if raw is None else ROW.validate_json(raw)

    def scan(self, prefix: str, limit: int) -> Mapping[str, BaseModel]:
        names = sorted(name for name in self if name.startswith(prefix))[:limit]
        return {name: ROW.validate_json(self[name]) for name in names}


class World:
    """`facts` is all that was said, `last` the last of each lead, `records` what each record was told in the end."""

    def __init__(self, routing: RoutingRules | None = None, connected: Connected = BOTH, ready: bool = True) -> None:
        self.setup = Setup(connected, routing or rules())
        (self.step,) = steps(self.setup)
        self.rows, self.now, self.versions = Rows(), START, 0
        self.facts: list[LeadRouted] = []
        self.last: dict[str, LeadRouted] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.writes: list[Write] = []
        self.events: list[Message] = []
        if ready:
            self.tick()

    def again(self, routing: RoutingRules | None = None) -> "World":
        """The process is started again, perhaps with other rules: all that is left are the rows."""
        self.setup = Setup(self.setup.connected, routing or self.setup.rules)
        (self.step,) = steps(self.setup)
        return self

    def tell(self, event: Message) -> list[Message]:
        self.events.append(event)
        decision = self.step.decide(self.rows, event)
        for name, row in decision.rows.items():
            if row is None:
                self.rows.pop(name, None)
            else:
                self.rows[name] = ROW.dump_json(row)
        for said in decision.emissions:
            if isinstance(said.message, LeadRouted):
                self.facts.append(said.message)
                self.last[said.message.lead] = said.message
            elif isinstance(said.message, Write):
                it = said.message
                self.writes.append(it)
                self.records.setdefault(f"{it.connection}/{it.record}", {}).update(it.fields)
        return [said.message for said in decision.emissions]

    def tick(self, **ahead: float) -> None:
        """Time goes on, and everything is looked at."""
        self.now += timedelta(**ahead)
        for connection in self.setup.connections:
            self.tell(TimePassed(connection=connection, at=self.now))

    def partner(self, key: str, **more: Any) -> PartnerDecided:
        given = {
            "name": key.capitalize(),
            "refs": (f"{CRM}/partner/p-{key}", f"{PRM}/partner/part-{key}"),
            "status": "active",
        }
        said = {"id": identity(key, str(len(self.events))), "partner": key, "decided_at": self.now}
        fact = PartnerDecided.model_validate({**given, **said, **more})
        self.tell(fact)
        return fact

    def changed(self, kind: Any, connection: str, record_id: str, record: BaseModel | None, **more: Any) -> Message:
        self.versions += 1
        given = {
            "id": identity(connection, kind.ENTITY, record_id, str(self.versions)),
            "connection": connection,
            "party": "us",
            "record_id": record_id,
            "kind": _kind(record, more),
            "version": self.versions,
            "record": record,
            "occurred_at": self.now,
            "seen_at": self.now,
        }
        event = kind.model_validate({**given, **more})
        self.tell(event)
        return event

    def lead(self, record_id: str = "1", connection: str = CRM, **fields: Any) -> str:
        """A lead as its CRM shows it; returns its name."""
        usual = {"last_name": "Okafor", "company": f"Company {record_id} {record_id * 3}", "country": "DE"}
        event_fields = {name: fields.pop(name) for name in ("own",) if name in fields}
        record = Lead.model_validate({**usual, **fields})
        self.changed(LeadChanged, connection, record_id, record, **event_fields)
        return f"{connection}/lead/{record_id}"

    def gone(self, lead: str, **more: Any) -> None:
        connection, _, record_id = lead.split("/")
        self.changed(LeadChanged, connection, record_id, None, **more)  # a merger names what it was merged into

    def answer(self, lead: str, partner: str, status: str, reason: str | None = None, **more: Any) -> Message:
        record = PartnerLead(partner=f"part-{partner}", lead=lead, status=status, reason=reason, **more)
        return self.changed(PartnerLeadChanged, PRM, "pl-" + lead.replace("/", "-"), record)

    def account(self, record_id: str, **fields: Any) -> str:
        self.changed(AccountChanged, CRM, record_id, Account.model_validate(fields))
        return f"{CRM}/account/{record_id}"

    def deal(self, record_id: str, **fields: Any) -> str:
        self.changed(DealChanged, CRM, record_id, Deal.model_validate({"name": "Deal", **fields}))
        return f"{CRM}/deal/{record_id}"

    def overlap(self, account: str, partner: str, population: str = "customer", status: str = "active") -> None:
        overlap = Overlap(
            key=f"{account}-{partner}", account=account, partner=partner, partner_name=partner, partner_account="x",
            partner_account_name="x", our_population="prospect", partner_population=population, relation="same",
            confidence=1, reasons=(), main_reason="", status=status, first_seen=START, last_changed=START,
        )  # fmt: skip
        self.tell(
            OverlapDecided(id=str(len(self.events)), connection=CRM, overlap=overlap, causes=(), decided_at=self.now)
        )

    def registration(self, partner: str, company: str, status: str = "approved", **more: Any) -> None:
        given = {
            "id": str(len(self.events)),
            "registration": f"{PRM}/registration/{partner}-{company}",
            "name": f"{company}, by {partner}",
            "partner": partner,
            "partner_name": partner.capitalize(),
            "status": status,
            "decided_at": self.now,
            "submitted_at": self.now,
            "protected_until": date(2027, 2, 1),
            "inputs": Registration(partner=partner, company=company, country="DE", website=more.pop("website", None)),
        }
        self.tell(RegistrationDecided.model_validate({**given, **more}))

    def rule(self, ruling: str, lead: str, partner: str | None = None, note: str | None = None) -> RulingGiven:
        given = RulingGiven(
            id=str(len(self.events)),
            ruling=Ruling(ruling),
            refs=(lead,),
            partner=partner,
            note=note,
            by="dana",
            at=self.now,
        )
        self.tell(given)
        return given

    def who(self, lead: str) -> tuple[str | None, str | None]:
        """State and partner, as last said."""
        said = self.last.get(lead)
        return (None, None) if said is None else (said.state.value, said.partner)

    def reasons(self, lead: str) -> str:
        return " ".join(self.last[lead].reasons)

    def losers(self, lead: str) -> dict[str, str]:
        return {it.partner: ", ".join(it.reasons) for it in self.last[lead].candidates if not it.won}

    def in_prm(self, lead: str) -> dict[str, Any]:
        return self.records.get(f"{PRM}/partner_lead/{lead}", {})

    def on_lead(self, lead: str) -> dict[str, Any]:
        connection, _, record_id = lead.split("/")
        return self.records.get(f"{connection}/lead_assignment/{record_id}", {})

    def prove(self) -> None:
        """What holds at any time: one owner per lead, counts that are right, an index that is what partners say."""
        routes = [
            row for name in self.rows if name.startswith("route/") and isinstance(row := self.rows.get(name), Route)
        ]
        held = {(row.partner, row.lead) for row in routes if row.partner and row.state in OPEN | {RouteState.CONVERTED}}
        rows = {tuple(name.removeprefix("held/").split("|", 2)[::2]) for name in self.rows if name.startswith("held/")}
        assert rows == held
        assert all(
            row.partner is None or row.state not in {None, RouteState.DIRECT, RouteState.WAITING} for row in routes
        )
        for route in routes:
            said = self.last.get(route.lead)
            assert route.state is None or (
                said is not None and (said.state, said.partner) == (route.state, route.partner)
            )
        wanted: set[str] = set()
        for name in self.rows:
            if name.startswith("partner/"):
                wanted |= self._partner_rows(name.removeprefix("partner/"), routes)
        assert {name for name in self.rows if name.startswith("pool/")} == wanted

    def _partner_rows(self, key: str, routes: list[Route]) -> set[str]:
        partner, load = self.rows.get(f"partner/{key}"), self.rows.get(f"load/{key}") or Load()
        assert isinstance(partner, PartnerRow)
        assert isinstance(load, Load)
        assert load.open == sum(row.partner == key and row.state in OPEN for row in routes)
        found = set()
        for pool in self.setup.policy.pools.values():
            for bucket, product in pool.buckets(partner) if pool.listed(partner) else ():
                stand = pool.stand(partner, load, product)
                assert not (stand.eligible and pool.must.capacity and is_full(partner, load))
                found.add(f"pool/{pool.id}/{bucket}/{0 if stand.eligible else 1}/{stand.order}/{key}")
        return found
