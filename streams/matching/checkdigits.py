"""The published check digits of registration numbers; never says what a number is the number of."""

from collections.abc import Callable, Sequence


def luhn(digits: str) -> bool:
    """The sum modulo 10 in which every second digit from the right counts twice."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[::-2]))) % 10 == 0


def siret(digits: str) -> bool:
    """La Poste's many offices ran out of numbers with a right Luhn sum: theirs add up to a multiple of 5."""
    if digits.startswith("356000000"):
        return luhn(digits) or sum(map(int, digits)) % 5 == 0
    return luhn(digits) and luhn(digits[:9])


def lei(text: str) -> bool:
    """ISO 7064 modulo 97-10, a letter counting as 10 to 35."""
    return int("".join(str(int(c, 36)) for c in text)) % 97 == 1


def abn(digits: str) -> bool:
    return (_weighed(digits, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) - 10) % 89 == 0


def acn(digits: str) -> bool:
    return (_weighed(digits, (8, 7, 6, 5, 4, 3, 2, 1)) + int(digits[8])) % 10 == 0


def cnpj(digits: str) -> bool:
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first, second = _weighed(digits, weights[1:]) % 11, _weighed(digits, weights) % 11
    return digits[12:] == f"{0 if first < 2 else 11 - first}{0 if second < 2 else 11 - second}"


def known(land: str) -> bool:
    """Whether the format of this country's VAT number is known."""
    return land in _VAT


def vat(land: str, number: str) -> bool:
    """Of a VAT number without its country. A country whose check digits are not known here passes by its length alone."""
    rule = _VAT.get(land)
    return 2 <= len(number) <= 13 if rule is None else rule(number)


def _weighed(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _digits(size: int, rule: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda number: len(number) == size and number.isdecimal() and rule(number)


def _iso7064(digits: str) -> bool:
    """Modulo 11, 10."""
    product = 10
    for digit in digits[:-1]:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return (product + int(digits[-1])) % 10 == 1


def _at(number: str) -> bool:
    digits = number[1:]
    if number[:1] != "u" or len(digits) != 8 or not digits.isdecimal():
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[1:7:2])
    return (6 - doubled - sum(map(int, digits[0:7:2]))) % 10 == int(digits[7])


def _be(number: str) -> bool:
    number = number.zfill(10)
    return len(number) == 10 and number.isdecimal() and (int(number[:8]) + int(number[8:])) % 97 == 0


def _fr(number: str) -> bool:
    if len(number) != 11 or not number[2:].isdecimal():
        return False
    if not number[:2].isdecimal():
        return luhn(number[2:])
    return luhn(number[2:]) and int(number[2:] + "12") % 97 == int(number[:2])


def _gb(number: str) -> bool:
    if len(number) == 12:
        number = number[:9]
    if len(number) != 9 or not number.isdecimal():
        return False
    rest = (_weighed(number, (8, 7, 6, 5, 4, 3, 2)) + int(number[7:])) % 97
    return rest == 0 or (rest in {42, 55} and number >= "100")


def _nl(number: str) -> bool:
    """The nine digits of a legal person by modulo 11, or all by modulo 97 since 2020."""
    if len(number) != 12 or number[9] != "b" or not (number[:9] + number[10:]).isdecimal():
        return False
    old = _weighed(number, (9, 8, 7, 6, 5, 4, 3, 2)) % 11 == int(number[8])
    return old or int("".join(str(int(c, 36)) for c in "nl" + number)) % 97 == 1


def _pt(number: str) -> bool:
    return (11 - _weighed(number, (9, 8, 7, 6, 5, 4, 3, 2)) % 11) % 11 % 10 == int(number[8])


def _ch(number: str) -> bool:
    digits = number.removeprefix("e")
    for ending in ("mwst", "tva", "iva"):
        digits = digits.removesuffix(ending)
    if len(digits) != 9 or not digits.isdecimal():
        return False
    return (11 - _weighed(digits, (5, 4, 3, 2, 7, 6, 5, 4)) % 11) % 11 == int(digits[8])


_VAT: dict[str, Callable[[str], bool]] = {
    "at": _at,
    "be": _be,
    "ch": _ch,
    "de": _digits(9, _iso7064),
    "dk": _digits(8, lambda n: _weighed(n, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0),
    "el": _digits(9, lambda n: _weighed(n, (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == int(n[8])),
    "fi": _digits(8, lambda n: _weighed(n, (7, 9, 10, 5, 8, 4, 2, 1)) % 11 == 0),
    "fr": _fr,
    "gb": _gb,
    "hu": _digits(8, lambda n: _weighed(n, (9, 7, 3, 1, 9, 7, 3, 1)) % 10 == 0),
    "it": _digits(11, luhn),
    "lu": _digits(8, lambda n: int(n[:6]) % 89 == int(n[6:])),
    "nl": _nl,
    "pl": _digits(10, lambda n: _weighed(n, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(n[9])),
    "pt": _digits(9, _pt),
    "se": _digits(12, lambda n: luhn(n[:10])),
}
