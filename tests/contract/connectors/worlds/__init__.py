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
from tests.contract.connectors.worlds.crossbeam import CrossbeamAccounts, CrossbeamSignals, at_crossbeam
from tests.contract.connectors.worlds.hubspot import (
    HubSpotCompanies,
    HubSpotJournal,
    HubSpotOverlaps,
    HubSpotSummaries,
    HubSpotWebhooks,
    in_portal,
)
from tests.contract.connectors.worlds.moodle import (
    MoodleBadges,
    MoodleEnrolments,
    MoodleLearners,
    MoodleUsers,
    in_moodle,
)
from tests.contract.connectors.worlds.partner_list import in_folder
from tests.contract.connectors.worlds.partners import (
    HubSpotLeads,
    HubSpotPartners,
    SalesforcePartners,
    SalesforceRegistrations,
)
from tests.contract.connectors.worlds.partnerstack import (
    StackDeals,
    StackLeads,
    StackOutcomes,
    StackPartners,
    StackStandings,
    StackWebhooks,
    in_account_of_partnerstack,
)
from tests.contract.connectors.worlds.portal import at_portal
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
from tests.contract.connectors.worlds.skilljar import (
    SkilljarCertificates,
    SkilljarEnrollments,
    SkilljarLearners,
    SkilljarUsers,
    in_academy,
)
from tests.contract.connectors.worlds.xapi import XapiSent, XapiStore, at_store

__all__ = ["SINKS", "SOURCES", "Reader", "SinkWorld", "SourceWorld", "push", "send", "writes"]

SOURCES: Mapping[str, Callable[[], AbstractContextManager[SourceWorld]]] = {
    "salesforce by cdc": in_org(SalesforceEvents),
    "salesforce by polling": in_org(SalesforceAccounts),
    "salesforce registrations by polling": in_org(SalesforceRegistrations),
    "salesforce partners by cdc": in_org(SalesforcePartners),
    "hubspot leads by search": in_portal(HubSpotLeads),
    "hubspot partners by journal": in_portal(HubSpotPartners),
    "hubspot by search": in_portal(HubSpotCompanies),
    "hubspot by journal": in_portal(HubSpotJournal),
    "hubspot by webhooks": in_portal(HubSpotWebhooks),
    "partner list": in_folder,
    "moodle users": in_moodle(MoodleLearners),
    "moodle enrolments": in_moodle(MoodleEnrolments),
    "moodle badges": in_moodle(MoodleBadges),
    "skilljar users": in_academy(SkilljarLearners),
    "skilljar enrollments": in_academy(SkilljarEnrollments),
    "skilljar certificates": in_academy(SkilljarCertificates),
    "aws marketplace by listing": in_account(MarketplaceOffers),
    "aws marketplace by events": in_account(MarketplaceEvents),
    "aws partner central by listing": in_central(PartnerCentralListing),
    "aws partner central by events": in_central(PartnerCentralEvents),
    "crossbeam overlaps": at_crossbeam(CrossbeamAccounts),
    "crossbeam signals": at_crossbeam(CrossbeamSignals),
    "portal": at_portal,
    "xapi by reading": at_store(XapiStore),
    "xapi by reading a store that does not say through when it is consistent": at_store(
        XapiStore, says_consistent=False
    ),
    "xapi by sending": at_store(XapiSent),
    "partnerstack by listing": in_account_of_partnerstack(StackDeals),
    "partnerstack partners by listing": in_account_of_partnerstack(StackPartners),
    "partnerstack by webhooks": in_account_of_partnerstack(StackWebhooks),
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
    "moodle users by mail address": in_moodle(MoodleUsers),
    "skilljar users by mail address": in_academy(SkilljarUsers),
    "partnerstack by id": in_account_of_partnerstack(StackOutcomes),
    "partnerstack partners by id": in_account_of_partnerstack(StackStandings),
    "partnerstack leads by key": in_account_of_partnerstack(StackLeads),
}
