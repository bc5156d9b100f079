"""One object that stands for several entities: a lead or a registration, an account and a partner, a contact and a user."""

import pytest

from connectors.errors import RetryLater
from mappings.loader import load
from schemas.messages import ChangeKind

TABLES = load("salesforce")
LEAD = {"LastName": "Okafor", "Company": "Acme Robotics"}
ENTITIES = ("account", "partner", "contact", "partner_user", "lead", "registration")


@pytest.fixture(params=["cdc", "poll"])
def reading(world, request):
    """The world, read by the stream and by polling."""
    world.tables = {entity: TABLES[entity] for entity in ENTITIES}
    world.restart(changes=request.param)
    world.pull()
    return world


def record_type(world):
    return world.running.call(lambda: world.running.org.record_type("Lead", "Deal_Registration"))


def told(changes):
    return sorted((change.entity, change.record_id, change.kind) for change in changes)


def test_a_lead_with_the_record_type_is_a_registration_and_no_lead(reading):
    partner = reading.create(Name="Blue Reseller", Is_Partner__c=True)
    plain = reading.create("Lead", **LEAD)
    said = {"Registration_Partner__c": partner, "Registration_Products__c": "fleet\nvision"}
    deal = reading.create("Lead", **LEAD, **said, RecordTypeId=record_type(reading))
    assert ("registration", deal, ChangeKind.UPSERTED) in told(reading.pull())
    assert (set(reading.view("lead")), set(reading.view("registration"))) == ({plain}, {deal})
    read = TABLES["registration"].to_canonical(reading.view("registration")[deal])
    wanted = (partner, "Acme Robotics", ("fleet", "vision"), "submitted")
    assert (read.partner, read.company, read.products, read.status) == wanted


def test_a_lead_that_becomes_a_registration_ends_as_a_lead_and_the_other_way_round(reading):
    partner = reading.create(Name="Blue Reseller", Is_Partner__c=True)
    lead = reading.create("Lead", **LEAD, Registration_Partner__c=partner)
    reading.pull()
    reading.wait(1)
    reading.update(lead, "Lead", RecordTypeId=record_type(reading))
    gone, come = ("lead", lead, ChangeKind.DELETED), ("registration", lead, ChangeKind.UPSERTED)
    assert told(reading.pull()) == [gone, come]
    reading.wait(1)
    reading.update(lead, "Lead", RecordTypeId=None)
    back, away = ("lead", lead, ChangeKind.UPSERTED), ("registration", lead, ChangeKind.DELETED)
    assert told(reading.pull()) == [back, away]
    assert reading.pull() == []


def test_an_account_that_is_ticked_is_a_partner_beside_and_ends_as_one_when_it_is_not(reading):
    blue, acme = reading.create(Name="Blue Reseller"), reading.create(Name="Acme Robotics")
    assert told(reading.pull()) == sorted(("account", each, ChangeKind.UPSERTED) for each in (blue, acme))
    reading.wait(1)
    reading.update(blue, Is_Partner__c=True, Partner_Types__c="Reseller;Services")
    assert ("partner", blue, ChangeKind.UPSERTED) in told(reading.pull())
    assert TABLES["partner"].to_canonical(reading.view("partner")[blue]).types == ("reseller", "services")
    reading.wait(1)
    reading.update(acme, Phone="+49 30 1234")
    assert told(reading.pull()) == [("account", acme, ChangeKind.UPSERTED)]
    reading.wait(1)
    reading.update(blue, Is_Partner__c=False)
    assert ("partner", blue, ChangeKind.DELETED) in told(reading.pull())
    assert set(reading.view("account")) == {blue, acme}


def test_a_deleted_account_is_told_for_each_entity_that_it_stood_for(reading):
    blue, acme = reading.create(Name="Blue Reseller", Is_Partner__c=True), reading.create(Name="Acme Robotics")
    reading.pull()
    reading.wait(1)
    reading.delete(blue)
    reading.delete(acme)
    wanted = [("account", acme), ("account", blue), ("partner", blue)]
    assert told(reading.pull()) == sorted((*each, ChangeKind.DELETED) for each in wanted)


def test_the_people_of_a_partner_are_the_contacts_of_its_account_that_have_a_mail_address(reading):
    blue, acme = reading.create(Name="Blue Reseller", Is_Partner__c=True), reading.create(Name="Acme Robotics")
    rob = reading.create("Contact", LastName="Blau", Email="rob@blue.example", AccountId=blue)
    reading.create("Contact", LastName="Mute", AccountId=blue)
    reading.create("Contact", LastName="Okafor", Email="ada@acme.com", AccountId=acme)
    reading.pull()
    assert set(reading.view("partner_user")) == {rob}
    reading.wait(1)
    reading.update(rob, "Contact", AccountId=acme)
    assert ("partner_user", rob, ChangeKind.DELETED) in told(reading.pull())
    assert len(reading.view("contact")) == 3


def test_a_kill_at_any_event_of_a_lead_that_changes_its_kind_loses_nothing(reading):
    lead = reading.create("Lead", **LEAD)
    reading.pull()
    partner = reading.create(Name="Blue Reseller", Is_Partner__c=True)
    reading.wait(1)
    reading.update(lead, "Lead", RecordTypeId=record_type(reading), Registration_Partner__c=partner)
    for events in range(8):
        reading.pull(stop_after=events)
    reading.pull()
    assert (set(reading.view("lead")), set(reading.view("registration"))) == (set(), {lead})
    assert set(reading.view("partner")) == {partner}


def test_a_bulk_walk_tells_only_what_stands_for_the_entity(world):
    world.tables = {entity: TABLES[entity] for entity in ("lead", "registration", "partner_user")}
    blue = world.create(Name="Blue Reseller", Is_Partner__c=True)
    rob = world.create("Contact", LastName="Blau", Email="rob@blue.example", AccountId=blue)
    world.create("Contact", LastName="Okafor", Email="ada@acme.com")
    plain = world.create("Lead", **LEAD)
    deal = world.create("Lead", **LEAD, RecordTypeId=record_type(world), Registration_Partner__c=blue)
    world.restart(bulk_from=1)
    for _ in range(20):
        try:
            world.pull()
        except RetryLater:  # the job is being prepared
            continue
    assert {entity: set(world.view(entity)) for entity in world.tables} == {
        "lead": {plain},
        "registration": {deal},
        "partner_user": {rob},
    }
