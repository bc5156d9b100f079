"""The rules of attribution are data: shipped, changed key by key, and checked before anything starts."""

from decimal import Decimal
from pathlib import Path

import pytest

from mappings import attribution
from mappings.errors import MappingError
from mappings.loader import systems
from schemas.messages import TouchKind


def changed(folder: Path, text: str) -> attribution.AttributionRules:
    (folder / "attribution.toml").write_text(text, encoding="utf-8")
    return attribution.load(folder)


def test_as_shipped_every_kind_counts_and_the_weights_are_exactly_1():
    rules = attribution.load()
    assert set(rules.touches.counts) == set(TouchKind)
    assert (rules.position.first, rules.position.middle, rules.position.last) == tuple(
        map(Decimal, ("0.4", "0.2", "0.4"))
    )
    assert (rules.cloud.partner, rules.cloud.name) == ("aws", "AWS")


def test_a_deployment_changes_a_key_and_keeps_the_rest(tmp_path: Path):
    rules = changed(tmp_path, "[touches]\nlook_back_days = 90\n[position]\nfirst = 0.1\nmiddle = 0.2\nlast = 0.7\n")
    assert rules.touches.look_back_days == 90
    assert rules.touches.sources == attribution.load().touches.sources
    assert rules.position.first + rules.position.last == Decimal("0.8")


def test_weights_are_what_is_written_there_and_not_their_nearest_binary_fractions(tmp_path: Path):
    weights = changed(tmp_path, "[position]\nfirst = 0.1\nmiddle = 0.2\nlast = 0.70\n").position
    assert weights.middle == Decimal("0.2")


def test_the_rules_map_no_system():
    assert "attribution" not in systems()


WRONG = {
    "[position]\nfirst = 0.5\n": ["attribution.toml, line 2, [position] first", "0.5 + 0.2 + 0.4 is 1.1", "exactly 1"],
    "[position]\nfirst = 0\nmiddle = 1\nlast = 0\n": ["line 2, [position] first", "would be nobody's"],
    "[position]\n\nlast = 1.4\n": ["line 3, [position] last", "less than or equal to 1"],
    '[touches]\ncounts = ["overlap", "leads"]\n': ["line 2, [touches] counts", "'leads'", "did you mean 'lead'?"],
    '[touches]\nsources = ["webinar"]\n': ["line 2, [touches] sources", "'webinar'"],
    '[touches]\nsources = ["lead", "lead"]\n': ["line 2, [touches] sources", "'lead' stands there twice"],
    '[touches]\ncounts = ["overlap"]\nsources = ["lead"]\n': ["line 3, [touches] sources", "add 'lead' to `counts`"],
    "[touches]\ncounts = []\nsources = []\n": ["line 2, [touches] counts"],
    "[touches]\nlook_back = 90\n": ["line 2, [touches] look_back", "did you mean 'look_back_days'?"],
    "[touches]\nlook_back_days = 0\n": ["line 2, [touches] look_back_days"],
    "[touch]\nlook_back_days = 90\n": ["line 1, [touch]", "did you mean 'touches'?"],
    "[training]\nmost = 0\n": ["line 2, [training] most"],
    '[cloud]\npartner = ""\n': ["line 2, [cloud] partner"],
    "position = 3\n": ["[position]"],
    "[position\n": ["attribution.toml", "TOML"],
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_rule_is_refused_with_the_file_the_line_the_key_and_the_remedy(tmp_path: Path, text: str):
    with pytest.raises(MappingError) as caught:
        changed(tmp_path, text)
    assert [word for word in (*WRONG[text], "Remedy:") if word not in str(caught.value)] == []
