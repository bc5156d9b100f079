"""Units of one group are related, never the same."""

from typing import Any

import pytest
from hypothesis import given

from streams.matching.features import Features, features
from streams.matching.model import model
from streams.matching.score import Match, score
from streams.matching.selection import related, select
from tests.unit.streams.matching.accounts import AnAccount, acme
from tests.unit.streams.matching.strategies import accounts


def between(one: Features, other: Features) -> Match:
    found = score(one, other)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (
            acme("Zyxtron", website="zyxtron.com", country="DE"),
            acme("Zyxtron", website="zyxtron.com", country="US"),
            "one group: zyxtron.com, other country (DE and US)",
        ),
        (
            acme("Zyxtron Deutschland GmbH", country="DE"),
            acme("Zyxtron Inc", country="US"),
            "one group: 'Zyxtron Deutschland GmbH' names a place that 'Zyxtron Inc' does not",
        ),
        (
            acme("Zyxtron", website="zyxtron.com"),
            acme("Zyxtron Healthcare", website="zyxtron.com"),
            "one group: 'Zyxtron Healthcare' names a line of business, 'Zyxtron' does not",
        ),
        (
            acme("Zyxtron GmbH", country="DE"),
            acme("Zyxtron GmbH Niederlassung", country="DE"),
            "one group: 'Zyxtron GmbH Niederlassung' is a branch of 'Zyxtron GmbH'",
        ),
        (
            acme("Zyxtron", ids={"vat": "DE136695976"}),
            acme("Zyxtron", ids={"vat": "IT00743110157"}),
            "one group: VAT numbers of different countries: DE and IT",
        ),
        (
            acme("Zyxtron", ids={"duns": "150483782", "global ultimate duns": "081466849"}),
            acme("Zyxtron", ids={"lei": "5493000IBP32UQZ0KL24", "global ultimate duns": "081466849"}),
            "one group: one parent: DUNS number 081466849",
        ),
        (
            acme("Zyxtron", ids={"duns": "081466849"}),
            acme("Zyxtron Labs", ids={"lei": "5493000IBP32UQZ0KL24", "parent duns": "081466849"}),
            "one group: one is the parent of the other: DUNS number 081466849",
        ),
    ],
)
def test_units_of_a_group_are_related_and_say_how(one: Features, other: Features, said: str) -> None:
    for found in (between(one, other), between(other, one)):
        assert found.relation == "related"
        assert found.confidence < model().shown
        assert found.band == "not_shown"
        assert sorted(found.kin.split()) == sorted(said.split()) or found.kin.startswith("one group")
    assert between(one, other).kin == said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"country": "DE"}, {"name": "Zyxtron Deutschland GmbH", "country": "DE"}),
        ({"website": "zyxtron.com"}, {"website": "zyxtron.com", "country": "DE"}),
        ({"country": "DE"}, {"country": "DE", "name": "Zyxtron AG"}),
    ],
)
def test_a_place_that_both_have_or_one_lacks_makes_no_family(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = between(acme(**{"name": "Zyxtron GmbH", **one}), acme(**{"name": "Zyxtron GmbH", **other}))
    assert (found.relation, found.kin) == ("same", "")


def test_an_equal_registration_number_outweighs_the_family() -> None:
    ids = {"duns": "081466849"}
    one = acme("Zyxtron", website="zyxtron.com", country="DE", ids=ids)
    assert between(one, acme("Zyxtron", website="zyxtron.com", country="US", ids=ids)).relation == "same"


def test_families_never_come_out_of_the_selection_of_overlaps_but_of_their_own() -> None:
    one = acme("Zyxtron", website="zyxtron.com", country="DE")
    matches = {"us": between(one, acme("Zyxtron", website="zyxtron.com", country="US")), "same": between(one, one)}
    assert list(select(matches)) == ["same"]
    assert list(related(matches)) == ["us"]


@given(accounts, accounts)
def test_a_related_pair_has_a_reason_for_it_and_is_never_as_sure_as_one_that_is_shown(
    one: AnAccount, other: AnAccount
) -> None:
    found = score(features(one), features(other))
    if found is not None:
        assert (found.relation == "related") is bool(found.kin)
        assert found.relation == "same" or found.confidence < model().shown


def test_two_that_only_may_be_of_one_family_are_neither_the_same_nor_related() -> None:
    found = between(acme("Zyxtron", website="zyxtron.com"), acme("Zyxtron Healthcare", website="zyxtron-health.de"))
    assert (found.relation, found.band) == ("same", "not_shown")
    assert found.kin.startswith("perhaps one group")
    assert found.confidence < model().shown
