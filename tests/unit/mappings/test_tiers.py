"""The published rules of tiers are data, and rules that nobody could meet are refused before anything starts."""

from decimal import Decimal
from pathlib import Path

import pytest

from mappings import tiers
from mappings.errors import MappingError

LEARNING = """
[[items]]
id = "badge"
ids = ["17"]

[[programs]]
program = "fleet-specialist"
name = "Fleet Specialist"
product = "fleet"
needs = ["badge"]
"""
LOW = '[[tiers]]\ntier = "low"\nname = "Low"\n'
HIGH = '[[tiers]]\ntier = "high"\nname = "High"\n'


def changed(folder: Path, text: str) -> tiers.TierRules:
    (folder / "learning.toml").write_text(LEARNING, encoding="utf-8")
    (folder / "tiers.toml").write_text(text, encoding="utf-8")
    return tiers.load(folder)


def test_the_shipped_tiers_rise_and_the_lowest_needs_nothing():
    rules = tiers.load()
    assert [each.tier for each in rules.tiers] == ["registered", "silver", "gold"]
    assert (rules.tiers[0].revenue, rules.tiers[0].certified) == (Decimal(0), ())


def test_a_deployment_replaces_the_tiers_and_keeps_the_notice(tmp_path: Path):
    rules = changed(tmp_path, LOW + 'certified = [{ people = 2, product = "fleet" }]\n[revenue]\ncurrency = "EUR"\n')
    assert [each.tier for each in rules.tiers] == ["low"]
    assert (rules.revenue.currency, rules.revenue.months) == ("EUR", 12)
    assert rules.notice == tiers.load().notice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LOW + "revenu = 5\n", ["tiers.toml, line 4, [tiers] revenu", "did you mean 'revenue'?"]),
        (LOW + "certified = [{ peopel = 5 }]\n", ["line 4, [tiers] certified", "did you mean 'people'?"]),
        (LOW + "certified = [{ people = 0 }]\n", ["line 4, [tiers] certified"]),
        (LOW + LOW, ["line 5, [tiers] tier", "two tiers are called 'low'"]),
        (
            LOW + 'certified = [{ people = 1, program = "fleet-specialst" }]\n',
            ["line 4, [tiers] certified", "did you mean 'fleet-specialist'?"],
        ),
        (LOW + 'certified = [{ people = 1, product = "flete" }]\n', ["line 4", "did you mean 'fleet'?"]),
        (LOW + "certified = [{ people = 1, level = 2 }]\n", ["line 4", "nobody can have the tier"]),
        (
            LOW + 'revenue = "5"\n' + HIGH + 'revenue = "3"\n',
            ["line 8, [tiers] revenue", "'high' cannot be reached with 3", "raise it to 5"],
        ),
        (
            LOW + 'certified = [{ people = 5, product = "fleet" }]\n' + HIGH + "certified = [{ people = 3 }]\n",
            ["line 8, [tiers] certified", "comes after 'low', which needs more (5)"],
        ),
        (
            LOW + 'types = ["reseller"]\n' + HIGH + 'types = ["referral"]\n',
            ["line 8, [tiers] types", "referral cannot reach 'high'", "add them to the types of 'low'"],
        ),
        ("[notice]\ntier_days = [14, 60]\n", ["line 2, [notice] tier_days", "the earliest first"]),
        ('[revenue]\ncurrency = "usd"\n', ["line 2, [revenue] currency"]),
        ('[revenue]\nfrom = ["sales"]\n', ["line 2, [revenue] from"]),
        ("[revenu]\nmonths = 3\n", ["revenu", "did you mean 'revenue'?"]),
        ("[notice\n", ["tiers.toml", "TOML"]),
    ],
)
def test_a_wrong_rule_names_the_file_the_line_the_key_and_the_remedy(tmp_path: Path, text, words):
    with pytest.raises(MappingError) as caught:
        changed(tmp_path, text)
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_higher_tier_may_ask_for_something_else_than_the_lower(tmp_path: Path):
    text = (
        LOW
        + "certified = [{ people = 5 }]\n"
        + HIGH
        + 'certified = [{ people = 1, product = "fleet" }]\nrevenue = "3"\n'
    )
    assert len(changed(tmp_path, text).tiers) == 2
