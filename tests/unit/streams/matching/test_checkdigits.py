"""The check digits agree with an independent library's on numbers drawn at random and made right by search."""

import random
from collections.abc import Callable

import pytest
from stdnum import get_cc_module, lei, luhn
from stdnum.au import abn, acn
from stdnum.br import cnpj
from stdnum.fr import siret

from streams.matching import checkdigits

DRAWS = 400
VAT = {
    "at": "u99999999", "be": "0999999999", "ch": "e999999999", "de": "999999999", "dk": "99999999", "el": "999999999",
    "fi": "99999999", "gb": "999999999", "hu": "99999999", "lu": "99999999", "nl": "999999999b99", "pl": "9999999999",
    "pt": "999999999", "se": "999999999901", "fr": "99732829320",
}  # fmt: skip
PLAIN: dict[str, tuple[Callable[[str], bool], Callable[[str], bool], int]] = {
    "luhn": (checkdigits.luhn, luhn.is_valid, 9),
    "abn": (checkdigits.abn, abn.is_valid, 11),
    "acn": (checkdigits.acn, acn.is_valid, 9),
    "siret": (checkdigits.siret, siret.is_valid, 14),
}


def drawn(shape: str, seed: str) -> list[str]:
    """No leading zeros: some of the library's rules refuse them whatever the check digits."""
    rng = random.Random(seed)
    return ["".join(str(rng.randint(1, 9)) if c == "9" else c for c in shape) for _ in range(DRAWS)]


@pytest.mark.parametrize("land", sorted(VAT))
def test_vat_numbers_that_the_library_holds_for_right_are_right_here(land: str) -> None:
    library = get_cc_module("gr" if land == "el" else land, "vat")
    numbers = drawn(VAT[land], land)
    if land == "fr":
        numbers = [f"{key:02d}732829320" for key in range(100)]
    prefix = "CH" if land == "ch" else land.upper()
    end = "MWST" if land == "ch" else ""
    right = [number for number in numbers if library.is_valid(f"{prefix}{number}{end}".upper())]
    assert right
    assert all(checkdigits.vat(land, number) for number in right)


@pytest.mark.parametrize("land", sorted(set(VAT) - {"nl", "fr"}))
def test_most_vat_numbers_at_random_are_wrong(land: str) -> None:
    numbers = drawn(VAT[land], land)
    assert sum(checkdigits.vat(land, number) for number in numbers) < DRAWS / 5


@pytest.mark.parametrize("kind", sorted(PLAIN))
def test_other_numbers_are_right_if_the_library_says_so(kind: str) -> None:
    ours, theirs, size = PLAIN[kind]
    numbers = drawn("9" * size, kind)
    assert [ours(number) for number in numbers] == [theirs(number) for number in numbers]


def test_a_number_of_a_company_in_brazil_needs_both_its_check_digits() -> None:
    right = [number for number in (f"167272300001{n:02d}" for n in range(100)) if cnpj.is_valid(number)]
    assert right == [number for number in (f"167272300001{n:02d}" for n in range(100)) if checkdigits.cnpj(number)]
    assert len(right) == 1


def test_a_legal_entity_identifier_needs_its_check_digits() -> None:
    numbers = [f"5493000ibp32uqz0kl{n:02d}" for n in range(100)]
    assert [checkdigits.lei(number) for number in numbers] == [lei.is_valid(number.upper()) for number in numbers]
