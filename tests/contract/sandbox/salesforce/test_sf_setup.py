"""What a check asks about the setup of an org: permission sets, selected change events, record types."""

from __future__ import annotations

from pathlib import Path

from sandbox.salesforce.testing import emulator

from .conftest import Api, settings

SHIPPED = Path(__file__).parents[4] / "deploy" / "salesforce"
ASSIGNED = (
    "SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE Assignee.Username = 'integration@tandem.example'"
)
MEMBERS = "SELECT EventChannel, SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'"


def test_the_permission_sets_of_the_package_are_those_of_the_integration_user() -> None:
    with emulator(settings(sfdx=SHIPPED)) as running:
        found = Api(running).query(ASSIGNED)["records"]
    names = {one["PermissionSet"]["Name"] for one in found}
    of_people = {"Tandem_Partner_Manager", "Tandem_Reader", "Tandem_Seller"}
    assert names == {"Tandem_Change_Events", "Tandem_Integration", *of_people}


def test_the_selected_change_events_are_in_the_tooling_api_only() -> None:
    with emulator(settings(sfdx=SHIPPED)) as running:
        api = Api(running)
        found = api.query(MEMBERS, "tooling/query")["records"]
        assert {one["SelectedEntity"] for one in found} == {
            "AccountChangeEvent", "ContactChangeEvent", "LeadChangeEvent", "OpportunityChangeEvent",
        }  # fmt: skip
        assert api.refusal("GET", "query", params={"q": MEMBERS})[1] == "INVALID_TYPE"
        assert api.refusal("GET", "tooling/query")[1] == "MALFORMED_QUERY"


def test_an_org_without_a_package_has_no_permission_sets(api: Api) -> None:
    assert api.query("SELECT COUNT() FROM PermissionSet")["totalSize"] == 0


KINDS = "SELECT Id, DeveloperName, SobjectType FROM RecordType"
LEADS = "SELECT RecordType.DeveloperName FROM Lead ORDER BY Id"
OKAFOR = {"LastName": "Okafor", "Company": "Acme Robotics"}


def test_a_record_type_of_the_package_can_be_chosen_changed_and_taken_away() -> None:
    with emulator(settings(sfdx=SHIPPED)) as running:
        api = Api(running)
        (kind,) = api.query(KINDS)["records"]
        assert (kind["DeveloperName"], kind["SobjectType"]) == ("Deal_Registration", "Lead")
        plain, deal = api.create("Lead", **OKAFOR), api.create("Lead", **OKAFOR, RecordTypeId=kind["Id"])
        found = [one["RecordType"] and one["RecordType"]["DeveloperName"] for one in api.query(LEADS)["records"]]
        assert found == [None, "Deal_Registration"]
        assert api("PATCH", f"sobjects/Lead/{plain}", json={"RecordTypeId": kind["Id"]}).status_code == 204
        assert api("PATCH", f"sobjects/Lead/{deal}", json={"RecordTypeId": None}).status_code == 204
        found = [one["RecordType"] and one["RecordType"]["DeveloperName"] for one in api.query(LEADS)["records"]]
        assert found == ["Deal_Registration", None]


def test_describe_tells_the_record_types_and_the_master_is_among_them() -> None:
    with emulator(settings(sfdx=SHIPPED)) as running:
        api = Api(running)
        told = {one["developerName"] for one in api("GET", "sobjects/Lead/describe").json()["recordTypeInfos"]}
        assert told == {"Deal_Registration", "Master"}
        (master,) = api("GET", "sobjects/Account/describe").json()["recordTypeInfos"]
        assert (master["developerName"], master["master"], master["recordTypeId"]) == (
            "Master",
            True,
            "012000000000000AAA",
        )


def test_an_object_without_record_types_has_no_field_for_them(api: Api) -> None:
    assert api.query(KINDS)["records"] == []
    code, words = api.refusal("GET", "query", params={"q": LEADS})[1:]
    assert (code, "RecordType" in words) == ("INVALID_FIELD", True)


def test_a_record_type_of_another_object_is_refused() -> None:
    with emulator(settings(sfdx=SHIPPED)) as running:
        api, org = Api(running), running.org
        account = {"Name": "Partner", "DeveloperName": "Partner", "SobjectType": "Account", "IsActive": True}
        kind = running.call(lambda: org.dml.insert(org.schema.require("RecordType"), account, org.admin_id))
        refused = api.refusal("POST", "sobjects/Lead", json={**OKAFOR, "RecordTypeId": kind})
        said = f"Record Type ID: this ID value isn't valid for the user: {kind}"
        assert refused == (400, "INVALID_CROSS_REFERENCE_KEY", said)
