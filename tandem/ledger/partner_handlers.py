"""What is decided of partners, leads, certifications, touches, fees and attribution, as rows; it never asks the database."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas import topics
from schemas.messages import (
    AttributionDecided,
    CertificationDecided,
    FeeDecided,
    LeadRouted,
    Message,
    NoticeGiven,
    PartnerDecided,
    TouchRecorded,
)
from tandem.ledger import tables
from tandem.ledger.actions import Action, Step, Verb
from tandem.ledger.rows import Place, decision, standing

PUT_PARTNER = Action(Verb.PUT, tables.PartnerRow)
ADD_PARTNER_RECORD = Action(Verb.ADD, tables.PartnerRecord)
PUT_CERTIFICATION = Action(Verb.PUT, tables.CertificationRow)
ADD_NOTICE = Action(Verb.ADD, tables.NoticeRow)
PUT_LEAD = Action(Verb.PUT, tables.LeadRoute)
PUT_FEE = Action(Verb.PUT, tables.FeeRow)
PUT_TOUCH = Action(Verb.PUT, tables.TouchRow)
PUT_ATTRIBUTION = Action(Verb.PUT, tables.AttributionRow)
ADD_ATTRIBUTION_PARTNER = Action(Verb.ADD, tables.AttributionPartner)


def _apart(key: str, first: str, second: str) -> dict[str, str]:
    """The key of a row whose topic key is of two parts, the second one after the last slash."""
    before, _, after = key.rpartition("/")
    return {first: before, second: after}


FORGET_PARTNERS: Mapping[str, Callable[[str], Step]] = {
    topics.PARTNERS.name: lambda key: (Action(Verb.DROP, tables.PartnerRow), {"partner": key}),
    topics.CERTIFICATIONS.name: lambda key: (
        Action(Verb.DROP, tables.CertificationRow),
        _apart(key, "email", "program"),
    ),
    topics.LEADS.name: lambda key: (Action(Verb.DROP, tables.LeadRoute), {"lead": key}),
    topics.FEES.name: lambda key: (Action(Verb.DROP, tables.FeeRow), _apart(key, "deal", "partner")),
    topics.TOUCHES.name: lambda key: (Action(Verb.DROP, tables.TouchRow), {"touch": key}),
    topics.ATTRIBUTIONS.name: lambda key: (Action(Verb.DROP, tables.AttributionRow), {"deal": key}),
}


def _partner(it: PartnerDecided, place: Place) -> Iterator[Step]:
    yield from decision(it, "partner", it.partner, it.reasons, place)
    yield PUT_PARTNER, standing(it, place, "partner", "name", "tier") | {"status": it.status.value}
    for ref in it.refs:
        yield ADD_PARTNER_RECORD, {**place.columns, "partner": it.partner, "ref": ref}


def _certified(it: CertificationDecided, place: Place) -> Iterator[Step]:
    yield from decision(it, "certification", f"{it.email}/{it.program}", it.reasons, place)
    row = standing(it, place, "email", "program", "partner")
    last = it.expires_on.isoformat() if it.expires_on else None
    yield PUT_CERTIFICATION, row | {"status": it.status.value, "expires_on": last}


def _noticed(it: NoticeGiven, place: Place) -> Iterator[Step]:
    yield from decision(it, "notice", it.partner, it.reasons, place)
    row = it.model_dump(include={"id", "partner", "about", "subject", "to", "words", "decided_at"})
    yield ADD_NOTICE, {**place.columns, **row, "due_on": it.due_on.isoformat()}


def _routed(it: LeadRouted, place: Place) -> Iterator[Step]:
    yield from decision(it, "lead", it.lead, it.reasons, place)
    yield PUT_LEAD, standing(it, place, "lead", "name", "partner", "rule", "deal") | {"state": it.state.value}


def _due(it: FeeDecided, place: Place) -> Iterator[Step]:
    yield from decision(it, "fee", it.registration or it.deal, it.reasons, place)
    row = standing(it, place, "deal", "partner", "registration", "kind", "currency")
    yield PUT_FEE, row | {"amount": f"{it.amount:f}"}


def _touched(it: TouchRecorded, place: Place) -> Iterator[Step]:
    yield from decision(it, "touch", it.touch, it.reasons, place)
    row = standing(it, place, "touch", "partner", "account", "deal", "ref", "standing", "at")
    yield PUT_TOUCH, row | {"kind": it.kind.value}


def _attributed(it: AttributionDecided, place: Place) -> Iterator[Step]:
    yield from decision(it, "attribution", it.deal, it.reasons, place)
    yield PUT_ATTRIBUTION, standing(it, place, "deal", "deal_name", "sourced_by")
    for partner in it.influenced_by:
        yield ADD_ATTRIBUTION_PARTNER, {**place.columns, "deal": it.deal, "partner": partner}


PARTNER_HANDLERS: Mapping[type[Message], Callable[[Any, Place], Iterator[Step]]] = {
    PartnerDecided: _partner,
    CertificationDecided: _certified,
    NoticeGiven: _noticed,
    LeadRouted: _routed,
    FeeDecided: _due,
    TouchRecorded: _touched,
    AttributionDecided: _attributed,
}
