"""Registration numbers, by name and by format, with their check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.ids import recognised
from streams.matching.numbers import broken, compared
from streams.matching.weights import ID_LOG_ODDS
from tests.unit.streams.matching.accounts import acme


@pytest.mark.parametrize(
    ("given_as", "kind", "value"),
    [
        ({"duns": "08-146-6849"}, "duns", "081466849"),
        ({"D-U-N-S Number": "81466849"}, "duns", "081466849"),
        ({"lei": "5493000IBP32UQZ0KL24"}, "lei", "5493000ibp32uqz0kl24"),
        ({"VAT ID": "DE 136 695 976"}, "vat-de", "136695976"),
        ({"vat": "ATU13585627"}, "vat-at", "u13585627"),
        ({"vat": "IT00743110157"}, "vat-it", "00743110157"),
        ({"vat": "NL004495445B01"}, "vat-nl", "004495445b01"),
        ({"siren": "732 829 320"}, "siren", "732829320"),
        ({"siret": "73282932000074"}, "siren", "732829320"),
        ({"abn": "83 914 571 673"}, "abn", "83914571673"),
        ({"acn": "004 085 616"}, "acn", "004085616"),
        ({"cnpj": "16.727.230/0001-97"}, "cnpj", "16727230"),
        ({"ein": "91-1144442"}, "ein", "911144442"),
        ({"crn": "sc123456"}, "companies-house", "sc123456"),
        ({"kvk": "0033 01 46 05"}, "kvk", "33014605"),
    ],
)
def test_a_named_number_is_read_in_its_format(given_as: dict[str, str], kind: str, value: str) -> None:
    assert recognised(given_as, "").good == ((kind, value),)


@pytest.mark.parametrize(
    ("text", "country", "kind"),
    [
        ("08-146-6849", "", "duns"),
        ("91-1144442", "", "ein"),
        ("5493000IBP32UQZ0KL24", "", "lei"),
        ("DE136695976", "", "vat-de"),
        ("73282932000074", "FR", "siren"),
        ("16.727.230/0001-97", "", "cnpj"),
        ("83 914 571 673", "", "abn"),
        ("732829321", "", "number"),
    ],
)
def test_a_number_without_a_kind_is_told_by_its_format(text: str, country: str, kind: str) -> None:
    assert [each for each, _ in recognised({"registration number": text}, country).good] == [kind]


@pytest.mark.parametrize(
    "given_as",
    [
        {"lei": "5493000IBP32UQZ0KL25"},
        {"vat": "DE136695977"},
        {"siren": "732829321"},
        {"siret": "73282932000075"},
        {"abn": "83914571674"},
        {"acn": "004085617"},
        {"cnpj": "16.727.230/0001-98"},
        {"duns": "1234567890123"},
    ],
)
def test_a_number_that_fails_its_format_or_check_digits_proves_nothing_and_says_so(given_as: dict[str, str]) -> None:
    one = acme(ids=given_as)
    assert one.ids == ()
    assert compared(one, one) == []
    assert "fails its check digits and proves nothing" in broken(one, acme())[0]


def test_a_french_vat_number_holds_the_siren() -> None:
    assert ("siren", "732829320") in recognised({"vat": "FR44732829320"}, "").good


def test_a_vat_number_without_its_country_takes_that_of_the_account() -> None:
    assert recognised({"vat": "136695976"}, "DE").good == (("vat-de", "136695976"),)


@pytest.mark.parametrize("text", ["", "0", "000000000", "999999999", "123456789", "n/a", "-"])
def test_a_filled_in_nothing_is_no_number(text: str) -> None:
    assert recognised({"duns": text}, "") == ((), ())


def test_establishments_of_one_company_are_one_company() -> None:
    one, other = acme(ids={"siret": "73282932000074"}), acme(ids={"siret": "73282932000009"})
    assert compared(one, other)[0] == (ID_LOG_ODDS, "same SIREN number 732829320")


def test_different_numbers_of_sites_say_nothing_and_an_equal_one_decides() -> None:
    one = acme(ids={"site duns": "081466849"})
    assert compared(one, acme(ids={"site duns": "150483782"})) == []
    assert compared(one, one)[0][0] > 0


def test_vat_numbers_of_two_countries_are_not_compared() -> None:
    assert compared(acme(ids={"vat": "DE136695976"}), acme(ids={"vat": "IT00743110157"})) == []


def test_different_numbers_of_an_unknown_kind_say_nothing() -> None:
    assert compared(acme(ids={"number": "40817"}), acme(ids={"number": "40818"})) == []


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=20), max_size=4), st.sampled_from(["", "FR", "DE", "BR"]))
def test_any_text_is_read_or_left_and_the_order_does_not_matter(numbers: dict[str, str], country: str) -> None:
    backwards = dict(reversed(list(numbers.items())))
    assert recognised(numbers, country) == recognised(backwards, country)
