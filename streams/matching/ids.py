"""Recognises registration numbers by name and format and checks their check digits; never looks a number up anywhere.

Formats and check digits are those that the issuers publish: ISO 17442 (LEI), INSEE (SIREN, SIRET), the European
Commission's VIES page (VAT), the Australian Business Register (ABN, ACN), Receita Federal (CNPJ), Companies House.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from streams.matching import checkdigits as check
from streams.matching.text import ascii_text

UNNAMED = "number"
"""Of a number whose kind is not named and not told by its format: an equal one decides, a different one says nothing."""
GROUP = "group-"
"""How the kind of a parent's number begins: an equal one makes two accounts one family, not one company."""
SITE = "site-"
"""How the kind of an establishment's number begins: different ones may belong to one company."""


class Ids(NamedTuple):
    """Kind and number, sorted; `bad` are those that fail their check digits, as they stand in the account."""

    good: tuple[tuple[str, str], ...]
    bad: tuple[tuple[str, str], ...]


class _Format(NamedTuple):
    width: int  # digits; lost leading zeros are put back up to this; 0: as it stands
    pattern: re.Pattern[str]
    valid: Callable[[str], bool]


def _format(width: int, pattern: str, valid: Callable[[str], bool] = lambda _: True) -> _Format:
    return _Format(width, re.compile(pattern), valid)


_FORMATS: dict[str, _Format] = {
    "duns": _format(9, r"\d{9}"),
    "lei": _format(0, r"[a-z0-9]{18}\d{2}", check.lei),
    "siren": _format(9, r"\d{9}", check.luhn),
    "siret": _format(14, r"\d{14}", check.siret),
    "ein": _format(9, r"(?!00)\d{9}"),
    "abn": _format(11, r"[1-9]\d{10}", check.abn),
    "acn": _format(9, r"\d{9}", check.acn),
    "cnpj": _format(14, r"\d{14}", check.cnpj),
    "companies-house": _format(8, r"(?:\d{2}|[a-z]{2})\d{6}"),
}
_KINDS: dict[str, str] = {
    "dunsnumber": "duns", "dunsno": "duns", "dnb": "duns", "dandbnumber": "duns",
    "legalentityidentifier": "lei", "leicode": "lei",
    "vatid": "vat", "vatnumber": "vat", "vatno": "vat", "vatregistrationnumber": "vat", "ustid": "vat", "ustidnr": "vat",
    "uid": "vat", "tva": "vat", "partitaiva": "vat", "btw": "vat", "nifiva": "vat",
    "sirennumber": "siren", "siretnumber": "siret", "fein": "ein", "employeridentificationnumber": "ein",
    "australianbusinessnumber": "abn", "australiancompanynumber": "acn",
    "crn": "companies-house", "companieshouse": "companies-house", "companieshousenumber": "companies-house",
    "ukcompanynumber": "companies-house",
}  # fmt: skip
_NAMELESS = frozenset(
    {
        "id", "number", "no", "registration", "registrationid", "registrationnumber", "registrationno", "regno", "regnumber",
        "companyid", "companynumber", "companyregistrationnumber", "taxid", "taxnumber", "taxidentificationnumber", "other",
    }
)  # fmt: skip
_PARENT = re.compile(r"^(?:globalultimate|domesticultimate|ultimate|headquarters?|hq|parent|group)")
_PLACE = re.compile(r"^(?:site|location|branch|establishment)|(?:site|location|branch|establishment)$")
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (  # as written, the surest first
    (re.compile(r"\d{2}-\d{3}-\d{4}"), "duns"),
    (re.compile(r"\d{2}-\d{7}"), "ein"),
    (re.compile(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}"), "cnpj"),
    (re.compile(r"\d{2} \d{3} \d{3} \d{3}"), "abn"),
    (re.compile(r"\d{3} \d{3} \d{3} \d{5}"), "siret"),
)
_BARE: tuple[tuple[str, str], ...] = (
    ("lei", ""),
    ("cnpj", "BR"),
    ("siret", "FR"),
    ("siren", "FR"),
    ("abn", "AU"),
    ("acn", "AU"),
)
_VAT = re.compile(r"[a-z]{2}[a-z0-9+*]{2,13}")
_JUNK = re.compile(r"(.)\1*|1?23456789?0*")


def recognised(given: Mapping[str, str], country: str) -> Ids:
    """The numbers of an account. `country`, ISO 3166-1 alpha-2 or "", tells the kind of bare numbers."""
    good: set[tuple[str, str]] = set()
    bad: set[tuple[str, str]] = set()
    for name, text in given.items():
        number = compact(text)
        if len(number) < 2 or number.isalpha() or _JUNK.fullmatch(number):
            continue
        for kind, value, valid in _read(compact(name), text.strip(), number, country):
            (good if valid else bad).add((kind, value))
    return Ids(tuple(sorted(good)), tuple(sorted(bad)))


def compact(text: str) -> str:
    """Lower-case letters and digits only."""
    return "".join(c for c in ascii_text(text) if c.isalnum())


def _read(name: str, text: str, number: str, country: str) -> list[tuple[str, str, bool]]:
    prefix = GROUP if _PARENT.search(name) else SITE if _PLACE.search(name) else ""
    kind = _PLACE.sub("", _PARENT.sub("", name)) or "number"
    kind = _KINDS.get(kind, kind)
    if kind in _NAMELESS:
        kind = _told(text, number, country)
    if kind == "vat":
        found = _vat(number, country)
    elif kind in _FORMATS:
        found = [_formatted(kind, number)]
    else:
        found = [(kind, number.lstrip("0"), True)]
    return [
        (prefix + each, value, valid) for each, value, valid in found for each, value in [_company(each, value, prefix)]
    ]


def _company(kind: str, value: str, prefix: str) -> tuple[str, str]:
    """A number of an establishment holds that of its company."""
    if kind == "siret" and not prefix:
        return "siren", value[:9]
    if kind == "cnpj" and not prefix:
        return "cnpj", value[:8]
    return kind, value


def _formatted(kind: str, number: str) -> tuple[str, str, bool]:
    form = _FORMATS[kind]
    number = number.zfill(form.width)
    return kind, number, form.pattern.fullmatch(number) is not None and form.valid(number)


def _vat(number: str, country: str) -> list[tuple[str, str, bool]]:
    """The number by its country, for one firm may have one in each; the French one holds the SIREN."""
    if number[:2].isdigit() and country:
        number = country.lower() + number
    land, rest = number[:2], number[2:]
    land = {"gr": "el"}.get(land, land)
    rest = rest.removesuffix("mwst") if land == "ch" else rest
    valid = _VAT.fullmatch(number) is not None and check.vat(land, rest)
    found = [(f"vat-{land}", rest, valid)]
    if valid and land == "fr" and rest[2:].isdigit():
        found.append(("siren", rest[2:], True))
    return found


def _told(text: str, number: str, country: str) -> str:
    """The kind of a number from how it is written, from its check digits where the country has such a kind."""
    for shape, kind in _SHAPES:
        if shape.fullmatch(text) and _formatted(kind, number)[2]:
            return kind
    for kind, land in _BARE:
        if land in ("", country) and _FORMATS[kind].pattern.fullmatch(number) and _FORMATS[kind].valid(number):
            return kind
    land, rest = number[:2], number[2:]
    return (
        "vat"
        if land.isalpha() and check.known(land) and any(map(str.isdigit, rest)) and check.vat(land, rest)
        else UNNAMED
    )
