"""Streets, postal codes and phones in one spelling."""

import pytest

from streams.matching.evidence import evidence
from streams.matching.places import parts, phones, postal, street
from tests.unit.streams.matching.accounts import acme


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("27 North Washington Street, Suite 200", "27 N. Washington St Apt 200"),
        ("4908 North Damen Avenue", "4908 N. Damen"),
        ("Hauptstraße 5", "Hauptstr. 5"),
        ("3500 W 43 rd St", "3500 West 43rd Street"),
        ("4753-59 Monticello", "4753 Monticello Ave"),
    ],
)
def test_one_address_has_one_number_side_and_name(one: str, other: str) -> None:
    ours, theirs = parts(street(one)), parts(street(other))
    assert (ours.number, ours.name) == (theirs.number, theirs.name) != ("", "")
    assert ours.side == theirs.side


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+1 (312) 555-0142", ("13125550142",)),
        ("(312) 555-0142 ext. 12", ("3125550142",)),
        ("312 555 0142 x12", ("3125550142",)),
        ("+49 (0)30 1234567", ("49301234567",)),
        ("0049 30 1234567", ("49301234567",)),
        ("030/123456", ("30123456",)),
        ("555 0142 / 555 0199", ("5550142", "5550199")),
        ("n/a", ()),
    ],
)
def test_phones_are_digits_without_extension_and_trunk_zero(text: str, found: tuple[str, ...]) -> None:
    assert phones(text) == found


@pytest.mark.parametrize(("one", "other"), [("01067", "1067"), ("60302-1234", "60302"), ("EC1A 1BB", "ec1a1bb")])
def test_a_postal_code_survives_spreadsheets_and_blanks(one: str, other: str) -> None:
    assert postal(one) == postal(other)


def names(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {finding.name for finding in evidence(acme(**one), acme("Zyxtron", **other))}


CHICAGO = {"city": "Chicago"}


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ({**CHICAGO, "street": "27 Main St"}, {**CHICAGO, "street": "27 Main Street"}, "street_same"),
        ({"street": "27 Main St"}, {"street": "27 Main Street"}, "street_same_alone"),
        ({**CHICAGO, "street": "27 Main St"}, {**CHICAGO, "street": "29 Main St"}, "street_number_differs"),
        ({**CHICAGO, "street": "27 Main St"}, {**CHICAGO, "street": "27 Oak St"}, "street_differs"),
        ({**CHICAGO, "street": "27 N Main St"}, {**CHICAGO, "street": "27 S Main St"}, "street_differs"),
        ({**CHICAGO, "street": "27 Main St #1 Suite 1"}, {**CHICAGO, "street": "27 Main St Suite 2"}, "unit_differs"),
        ({"phone": "312 555 0142"}, {"phone": "+1 312 555 0142"}, "phone_same"),
        ({"phone": "312 555 0142"}, {"phone": "312 555 0147"}, "phone_near"),
        ({"phone": "312 555 0142"}, {"phone": "312 777 9142"}, "phone_differs"),
        ({"city": "Frankfurt"}, {"city": "Frankfurt am Main"}, "city_within"),
        ({"postal_code": "60302"}, {"postal_code": "60309"}, "postal_code_near"),
        ({"postal_code": "60302"}, {"postal_code": "10115"}, "postal_code_differs"),
    ],
)
def test_what_two_places_say(one: dict[str, str], other: dict[str, str], name: str) -> None:
    assert name in names(one, other)
    assert name in names(other, one)


def test_the_same_street_of_another_town_says_nothing() -> None:
    found = names({"city": "Chicago", "street": "1 Main St"}, {"city": "Boston", "street": "1 Main St"})
    assert not any(name.startswith("street") for name in found)
