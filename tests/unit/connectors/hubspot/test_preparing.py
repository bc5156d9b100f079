"""What `tandem check` and `tandem prepare` say of a portal."""

import pytest

from connectors import hubspot
from connectors.hubspot import setup
from connectors.hubspot.setup import customs, properties
from tests.unit.connectors.hubspot.conftest import TABLES, clock


def wrong(portal, **settings):
    checker = hubspot.checker(portal.settings(**settings), clock, "acme-crm")
    return {finding.subject: finding for finding in checker.check(list(TABLES.values())) if not finding.ok}


def test_a_bare_portal_lacks_what_is_then_prepared_and_is_well_afterwards(opened):
    portal = opened()
    missing = wrong(portal)
    assert {"companies.tandem_key", "overlap -> partner_overlap"} <= set(missing)
    assert all("tandem prepare" in missing[name].remedy for name in ("companies.tandem_key", "contacts.tandem_key"))
    assert [finding for finding in portal.prepare() if not finding.ok] == []
    assert {name for name in wrong(portal) if "hs_next_step" not in name} == set()


def test_preparing_twice_changes_nothing(portal):
    before = portal.calls("POST /crm"), portal.calls("POST /webhooks")
    assert all(finding.ok for finding in portal.prepare(changes="journal"))
    assert (portal.calls("POST /crm"), portal.calls("POST /webhooks")) == before


def test_without_enterprise_the_finding_says_how_to_do_without(opened):
    portal = opened(enterprise=False)
    refused = [finding for finding in portal.prepare() if not finding.ok]
    assert [finding.subject for finding in refused] == ["partner_overlap"]
    assert 'overlaps = "property"' in refused[0].remedy
    assert [finding for finding in portal.prepare(overlaps="property") if not finding.ok] == []


def test_a_key_property_that_is_not_unique_is_told(opened):
    portal = opened()
    body = {
        "name": "tandem_key",
        "label": "k",
        "type": "string",
        "fieldType": "text",
        "groupName": "companyinformation",
    }
    portal.call(lambda: portal.running.portal.schema.add_property(portal.type("companies"), body))
    assert "not unique" in wrong(portal)["companies.tandem_key"].detail
    assert any("not unique" in finding.detail for finding in portal.prepare())


def test_a_full_object_says_that_ten_properties_are_unique_already(opened):
    portal = opened()
    for number in range(setup.MAX_UNIQUE):
        name = f"k{number}"
        body = {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "dealinformation"}
        unique = {**body, "hasUniqueValue": True}
        portal.call(lambda body=unique: portal.running.portal.schema.add_property(portal.type("deals"), body))
    assert "delete one first" in wrong(portal)["deals.tandem_key"].remedy
    refused = {finding.subject: finding for finding in portal.prepare() if not finding.ok}
    assert "at most 10 unique" in refused["deals.tandem_key"].remedy


def test_a_wrong_token_is_the_only_finding(opened):
    portal = opened()
    findings = list(
        hubspot.checker(portal.settings(auth={"method": "token", "token": "wrong"}), clock, "x").check(
            list(TABLES.values())
        )
    )
    assert [finding.ok for finding in findings] == [False]
    assert "auth" in findings[0].remedy


def test_an_unsubscribed_journal_is_told(opened):
    portal = opened()
    portal.prepare()
    assert "journal of companies" in wrong(portal, changes="journal")
    portal.prepare(changes="journal")
    assert not any("journal" in name for name in wrong(portal, changes="journal"))


@pytest.mark.parametrize("overlaps", ["object", "property"])
def test_every_property_that_is_written_and_not_hubspots_own_is_in_the_setup(overlaps, opened):
    portal = opened()
    made = {(each.object, each.name) for each in properties(overlaps)}
    made |= {(custom.name, each.name) for custom in customs(overlaps) for each in custom.properties}
    for table in TABLES.values():
        known = portal.type(table.object) if table.object != "partner_overlap" else None
        for name in (*table.vendor_fields, table.external_id or "tandem_key"):
            own = known is not None and name in known.properties
            special = ":" in name or "." in name or name == "hs_next_step"
            if table.object == "partner_overlap" and overlaps == "property":
                continue
            assert own or special or (table.object, name) in made or table.external_id is None, (table.object, name)
