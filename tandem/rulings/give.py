"""Puts a ruling into the one order of our changes; it never judges it."""

from schemas import topics
from schemas.codec import encode, new_trace
from schemas.messages import CRM_ENTITIES, Ruling, RulingGiven, identity
from tandem.compose import Deployment, now
from tandem.kafka.log import KafkaJournal
from tandem.settings import ConfigError


def give(deployment: Deployment, ruling: Ruling, refs: tuple[str, ...], connection: str | None, by: str) -> RulingGiven:
    """The ruling as it was published. Raises `ConfigError` for a record or connection that cannot be meant."""
    reconciled = deployment.settings.reconcile.connections
    for ref in refs:
        _known(ref, reconciled)
    if connection is not None and connection not in reconciled:
        raise ConfigError(
            f"{connection!r} is not reconciled. [reconcile] connections names {', '.join(reconciled) or 'none'}"
        )
    if len({ref.split("/")[1] for ref in refs}) > 1:
        raise ConfigError("the two records are of different entities. Remedy: name two of the same entity.")
    at = now()
    given = RulingGiven(
        id=identity(ruling, *refs, connection or "", by, at.isoformat()),
        ruling=ruling,
        refs=refs,
        connection=connection,
        by=by,
        at=at,
    )
    deployment.admin.reachable()
    journal = KafkaJournal(deployment.conf, f"ruling.{given.id}", deployment.ids)
    output = encode(topics.OUR_CHANGES, topics.ONE_ORDER, given, source="ruling", event_id=given.id, trace=new_trace())
    journal.commit([output], {})
    journal.close()
    return given


def _known(ref: str, reconciled: tuple[str, ...]) -> None:
    connection, _, rest = ref.partition("/")
    entity, _, record_id = rest.partition("/")
    if connection not in reconciled or entity not in CRM_ENTITIES or not record_id:
        raise ConfigError(
            f"{ref!r} is no record that is reconciled. Write it as connection/entity/id, "
            f"with a connection of {', '.join(reconciled) or 'none'} and an entity of {', '.join(CRM_ENTITIES)}"
        )
