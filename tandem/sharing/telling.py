"""Tells sharing what people rule, and that a configuration may have changed; it decides nothing."""

from datetime import datetime

from schemas import topics
from schemas.codec import encode
from schemas.messages import Ruling, RulingGiven, SharesReviewed, identity
from tandem.compose import Deployment
from tandem.kafka.log import KafkaJournal
from tandem.rulings.give import Order, publish, ruled
from tandem.settings import ConfigError
from tandem.sharing.asking import systems


def rule(deployment: Deployment, ruling: Ruling, partner: str, by: str, note: str | None, at: datetime) -> RulingGiven:
    """The ruling as it was told, in the partner's own order.

    Raises `ConfigError` where nothing of the partner's takes overlaps, `schemas.log.Unreachable` where no broker answers.
    """
    if not systems(deployment.settings, partner):
        remedy = f'name ours in a connection of party = "partner:{partner}": overlaps_from = "our-crm"'
        raise ConfigError(
            f"nothing is written into a system of {partner!r}, so there is nothing to rule. Remedy: {remedy}"
        )
    order = Order(topics.SHARING_CHANGES, "[connections]", {})
    given = ruled(order, ruling, (), by=by, at=at, note=note, partner=partner)
    publish(deployment, order, given, key=f"partner:{partner}")
    return given


def review(deployment: Deployment, at: datetime) -> list[str]:
    """Have the shares of every partner that takes overlaps decided again, where the rules are not those of before.

    Returns those partners.
    """
    settings = deployment.settings
    found = [partner for partner in settings.partner_names if systems(settings, partner)]
    if found:
        outputs = []
        for partner in found:
            party, cause = f"partner:{partner}", identity("review", partner, at.isoformat())
            again = SharesReviewed(party=party, started=True, cause=cause, at=at)
            topic = topics.SHARING_CHANGES
            outputs.append(encode(topic, party, again, source="sharing", event_id=cause, trace=None))
        journal = KafkaJournal(deployment.conf, f"sharing.{identity(at.isoformat())}", deployment.ids)
        journal.commit(outputs, {})
        journal.close()
    return found
