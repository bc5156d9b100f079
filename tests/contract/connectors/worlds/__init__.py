"""The systems that every connector contract is tested with, one module for each; a test knows them by name only."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

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
}
SINKS: Mapping[str, Callable[[], AbstractContextManager[SinkWorld]]] = {
    "salesforce by external id": in_org(SalesforceOverlaps),
    "salesforce by id": in_org(SalesforceSummaries),
    "salesforce by external id in bulk": in_org(SalesforceOverlapsInBulk),
    "salesforce by id in bulk": in_org(SalesforceSummariesInBulk),
    "hubspot by key": in_portal(HubSpotOverlaps),
    "hubspot by id": in_portal(HubSpotSummaries),
}
