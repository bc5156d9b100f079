"""One object that stands for several entities: a contact and a lead or a partner's person, a company and a partner."""

import pytest

from connectors import hubspot
from connectors.hubspot import setup
from mappings.loader import load
from schemas.messages import ChangeKind
from tests.unit.connectors.hubspot.conftest import TABLES, Reading, clock

ENTITIES = ("account", "partner", "contact", "lead", "partner_user")
OBJECTS = {"companies", "contacts", "deals"}
OKAFOR = {"lastname": "Okafor", "company": "Acme Robotics", "email": "ada@acme.com"}


@pytest.fixture(params=["search", "journal"])
def reading(portal, request):
    followed = Reading(portal.source(changes=request.param), *ENTITIES)
    followed.poll()
    return followed


def told(changes):
    return sorted((change.entity, change.record_id, change.kind) for change in changes)


def test_a_contact_is_a_lead_in_the_first_stages_of_its_life_and_a_contact_always(portal, reading):
    ada = portal.create("contacts", **OKAFOR)
    assert told(reading.poll()) == [("contact", ada, ChangeKind.UPSERTED)]
    portal.wait(1)
    portal.edit("contacts", ada, lifecyclestage="lead", hs_lead_status="CONNECTED")
    changes = reading.poll()
    assert ("lead", ada, ChangeKind.UPSERTED) in told(changes)
    (lead,) = [TABLES["lead"].to_canonical(each.row) for each in changes if each.entity == "lead"]
    assert (lead.company, lead.status, lead.created_at is None) == ("Acme Robotics", "working", False)
    portal.wait(1)
    portal.edit("contacts", ada, lifecyclestage="customer")
    ended = [each for each in told(reading.poll()) if each[0] == "lead"]
    assert ended == [("lead", ada, ChangeKind.DELETED)]
    portal.wait(1)
    portal.edit("contacts", ada, city="Berlin")
    assert "lead" not in {each[0] for each in told(reading.poll())}


def test_a_company_that_is_ticked_is_a_partner_beside_until_it_is_not(portal, reading):
    blue, acme = (portal.create("companies", name=name) for name in ("Blue Reseller", "Acme Robotics"))
    assert told(reading.poll()) == sorted(("account", each, ChangeKind.UPSERTED) for each in (blue, acme))
    portal.wait(1)
    portal.edit("companies", blue, tandem_is_partner="true", tandem_partner_types="reseller;services")
    changes = reading.poll()
    assert ("partner", blue, ChangeKind.UPSERTED) in told(changes)
    (row,) = [change.row for change in changes if change.entity == "partner"]
    assert TABLES["partner"].to_canonical(row).types == ("reseller", "services")
    portal.wait(1)
    portal.edit("companies", blue, tandem_is_partner="false")
    assert ("partner", blue, ChangeKind.DELETED) in told(reading.poll())
    assert reading.poll() == []


def test_a_deleted_company_ends_for_each_entity_that_it_stood_for(portal, reading):
    blue = portal.create("companies", name="Blue Reseller", tandem_is_partner="true")
    acme = portal.create("companies", name="Acme Robotics")
    reading.poll()
    portal.wait(1)
    portal.delete("companies", blue)
    portal.delete("companies", acme)
    wanted = [("account", acme), ("account", blue), ("partner", blue)]
    assert told(reading.poll()) == sorted((*each, ChangeKind.DELETED) for each in wanted)


def test_a_person_at_a_partner_is_a_ticked_contact_with_a_mail_address_and_its_company(portal, reading):
    blue = portal.create("companies", name="Blue Reseller", tandem_is_partner="true")
    rob = portal.create("contacts", lastname="Blau", email="rob@blue.example", tandem_partner_user="true")
    portal.create("contacts", lastname="Mute", tandem_partner_user="true")
    portal.join(rob, blue)
    (user,) = [change for change in reading.poll() if change.entity == "partner_user"]
    assert (user.record_id, TABLES["partner_user"].to_canonical(user.row).partner) == (rob, blue)


def test_one_subscription_names_the_properties_of_all_entities_of_an_object(portal):
    (contacts,) = [
        each
        for each in portal.running.portal.journal.subscriptions.values()
        if (each["objectTypeId"], each["subscriptionType"]) == ("0-1", "OBJECT")
    ]
    assert {"jobtitle", "lifecyclestage", "tandem_partner_user", "tandem_keep_direct"} <= set(contacts["properties"])


def test_a_condition_on_a_property_that_is_not_there_is_found(opened):
    portal = opened()
    tables = [TABLES["partner"], TABLES["lead"]]
    checker = hubspot.checker(portal.settings(), clock, "acme-crm")
    lacking = {finding.subject: finding for finding in checker.check(tables) if not finding.ok}
    assert "tandem prepare" in lacking["partner by companies.tandem_is_partner"].remedy
    assert "lead by contacts.lifecyclestage" not in lacking


def test_a_stage_that_the_portal_does_not_have_is_found(portal, tmp_path):
    (tmp_path / "hubspot.toml").write_text('[lead]\nwhen = { lifecyclestage = ["lead", "sql"] }\nexamples = []\n')
    checker = hubspot.checker(portal.settings(), clock, "acme-crm")
    findings = {finding.subject: finding for finding in checker.check([load("hubspot", tmp_path)["lead"]])}
    assert "lacks the options sql" in findings["lead by contacts.lifecyclestage"].detail


def test_preparing_creates_many_properties_of_an_object_in_one_call(opened):
    portal = opened()
    assert all(finding.ok for finding in portal.prepare())
    assert portal.calls("/batch/create") == len(OBJECTS)
    assert {each.object for each in setup.properties("object")} == OBJECTS


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_where_that_call_breaks_off_each_property_that_is_not_there_is_created_by_itself(opened, kind):
    portal = opened()
    portal.arm(kind=kind, method="POST", path="/batch/create", nth=(1,), times=1)
    assert [finding for finding in portal.prepare() if not finding.ok] == []
    assert all(each.name in portal.type(each.object).properties for each in setup.properties("object"))


def test_a_property_that_somebody_made_otherwise_is_told_and_the_others_are_created(opened):
    portal = opened()
    mine = {"name": "tandem_is_partner", "label": "Mine", "type": "string", "fieldType": "text"}
    body = {**mine, "groupName": "companyinformation"}
    portal.call(lambda: portal.running.portal.schema.add_property(portal.type("companies"), body))
    refused = {finding.subject: finding.detail for finding in portal.prepare() if not finding.ok}
    assert refused == {"companies.tandem_is_partner": "it is there with the type string instead of bool"}
