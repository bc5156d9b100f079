"""The stream as the vendor has it: flow control, schemas, keepalives, silence, tokens, breaks."""

import pytest

from connectors.errors import BadCredentials, RetryLater, StopMapping


def names(changes):
    return [change.row["Name"] for change in changes]


def test_many_events_are_read_with_few_calls(world):
    ids = [world.create(Name=f"Account {number}") for number in range(120)]
    world.pull()
    calls = world.calls()
    for each in ids:
        world.update(each, Website="https://acme.com")
    assert len(world.pull()) == 120
    assert world.calls() - calls <= 4


def test_more_events_than_may_be_owed_at_once_all_come(world):
    world.pull()
    for number in range(250):
        world.create(Name=f"Account {number}")
    assert names(world.pull()) == [f"Account {number}" for number in range(250)]


def test_a_commit_that_was_aborted_is_told_again(world):
    world.pull()
    saved = dict(world.cursors)
    world.create(Name="Acme")
    assert names(world.pull()) == ["Acme"]
    world.cursors = saved
    assert names(world.pull()) == ["Acme"]
    assert world.pull() == []


def test_keepalives_move_the_place_of_a_quiet_org_so_that_it_does_not_age(world):
    world.create(Name="Acme")
    world.pull()
    for _ in range(4):
        world.wait(24 * 3600)
        world.pull()
    world.restart()
    world.create(Name="Borealis")
    assert names(world.pull()) == ["Borealis"]
    assert [note for note in world.notes if "because" in note] == []


def test_a_stream_that_is_silent_for_too_long_is_opened_anew_at_its_place(world, caplog):
    world.restart(linger_s=0.2)
    world.create(Name="Acme")
    world.pull()
    world.pubsub("silence")
    world.create(Name="Borealis")
    assert world.pull() == []
    world.now = world.now.replace(hour=11)
    assert world.pull() == []
    assert "nothing was heard for more than 300 s" in caplog.text
    world.pubsub("silence", silent=False)
    assert names(world.pull() + world.pull()) == ["Borealis"]


def test_a_token_that_runs_out_in_the_middle_of_the_stream_is_renewed(world):
    world.pull()
    world.create(Name="Acme")
    world.pull()
    world.door("expire-tokens")
    world.create(Name="Borealis")
    assert names(world.pull()) == ["Borealis"]


def test_a_stream_that_breaks_off_just_as_the_token_runs_out_is_no_wrong_password(world):
    world.pull()
    world.create(Name="Acme")
    world.door("expire-tokens")
    world.pubsub("refuse", rpc="Subscribe", status="UNAVAILABLE", code="service.unavailable", times=1)
    world.pubsub("drop")
    try:
        told = world.pull()
    except RetryLater:
        told = world.pull()
    assert names(told) == ["Acme"]


def test_a_token_that_is_refused_at_the_very_first_stream_is_renewed(world):
    world.pubsub("refuse", rpc="Subscribe", status="UNAUTHENTICATED", code="service.auth.error", times=1)
    world.create(Name="Acme")
    assert names(world.pull()) == ["Acme"]


def test_a_stream_that_refuses_even_a_new_token_says_so(world):
    world.pull()
    refused = {"rpc": "Subscribe", "status": "UNAUTHENTICATED", "code": "service.auth.error", "times": 5}
    world.pubsub("refuse", **refused)
    world.pubsub("drop")
    with pytest.raises(BadCredentials, match="even with a new token"):
        world.pull()


def test_a_stream_that_breaks_off_goes_on_where_it_was(world):
    world.pull()
    world.create(Name="Acme")
    world.pubsub("drop")
    world.create(Name="Borealis")
    assert names(world.pull()) == ["Acme", "Borealis"]


def test_a_stream_that_cannot_be_had_is_tried_again_later_and_loses_nothing(world):
    world.pull()
    world.pubsub("refuse", rpc="Subscribe", status="UNAVAILABLE", code="service.unavailable", times=2)
    world.pubsub("drop")
    world.create(Name="Acme")
    with pytest.raises(RetryLater, match="the stream broke off"):
        world.pull()
    assert names(world.pull()) == ["Acme"]


def test_a_schema_that_cannot_be_had_now_holds_the_events_back(world):
    world.pull()
    world.pubsub("refuse", rpc="GetSchema", status="UNAVAILABLE", code="service.unavailable", times=1)
    world.create(Name="Acme")
    with pytest.raises(RetryLater):
        world.pull()
    assert names(world.pull()) == ["Acme"]


def test_a_reading_that_fails_in_the_middle_of_the_stream_loses_no_event(world):
    world.pull()
    world.create(Name="Acme")
    world.arm(kind="unavailable", path="queryAll", nth=(1,))
    with pytest.raises(RetryLater):
        world.pull()
    assert names(world.pull()) == ["Acme"]


def test_an_org_without_the_package_is_told_which_line_of_the_mapping_is_meant(opened):
    bare = opened(sfdx=None)
    with pytest.raises(StopMapping, match=r"mappings/salesforce.toml, \[account\] fields\.") as raised:
        bare.pull()
    assert "deploy deploy/salesforce" in raised.value.remedy


def test_a_channel_that_does_not_exist_stops_with_its_name(world):
    world.restart(channel="/data/Nothing__chn", selected=("Account",))
    with pytest.raises(StopMapping, match="Nothing__chn"):
        world.pull()


def test_a_field_that_is_added_to_the_object_makes_a_new_schema_and_is_no_trouble(world):
    acme = world.create(Name="Acme")
    world.pull()
    world.update(acme, Name="Acme AG")
    world.pull()
    org = world.running.org
    account = org.schema.require("Account")
    fields = [account.fields[0]]
    world.running.call(lambda: account.add([type(fields[0])("Region__c", "string", "Region", length=40, custom=True)]))
    world.update(acme, Region__c="DACH", Name="Acme SE")
    (change,) = world.pull()
    assert change.row["Name"] == "Acme SE"
