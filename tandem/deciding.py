"""Which decisions a deployment runs, each built from its settings and its tables of rules; it runs none of them."""

from collections.abc import Callable, Mapping, Sequence

from mappings import attribution as attribution_rules
from mappings import engagement, icp, learning, routing, tiers
from mappings import offers as offer_rules
from mappings.ownership import load as load_ownership
from mappings.sharing import load as load_sharing
from mappings.table import EntityMap
from schemas import topics
from schemas.messages import CRM_ENTITIES
from schemas.topics import Topic
from streams import attribution, enablement, leads, offers, reconcile, registrations
from streams.accounts import steps as overlap_steps
from streams.accounts.mirror import Sharing
from streams.connected import Connected
from streams.decision import Step
from streams.feeding import feeding
from streams.matching.model import use
from streams.reconcile import Rules
from tandem.settings import Settings
from tandem.training.loading import load_model

Tables = Callable[[str], Mapping[str, EntityMap]]


def steps(settings: Settings, tables: Tables, read_tables: Tables) -> Sequence[Step]:
    """Every step; `tables` gives the mapping tables of a connection, `read_tables` those that are read of it.

    From here on this process matches with the deployment's model.
    """
    use(load_model(settings.matching.model))
    targets = {name: it.overlaps_from for name, it in settings.connections.items() if it.overlaps_from}
    sharing = Sharing(settings.company, targets, load_sharing(settings.mappings))
    profile = icp.load(settings.mappings)
    overlaps = overlap_steps(settings.partner_names, sharing, profile, settings.matching.write)
    found = (
        *overlaps,
        *_reconciliation(settings, read_tables),
        *_offers(settings, tables),
        *_partners(settings, tables),
    )
    return [feeding(step, partner_feeds(settings)) for step in found]


def partner_feeds(settings: Settings) -> Sequence[Topic]:
    """The inputs of the decisions about partners, where the deployment makes them."""
    return topics.PARTNER_FEEDS if settings.partners.connections else ()


def fed_by(settings: Settings, name: str) -> Sequence[Topic]:
    """The inputs in one order that a connection has a part in. What a network tells of accounts is its members', not ours."""
    found: list[Topic] = []
    if name in settings.reconcile.connections:
        found.append(topics.OUR_CHANGES)
    if name in settings.offers.connections:
        found.append(topics.OFFER_CHANGES)
    if name in settings.partners.networks:
        found.append(topics.ATTRIBUTION_CHANGES)
    elif name in settings.partners.connections:
        found += topics.PARTNER_FEEDS
    return found


def _reconciliation(settings: Settings, read_tables: Tables) -> Sequence[Step]:
    told = settings.reconcile
    rules = Rules(told.window_s, told.clock_skew_s, told.max_deleted_share, told.max_deleted)
    tables = {
        name: {entity: table for entity, table in read_tables(name).items() if entity in CRM_ENTITIES}
        for name in told.connections
    }
    return reconcile.steps(tables, load_ownership(settings.mappings), rules)


def _offers(settings: Settings, tables: Tables) -> Sequence[Step]:
    told = settings.offers
    setup = offers.Setup(
        deals=told.deals,
        marketplace=told.marketplace,
        partner_central=told.partner_central,
        offer_records=tuple(name for name in told.deals if "private_offer" in tables(name)),
        rules=offer_rules.load(settings.mappings),
    )
    return offers.steps(setup)


def _partners(settings: Settings, tables: Tables) -> Sequence[Step]:
    if not settings.partners.connections:
        return ()
    connected, folder = connections(settings, tables), settings.mappings
    learned = learning.load(folder, settings.partners.learning)
    return (
        *enablement.steps(
            enablement.Setup(connected, tiers.load(folder, learned), learned, _writable(settings, tables))
        ),
        *leads.steps(leads.Setup(connected, routing.load(folder))),
        *registrations.steps(registrations.Setup(connected, engagement.load(folder))),
        *attribution.steps(attribution.Setup(connected, attribution_rules.load(folder))),
    )


def connections(settings: Settings, tables: Tables) -> Connected:
    """Our connections as the decisions about partners know them, with what each can be written."""
    told, takes = settings.partners, dict[str, tuple[str, ...]]()
    for name in told.connections:
        if name in settings.sinks:
            for entity, table in tables(name).items():
                if table.writes:
                    takes[entity] = (*takes.get(entity, ()), name)
    return Connected(told.crms, told.prms, told.learning, takes)


def _writable(settings: Settings, tables: Tables) -> Mapping[tuple[str, str], Sequence[str]]:
    """Connection and entity to the fields that can be written there."""
    told = [name for name in settings.partners.connections if name in settings.sinks]
    return {(name, entity): table.writable for name in told for entity, table in tables(name).items() if table.writes}
