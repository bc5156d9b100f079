"""Blue Reseller as the topics tell of it: a partner, its people, a lead and a registration that become one deal."""

from datetime import date
from typing import Any

from schemas.messages import (
    AttributionDecided,
    CertificationDecided,
    FeeDecided,
    LeadRouted,
    Message,
    NoticeGiven,
    PartnerDecided,
    RegistrationDecided,
    TouchRecorded,
    identity,
)
from tests.unit.tandem.ledger.offer_world import ruling
from tests.unit.tandem.ledger.world import CRM, PRM, at, changed, finished, write

DEAL, LEAD, REGISTRATION = f"{CRM}/deal/7", f"{CRM}/lead/l7", f"{PRM}/registration/r7"
MODELS = ("first_touch", "last_touch", "even", "position")


def _made(kind: Any, what: str, nth: float, given: dict[str, Any], more: dict[str, Any]) -> Any:
    frame = {"id": identity(what, str(nth), repr(more)), "decided_at": at(nth), "reasons": ("because of the rules",)}
    return kind.model_validate({**frame, **given, **more})


def partner(key: str = "blue", nth: float = 1, **more: Any) -> PartnerDecided:
    given = {
        "partner": key,
        "name": f"{key.title()} Reseller",
        "refs": (f"{CRM}/partner/p-{key}", f"{PRM}/partner/part_{key}"),
        "users": (f"ada@{key}.com",),
        "status": "active",
        "tier": "gold",
        "tier_rank": 3,
        "certifications": [{"email": f"ada@{key}.com", "program": "fleet", "expires_on": date(2026, 9, 1)}],
        "milestones": [
            {"name": "30 days", "due_on": date(2026, 4, 1), "late": True, "missing": ("a certified seller",)}
        ],
    }
    return _made(PartnerDecided, f"partner {key}", nth, given, more)


def certified(key: str = "blue", nth: float = 2, **more: Any) -> CertificationDecided:
    given = {
        "partner": key,
        "email": f"ada@{key}.com",
        "program": "fleet",
        "name": "Fleet specialist",
        "issued_on": date(2026, 3, 1),
        "expires_on": date(2026, 9, 1),
        "status": "in_force",
    }
    return _made(CertificationDecided, f"certified {key}", nth, given, more)


def noticed(key: str = "blue", nth: float = 3, due: date = date(2026, 9, 1), **more: Any) -> NoticeGiven:
    given = {
        "partner": key,
        "about": "certification",
        "subject": f"ada@{key}.com: fleet",
        "due_on": due,
        "to": (f"ada@{key}.com",),
        "words": "Renew it.",
    }
    return _made(NoticeGiven, f"noticed {key} {due}", nth, given, more)


def routed(lead: str = "l7", nth: float = 4, state: str = "offered", **more: Any) -> LeadRouted:
    given = {
        "lead": f"{CRM}/lead/{lead}",
        "name": "Ada Okafor, Acme Robotics",
        "state": state,
        "partner": "blue",
        "partner_name": "Blue Reseller",
        "rule": "dach",
        "causes": (identity(CRM, lead, "1"),),
    }
    return _made(LeadRouted, f"routed {lead} {state}", nth, given, more)


def registered(name: str = "r7", nth: float = 5, status: str = "approved", **more: Any) -> RegistrationDecided:
    given = {
        "registration": f"{PRM}/registration/{name}",
        "twins": (f"{CRM}/registration/{name}-crm",),
        "name": "Acme Robotics, by Blue Reseller",
        "status": status,
        "partner": "blue",
        "partner_name": "Blue Reseller",
        "protected_until": date(2026, 6, 1),
        "causes": (identity(PRM, name, "1"),),
    }
    return _made(RegistrationDecided, f"registered {name} {status}", nth, given, more)


def due(deal: str = DEAL, nth: float = 8, amount: str = "1250.00", **more: Any) -> FeeDecided:
    given = {
        "deal": deal,
        "registration": REGISTRATION,
        "partner": "blue",
        "kind": "referral_fee",
        "amount": amount,
        "currency": "EUR",
        "percent": "10",
        "basis_amount": "12500",
        "basis": "10 percent of 12500 EUR",
    }
    return _made(FeeDecided, f"due {deal}", nth, given, more)


def touched(name: str = "t7", nth: float = 5, **more: Any) -> TouchRecorded:
    given = {
        "touch": name,
        "kind": "registration",
        "partner": "blue",
        "partner_name": "Blue Reseller",
        "deal": DEAL,
        "at": at(nth),
        "ref": REGISTRATION,
        "words": "The registration was approved.",
    }
    return _made(TouchRecorded, f"touched {name}", nth, given, more)


def attributed(deal: str = DEAL, nth: float = 7, shares: str = "blue=12500.00", **more: Any) -> AttributionDecided:
    """`shares`: partner and amount by every model, with spaces between."""
    found = [(each.split("=")[0], each.split("=")[1]) for each in shares.split()]
    parts = [{"partner": key, "name": key.title(), "amount": amount, "weight": "1"} for key, amount in found]
    given = {
        "deal": deal,
        "deal_name": "Acme Robotics: 40 seats",
        "amount": "12500.00",
        "currency": "EUR",
        "sourced_by": found[0][0],
        "influenced_by": tuple(sorted(key for key, _ in found)),
        "models": dict.fromkeys(MODELS, parts),
        "touches": ("t7",),
    }
    return _made(AttributionDecided, f"attributed {deal} {shares}", nth, given, more)


def journey() -> list[Message]:
    """A lead is passed to the PRM and accepted; a registration is approved by a person; both become deal 7, which is won."""
    passed = write(LEAD, 4, connection=PRM, entity="partner_lead", match_by="external_id", causes=())
    assigned = write("l7", 4, entity="lead_assignment", fields={"partner": "blue"}, causes=(identity(CRM, "l7", "1"),))
    outcome = write("r7", 6, connection=PRM, entity="registration_outcome", fields={"status": "approved"}, causes=())
    shown = write("7", 8, entity="deal_attribution", fields={"sourced_by": "Blue Reseller"}, causes=())
    customer = {"partner": "part_blue", "company": "Acme Robotics"}
    return [
        changed("p-blue", entity="partner", record={"name": "Blue Reseller"}),
        partner(),
        certified(),
        noticed(),
        changed("l7", 3, entity="lead", record={"last_name": "Okafor", "company": "Acme Robotics"}),
        routed(),
        passed,
        finished(passed, target_id="pl7"),
        assigned,
        finished(assigned),
        changed("pl7", 5, connection=PRM, entity="partner_lead", record={"company": "Acme", "status": "accepted"}),
        routed(nth=5, state="accepted"),
        changed("r7", 4, connection=PRM, entity="registration", record=customer),
        changed("r7-crm", 4, entity="registration", record=customer),
        registered(nth=4, status="in_review"),
        ruling("r7", "approve_registration", 5, refs=(REGISTRATION,), note="fine by me"),
        registered(nth=5),
        outcome,
        finished(outcome),
        changed("7", 6, entity="deal"),
        registered(nth=6, status="converted", deal=DEAL),
        routed(nth=6, state="converted", deal=DEAL),
        touched(),
        attributed(),
        shown,
        finished(shown),
        due(),
    ]
