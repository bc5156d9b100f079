"""Attribution over rows in memory that are kept as they are in the changelog, and short ways to say what has happened."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from mappings import attribution as rules
from schemas.entities import Deal, DealStage, Overlap
from schemas.messages import (
    AttributionDecided,
    CertificationDecided,
    DealChanged,
    LeadRouted,
    Message,
    OfferLinkDecided,
    OverlapDecided,
    PartnerDecided,
    RegistrationDecided,
    SignalChanged,
    TouchRecorded,
    Write,
    identity,
)
from schemas.partners import Signal
from streams.attribution import Setup, steps
from streams.attribution.state import ROW
from streams.connected import Connected

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
CRM, HUB, PRM = "our-crm", "our-hubspot", "our-prm"
CONNECTED = Connected(crms=(CRM, HUB), prms=(PRM,), takes={"deal_attribution": (CRM, HUB)})
FRAME = {"id", "causes", "decided_at"}


def day(number: float) -> datetime:
    """So many days after the start."""
    return START + timedelta(days=number)


class World:
    """The lane's rows, and all that it has said."""

    def __init__(self, connected: Connected = CONNECTED, **changed: Any) -> None:
        loaded = rules.load()
        tables = {name: getattr(loaded, name).model_copy(update=values) for name, values in changed.items()}
        (self.step,) = steps(Setup(connected, loaded.model_copy(update=tables)))
        self.rows: dict[str, str] = {}
        self.said: list[Message] = []

    def get(self, name: str) -> BaseModel | None:
        found = self.rows.get(name)
        return None if found is None else ROW.validate_json(found)

    def scan(self, prefix: str, limit: int) -> Mapping[str, BaseModel]:
        names = sorted(name for name in self.rows if name.startswith(prefix))[:limit]
        return {name: ROW.validate_json(self.rows[name]) for name in names}

    def tell(self, *events: Message) -> list[Message]:
        """Returns what was said of them."""
        before = len(self.said)
        for event in events:
            decision = self.step.decide(self, event)
            for name, row in decision.rows.items():
                if row is None:
                    self.rows.pop(name, None)
                else:
                    self.rows[name] = row.model_dump_json()
            self.said += [each.message for each in decision.emissions]
        return self.said[before:]

    def fact(self, deal: str = f"{CRM}/deal/d1") -> AttributionDecided | None:
        """What was said of a deal last."""
        found = [it for it in self.said if isinstance(it, AttributionDecided) and it.deal == deal]
        return found[-1] if found else None

    def amounts(self, model: str, deal: str = f"{CRM}/deal/d1") -> dict[str, str]:
        """Partner to its amount by a model."""
        fact = self.fact(deal)
        return {} if fact is None else {it.partner: str(it.amount) for it in fact.models.get(model, ())}

    @property
    def touches(self) -> dict[str, TouchRecorded]:
        """Each touch as it was said last."""
        return {it.touch: it for it in self.said if isinstance(it, TouchRecorded)}

    @property
    def shown(self) -> dict[str, dict[str, Any]]:
        """What each deal's CRM has been written, all writes together."""
        fields: dict[str, dict[str, Any]] = {}
        for it in self.said:
            if isinstance(it, Write):
                fields.setdefault(f"{it.connection}/deal/{it.key}", {}).update(it.fields)
        return fields


def deal(name: str = "d1", version: int = 1, *, crm: str = CRM, at: datetime = START, **fields: Any) -> DealChanged:
    given = {
        "name": name,
        "account": "a1",
        "amount": Decimal("1000"),
        "currency": "EUR",
        "created_at": day(0),
        **fields,
    }
    record = Deal.model_validate(given)
    told = identity(crm, name, str(version), record.model_dump_json())
    return DealChanged(
        id=told,
        connection=crm,
        party="us",
        record_id=name,
        kind="upserted",
        version=version,
        record=record,
        occurred_at=at,
    )


def gone(name: str = "d1", version: int = 9, into: str | None = None, crm: str = CRM) -> DealChanged:
    return DealChanged(
        id=identity(crm, name, str(version)),
        connection=crm,
        party="us",
        record_id=name,
        kind="deleted" if into is None else "merged",
        version=version,
        occurred_at=day(50),
        merged_into=into,
    )


def won(on: date | None, version: int = 5, at: datetime = START, **fields: Any) -> DealChanged:
    return deal(version=version, stage=DealStage.WON, close_date=on, at=at, **fields)


def partner(key: str = "blue", name: str = "Blue Reseller", refs: tuple[str, ...] = ()) -> PartnerDecided:
    told = identity(key, name, *refs)
    return PartnerDecided(id=told, partner=key, name=name, refs=refs, status="active", decided_at=START)


def overlap(
    by: str = "blue",
    seen: float = -10,
    *,
    account: str = "a1",
    ended: float | None = None,
    crm: str = CRM,
    **fields: Any,
) -> OverlapDecided:
    at = day(seen if ended is None else ended)
    held = Overlap.model_validate(
        {
            "key": identity(crm, account, by),
            "account": account,
            "partner": by,
            "partner_name": by.title(),
            "partner_account": f"{by}-1",
            "partner_account_name": "Acme",
            "our_population": "prospect",
            "partner_population": "customer",
            "relation": "same",
            "confidence": 0.9,
            "reasons": ("the same domain",),
            "main_reason": "the same domain",
            "status": "active" if ended is None else "ended",
            "first_seen": day(seen),
            "last_changed": at,
            **fields,
        }
    )
    told = identity("overlap", held.model_dump_json())
    return OverlapDecided(id=told, connection=crm, overlap=held, causes=(), decided_at=at)


def registered(
    by: str = "blue",
    approved: float | None = -5,
    status: str = "approved",
    *,
    name: str = "r1",
    at: float = 0,
    **fields: Any,
) -> RegistrationDecided:
    given = {
        "registration": f"{PRM}/registration/{name}",
        "name": f"Acme, by {by}",
        "status": status,
        "partner": by,
        "partner_name": by.title(),
        "account": f"{CRM}/account/a1",
        "approved_at": None if approved is None else day(approved),
        "decided_at": day(at),
        **fields,
    }
    return RegistrationDecided.model_validate({"id": identity("registration", repr(sorted(given.items()))), **given})


def routed(state: str = "accepted", by: str | None = "blue", at: float = -3, **fields: Any) -> LeadRouted:
    given = {
        "lead": f"{CRM}/lead/l1",
        "name": "Ada, Acme",
        "state": state,
        "partner": by,
        "account": f"{CRM}/account/a1",
        "decided_at": day(at),
        **fields,
    }
    return LeadRouted.model_validate({"id": identity("lead", repr(sorted(given.items()))), **given})


def offered(at: float = 3, deal: str = f"{CRM}/deal/d1", **fields: Any) -> OfferLinkDecided:
    given = {"deal": deal, "state": None, "step": "", "decided_at": day(at), **fields}
    return OfferLinkDecided.model_validate({"id": identity("offer", repr(sorted(given.items()))), **given})


def certified(
    by: str | None = "blue", on: float = 4, email: str = "ada@blue.com", status: str = "in_force", **fields: Any
) -> CertificationDecided:
    given = {
        "partner": by,
        "email": email,
        "program": "fleet",
        "name": "Fleet specialist",
        "issued_on": day(on).date(),
        "status": status,
        "decided_at": day(on),
        **fields,
    }
    return CertificationDecided.model_validate({"id": identity("certified", repr(sorted(given.items()))), **given})


def signalled(by: str = "blue", at: float = -2, version: int = 1, *, account: str | None = "a1") -> SignalChanged:
    record = Signal(kind="deal_won", partner=by, account=account, at=day(at))
    told = identity("signal", by, str(at), str(version), str(account))
    return SignalChanged(
        id=told,
        connection=PRM,
        party="us",
        record_id="s1",
        kind="upserted",
        version=version,
        record=record,
        occurred_at=day(at),
    )
