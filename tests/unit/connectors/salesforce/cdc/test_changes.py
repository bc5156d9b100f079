"""What is told of an event: whole records, kinds, transactions, hands; and that a kill at any of them loses nothing."""

import pytest

from connectors.salesforce.cdc import feed
from mappings.loader import load
from schemas.messages import ChangeKind

TABLES = load("salesforce")


def names(changes):
    return [change.row["Name"] for change in changes]


def test_an_update_of_one_field_is_told_with_every_mapped_field_and_none_of_them_null(world):
    acme = world.create(Name="Acme", Website="https://acme.com", BillingCity="Berlin", Description="x" * 3000)
    world.pull()
    world.update(acme, Phone="+49 30 1234")
    (change,) = world.pull()
    row = change.row
    assert (row["Name"], row["Website"], row["BillingCity"]) == ("Acme", "https://acme.com", "Berlin")
    assert (row["Phone"], row["Description"], row["Owner"]["Name"]) == ("+49 30 1234", "x" * 3000, "Ada Admin")


def test_a_field_that_was_set_to_null_is_null(world):
    acme = world.create(Name="Acme", Website="https://acme.com")
    world.pull()
    world.update(acme, Website=None)
    (change,) = world.pull()
    assert (change.row["Website"], change.row["Name"]) == (None, "Acme")


def test_a_part_of_a_compound_field_is_told(world):
    acme = world.create(Name="Acme", BillingCity="Berlin", BillingCountry="Germany")
    world.pull()
    world.update(acme, BillingCity="Bonn")
    (change,) = world.pull()
    assert (change.row["BillingCity"], change.row["BillingCountry"]) == ("Bonn", "Germany")


def test_a_long_text_that_comes_as_a_difference_is_told_whole(world):
    text = "\n".join(f"line {number} of a long description" for number in range(100))
    acme = world.create(Name="Acme", Description=text)
    world.pull()
    changed = text.replace("line 50", "LINE 50")
    world.update(acme, Description=changed)
    (change,) = world.pull()
    assert change.row["Description"] == changed


def test_an_update_of_fields_that_are_not_mapped_costs_no_call_and_moves_the_place(world):
    acme = world.create(Name="Acme")
    world.pull()
    before, calls = world.cursors["/stream"], world.calls()
    world.update(acme, ShippingCity="Bonn", AccountNumber="17")
    assert world.pull() == []
    assert world.calls() == calls
    assert world.cursors["/stream"] != before


def test_one_event_with_several_record_ids_is_told_of_each(world):
    ids = [world.create(Name="Acme") for _ in range(3)]
    world.pull()
    world.together(*({"object": "Account", "id": each, "fields": {"Phone": "112"}} for each in ids))
    told = world.pull()
    assert sorted(change.record_id for change in told) == sorted(ids)
    assert len({change.transaction for change in told}) == 1


def test_what_was_committed_at_once_stays_together_and_a_new_commit_has_another_name(world):
    world.pull()
    world.together(*({"object": "Account", "fields": {"Name": f"Account {n}"}} for n in range(5)))
    world.create(Name="Alone")
    told = world.pull()
    assert [change.transaction for change in told].count(told[0].transaction) == 5
    assert told[5].transaction != told[0].transaction


def test_the_conversion_of_a_lead_arrives_as_one(world):
    world.tables = {name: TABLES[name] for name in ("account", "contact", "lead", "deal")}
    lead = world.create("Lead", LastName="Okafor", Company="Acme Robotics")
    world.pull()
    world.door("convert-lead", user="admin@tandem.example", lead_id=lead)
    told = world.pull()
    assert {change.entity for change in told} == {"account", "contact", "lead", "deal"}
    assert len({change.transaction for change in told}) == 1
    (converted,) = [change for change in told if change.entity == "lead"]
    (deal,) = [change for change in told if change.entity == "deal"]
    assert converted.row["ConvertedOpportunityId"] == deal.record_id


def test_the_place_moves_past_a_transaction_only_with_its_last_change(world):
    world.pull()
    before = world.cursors["/stream"].split()[0]
    world.together(*({"object": "Account", "fields": {"Name": f"Account {n}"}} for n in range(3)))
    cursors = [change.cursor.split()[0] for change in world.pull()]
    assert cursors[:2] == [before, before]
    assert cursors[2] != before


@pytest.mark.parametrize("killed_after", [None, 0, 1, 5, 16, 31, 39])
def test_a_transaction_larger_than_a_fetch_is_told_whole_under_one_name(world, monkeypatch, killed_after):
    monkeypatch.setattr(feed, "FETCH", 3)
    world.pull()
    world.create(Name="Before")
    ids = world.together(*({"object": "Account", "fields": {"Name": f"Account {n}"}} for n in range(40)))
    world.create(Name="After")
    if killed_after is not None:
        world.pull(stop_after=killed_after)
    world.pull()
    told = [change for change in world.told if change.record_id in ids]
    assert len({change.transaction for change in told}) == 1
    assert [change.record_id for change in told][-40:] == ids
    assert {each: row["Name"] for each, row in world.view().items()} == world.state()


@pytest.mark.parametrize("killed_after", range(6))
def test_a_kill_at_any_event_of_a_conversion_and_a_merge_loses_nothing(world, killed_after):
    world.tables = {name: TABLES[name] for name in ("account", "contact", "lead", "deal")}
    winner, loser = world.create(Name="Winner"), world.create(Name="Loser")
    lead = world.create("Lead", LastName="Okafor", Company="Acme Robotics")
    world.pull()
    world.door("convert-lead", user="admin@tandem.example", lead_id=lead)
    world.door("merge", user="admin@tandem.example", object="Account", master=winner, losers=[loser])
    world.pull(stop_after=killed_after)
    world.pull()
    assert {each: row["Name"] for each, row in world.view().items()} == world.state()
    assert set(world.view("deal")) == set(world.state("Opportunity"))
    assert world.view("lead")[lead]["Status"] == "Closed - Converted"
    merged, *_ = [change for change in world.told if change.record_id == loser and change.kind is ChangeKind.MERGED]
    assert merged.merged_into == winner


@pytest.mark.parametrize("killed_after", range(7))
def test_a_kill_at_any_event_of_the_stream_loses_nothing(world, killed_after):
    ids = [world.create(Name=f"Account {n}") for n in range(3)]
    world.pull()
    world.together(*({"object": "Account", "id": each, "fields": {"Name": "Together"}} for each in ids))
    world.update(ids[0], Name="Alone")
    world.delete(ids[1])
    world.create(Name="New")
    world.pull(stop_after=killed_after)
    world.pull()
    assert {each: row["Name"] for each, row in world.view().items()} == world.state()


def test_a_change_says_who_made_it_by_what_way_and_whether_it_was_tandem(world):
    acme = world.create(Name="Acme")
    world.pull()
    api = "com/salesforce/api/rest/59.0;client=tandem"
    user = world.running.org.integration_id
    world.door("edit", user=user, object="Account", id=acme, fields={"Name": "By us"}, origin=api)
    world.update(acme, Name="By them")
    ours, theirs = world.pull()
    assert (ours.own, ours.actor, ours.origin) == (True, user, api)
    assert (theirs.own, theirs.actor, theirs.origin) == (False, world.running.org.admin_id, None)


def test_several_edits_of_one_user_in_one_look_are_one_change(world):
    acme = world.create(Name="Acme")
    world.pull()
    for name in ("Acme 1", "Acme 2", "Acme 3"):
        world.update(acme, Name=name)
    assert names(world.pull()) == ["Acme 3"]


def test_a_deletion_and_an_undeletion_arrive_as_what_they_are(world):
    acme = world.create(Name="Acme")
    world.pull()
    world.delete(acme)
    (gone,) = world.pull()
    world.door("undelete", user="admin@tandem.example", object="Account", id=acme)
    (back,) = world.pull()
    assert (gone.kind, gone.row) == (ChangeKind.DELETED, None)
    assert (back.kind, back.row["Name"]) == (ChangeKind.RESTORED, "Acme")
    assert back.version > gone.version


def test_a_merge_carries_its_winner_and_its_losers(world):
    winner, one, two = (world.create(Name=name) for name in ("Winner", "Loser 1", "Loser 2"))
    world.pull()
    world.door("merge", user="admin@tandem.example", object="Account", master=winner, losers=[one, two])
    told = {change.record_id: change for change in world.pull()}
    assert {told[each].kind for each in (one, two)} == {ChangeKind.MERGED}
    assert {told[each].merged_into for each in (one, two)} == {winner}
    assert (told[winner].kind, set(told[winner].absorbed)) == (ChangeKind.UPSERTED, {one, two})
    assert len({change.transaction for change in told.values()}) == 1
