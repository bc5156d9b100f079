"""What may be written in sharing.toml, and what is refused with the place and the remedy."""

from pathlib import Path

import pytest

from mappings.errors import MappingError
from mappings.sharing import SHAREABLE, STANDARD, Level, SharingRules, load, shipped
from schemas.entities import Account

BANK = Account(name="First Bank", industry="Banking", country="Germany", lists=("Q4 targets", "Strategic"))


def loaded(tmp_path: Path, text: str) -> SharingRules:
    (tmp_path / "sharing.toml").write_text(text, encoding="utf-8")
    return load(tmp_path)


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(MappingError) as error:
        loaded(tmp_path, text)
    assert error.value.remedy
    return str(error.value)


def test_without_configuration_partners_see_overlaps_of_three_populations_and_no_count_below_five():
    rules = shipped()
    assert rules.names() == STANDARD == ("customer", "open_opportunity", "prospect")
    assert (rules.default.level, rules.counts.small) == (Level.OVERLAPS, 5)


def test_the_presets_hold_what_the_larger_one_holds():
    presets = {name: set(fields) for name, fields in shipped().fields.items()}
    assert presets["minimal"] < presets["standard"] < presets["full"] <= set(SHAREABLE)


def test_a_field_that_is_ours_alone_is_in_no_preset():
    assert not {"tandem_key", "lists", "description", "named"} & {f for fs in shipped().fields.values() for f in fs}


def test_an_account_is_of_the_first_population_that_takes_it(tmp_path):
    rules = loaded(
        tmp_path,
        '[populations.banks]\nwhen = { industry = ["banking"] }\n'
        '[populations.german]\nwhen = { country = ["Germany"] }\n',
    )
    assert rules.names()[:2] == ("banks", "german")
    assert rules.population(BANK) == "banks"
    assert rules.population(BANK.model_copy(update={"industry": None})) == "german"
    assert rules.population(BANK.model_copy(update={"industry": None, "country": None})) == "prospect"


def test_unless_keeps_accounts_out(tmp_path):
    text = '[populations.rest]\nwhen = { country = ["Germany"] }\nunless = { industry = ["Banking"] }\n'
    rules = loaded(tmp_path, text)
    assert rules.population(BANK) == "prospect"
    assert rules.population(BANK.model_copy(update={"industry": "Robots"})) == "rest"


def test_a_report_of_the_crm_can_be_a_population(tmp_path):
    rules = loaded(tmp_path, '[populations.strategic]\nreport = "strategic"\nlevel = "hidden"\n')
    assert rules.population(BANK) == "strategic"
    assert rules.population(BANK.model_copy(update={"lists": ()})) == "prospect"


def test_a_standard_population_can_be_given_a_level(tmp_path):
    assert loaded(tmp_path, '[populations.prospect]\nlevel = "counts"\n').populations["prospect"].level is Level.COUNTS


@pytest.mark.parametrize(
    ("text", "line", "key", "remedy"),
    [
        ('[partners.acme]\nlevel = "al"\n', 2, "level", "'all'"),
        ('[partners.acme]\nfields = "minimum"\n', 2, "fields", "did you mean 'minimal'"),
        ('[partners.acme]\n\nfields = ["nam"]\n', 3, "fields", "did you mean 'name'"),
        ('[partners.acme]\nlevels = { bank = "all" }\n', 2, "bank", "known are: customer"),
        ('[partners.acme]\nours = { by = "Dana" }\n', 2, "on", "2026-11-01"),
        ('[partners.acme]\nshows = { customer = "some" }\n', 2, "shows", "known are: all"),
        ('[fields]\nminimal = ["tandem_key"]\n', 2, "minimal", "known are"),
        ('[populations.banks]\nwhen = { industri = ["Banking"] }\n', 2, "industri", "did you mean 'industry'"),
        ("[populations.banks]\nwhen = { industry = [] }\n", 2, "industry", "name the values"),
        ('[populations.custmer]\nlevel = "all"\n', 1, "custmer", "did you mean 'customer'"),
        ('[populations.customer]\nreport = "Customers"\n', 1, "customer", "a name of its own"),
        ("[caps]\nchanged_share = 20\n", 2, "changed_share", "correct the value"),
        ("[counts]\nsmal = 3\n", 2, "smal", "did you mean 'small'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line_and_a_remedy(tmp_path, text, line, key, remedy):
    told = refused(tmp_path, text)
    assert f"sharing.toml, line {line}" in told
    assert key in told
    assert remedy in told
