"""The table of which system wins: what ships, what a deployment changes, how a wrong table is refused."""

import pytest

from mappings.errors import MappingError
from mappings.loader import load as load_tables
from mappings.ownership import FieldRule, OnGone, Policy, load, resolved
from schemas.messages import CRM_ENTITIES

OURS = {"our-crm": "salesforce", "our-hubspot": "hubspot"}


@pytest.fixture
def folder(tmp_path):
    def write(text):
        (tmp_path / "ownership.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_the_shipped_table_keeps_all_four_kinds_in_step_and_makes_and_archives_nothing():
    rules = load()
    assert set(rules) == set(CRM_ENTITIES)
    assert {each.create for each in rules.values()} == {()}
    assert {each.on_delete for each in rules.values()} == {OnGone.UNLINK}


def test_every_shipped_field_that_salesforce_maps_is_one_that_it_can_write():
    tables = load_tables("salesforce")
    for entity, rules in load().items():
        mapped = [name for name in rules.fields if name in tables[entity].fields]
        assert set(mapped) <= set(tables[entity].writable)
        assert len(mapped) >= len(rules.fields) - 1


def test_an_override_changes_only_what_it_names(folder):
    head = '[account]\ncreate = ["our-hubspot"]\non_delete = "archive"\n'
    own = head + '[account.fields]\nphone = { owner = "our-crm" }\ncity = false\n'
    before, after = load()["account"], load(folder(own))["account"]
    assert (after.create, after.on_delete, after.on_merge) == (("our-hubspot",), OnGone.ARCHIVE, before.on_merge)
    assert after.fields["phone"] == FieldRule(Policy.OWNER, "our-crm")
    assert "city" not in after.fields
    assert after.fields["name"] == before.fields["name"]


def test_a_rule_can_replace_an_owner_and_an_entity_can_be_left_out(folder):
    rules = load(folder('lead = false\n[account.fields]\npopulation = "manual"\n'))
    assert "lead" not in rules
    assert rules["account"].fields["population"] == FieldRule(Policy.MANUAL)


def test_an_owner_is_a_connection_or_the_connector_of_one():
    rules = resolved(load(), OURS)
    assert rules["deal"].fields["amount"] == FieldRule(Policy.OWNER, "our-crm")


def test_an_owner_that_no_connection_uses_is_none_so_that_the_latest_edit_wins():
    rules = resolved(load(), {"one": "hubspot", "two": "hubspot"})
    assert rules["deal"].fields["amount"] == FieldRule(Policy.OWNER, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[acount]\n", ["acount", "did you mean 'account'?"]),
        ("account = 3\n", ["write [account] above its keys"]),
        ("[account]\non_deleted = 'unlink'\n", ["line 2", "[account] on_deleted", "did you mean 'on_delete'?"]),
        ("[account]\non_delete = 'archiv'\n", ["[account] on_delete", "did you mean 'archive'?"]),
        ("[account]\ncreate = 'our-hubspot'\n", ["[account] create", "give a list"]),
        ("[account]\ncreate = [3]\n", ["[account] create", "give names"]),
        ("[account.fields]\nphon = 'manual'\n", ["line 2", "[account.fields] phon", "did you mean 'phone'?"]),
        ("[account.fields]\nphone = 'most_recnt'\n", ["did you mean 'most_recent'?"]),
        ("[account.fields]\nphone = 'owner'\n", ['write { owner = "<system>" }']),
        ("[account.fields]\nphone = { owner = '' }\n", ["names no system"]),
        ("[account.fields]\nphone = { owner = 'x', ower = 'y' }\n", ["no key of a rule is called 'ower'"]),
        ("[account.fields]\ntandem_key = 'manual'\n", ["ids of its own system"]),
        ("[account\n", ["no TOML", "ownership.toml"]),
    ],
)
def test_a_wrong_table_is_refused_with_place_and_remedy(folder, text, words):
    with pytest.raises(MappingError) as caught:
        load(folder(text))
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("owner", "connections", "words"),
    [
        ("our-crn", OURS, ["[account.fields] phone", "did you mean 'our-crm'?"]),
        ("salesforce", {"emea": "salesforce", "apac": "salesforce"}, ["could be emea or apac", "name the connection"]),
    ],
)
def test_an_owner_that_is_not_there_or_could_be_several_is_refused(folder, owner, connections, words):
    rules = load(folder(f'[account.fields]\nphone = {{ owner = "{owner}" }}\n'))
    with pytest.raises(MappingError) as caught:
        resolved(rules, connections)
    for word in words:
        assert word in str(caught.value)


def test_a_system_to_create_in_that_is_not_there_is_refused(folder):
    with pytest.raises(MappingError, match="hubspt"):
        resolved(load(folder('[account]\ncreate = ["our-hubspt"]\n')), OURS)
