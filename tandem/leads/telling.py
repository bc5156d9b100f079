"""Rules over leads: finds the lead and the partner that a person means and publishes what was ruled; it decides nothing."""

from dataclasses import dataclass
from datetime import datetime

from schemas.messages import Ruling, RulingGiven
from tandem.compose import Deployment
from tandem.ledger import leads
from tandem.ledger.running import Ledger
from tandem.ledger.store import NoLedger
from tandem.rulings.give import of_leads, publish, ruled


@dataclass(frozen=True)
class Word:
    """What a person says of which lead, and for which partner."""

    ruling: Ruling
    lead: str
    partner: str | None
    by: str
    note: str | None = None


def rule(deployment: Deployment, word: Word, at: datetime) -> RulingGiven:
    """The ruling as it was told.

    Raises `ConfigError` where a record cannot be meant, `tandem.ledger.queries.Unknown` for a lead or partner that is
    nobody's, and `schemas.log.Unreachable` where no broker answers.
    """
    order = of_leads(deployment.settings.partners)
    whole = word.lead.count("/") >= 2
    if whole:
        order.known(word.lead)
    ref = word.lead
    try:
        with Ledger(deployment).asking() as asked:
            ref = word.lead if whole else leads.route(asked, word.lead).lead
            if word.partner is not None:
                leads.partner(asked, word.partner)
    except NoLedger:
        if not whole:
            raise
    given = ruled(order, word.ruling, (ref,), by=word.by, at=at, note=word.note, partner=word.partner)
    publish(deployment, order, given)
    return given
