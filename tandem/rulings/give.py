"""Puts a ruling into the one order in which it is decided over; it never judges it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, Unpack

from schemas import topics
from schemas.codec import encode, new_trace
from schemas.log import Unreachable
from schemas.messages import CRM_ENTITIES, Ruling, RulingGiven, identity
from schemas.topics import Topic
from tandem.compose import Deployment
from tandem.kafka.log import KafkaJournal
from tandem.sections import Offers, Partners, Reconcile
from tandem.settings import ConfigError


@dataclass(frozen=True)
class Order:
    """What decides over a ruling, and of which entities of which connections it may be. `setting` names the latter."""

    topic: Topic
    setting: str
    records: Mapping[str, Collection[str]]

    def known(self, ref: str) -> None:
        """Raise `ConfigError` unless a record can be meant."""
        connection, _, rest = ref.partition("/")
        entity, _, record_id = rest.partition("/")
        if entity in self.records.get(connection, ()) and record_id:
            return
        listed = "; ".join(f"{name} ({', '.join(entities)})" for name, entities in self.records.items())
        raise ConfigError(
            f"{ref!r} is no record that can be meant here. Remedy: write it as connection/entity/id. "
            f"{self.setting} has {listed or 'no connections'}"
        )


def of_reconciliation(settings: Reconcile) -> Order:
    """What is ruled of records that are kept in step."""
    records = dict.fromkeys(settings.connections, tuple(CRM_ENTITIES))
    return Order(topics.OUR_CHANGES, "[reconcile] connections", records)


def of_offers(settings: Offers) -> Order:
    """What is ruled of private offers. Raises `ConfigError` where the deployment has none."""
    if not settings.connections:
        remedy = 'name your connections in [offers]: deals = ["our-crm"], marketplace = "our-aws"'
        raise ConfigError(f"this deployment ties no deals to private offers. Remedy: {remedy}")
    records: dict[str, Collection[str]] = dict.fromkeys(settings.deals, ("deal",))
    if settings.marketplace:
        records[settings.marketplace] = ("offer",)
    if settings.partner_central:
        records[settings.partner_central] = ("cosell_invitation",)
    return Order(topics.OFFER_CHANGES, "[offers]", records)


def of_leads(settings: Partners) -> Order:
    """What is ruled of leads. Raises `ConfigError` where the deployment routes none."""
    return _of_partners(settings, topics.LEAD_CHANGES, {"lead": settings.crms, "partner_lead": settings.prms})


def of_registrations(settings: Partners) -> Order:
    """What is ruled of deal registrations. Raises `ConfigError` where the deployment takes none."""
    return _of_partners(settings, topics.REGISTRATION_CHANGES, {"registration": (*settings.crms, *settings.prms)})


def _of_partners(settings: Partners, topic: Topic, holders: Mapping[str, Collection[str]]) -> Order:
    if not settings.connections:
        remedy = 'name your connections in [partners]: crms = ["our-crm"], prms = ["our-prm"]'
        raise ConfigError(f"this deployment has no partner management. Remedy: {remedy}")
    records = {
        name: tuple(entity for entity, names in holders.items() if name in names)
        for name in (*settings.crms, *settings.prms)
    }
    return Order(topic, "[partners]", records)


class Rest(TypedDict, total=False):
    """What goes with a ruling, where it does."""

    connection: str | None
    until: date | None
    note: str | None
    partner: str | None


def ruled(
    order: Order, ruling: Ruling, refs: tuple[str, ...], *, by: str, at: datetime, **rest: Unpack[Rest]
) -> RulingGiven:
    """The ruling. Raises `ConfigError` for a record or connection that cannot be meant."""
    for ref in refs:
        order.known(ref)
    connection, partner = rest.get("connection"), rest.get("partner")
    if connection is not None and connection not in order.records:
        named = ", ".join(order.records) or "none"
        raise ConfigError(f"{connection!r} has no part in this. {order.setting} names {named}")
    return RulingGiven(
        id=identity(ruling, *refs, connection or "", partner or "", by, at.isoformat()),
        ruling=ruling,
        refs=refs,
        until=rest.get("until"),
        note=rest.get("note") or None,
        connection=connection,
        partner=partner,
        by=by,
        at=at,
    )


def alike(refs: tuple[str, ...]) -> None:
    """Raise `ConfigError` unless the records are of one entity."""
    if len({ref.split("/")[1] for ref in refs}) > 1:
        raise ConfigError("the two records are of different entities. Remedy: name two of the same entity.")


def publish(deployment: Deployment, order: Order, given: RulingGiven, key: str = topics.ONE_ORDER) -> None:
    """Tell it; `key` is that of the order's topic. Raises `schemas.log.Unreachable` where no broker answers."""
    broker = deployment.embedded
    if broker is not None and not broker.answers():
        raise Unreachable(f"the embedded broker does not answer at {broker.bootstrap}. Remedy: start `tandem up`")
    deployment.admin.ensure(deployment.topics)
    journal = KafkaJournal(deployment.conf, f"ruling.{given.id}", deployment.ids)
    output = encode(order.topic, key, given, source="ruling", event_id=given.id, trace=new_trace())
    journal.commit([output], {})
    journal.close()
