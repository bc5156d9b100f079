"""Rules over two accounts, ours and a partner's: finds the records that a person means and publishes the ruling."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas import topics
from schemas.messages import Ruling, RulingGiven, identity
from tandem.compose import Deployment
from tandem.ledger import overlaps
from tandem.ledger.running import Ledger
from tandem.ledger.store import NoLedger
from tandem.rulings.give import Order, publish
from tandem.settings import ConfigError


@dataclass(frozen=True)
class Word:
    """What a person says of a pair. Without `theirs`, `ours` names an overlap."""

    ruling: Ruling
    ours: str
    theirs: str | None
    by: str
    note: str | None = None


def rule(deployment: Deployment, word: Word, at: datetime) -> RulingGiven:
    """The ruling as it was told; it stands in the order of our account, so that it is decided exactly once.

    Raises `ConfigError` where a record cannot be meant, `tandem.ledger.queries.Unknown` where the ledger knows no such
    overlap, and `schemas.log.Unreachable` where no broker answers.
    """
    order = of_matches(deployment)
    ours, theirs = _refs(deployment, word)
    order.known(ours)
    order.known(theirs)
    _sides(deployment, ours, theirs)
    given = RulingGiven(
        id=identity(word.ruling, ours, theirs, word.by, at.isoformat()),
        ruling=word.ruling,
        refs=(ours, theirs),
        note=word.note,
        by=word.by,
        at=at,
    )
    publish(deployment, order, given, key=ours)
    return given


def of_matches(deployment: Deployment) -> Order:
    """What is ruled of pairs of accounts."""
    records: Mapping[str, tuple[str, ...]] = dict.fromkeys(deployment.settings.connections, ("account",))
    return Order(topics.MATCH_PAIRS, "[connections]", records)


def _refs(deployment: Deployment, word: Word) -> tuple[str, str]:
    if word.theirs is not None:
        return word.ours, word.theirs
    try:
        with Ledger(deployment).asking() as asked:
            found = overlaps.one(asked, word.ours)
            return found.our_ref, overlaps.their_ref(asked, found.overlap)
    except NoLedger as error:
        raise ConfigError(f"{error} Without it, name both accounts as connection/account/id.") from error


def _sides(deployment: Deployment, ours: str, theirs: str) -> None:
    """Our account comes first; a network's connection is ours and tells of partners' accounts."""
    first, second = (ref.partition("/")[0] for ref in (ours, theirs))
    if deployment.settings.connection(first).party != "us" or first == second:
        raise ConfigError(
            f"{ours} and {theirs} are not one of ours and one of a partner's. Remedy: name ours first, then the partner's."
        )
