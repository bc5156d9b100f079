"""What is found between two accounts, and what each finding may do to the sum."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.evidence import NAMES, SIGNS, evidence
from streams.matching.features import Features, features
from streams.matching.model import model
from streams.matching.score import score, total, vector
from tests.unit.streams.matching.accounts import AnAccount, acme
from tests.unit.streams.matching.strategies import accounts, names, wild

AGREEMENT: dict[str, Any] = {
    "website": "zyxtron.com",
    "country": "DE",
    "city": "Berlin",
    "postal_code": "10115",
    "phone": "+49 30 1234567",
}


def found(one: Features, other: Features) -> Counter[tuple[str, float]]:
    return Counter((finding.name, round(finding.value, 6)) for finding in evidence(one, other))


def log_odds(one: AnAccount, other: AnAccount) -> float:
    return total(evidence(features(one), features(other)), 0, model())


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        (acme("IBM"), acme("International Business Machines Corp."), "acronym"),
        (acme("BOA"), acme("Bank of America"), "acronym"),
        (acme("WWE Network"), acme("Zyxtron", other_names=("WWE Network",)), "other_name"),
        (acme("Zyxtron", website="acme.de"), acme("Zyxtron", contact_domains=("acme.de",)), "domain_contact"),
        (acme(website="old.com"), acme(website="new.com", former_domains=("old.com",)), "domain_former"),
        (acme(website="acme.de"), acme(website="acme.com"), "domain_differs_same_label"),
        (acme("Inditex"), acme("Industria de Diseno Textil", website="inditex.com"), "domain_spells_name"),
        (acme("World Wrestling Entertainment"), acme("Zyxtron", website="wwe.com"), "domain_initials"),
        (acme("Global Energy"), acme("Global Energy"), "generic_name"),
        (acme("Meitu"), acme("Meituan"), "word_begins"),
        (acme("Mineral Resources"), acme("Resources Mineral"), "swapped"),
        (acme("Zyxtron Fund II"), acme("Zyxtron Fund III"), "number_differs"),
        (acme("Zyxtron North"), acme("Zyxtron South"), "side_differs"),
        (acme("Zyxtron Labs Berlin"), acme("Zyxtron Foods"), "both_say_more"),
        (acme("Nomura Holdings ADR/1"), acme("Nomura Holdings"), "listing_differs"),
        (acme("Zyxtron", country="DE"), acme("Zyxtron", country="US"), "country_differs_same_name"),
        (
            acme("Zyxtron", website="a.com", country="DE"),
            acme(website="a.com", country="US"),
            "country_differs_at_domain",
        ),
    ],
)
def test_a_finding_has_its_name(one: Features, other: Features, name: str) -> None:
    assert name in vector(one, other)
    assert name in vector(other, one)


def test_a_rare_name_in_one_city_is_one_sentence() -> None:
    match = score(acme("Zyxtron", city="Berlin"), acme("ZYXTRON", city="Berlin"))
    assert match is not None
    assert "rare name 'Zyxtron' in the same city" in match.reasons


def test_a_name_of_common_words_only_is_worth_less_than_a_rare_one_and_says_so() -> None:
    common, rare = acme("Global Energy", country="US"), acme("Zyxtron Qorvix", country="US")
    generic, special = score(common, common), score(rare, rare)
    assert generic is not None
    assert special is not None
    assert generic.log_odds < special.log_odds


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_name_that_many_have_proves_less_the_more_there_are(level: int) -> None:
    one = acme("Zyxtron", country="US")
    fewer, more = score(one, one, level - 1), score(one, one, level)
    assert fewer is not None
    assert more is not None
    assert more.log_odds <= fewer.log_odds
    assert any("of one list ha" in doubt for doubt in more.doubts)


def test_a_crowd_does_not_touch_a_pair_of_different_names() -> None:
    one, other = acme("Zyxtron", country="US"), acme("Zyxtron Labs", country="US")
    assert score(one, other, 3) == score(one, other)


@given(accounts, accounts)
def test_swapping_the_two_accounts_finds_the_same(one: AnAccount, other: AnAccount) -> None:
    assert found(features(one), features(other)) == found(features(other), features(one))


@given(wild, wild)
def test_anything_can_be_compared_with_anything(one: AnAccount, other: AnAccount) -> None:
    for finding in evidence(features(one), features(other)):
        assert finding.name in NAMES
        assert finding.value > 0
        assert finding.write is None or finding.write(*finding.about)


@given(accounts, accounts)
def test_what_is_dropped_unweighed_would_not_be_shown(one: AnAccount, other: AnAccount) -> None:
    ours, theirs = features(one), features(other)
    if score(ours, theirs) is None:
        assert model().confidence(total(evidence(ours, theirs), 0, model())) < model().shown


@given(names, names, st.sampled_from(sorted(AGREEMENT)), st.sets(st.sampled_from(sorted(AGREEMENT))))
def test_more_that_agrees_never_speaks_against_a_match(one: str, other: str, more: str, known: set[str]) -> None:
    """Where names differ, a common domain or phone also excuses that, which the model weighs as it has learned."""
    if more in {"website", "phone"}:
        other = one
    already = {name: AGREEMENT[name] for name in known - {more}}
    ours, theirs = AnAccount(name=one, **already), AnAccount(name=other, **already)
    agreed = {more: AGREEMENT[more]}
    assert log_odds(replace(ours, **agreed), replace(theirs, **agreed)) >= log_odds(ours, theirs)


def test_every_weight_has_the_sign_that_its_name_stands_for() -> None:
    weights = model().weights
    assert [name for name, sign in SIGNS.items() if weights[name] * sign < 0] == []
