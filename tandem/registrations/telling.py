"""Rules over deal registrations: finds the record that a person means and publishes what was ruled; it decides nothing."""

from dataclasses import dataclass
from datetime import date, datetime

from schemas.messages import Ruling, RulingGiven
from tandem.compose import Deployment
from tandem.ledger.registrations import named
from tandem.ledger.running import Ledger
from tandem.ledger.store import NoLedger
from tandem.rulings.give import Order, of_registrations, publish, ruled
from tandem.settings import ConfigError


@dataclass(frozen=True)
class Word:
    """What a person says: of which registration, and what goes with it."""

    ruling: Ruling
    name: str
    by: str
    until: date | None = None
    note: str | None = None
    partner: str | None = None


def rule(deployment: Deployment, word: Word, at: datetime) -> RulingGiven:
    """The ruling as it was told; whether its author may say so is decided by the rules of engagement.

    Raises `ConfigError` where a record cannot be meant, `tandem.ledger.queries.Unknown` where an id is nobody's, and
    `schemas.log.Unreachable` where no broker answers.
    """
    order = of_registrations(deployment.settings.partners)
    if word.until is not None and word.until < at.date():
        raise ConfigError(f"{word.until} is in the past. Remedy: give the new last day of protection.")
    ref = _ref(deployment, order, word.name)
    rest = {"until": word.until, "note": word.note, "partner": word.partner}
    given = ruled(order, word.ruling, (ref,), by=word.by, at=at, **rest)  # type: ignore[arg-type]
    publish(deployment, order, given)
    return given


def _ref(deployment: Deployment, order: Order, name: str) -> str:
    whole = name.count("/") >= 2
    if whole:
        order.known(name)
        return name  # a twin stands for the one that leads, wherever it is decided
    holders = [each for each, entities in order.records.items() if "registration" in entities]
    try:
        with Ledger(deployment).asking() as asked:
            return named(asked, name, holders)
    except NoLedger as error:
        raise ConfigError(f"{error} Without it, name the registration as connection/registration/id.") from error
