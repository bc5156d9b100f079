"""Rules over private offers: finds the records that a person means and publishes what was ruled; it decides nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.messages import Ruling, RulingGiven
from tandem.compose import Deployment
from tandem.ledger.offers import named
from tandem.ledger.running import Ledger
from tandem.ledger.store import NoLedger
from tandem.rulings.give import Order, of_offers, publish, ruled
from tandem.settings import ConfigError


@dataclass(frozen=True)
class Word:
    """What a person says: of which records (entity and name), and what goes with it."""

    ruling: Ruling
    records: Sequence[tuple[str, str]]
    by: str
    until: date | None = None
    note: str | None = None


def rule(deployment: Deployment, word: Word, at: datetime) -> RulingGiven:
    """The ruling as it was told.

    Raises `ConfigError` where a record cannot be meant, `tandem.ledger.queries.Unknown` where an id is nobody's, and
    `schemas.log.Unreachable` where no broker answers.
    """
    order = of_offers(deployment.settings.offers)
    if word.until is not None and word.until < at.date():
        raise ConfigError(
            f"{word.until} is in the past. Remedy: give the new last day; `tandem offers cancel` takes an offer back."
        )
    refs = tuple(_ref(deployment, order, entity, name) for entity, name in word.records)
    given = ruled(order, word.ruling, refs, by=word.by, at=at, until=word.until, note=word.note)
    publish(deployment, order, given)
    return given


def _ref(deployment: Deployment, order: Order, entity: str, name: str) -> str:
    connections = [each for each, entities in order.records.items() if entity in entities]
    whole = name.count("/") >= 2
    if whole:
        order.known(name)
        _is_a(entity, name, connections)
    try:
        with Ledger(deployment).asking() as asked:
            # A whole name stands by itself; the ledger only knows which deal leads.
            return named(asked, name, entity, _all(order)) if not whole or entity == "deal" else name
    except NoLedger:
        if whole:
            return name
        raise


def _is_a(entity: str, ref: str, connections: Collection[str]) -> None:
    if ref.split("/")[1] != entity:
        where = " or ".join(f"{each}/{entity}/id" for each in connections) or f"connection/{entity}/id"
        raise ConfigError(f"{ref!r} is no {entity.replace('_', ' ')}. Remedy: name it as {where}")


def _all(order: Order) -> Collection[str]:
    return order.records.keys()
