"""What is decided of private offers and ruled over them, as rows; it never asks the database anything."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas import topics
from schemas.messages import Message, OfferLinkDecided, OfferMatched, RulingGiven
from tandem.ledger import tables
from tandem.ledger.actions import Action, Step, Verb
from tandem.ledger.rows import Place, decision
from tandem.ledger.types import JsonText

PUT_OFFER_LINK = Action(Verb.PUT, tables.OfferLink)
ADD_OFFER_LINK_RECORD = Action(Verb.ADD, tables.OfferLinkRecord)
PUT_OFFER_MATCH = Action(Verb.PUT, tables.OfferMatch)
ADD_RULING = Action(Verb.ADD, tables.Ruling)
ADD_RULING_RECORD = Action(Verb.ADD, tables.RulingRecord)

FORGET_OFFERS: Mapping[str, Callable[[str], Step]] = {
    topics.OFFER_LINKS.name: lambda key: (Action(Verb.DROP, tables.OfferLink), {"deal": key}),
    topics.OFFER_MATCHES.name: lambda key: (Action(Verb.DROP, tables.OfferMatch), {"offer": key}),
}


def members(chain: Mapping[str, Any]) -> list[str]:
    """The records of a chain as it was decided, the leading deal first."""
    single = (chain.get(name) for name in ("cosell", "change_set", "offer", "offer_set"))
    found = (chain["deal"], *chain.get("twins", ()), *single, *chain.get("agreements", ()))
    return list(dict.fromkeys(filter(None, found)))


def _linked(it: OfferLinkDecided, place: Place) -> Iterator[Step]:
    yield from decision(it, "offer", it.deal, it.reasons, place)
    yield (
        PUT_OFFER_LINK,
        {
            **place.columns,
            "deal": it.deal,
            "deal_name": it.deal_name,
            "state": it.state,
            "approval": it.approval,
            "problem": it.problem,
            "content": JsonText(it.model_dump_json()),
            "decision_id": it.id,
            "decided_at": it.decided_at,
        },
    )
    for ref in members(it.model_dump()):
        yield ADD_OFFER_LINK_RECORD, {**place.columns, "deal": it.deal, "ref": ref}


def _matched(it: OfferMatched, place: Place) -> Iterator[Step]:
    yield from decision(it, "match", it.offer, it.reasons, place)
    yield (
        PUT_OFFER_MATCH,
        {
            **place.columns,
            "offer": it.offer,
            "offer_name": it.offer_name,
            "status": it.status.value,
            "deal": it.deal,
            "confidence": it.confidence,
            "content": JsonText(it.model_dump_json()),
            "decision_id": it.id,
            "decided_at": it.decided_at,
        },
    )


def _ruled(it: RulingGiven, place: Place) -> Iterator[Step]:
    row = it.model_dump(exclude={"connection"})
    until = it.until.isoformat() if it.until else None
    yield ADD_RULING, {**place.columns, **row, "ruling": it.ruling.value, "until": until}
    for ref in it.refs:
        yield ADD_RULING_RECORD, {**place.columns, "ruling_id": it.id, "ref": ref}


OFFER_HANDLERS: Mapping[type[Message], Callable[[Any, Place], Iterator[Step]]] = {
    OfferLinkDecided: _linked,
    OfferMatched: _matched,
    RulingGiven: _ruled,
}
