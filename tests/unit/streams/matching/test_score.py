"""How sure matching is, and the words it finds for that."""

from typing import Any

import pytest
from hypothesis import given

from streams.matching.features import Features, features
from streams.matching.score import Match, score
from tests.unit.streams.matching.accounts import AnAccount, acme
from tests.unit.streams.matching.strategies import accounts


def sure(one: Features, other: Features) -> float:
    found = score(one, other)
    return found.confidence if found else 0.0


def explained(one: Features, other: Features) -> Match:
    found = score(one, other)
    assert found is not None
    return found


def test_one_company_in_two_systems_is_nearly_certain() -> None:
    ours = acme("Acme Robotics GmbH", website="acme.com", country="Germany")
    assert sure(ours, acme("ACME ROBOTICS", website="https://www.acme.com/de", country="DE")) > 0.99


def test_the_reasons_name_the_domain_the_legal_form_and_the_country() -> None:
    found = explained(
        acme("Acme Robotics GmbH", website="acme.com", country="Germany"),
        acme("ACME ROBOTICS", website="acme.com", country="DE"),
    )
    assert sorted(found.reasons) == [
        "same country: DE",
        "same name but for legal form or spelling: 'Acme Robotics GmbH' and 'ACME ROBOTICS'",
        "same web domain acme.com",
    ]
    assert found.doubts == ()


def test_a_rare_shared_word_is_named_as_it_was_written() -> None:
    ours = acme("Siemens Nordlicht", website="siemens.com", city="Berlin")
    found = explained(ours, acme("SIEMENS Suedwind", website="siemens.com", city="Berlin"))
    assert "rare word 'Siemens' in both names" in found.reasons
    assert "same city: Berlin" in found.reasons
    assert found.doubts == ("the rest of the names differs: 'Siemens Nordlicht' and 'SIEMENS Suedwind'",)


def test_a_house_abbreviation_is_read_as_the_full_name() -> None:
    found = explained(acme("INTRCNTL.HOT.GRP", country="GB"), acme("Intercontinental Hotels Group PLC", country="UK"))
    assert found.confidence > 0.5
    assert found.reasons[0] == "'INTRCNTL.HOT.GRP' can be read as 'Intercontinental Hotels Group PLC'"


def test_a_longer_name_is_less_sure_and_says_so() -> None:
    found = explained(acme("Acme", country="US"), acme("Acme Robotics LLC", country="US"))
    assert found.confidence < sure(acme("Acme", country="US"), acme("Acme LLC", country="US"))
    assert "all of 'Acme' is in 'Acme Robotics LLC'" in found.reasons
    assert "'Acme Robotics LLC' says more than 'Acme'" in found.doubts


def test_one_domain_does_not_make_different_names_certain() -> None:
    one, other = acme(website="acme.com", country="DE"), acme("Zyxtron", website="acme.com", country="DE")
    assert sure(one, other) < sure(one, acme(website="acme.com", country="DE"))


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"country": "US"}, {}),
        ({}, {"country": "DE"}),
        ({"website": "zyxtron.io"}, {}),
        ({}, {"website": "acme.com"}),
        ({"name": "Acme Logistics"}, {}),
        ({"name": "Acme"}, {}),
        ({"name": "Acme Rbotics"}, {}),
        ({"city": "Munich"}, {}),
        ({}, {"city": "Berlin"}),
        ({}, {"postal_code": "10115"}),
        ({"phone": "030 1234567"}, {"phone": "030 7654321"}),
        ({"street": "Hauptstr. 7"}, {}),
        ({}, {"street": "Hauptstraße 5"}),
    ],
)
def test_more_agreement_is_more_sure(less: dict[str, Any], more: dict[str, Any]) -> None:
    theirs = acme(
        country="DE",
        website="acme.com",
        city="Berlin",
        postal_code="10115",
        phone="+49 30 7654321",
        street="Hauptstr. 5",
    )
    assert sure(acme(**less), theirs) < sure(acme(**more), theirs)


def test_a_shared_common_word_is_not_even_mentioned() -> None:
    assert score(acme("Global Energy Holdings", country="US"), acme("Pacific Energy Group", country="US")) is None


def test_an_equal_registration_number_decides_for() -> None:
    found = explained(acme("Initech", ids={"duns": "08-146-6849"}), acme("Globex", ids={"duns": "81466849"}))
    assert found.confidence > 0.99
    assert found.reasons[0] == "same DUNS number 081466849"


def test_a_different_registration_number_decides_against() -> None:
    found = explained(
        acme(website="acme.com", ids={"duns": "81466849"}), acme(website="acme.com", ids={"duns": "81466850"})
    )
    assert found.confidence == 0
    assert found.doubts[0] == "different DUNS numbers: 081466849 and 081466850"


def test_one_equal_number_outweighs_a_different_one_of_another_kind() -> None:
    ours = acme(ids={"duns": "81466849", "vat": "DE136695976"})
    assert sure(ours, acme(ids={"duns": "81466849", "vat": "DE129273398"})) > 0.99


def test_numbers_of_different_kinds_are_not_compared() -> None:
    assert sure(acme(ids={"duns": "81466849"}), acme(ids={"lei": "5493000IBP32UQZ0KL24"})) == sure(acme(), acme())


def test_two_accounts_without_a_name_or_anything_else_do_not_match() -> None:
    assert score(acme(""), acme("--")) is None


def test_the_relation_is_the_same_company() -> None:
    assert explained(acme(), acme()).relation == "same"


@given(accounts, accounts)
def test_swapping_the_two_accounts_leaves_the_confidence(one: AnAccount, other: AnAccount) -> None:
    there, back = score(features(one), features(other)), score(features(other), features(one))
    assert (there and there.confidence) == (back and back.confidence)


@given(accounts, accounts)
def test_the_confidence_is_a_share(one: AnAccount, other: AnAccount) -> None:
    assert 0 <= sure(features(one), features(other)) <= 1
