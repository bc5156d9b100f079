"""One story through all of it: Acme Robotics is our prospect, and a customer of our partner Acme Cloud."""

import pytest

from tests.e2e.hub import Hub, hub

ROBOTICS = {
    "id": "p1",
    "name": "ACME ROBOTICS",
    "website": "www.acme-robotics.de",
    "population": "customer",
    "owner": "Mei Lin",
}
OTHER = {"id": "p2", "name": "Zyxtron Holdings", "website": "zyxtron.com", "population": "prospect"}


@pytest.fixture
def world(tmp_path):
    with hub(tmp_path) as found:
        yield found


def given_both_hold_acme_robotics(world: Hub) -> str:
    account = world.a_rep_creates(
        Name="Acme Robotics GmbH", Website="https://acme-robotics.de", Partner_Population__c="Prospect"
    )
    world.partner_delivers("acme", ROBOTICS, OTHER)
    world.runs()
    return account


def test_the_rep_finds_the_partner_on_the_account_and_reads_why(world):
    account = given_both_hold_acme_robotics(world)
    [overlap] = world.overlaps()
    assert overlap["Account__c"] == account
    assert overlap["Partner_Name__c"] == "Acme Cloud"
    assert (overlap["Our_Population__c"], overlap["Partner_Population__c"]) == ("Prospect", "Customer")
    assert overlap["Main_Reason__c"].startswith("same name but for legal form")
    assert world.account(account)["Partner_Count__c"] == 1
    assert world.account(account)["Best_Partner__c"] == "Acme Cloud"


def test_the_rep_sees_that_the_account_fits_and_what_the_partner_says_for_it(world):
    account = given_both_hold_acme_robotics(world)
    assert world.account(account)["Partner_Qualified__c"] is False
    world.a_rep_edits(
        account, Industry="Technology", NumberOfEmployees=400, AnnualRevenue=60_000_000, Technologies__c="AWS\nKafka"
    )
    world.runs()
    [overlap] = world.overlaps()
    assert (overlap["Fit_Band__c"], overlap["Icp_Version__c"][:7]) == ("A", "general")
    assert overlap["Evidence_Codes__c"].startswith("THEIR_CUSTOMER;")
    assert overlap["Partner_Population_Since__c"] == overlap["First_Seen__c"]
    found = world.account(account)
    assert (found["Icp_Fit_Band__c"], found["Partner_Qualified__c"]) == ("A", True)
    assert found["Partner_Qualified_Codes__c"].startswith("FITS_ICP;THEIR_CUSTOMER")


def test_when_the_rep_wins_the_account_the_overlap_says_so(world):
    account = given_both_hold_acme_robotics(world)
    world.a_rep_edits(account, Partner_Population__c="Customer")
    world.runs()
    [overlap] = world.overlaps()
    assert overlap["Our_Population__c"] == "Customer"


def test_when_the_partner_loses_the_account_the_overlap_is_closed_and_kept(world):
    account = given_both_hold_acme_robotics(world)
    world.partner_delivers("acme", OTHER)
    world.runs()
    [overlap] = world.overlaps()
    assert overlap["Status__c"] == "Ended"
    assert world.account(account)["Partner_Count__c"] == 0
    assert world.account(account)["Best_Partner__c"] is None


def test_when_the_account_comes_back_the_same_record_is_active_again(world):
    given_both_hold_acme_robotics(world)
    [before] = world.overlaps()
    world.partner_delivers("acme", OTHER)
    world.runs()
    world.partner_delivers("acme", ROBOTICS, OTHER)
    world.runs()
    [after] = world.overlaps()
    assert (after["Id"], after["Status__c"]) == (before["Id"], "Active")


def test_when_our_account_is_deleted_its_overlap_is_closed_and_nothing_is_parked(world):
    account = given_both_hold_acme_robotics(world)
    world.a_rep_deletes(account)
    world.runs()
    [overlap] = world.overlaps()
    assert (overlap["Status__c"], overlap["Account__c"]) == ("Ended", None)
    assert world.dead_letters() == []


def test_a_second_partner_is_counted_and_the_stronger_one_is_named(world):
    account = given_both_hold_acme_robotics(world)
    world.partner_delivers("bolt", {**ROBOTICS, "population": "prospect"})
    world.runs()
    assert len(world.overlaps()) == 2
    assert world.account(account)["Partner_Count__c"] == 2
    assert world.account(account)["Best_Partner__c"] == "Acme Cloud"


def test_an_edit_of_something_that_no_overlap_shows_writes_nothing(world):
    account = given_both_hold_acme_robotics(world)
    [overlap] = world.overlaps()
    world.a_rep_edits(account, Description="Builds robots.")
    world.runs()
    assert world.writes_to(overlap["Id"]) == 1


def test_our_own_writes_come_back_as_changes_and_cause_no_further_write(world):
    account = given_both_hold_acme_robotics(world)
    world.runs()  # the roll-up on the account is read as a change
    counted = world.writes_to(account)
    for _ in range(3):
        world.runs()
    assert world.writes_to(account) == counted


def test_a_row_that_cannot_be_read_is_parked_and_its_neighbours_overlap(world):
    world.a_rep_creates(Name="Acme Robotics GmbH", Website="https://acme-robotics.de")
    world.partner_delivers("acme", {**ROBOTICS, "id": ""}, {**OTHER, "population": "friend"}, {**ROBOTICS, "id": "p9"})
    world.runs()
    assert len(world.overlaps()) == 1
    letters = world.dead_letters()
    assert {letter.stage for letter in letters} == {"source:acme-list"}
    assert any("acme.csv" in letter.subject and letter.field == "id" for letter in letters)
    assert all(letter.remedy for letter in letters)


def test_a_hub_that_starts_from_nothing_finds_the_crm_in_agreement_and_touches_nothing(world, tmp_path):
    given_both_hold_acme_robotics(world)
    [overlap] = world.overlaps()
    again = Hub(world.org, tmp_path)
    again.partner_delivers("acme", ROBOTICS, OTHER)
    again.runs()
    assert [record["Id"] for record in again.overlaps()] == [overlap["Id"]]
    assert again.push.stats.unchanged >= 1
