"""What a deployment may change in a table, and how a wrong table is refused."""

import pytest

from mappings.errors import MappingError
from mappings.loader import load, systems

GOOD = """
[account]
object = "Company"
id = "Id"
reads = true

[account.fields]
name = "Name"
city = "City"
"""


@pytest.fixture
def folder(tmp_path):
    def write(text, system="crm"):
        (tmp_path / f"{system}.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_the_shipped_systems_are_listed():
    assert systems() == tuple(sorted(systems()))
    assert {"partner_list", "salesforce"} <= set(systems())


def test_a_system_of_its_own_needs_no_shipped_table(folder):
    table = load("crm", folder(GOOD))["account"]
    assert (table.object, table.vendor_fields, table.required) == ("Company", ("City", "Name"), ("name",))


def test_an_override_changes_only_what_it_names(folder):
    own = folder('[account.fields]\ncity = "Town__c"\nphone = false\n', "salesforce")
    before, after = load("salesforce")["account"], load("salesforce", own)["account"]
    assert after.fields["city"].vendor == "Town__c"
    assert "phone" not in after.fields
    assert after.fields["name"] == before.fields["name"]
    assert load("salesforce", own)["overlap"].fields == load("salesforce")["overlap"].fields


def test_an_override_adds_and_drops_a_spelling_and_changes_a_default(folder):
    text = '[account.fields.population]\ndefault = "customer"\nvalues = { "Kunde" = "customer", "Lead" = false }\n'
    population = load("partner_list", folder(text, "partner_list"))["account"].fields["population"].converter
    assert population.to_canonical("kunde") == "customer"
    assert population.to_canonical("Lead") == "customer"
    assert population.to_canonical("Prospect") == "prospect"


def test_an_override_with_another_converter_keeps_no_option_of_the_old_one(folder):
    own = folder('[overlap.fields]\nconfidence = { convert = "number" }\n', "salesforce")
    assert load("salesforce", own)["overlap"].to_vendor({"confidence": 0.5}) == {"Confidence__c": 0.5}


def test_an_override_can_drop_an_entity(folder):
    assert "overlap" not in load("salesforce", folder("overlap = false\n", "salesforce"))


def test_an_override_of_another_system_changes_nothing(folder):
    own = folder(GOOD, "hubspot")
    assert load("salesforce", own)["account"].digest == load("salesforce")["account"].digest


def test_the_digest_changes_with_the_meaning_and_only_then(folder):
    shipped = load("partner_list")["account"].digest
    assert load("partner_list")["account"].digest == shipped
    text = '[account.fields.population]\ndefault = "customer"\n'
    assert load("partner_list", folder(text, "partner_list"))["account"].digest != shipped


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[account]", "[acount]", ["[acount", "did you mean 'account'"]),
        ("reads = true", "read = true", ["line 5", "'read'", "did you mean 'reads'"]),
        ("reads = true", "reads = 1", ["line 5", "bool"]),
        ("reads = true", "", ["neither read nor written"]),
        ('id = "Id"', "", ["'id' is missing"]),
        ('object = "Company"', "", ["'object' is missing"]),
        ('name = "Name"', "", ["without 'name'"]),
        ('city = "City"', 'citty = "City"', ["line 9", "citty", "did you mean 'city'"]),
        ('city = "City"', 'city = { convert = "text" }', ["line 9", "names no vendor field"]),
        ('city = "City"', "city = 5", ["line 9", "names no vendor field"]),
        ('city = "City"', 'city = { field = "City", convert = "txt" }', ["line 9", "'txt'", "did you mean 'text'"]),
        ('city = "City"', 'city = { field = "City", max_lenght = 5 }', ["line 9", "did you mean 'max_length'"]),
        ('city = "City"', 'city = { field = "City", max_length = "5" }', ["line 9", "'max_length'", "integer"]),
        ('city = "City"', 'city = { field = "City", aliases = "Town" }', ["line 9", "list of column names"]),
        ('city = "City"', 'registration_ids = "Duns"', ["registration_ids.<kind>"]),
        ('city = "City"', '"city.name" = "City"', ["cannot be mapped"]),
        (
            'city = "City"',
            'population = { field = "P", convert = "choice", values = { "C" = "client" } }',
            ["'client'", "customer"],
        ),
        ('city = "City"', 'population = { field = "P", convert = "choice" }', ["'values'", "required"]),
        (
            'city = "City"',
            'phone = { field = "P", convert = "choice", values = { "A" = "x", "a " = "y" } }',
            ["two values"],
        ),
        ('city = "City"', 'city = { field = "City", aliases = ["name"] }', ["'name' or 'city'", "leave it to one"]),
        ('city = "City"', "city = ", ["no TOML"]),
    ],
)
def test_a_wrong_table_is_refused_with_the_place_and_the_remedy(folder, old, new, says):
    text = GOOD.replace(old, new)
    with pytest.raises(MappingError) as refused:
        load("crm", folder(text))
    for words in ["crm.toml", "Remedy:", *says]:
        assert words in str(refused.value)


def test_one_vendor_field_cannot_be_written_from_two_fields(folder):
    text = GOOD.replace("reads", "writes").replace('"City"', '"Name"')
    with pytest.raises(MappingError, match="written from both 'name' and 'city'"):
        load("crm", folder(text))


@pytest.mark.parametrize(
    ("example", "says"),
    [
        ('vendor = { Name = "Acme" }\ncanonical = { name = "Acme", city = "Berlin" }', "read as {'name': 'Acme'}"),
        ('vendor = { City = "Berlin" }\ncanonical = { name = "Acme" }', "there is no value"),
        ('vendor = { Name = "Acme" }', "give both"),
    ],
)
def test_an_example_that_does_not_hold_is_refused(folder, example, says):
    with pytest.raises(MappingError, match=says):
        load("crm", folder(f"{GOOD}\n[[account.examples]]\n{example}\n"))


def test_an_unknown_system_is_refused_with_the_nearest():
    with pytest.raises(MappingError, match="did you mean 'salesforce'"):
        load("salesfroce")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(MappingError, match="there is no folder"):
        load("salesforce", tmp_path / "mappings")
