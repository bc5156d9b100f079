"""Keeps the list that `tandem check` compares an org with in step with what an admin deploys."""

from importlib.resources import files

import botocore.session

from connectors.salesforce.package import shipped
from mappings.converters import Choice, Picks
from mappings.loader import load
from tests.unit.deploy.package_list import PROJECT, render
from tests.unit.deploy.project import NS, all_fields, permission_sets, text, values


def test_the_list_in_the_wheel_is_what_the_project_holds() -> None:
    listed = files("connectors.salesforce").joinpath("package.toml").read_text("utf-8")
    assert listed == render(PROJECT), "run `python -m tests.unit.deploy.package_list`"


def test_the_list_can_be_read_and_names_the_keys() -> None:
    package = shipped()
    keys = {f"{name}.{field}" for name, fields in package.objects.items() for field in fields if fields[field].key}
    assert keys == {
        "Account.Source_Id__c",
        "Account.Tandem_Key__c",
        "Contact.Tandem_Key__c",
        "Deal_Registration__c.Registration_Key__c",
        "Lead.Tandem_Key__c",
        "Opportunity.Tandem_Key__c",
        "Partner_Overlap__c.Overlap_Key__c",
        "Private_Offer__c.Offer_Key__c",
    }
    assert package.change_events == ("Account", "Contact", "Lead", "Opportunity")


# Fields that need no grant (required, or part of the name), and parts of an address, which is granted as a whole.
UNGRANTED = {"Name", "LastName", "FirstName", "Company", "Status", "StageName", "CloseDate"}
KEPT_BY_THE_PLATFORM = {"ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "CreatedDate"}
WHOLE = {
    "Account": {f"Billing{part}": "BillingAddress" for part in ("Street", "City", "PostalCode", "State", "Country")},
    "Lead": dict.fromkeys(("Street", "City", "PostalCode", "State", "Country"), "Address"),
}


def test_the_permission_set_lets_tandem_write_every_field_that_the_mapping_writes() -> None:
    node = permission_sets(PROJECT)["Tandem_Integration"]
    editable = {text(one, "m:field") for one in node.iterfind("m:fieldPermissions[m:editable='true']", NS)}
    required = {name for name, one in all_fields(PROJECT) if text(one, "m:required") == "true"}
    written = {
        f"{table.object}.{WHOLE.get(table.object, {}).get(each.vendor, each.vendor)}"
        for table in load("salesforce").values()
        if table.writes
        for each in table.fields.values()
        if len(each.path) == 1 and each.vendor not in UNGRANTED | KEPT_BY_THE_PLATFORM
    }
    assert written - editable - required == set(), "grant them in Tandem_Integration.permissionset-meta.xml"


def test_every_spelling_of_the_mapping_can_be_chosen_in_the_org() -> None:
    offered = {name: set(values(node)) for name, node in all_fields(PROJECT)}
    spelt = {
        f"{table.object}.{each.vendor}": set(each.converter.values)
        for table in load("salesforce").values()
        for each in table.fields.values()
        if isinstance(each.converter, Choice | Picks) and f"{table.object}.{each.vendor}" in offered
    }
    assert {name: spelt[name] - offered[name] for name in spelt if spelt[name] != offered[name]} == {}


def test_a_customer_is_in_an_industry_that_partner_central_knows() -> None:
    model = botocore.session.get_session().get_service_model("partnercentral-selling")
    [field] = [node for name, node in all_fields(PROJECT) if name == "Opportunity.Industry__c"]
    assert values(field) == model.shape_for("Industry").enum
