"""Why two accounts are one company or not, weighed and in words, and what would turn that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.entities import Account
from streams.matching.features import Features, features
from streams.matching.model import model
from streams.matching.score import score
from tandem.mapping.evidence import standing, weighed, would_change

WORD = st.sampled_from(["Acme", "Robotics", "Zyxtron", "Global", "Bank", "GmbH"])
ACCOUNT = st.builds(
    lambda words, site, country: of(" ".join(words), website=site, country=country),
    st.lists(WORD, min_size=1, max_size=3),
    st.sampled_from(["", "acme.com", "zyxtron.de"]),
    st.sampled_from(["", "DE", "US"]),
)
ACME = "Acme Robotics GmbH"


def of(name: str, **fields: object) -> Features:
    return features(Account(name=name, **fields))  # type: ignore[arg-type]


@settings(max_examples=40)
@given(ACCOUNT, ACCOUNT)
def test_the_weights_add_up_to_what_the_matcher_decides_with(a: Features, b: Features) -> None:
    match = score(a, b)
    if match is not None:
        assert sum(each.weight for each in weighed(a, b)) == pytest.approx(match.log_odds, abs=0.2)


@settings(max_examples=40)
@given(ACCOUNT, ACCOUNT)
def test_every_reason_and_doubt_of_a_match_is_among_the_evidence(a: Features, b: Features) -> None:
    match = score(a, b)
    said = {each.sentence for each in weighed(a, b)}
    assert match is None or set(match.reasons) | set(match.doubts) <= said


def test_the_strongest_evidence_comes_first_and_where_every_pair_starts_comes_last() -> None:
    found = weighed(of(ACME, website="acme.com"), of("ACME Robotics", website="acme.com"))
    sizes = [abs(each.weight) for each in found[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    assert (found[-1].weight, found[0].strength) == (model().base, "very strong")


def test_a_pair_that_nothing_speaks_for_is_explained_too() -> None:
    a, b = of("Initech"), of("Umbrella Holdings")
    assert score(a, b) is None
    assert standing(a, b, None)[0].endswith(f"not shown (linked from {model().linked}, shown from {model().shown})")
    assert [each for each in weighed(a, b) if each.weight < 0]


def test_what_is_missing_and_would_lift_the_pair_is_named_with_who_lacks_it() -> None:
    names = ("Initech", "American Bank", "Initech Finance", "City Hotel", "Global Trade")
    pairs = [(of(name, website="some.com"), of(name)) for name in names]
    said = [sentence for a, b in pairs for sentence in would_change(a, b, score(a, b))]
    found = [each for each in said if each.startswith("the same web domain (theirs lacks it) would make it 0.")]
    assert found
    assert all(each.endswith(("linked", "to be confirmed", "not shown")) for each in found)


def test_the_evidence_that_holds_a_pair_up_is_named() -> None:
    a, b = of(ACME, website="acme.com"), of("ACME Robotics", website="acme.com")
    assert any("without: same name" in each or "without: " in each for each in would_change(a, b, score(a, b)))


@pytest.mark.parametrize(("other", "turn"), [("150483782", "other ones"), ("529934567", "equal ones")])
def test_registration_numbers_decide_and_that_is_said(other: str, turn: str) -> None:
    a = of(ACME, registration_ids={"duns": "150483782"})
    b = of("Acme", registration_ids={"duns": other})
    assert turn in would_change(a, b, score(a, b))[0]
    assert weighed(a, b)[0].strength == "decides"
