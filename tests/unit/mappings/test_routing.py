"""The rules of lead routing are data: shipped, changed table by table, and refused at load where they cannot be meant."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappings import routing
from mappings.errors import MappingError

RULE = """
[[rules]]
name = "{name}"
{more}
rank = {{ by = "rotation" }}
accept_within = "24 hours"
attempts = 3
fallback = "direct"
"""


def rule(name: str = "one", more: str = "") -> str:
    return RULE.format(name=name, more=more)


def changed(folder: Path, text: str) -> routing.RoutingRules:
    (folder / "routing.toml").write_text(text, encoding="utf-8")
    return routing.load(folder)


def refused(folder: Path, text: str) -> MappingError:
    with pytest.raises(MappingError) as caught:
        changed(folder, text)
    return caught.value


def test_the_shipped_rules_can_be_read_and_every_lead_fits_the_last_one():
    rules = routing.load()
    assert rules.rules[-1].when == type(rules.rules[-1].when)()
    assert rules.rules[-1].fallback == "direct"


def test_a_deployment_changes_a_table_and_keeps_the_others(tmp_path: Path):
    rules = changed(tmp_path, '[territories.iberia]\ncountries = ["ES", "PT"]\n[intake]\nmax_age = "3 days"\n')
    assert {"iberia", "dach"} <= set(rules.territories)
    assert rules.intake.max_age == timedelta(days=3)
    assert rules.intake.statuses == routing.load().intake.statuses


def test_a_deployment_that_has_rules_has_no_other_ones(tmp_path: Path):
    assert [it.name for it in changed(tmp_path, rule("ours")).rules] == ["ours"]


def test_a_table_that_is_set_to_false_is_gone(tmp_path: Path):
    assert "uki" not in changed(tmp_path, "[territories]\nuki = false\n").territories


def test_the_version_changes_with_any_rule_and_with_nothing_else(tmp_path: Path):
    assert routing.load().version == routing.load().version
    assert changed(tmp_path, "[scale]\nload = 21\n").version != routing.load().version


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        (rule(more='when = { teritory = ["dach"] }'), 4, "teritory", "did you mean 'territory'?"),
        (rule(more='when = { territory = ["dachh"] }'), 4, "territory", "did you mean 'dach'?"),
        (rule(more='when = { segment = ["small"] }'), 4, "segment", "known are"),
        (rule(more='when = { product = ["fleet"] }'), 4, "product", "no product is called 'fleet'"),
        (rule(more='when = { language = ["xx"] }'), 4, "language", "no language is called 'xx'"),
        (rule(more='when = { country = ["UK"] }'), 4, "country", "no country code"),
        (rule(more='when = { overlap = ["friend"] }'), 4, "overlap", "customer"),
        (rule(more='partner = { tier = "diamond" }'), 4, "tier", "known are"),
        (rule(more='partner = { serves = ["city"] }'), 4, "serves", "territory"),
        (rule(more="partner = { certification = { level = 2 } }"), 4, "certification", "for no product"),
        (rule(more='partner = { certification = { product = "arms" } }'), 4, "product", "'arms'"),
        (
            rule(more='when = { amount = { currency = "EUR", min = "9", below = "3" } }'),
            4,
            "amount",
            "exchange the two",
        ),
        (rule() + rule(), 11, "name", "another rule is called 'one'"),
        (rule().replace('fallback = "direct"\n', ""), 2, "fallback", "direct sales gets what no partner takes"),
        (rule().replace('"direct"', '"next"'), 8, "fallback", "the last rule has no next one"),
        (rule().replace('"direct"', '"nobody"'), 8, "fallback", "direct"),
        (rule().replace('"24 hours"', '"soon"'), 6, "accept_within", "no duration"),
        (rule().replace("attempts = 3", "attempts = 0"), 7, "attempts", "greater than or equal to 1"),
        (rule().replace('"rotation"', '"score"'), 5, "rank", "needs weights"),
        (rule().replace('"rotation"', '"tier", weights = { load = 1 }'), 5, "rank", "takes no weights"),
        (rule().replace('"rotation"', '"score", weights = { luck = 1 }'), 5, "luck", "tier"),
        (rule().replace('"rotation"', '"score", weights = { tier = -1 }'), 5, "tier", "greater than 0"),
    ],
)
def test_a_bad_rule_is_refused_with_file_line_key_and_remedy(
    tmp_path: Path, text: str, line: int, key: str, words: str
):
    error = refused(tmp_path, text)
    assert (error.file, error.line, error.key) == (str(tmp_path / "routing.toml"), line, key)
    assert words in str(error)
    assert error.remedy


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[territories.iberia]\nstates = {}\n", 1, "is nowhere"),
        ("[segments.odd]\nfrom = 9\nto = 3\n", 3, "less than"),
        ("[intake]\nstatus = []\n", 2, "did you mean 'statuses'?"),
        ('[territories.iberia]\ncountries = ["SPAIN"]\n', 2, "no country code"),
        ("[territories.dach]\ncontinents = []\n", 2, "countries"),
        ("[[rules]\n", 1, "TOML"),
        ("[scale]\nload = 9\n[teritories.x]\n", 3, "did you mean 'territories'?"),
        ('tiers = ["gold"]\n', 1, "those of tiers.toml"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str):
    error = refused(tmp_path, text)
    assert error.line == line
    assert words in str(error)


def test_a_rule_that_an_earlier_one_covers_is_refused_by_name(tmp_path: Path):
    text = rule("all") + rule("late", 'when = { territory = ["dach"] }')
    error = refused(tmp_path, text)
    assert "taken by 'all' before" in str(error)
    assert (error.line, error.remedy.startswith("move it above 'all'")) == (12, True)


def test_a_rule_that_several_earlier_ones_cover_together_is_refused_with_all_of_them(tmp_path: Path):
    below = 'when = { amount = { currency = "EUR", below = "500" } }'
    above = 'when = { amount = { currency = "EUR", min = "500" } }'
    late = 'when = { amount = { currency = "EUR" }, country = ["DE"] }'
    assert "'low' and 'high'" in str(refused(tmp_path, rule("low", below) + rule("high", above) + rule("late", late)))


def test_an_earlier_rule_that_passes_on_what_it_cannot_place_covers_nothing(tmp_path: Path):
    first = rule("all").replace('"direct"', '"next"')
    assert len(changed(tmp_path, first + rule("late", 'when = { territory = ["dach"] }')).rules) == 2


def test_a_rule_that_contradicts_itself_is_refused(tmp_path: Path):
    error = refused(tmp_path, rule("never", 'when = { territory = ["dach"], country = ["US"] }') + rule("all"))
    assert "no lead is all of this at once" in str(error)


def test_where_a_rule_stands_can_be_told_later(tmp_path: Path):
    narrow = rule("one", 'when = { country = ["DE"] }')
    changed(tmp_path, narrow + rule("two"))
    assert routing.where("two", "attempts", tmp_path) == f"{tmp_path / 'routing.toml'}, line 15"


def test_the_example_of_the_manual_can_be_read(tmp_path: Path):
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "route-leads.md").read_text(encoding="utf-8")
    (example,) = [
        block.partition("```")[0] for block in page.split("```toml\n") if "[[rules]]" in block.partition("```")[0]
    ]
    assert [it.name for it in changed(tmp_path, example).rules] == ["fleet-dach", "everybody-else"]
