"""What `tandem check` finds in an org that is almost right."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors import salesforce
from connectors.salesforce.package import KEY_MARKS, shipped
from mappings.loader import load

from .conftest import refusal

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
def found(settings):
    """Every finding that is not well, by its subject."""

    def run(*tables, **changes):
        told = salesforce.checker(settings.model_copy(update=changes), clock, "our-crm")
        return {one.subject: one for one in told.check([TABLES.get(one, one) for one in tables]) if not one.ok}

    return run


@pytest.fixture
def wrong(found):
    """Those about the tables and the org, without what is deployed and assigned."""

    def run(*entities):
        setup = ("package:", "permission set", "change events")
        return {subject: one for subject, one in found(*entities).items() if not subject.startswith(setup)}

    return run


SUMMARY = (
    field("Partner_Count__c", "double"),
    field("Best_Partner__c"),
    field("Partner_Since__c", "datetime"),
)
FIGURES = (
    field("Icp_Fit_Band__c", "picklist", picklistValues=[{"value": each, "active": True} for each in "ABCD"]),
    *(field(f"Icp_Fit{each}__c", "double") for each in ("", "_Known")),
    *(field(f"Partner_{each}__c", "double") for each in ("Evidence", "Readiness", "Momentum")),
    *(field(name) for name in ("Icp_Version__c", "Partner_Qualified_Codes__c")),
    field("Partner_Qualified__c", "boolean"),
)


def test_a_right_org_has_no_findings(describe, wrong):
    describe("Account", *SUMMARY, *FIGURES)
    assert wrong("account_summary") == {}


def test_a_field_that_may_not_be_edited_is_found(describe, wrong):
    count, best, since = SUMMARY
    describe("Account", count, {**best, "updateable": False}, since, *FIGURES)
    (finding,) = wrong("account_summary").values()
    assert finding.subject == "account_summary.best_partner -> Account.Best_Partner__c"
    assert finding.detail == "not updateable for the integration user"
    assert "Tandem_Integration" in finding.remedy


def test_a_type_that_does_not_fit_is_found(describe, wrong):
    describe("Account", field("Partner_Count__c", "string"), *SUMMARY[1:], *FIGURES)
    (finding,) = wrong("account_summary").values()
    assert finding.detail == "the type string does not fit the converter integer"
    assert "double" in finding.remedy


def test_a_missing_field_is_found_with_the_nearest_name(describe, wrong):
    describe("Account", SUMMARY[0], field("Best_Partner_c"), SUMMARY[2], *FIGURES)
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


# --- what is deployed and assigned


@pytest.fixture
def deployed(org, answer, describe):
    """An org that has the package, its permission sets assigned and its change events selected."""
    for name, fields in shipped().objects.items():
        marks = {each: dict.fromkeys(KEY_MARKS, True) if it.key else {} for each, it in fields.items()}
        describe(name, *(field(each, it.type, **marks[each]) for each, it in fields.items()))
    assigned = [{"PermissionSet": {"Name": name}} for name in ("Tandem_Integration", "Tandem_Change_Events")]
    org.on_query(assigned, path="query")
    selected = [{"SelectedEntity": f"{entity}ChangeEvent"} for entity in shipped().change_events]
    org.on("GET", "/services/data/v59.0/tooling/query", answer({"records": selected}))
    return shipped().objects


def about(findings, *starts):
    return {subject: one.detail for subject, one in findings.items() if subject.startswith(starts)}


SETUP = ("package:", "permission set", "change events")


def test_an_org_that_has_everything_is_told_so(deployed, settings, found):
    assert about(found("account", "account_summary"), *SETUP) == {}
    told = salesforce.checker(settings, clock, "our-crm").check([TABLES["account"], TABLES["account_summary"]])
    well = [one.subject for one in told if one.subject.startswith(SETUP)]
    assert well == [
        *(f"package: {name}" for name in deployed),
        "permission set Tandem_Integration",
        "permission set Tandem_Change_Events",
        "change events of Account",
    ]


def test_a_missing_object_and_a_missing_field_of_the_package_are_found_each_once(deployed, org, describe, found):
    org.on(
        "GET", DESCRIBE.format("Private_Offer__c"), refusal("NOT_FOUND", "The requested resource does not exist", 404)
    )
    kept = [field(name, it.type) for name, it in deployed["Deal_Registration__c"].items() if name != "Status__c"]
    key = field("Registration_Key__c", **dict.fromkeys(KEY_MARKS, True))
    describe("Deal_Registration__c", *(each for each in kept if each["name"] != "Registration_Key__c"), key)
    lacking = about(found("account_summary"), "package:")
    assert set(lacking) == {"package: Private_Offer__c", "package: Deal_Registration__c.Status__c"}
    assert "not there or not visible" in lacking["package: Private_Offer__c"]


def test_what_the_mapping_names_is_told_once_and_by_the_mapping(deployed, describe, found):
    describe("Account", field("Partner_Count__c", "double"), field("Partner_Since__c", "datetime"))
    lacking = found("account_summary")
    assert "account_summary.best_partner -> Account.Best_Partner__c" in lacking
    assert "package: Account.Best_Partner__c" not in lacking
    assert "package: Account.Tandem_Key__c" in lacking


def test_a_field_of_another_type_and_a_key_that_is_none_are_found(deployed, describe, found):
    marks = {"externalId": True, "unique": False, "caseSensitive": False}
    for entity, kind, key in (("Contact", "string", marks), ("Lead", "double", dict.fromkeys(KEY_MARKS, True))):
        others = [field(name, it.type) for name, it in deployed[entity].items() if name != "Tandem_Key__c"]
        describe(entity, *others, field("Tandem_Key__c", kind, **key))
    lacking = about(found("account_summary"), "package:")
    assert lacking == {
        "package: Contact.Tandem_Key__c": "it lacks unique and caseSensitive",
        "package: Lead.Tandem_Key__c": "it is of the type double, the package has string",
    }


def test_a_permission_set_that_is_not_assigned_is_found_with_what_it_costs(deployed, org, found):
    org.on_query([{"PermissionSet": {"Name": "Other"}}], path="query")
    lacking = about(found("account"), "permission set")
    assert set(lacking) == {"permission set Tandem_Integration", "permission set Tandem_Change_Events"}
    assert "leaves out its change events silently" in lacking["permission set Tandem_Change_Events"]


def test_permission_sets_that_cannot_be_seen_are_no_failure(deployed, org, found):
    org.on("GET", "/services/data/v59.0/query/", refusal("INVALID_TYPE", "sObject type is not supported"))
    assert about(found("account"), "permission set") == {}


def test_an_object_that_is_not_selected_for_change_events_is_found(deployed, org, answer, found):
    org.on("GET", "/services/data/v59.0/tooling/query", answer({"records": []}))
    lacking = found("account")
    assert lacking["change events of Account"].detail == "/data/ChangeEvents does not carry them: Account is polled"
    assert "Setup, Change Data Capture" in lacking["change events of Account"].remedy


def test_a_selection_that_salesforce_does_not_show_can_be_told_in_the_settings(deployed, org, found):
    org.on("GET", "/services/data/v59.0/tooling/query", refusal("INVALID_TYPE", "not supported"))
    assert "View Setup and Configuration" in found("account")["change events of /data/ChangeEvents"].remedy
    assert about(found("account", selected=("Account",)), "change events") == {}


def test_a_connection_that_polls_or_only_reads_is_asked_for_nothing_that_it_does_not_need(deployed, org, found):
    assert about(found("account", changes="poll"), "change events") == {}
    org.on("GET", DESCRIBE.format("Private_Offer__c"), refusal("NOT_FOUND", "gone", 404))
    reading = replace(TABLES["account"], writes=False)
    assert about(found(reading), "package:") == {}


def test_a_field_that_the_platform_keeps_may_be_mapped_where_it_is_read(deployed, describe, found):
    kept = {"createable": False, "updateable": False}
    describe("Lead", field("ConvertedAccountId", "reference", **kept), field("Phone", **kept))
    lacking = found("lead")
    assert "lead.converted_account -> Lead.ConvertedAccountId" not in lacking
    assert lacking["lead.phone -> Lead.Phone"].detail == "not createable and not updateable for the integration user"


def test_used_up_bulk_jobs_are_found(org, describe, answer, found):
    limits = {"DailyApiRequests": {"Max": 9, "Remaining": 9}, "DailyBulkV2QueryJobs": {"Max": 5, "Remaining": 0}}
    org.on("GET", "/services/data/v59.0/limits/", answer(limits))
    assert found()["bulk queries"].detail == "0 of 5 left in 24 hours"


def test_a_record_type_that_the_org_lacks_is_found_with_the_entity_that_needs_it(describe, wrong):
    describe("Lead", recordTypeInfos=[{"developerName": "Inbound"}])
    for entity in ("lead", "registration"):
        finding = wrong(entity)[f"{entity} by Lead.RecordType.DeveloperName"]
        assert finding.detail == "there is no record type Deal_Registration"
        assert "deploy/salesforce" in finding.remedy


def test_a_field_that_a_condition_asks_is_looked_for_at_the_parent(describe, wrong):
    link = {"kind": "reference", "relationshipName": "Account", "referenceTo": ["Account"]}
    describe("Contact", field("AccountId", **link), field("Email", "email"))
    describe("Account", field("Is_Partners__c", "boolean"))
    lacking = wrong("partner_user")
    assert "partner_user by Contact.Email" not in lacking
    assert "'Is_Partners__c'" in lacking["partner_user by Contact.Account.Is_Partner__c"].remedy
    describe("Account", field("Is_Partner__c", "boolean"))
    assert "partner_user by Contact.Account.Is_Partner__c" not in wrong("partner_user")
