"""The systems that every connector contract is tested with, one module for each; a test knows them by name only."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from tests.contract.connectors.worlds.aws_marketplace import (
    MarketplaceCreations,
    MarketplaceEvents,
    MarketplaceOffers,
    MarketplaceUpdates,
    in_account,
)
from tests.contract.connectors.worlds.aws_partner_central import (
    PartnerCentralByDeal,
    PartnerCentralById,
    PartnerCentralEvents,
    PartnerCentralListing,
    in_central,
)
from tests.contract.connectors.worlds.base import SinkWorld, SourceWorld
from tests.contract.connectors.worlds.hubspot import (
    HubSpotCompanies,
    HubSpotJournal,
    HubSpotOverlaps,
    HubSpotSummaries,
    HubSpotWebhooks,
    in_portal,
)
from tests.contract.connectors.worlds.partner_list import in_folder
from tests.contract.connectors.worlds.reader import Reader, push, send, writes
from tests.contract.connectors.worlds.salesforce import (
    SalesforceAccounts,
    SalesforceEvents,
    SalesforceOverlaps,
    SalesforceOverlapsInBulk,
    SalesforceSummaries,
    SalesforceSummariesInBulk,
    in_org,
)

__all__ = ["SINKS", "SOURCES", "Reader", "SinkWorld", "SourceWorld", "push", "send", "writes"]

SOURCES: Mapping[str, Callable[[], AbstractContextManager[SourceWorld]]] = {
    "salesforce by cdc": in_org(SalesforceEvents),
    "salesforce by polling": in_org(SalesforceAccounts),
    "hubspot by search": in_portal(HubSpotCompanies),
    "hubspot by journal": in_portal(HubSpotJournal),
    "hubspot by webhooks": in_portal(HubSpotWebhooks),
    "partner list": in_folder,
    "aws marketplace by listing": in_account(MarketplaceOffers),
    "aws marketplace by events": in_account(MarketplaceEvents),
    "aws partner central by listing": in_central(PartnerCentralListing),
    "aws partner central by events": in_central(PartnerCentralEvents),
}
SINKS: Mapping[str, Callable[[], AbstractContextManager[SinkWorld]]] = {
    "salesforce by external id": in_org(SalesforceOverlaps),
    "salesforce by id": in_org(SalesforceSummaries),
    "salesforce by external id in bulk": in_org(SalesforceOverlapsInBulk),
    "salesforce by id in bulk": in_org(SalesforceSummariesInBulk),
    "hubspot by key": in_portal(HubSpotOverlaps),
    "hubspot by id": in_portal(HubSpotSummaries),
    "aws marketplace by id": in_account(MarketplaceUpdates),
    "aws marketplace by key": in_account(MarketplaceCreations),
    "aws partner central by id": in_central(PartnerCentralById),
    "aws partner central by deal": in_central(PartnerCentralByDeal),
}
