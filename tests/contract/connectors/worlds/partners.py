"""Worlds whose object stands for several entities: beside each record that is meant there is one that is not."""

from collections.abc import Mapping
from typing import Any

from mappings.loader import load
from sandbox.hubspot.portal import USER
from tests.contract.connectors.worlds.hubspot import HubSpotCompanies
from tests.contract.connectors.worlds.salesforce import SalesforceAccounts


class SalesforceRegistrations(SalesforceAccounts):
    """A `SourceWorld` of leads with the record type, by polling; a "deletion" takes the record type away."""

    table, named = load("salesforce")["registration"], "company"

    def create(self, name: str) -> str:
        partner = self.act({"fields": {"Name": "Blue Reseller", "Is_Partner__c": True}})
        said = {"LastName": "Okafor", "Company": name, "Registration_Partner__c": partner}
        self.act({"fields": said}, "Lead")
        kind = self._running.call(lambda: self._running.org.record_type("Lead", "Deal_Registration"))
        return self.act({"fields": {**said, "RecordTypeId": kind}}, "Lead")

    def edit(self, record_id: str, name: str) -> None:
        self.act({"id": record_id, "fields": {"Company": name}}, "Lead")

    def delete(self, record_id: str) -> None:
        self.act({"id": record_id, "fields": {"RecordTypeId": None}}, "Lead")

    def state(self) -> Mapping[str, str]:
        return {row["Id"]: row["Company"] for row in self.rows("Lead") if row["RecordTypeId"] is not None}


class SalesforcePartners(SalesforceAccounts):
    """A `SourceWorld` of accounts that are ticked, by Change Data Capture; a "deletion" takes the tick away."""

    table, changes = load("salesforce")["partner"], "cdc"

    def create(self, name: str) -> str:
        self.act({"fields": {"Name": name}})
        return self.act({"fields": {"Name": name, "Is_Partner__c": True}})

    def delete(self, record_id: str) -> None:
        self.act({"id": record_id, "fields": {"Is_Partner__c": False}})

    def state(self) -> Mapping[str, str]:
        return {row["Id"]: row["Name"] for row in self.rows("Account") if row["Is_Partner__c"]}


class _HubSpotMembers(HubSpotCompanies):
    """Records of `object` that are meant by `meant`; a "deletion" makes one of them `left`."""

    object: str
    name: str
    meant: Mapping[str, str]
    left: Mapping[str, str]
    always: Mapping[str, str] = {}

    def create(self, name: str) -> str:
        named = {**self.always, self.name: name}
        self.act(self.object, **named)
        return self.act(self.object, **named, **self.meant)

    def _change(self, record_id: str, changes: Mapping[str, str]) -> None:
        portal, kind = self._running.portal, self.type(self.object)
        record: Any = portal.store.get(kind.id, record_id)
        self._running.call(lambda: portal.crm.update(kind, record, dict(changes), USER))

    def edit(self, record_id: str, name: str) -> None:
        self._change(record_id, {self.name: name})

    def delete(self, record_id: str) -> None:
        self._change(record_id, self.left)

    def state(self) -> Mapping[str, str]:
        rows = [row for row in self.rows(self.object) if not row.archived]
        return {row.id: row.properties[self.name] for row in rows if self.table.takes(row.properties)}


class HubSpotLeads(_HubSpotMembers):
    """A `SourceWorld` of contacts in the first stages of their life, by search."""

    table, named = load("hubspot")["lead"], "company"
    object, name = "contacts", "company"
    meant, left = {"lifecyclestage": "lead"}, {"lifecyclestage": "customer"}
    always = {"lastname": "Okafor"}  # noqa: RUF012


class HubSpotPartners(_HubSpotMembers):
    """A `SourceWorld` of companies that are ticked, by the journal."""

    table, changes = load("hubspot")["partner"], "journal"
    object, name = "companies", "name"
    meant, left = {"tandem_is_partner": "true"}, {"tandem_is_partner": "false"}
