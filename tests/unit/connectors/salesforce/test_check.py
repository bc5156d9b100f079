"""What `tandem check` finds in an org that is almost right."""

from datetime import UTC, datetime

import pytest

from connectors import salesforce
from mappings.loader import load

TABLES = load("salesforce")


def clock():
    return datetime(2026, 11, 22, tzinfo=UTC)


DESCRIBE = "/services/data/v59.0/sobjects/{}/describe"
OWNER = {"name": "OwnerId", "type": "reference", "relationshipName": "Owner", "referenceTo": ["User"]}


def field(name, kind="string", **rules):
    right = {"createable": True, "updateable": True, "externalId": False, "unique": False, "length": 4000}
    return {"name": name, "type": kind, "relationshipName": None, **right, **rules}


@pytest.fixture
def describe(org, answer):
    """Scripts the objects; by default everything else about the org is well."""
    org.on("GET", "/services/data/", answer([{"version": "58.0"}, {"version": "59.0"}]))
    org.on("GET", "/services/data/v59.0/limits/", answer({"DailyApiRequests": {"Max": 1000, "Remaining": 900}}))

    def script(entity, *fields, **rights):
        rights = {"queryable": True, "createable": True, "updateable": True, **rights}
        org.on("GET", DESCRIBE.format(entity), answer({"fields": list(fields), **rights}))

    return script


@pytest.fixture
def wrong(settings):
    def run(*entities):
        findings = salesforce.checker(settings, clock, "our-crm").check([TABLES[entity] for entity in entities])
        return {finding.subject: finding for finding in findings if not finding.ok}

    return run


SUMMARY = (
    field("Partner_Count__c", "double"),
    field("Best_Partner__c"),
    field("Partner_Since__c", "datetime"),
)


def test_a_right_org_has_no_findings(describe, wrong):
    describe("Account", *SUMMARY)
    assert wrong("account_summary") == {}


def test_a_field_that_may_not_be_edited_is_found(describe, wrong):
    count, best, since = SUMMARY
    describe("Account", count, {**best, "updateable": False}, since)
    (finding,) = wrong("account_summary").values()
    assert finding.subject == "account_summary.best_partner -> Account.Best_Partner__c"
    assert finding.detail == "not updateable for the integration user"
    assert "Tandem_Integration" in finding.remedy


def test_a_type_that_does_not_fit_is_found(describe, wrong):
    describe("Account", field("Partner_Count__c", "string"), *SUMMARY[1:])
    (finding,) = wrong("account_summary").values()
    assert finding.detail == "the type string does not fit the converter integer"
    assert "double" in finding.remedy


def test_a_missing_field_is_found_with_the_nearest_name(describe, wrong):
    describe("Account", SUMMARY[0], field("Best_Partner_c"), SUMMARY[2])
    (finding,) = wrong("account_summary").values()
    assert "did you mean 'Best_Partner_c'" in finding.remedy


def test_an_object_that_may_not_be_edited_is_found(describe, wrong):
    describe("Account", *SUMMARY, updateable=False)
    assert wrong("account_summary")["account_summary -> Account"].detail == "lacks updateable"


def test_an_external_id_that_is_not_unique_is_found(describe, wrong):
    describe("Partner_Overlap__c", field("Overlap_Key__c", externalId=True))
    finding = wrong("overlap")["overlap -> Partner_Overlap__c.Overlap_Key__c"]
    assert (finding.detail, finding.remedy) == ("it lacks unique", "mark Overlap_Key__c as external id and unique")


def test_a_picklist_without_a_mapped_value_and_a_text_that_is_too_short_are_found(describe, wrong):
    active = [{"value": "Active", "active": True}, {"value": "Ended", "active": False}]
    status = field("Status__c", "picklist", restrictedPicklist=True, picklistValues=active)
    describe("Partner_Overlap__c", status, field("Partner_Name__c", length=80))
    found = wrong("overlap")
    assert found["overlap.status -> Partner_Overlap__c.Status__c"].detail == "the picklist lacks Ended"
    assert found["overlap.partner_name -> Partner_Overlap__c.Partner_Name__c"].remedy == "set max_length to 80"


def test_a_field_of_a_parent_is_followed(describe, wrong):
    describe("Account", OWNER, field("Name"))
    describe("User", field("Name"))
    found = wrong("account")
    assert "account.owner_name -> Account.Owner.Name" not in found
    assert found["account.owner_email -> Account.Owner.Email"].detail == "there is no field Email, or it is not visible"


def test_an_object_that_cannot_be_polled_is_found(describe, wrong):
    describe("Account", field("SystemModstamp", "datetime", filterable=False, sortable=True))
    assert "account -> Account.SystemModstamp" in wrong("account")


def test_a_version_that_is_not_spoken_and_a_used_up_allowance_are_found(org, describe, wrong, answer):
    org.on("GET", "/services/data/", answer([{"version": "58.0"}]))
    org.on("GET", "/services/data/v59.0/limits/", answer({"DailyApiRequests": {"Max": 1000, "Remaining": 100}}))
    found = wrong()
    assert found["API version"].remedy == "set api_version to one of 58.0"
    assert found["API calls"].detail == "100 of 1000 left in 24 hours, of which 100 are kept for others"


def test_an_org_that_answers_nothing_else_still_gives_findings_and_no_error(org, wrong):
    assert set(wrong("account")) == {"API version", "API calls", "account -> Account"}
