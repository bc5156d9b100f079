"""The rules of private offers are data: shipped, changed key by key, and checked before anything starts."""

from decimal import Decimal
from pathlib import Path

import pytest

from mappings import offers
from mappings.errors import MappingError
from schemas.entities import DealStage
from schemas.marketplace import CosellStage


def changed(folder: Path, text: str) -> offers.OfferRules:
    (folder / "offers.toml").write_text(text, encoding="utf-8")
    return offers.load(folder)


def test_as_shipped_nothing_is_made_or_shared_unless_a_deal_asks():
    rules = offers.load()
    assert (rules.create.when, rules.cosell.when, rules.cosell.accept_invitations) == ((), (), False)


def test_every_stage_of_ours_has_one_of_theirs_and_back():
    rules = offers.load().cosell
    assert (set(rules.stages), set(rules.deal_stages)) == (set(DealStage), set(CosellStage))


def test_a_deployment_changes_a_key_and_keeps_the_rest(tmp_path: Path):
    rules = changed(tmp_path, '[create]\nwhen = ["won"]\napprove_above = { USD = "100000.00" }\n')
    assert rules.create.when == (DealStage.WON,)
    assert rules.create.approve_above == {"USD": Decimal("100000.00")}
    assert rules.create.currencies == offers.load().create.currencies


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[create]\ncurency = "EUR"\n', ["offers.toml, line 2, [create] curency", "did you mean 'currency'?"]),
        ('\n[create]\nwhen = ["wonn"]\n', ["offers.toml, line 3, [create] when"]),
        ("[match]\nlink_at = 1.5\n", ["offers.toml", "match", "link_at"]),
        ('[cosell.stages]\nwon = "closed_won"\n', ["offers.toml, line 2, [cosell.stages] won"]),
        ("[create\n", ["offers.toml", "TOML"]),
    ],
)
def test_a_wrong_key_or_value_names_the_file_the_table_the_key_and_the_remedy(tmp_path, text, words):
    with pytest.raises(MappingError) as caught:
        changed(tmp_path, text)
    assert [word for word in words if word not in str(caught.value)] == []
