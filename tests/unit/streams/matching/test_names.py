"""What is left of a company name once legal forms, accents and listings are off."""

import pytest
from hypothesis import given

from streams.matching.names import name_words
from tests.unit.streams.matching.strategies import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Acme Robotics Co., Ltd.", "ACME ROBOTICS GMBH"),
        ("Acme Robotics", "Acme Robotics Inc"),
        ("Müller & Söhne GmbH", "MUELLER UND SOEHNE"),
        ("Neoen S.A.", "NEOEN"),
        ("Akwel S.A", "AKWEL"),
        ("Hamburger Hafen und Logistik AG", "Hamburger Hafen und Logistik Aktiengesellschaft"),
        ("HORNBACH Holding AG & Co. KGaA", "Hornbach Holdings"),
        ("Novo-Nordisk", "Novo Nordisk A/S"),
        ("AT&T Inc.", "AT & T"),
        ("PT Pakuwon Jati Tbk", "PAKUWON JATI"),
        ("ООО Газпром", "Gazprom"),
        ("トヨタ自動車株式会社", "トヨタ自動車"),
        ("Vidrala SA VIDRALA", "Vidrala, S.A."),
        ("QORVO INC.DL -,0001", "Qorvo, Inc."),
        ("Beijing Enterprises Class A", "BEIJING ENTERPRISES H YC 1"),
        ("Kerry GRP PLC", "Kerry Group plc"),
    ],
)
def test_the_same_company_written_by_two_houses_has_the_same_words(one: str, other: str) -> None:
    assert name_words(one) == name_words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Robotics", "Acme Logistics"),
        ("E.ON SE", "ON SE"),
        ("SAS Institute", "Institute"),
        ("3M", "M"),
        ("Bank of China", "China"),
    ],
)
def test_words_that_tell_companies_apart_stay(one: str, other: str) -> None:
    assert name_words(one) != name_words(other)


def test_a_name_that_is_nothing_but_a_legal_form_is_kept() -> None:
    assert name_words("AG") == ("ag",)


def test_a_name_without_letters_or_digits_has_no_words() -> None:
    assert name_words("--- !") == ()


@given(names)
def test_normalising_a_normalised_name_changes_nothing(name: str) -> None:
    words = name_words(name)
    assert name_words(" ".join(words)) == words
