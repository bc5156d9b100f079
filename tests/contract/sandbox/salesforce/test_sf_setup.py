"""What a check asks about the setup of an org: permission sets and their users, and the selected change events."""

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
    assert names == {"Tandem_Change_Events", "Tandem_Integration", "Tandem_Reader", "Tandem_Seller"}


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
