"""What the stream does not carry is polled beside it: objects that are not selected, and formulas."""

from pathlib import Path

from connectors.salesforce.shape import Shape
from mappings.loader import load

TABLES = load("salesforce")


def select(world, *objects):
    """An admin selects other objects, and the process is started anew."""
    world.running.org.changes.channels._members["ChangeEvents"][:] = objects
    world.restart()


def held(world, entity):
    return {each: row["Name"] for each, row in world.view(entity).items()}


def test_an_object_that_is_not_selected_is_polled_and_said(world, caplog):
    caplog.set_level("INFO")
    select(world, "Contact")
    world.tables = {"account": TABLES["account"], "contact": TABLES["contact"]}
    acme = world.create(Name="Acme")
    world.pull()
    world.update(acme, Name="Acme AG")
    contact = world.create("Contact", LastName="Okafor", AccountId=acme)
    told = world.pull()
    assert {(change.entity, change.record_id) for change in told} == {("account", acme), ("contact", contact)}
    assert [change.transaction is None for change in told if change.entity == "account"] == [True]
    assert held(world, "account") == {acme: "Acme AG"}
    assert "account (Account) is read by polling" in caplog.text
    assert "contact (Contact) is read by the stream" in caplog.text


def test_where_nothing_is_selected_everything_is_polled(world):
    select(world)
    acme = world.create(Name="Acme")
    world.pull()
    world.delete(acme)
    world.pull()
    assert held(world, "account") == {}
    assert "/stream" not in world.cursors


def test_an_object_that_comes_to_the_stream_is_walked_and_its_poll_is_forgotten(world):
    select(world)
    acme = world.create(Name="Acme")
    world.pull()
    select(world, "Account")
    world.pull()
    assert not any("seen:" in each for each in world.cursors)
    world.update(acme, Name="Acme AG")
    world.pull()
    assert held(world, "account") == {acme: "Acme AG"}


def test_an_object_that_leaves_the_stream_and_comes_back_loses_nothing(world):
    acme = world.create(Name="Acme")
    world.pull()
    select(world)
    world.update(acme, Name="Acme AG")
    world.pull()
    assert held(world, "account") == {acme: "Acme AG"}
    world.update(acme, Name="Acme SE")
    select(world, "Account")
    world.pull()
    assert held(world, "account") == {acme: "Acme SE"}
    world.update(acme, Name="Acme Ltd")
    world.pull()
    assert held(world, "account") == {acme: "Acme Ltd"}


def test_where_salesforce_does_not_say_what_is_selected_both_are_read_and_nothing_is_told_twice(world, caplog):
    world.arm(kind="refuse", path="tooling", code="INSUFFICIENT_ACCESS", status=403, probability=1)
    acme = world.create(Name="Acme")
    world.pull()
    world.wait(60)
    world.update(acme, Name="Acme AG")
    assert [change.row["Name"] for change in world.pull()] == ["Acme AG"]
    assert world.pull() == []
    assert "Salesforce does not say what /data/ChangeEvents carries" in caplog.text


def described(**calculated):
    fields = [{"name": name, "type": "string", "calculated": mark} for name, mark in calculated.items()]
    return {"fields": [*fields, {"name": "OwnerId", "type": "reference", "relationshipName": "Owner"}]}


def test_a_formula_of_the_mapping_is_read_with_every_update_and_polled():
    shape = Shape(TABLES["account"], described(Name=False, Phone=True))
    assert shape.formulas == ("Phone",)
    assert shape.touched_by(["Whatever__c"])


def test_a_formula_that_is_not_mapped_is_no_concern():
    shape = Shape(TABLES["account"], described(Name=False, Score__c=True))
    assert shape.formulas == ()
    assert not shape.touched_by(["Whatever__c", "LastModifiedDate"])


def test_an_object_with_a_formula_is_polled_beside_the_stream(world, tmp_path: Path):
    org = world.running.org
    account = org.schema.require("Account")
    phone = account.field("Phone")
    acme = world.create(Name="Acme", Phone="112")
    changed = type(phone)(**{**{n: getattr(phone, n) for n in phone.__dataclass_fields__}, "calculated": True})
    world.running.call(lambda: account.add([changed]))
    world.pull()
    world.wait(60)
    row = org.store.get("Account", acme)
    moved = {**row, "Phone": "110", "SystemModstamp": org.clock().replace(microsecond=0)}
    world.running.call(lambda: org.store.put("Account", moved, org.store.writes(acme)[-1]))
    world.running.call(org.changes.forget)
    assert [change.row["Phone"] for change in world.pull()] == ["110"]
    assert world.pull() == []
