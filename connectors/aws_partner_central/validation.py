"""What is wrong with the values of a write before it is sent, in words that name the deal's field; it sends nothing.

Only what the write itself brings is looked at: an old value that AWS has taken never stops a new one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from connectors.aws_partner_central.model import Member, member
from connectors.aws_partner_central.opportunity import Nested, standing
from connectors.base import Rejected
from mappings.errors import nearest
from mappings.table import EntityMap

INVALID = "INVALID_VALUE"
COMPANY = "Customer/Account/CompanyName"
# Amount and currency are one: Partner Central takes neither alone (model, required members).
PAIRS = (
    ("Project/ExpectedCustomerSpend/Amount", "Project/ExpectedCustomerSpend/CurrencyCode"),
    ("SoftwareRevenue/Value/Amount", "SoftwareRevenue/Value/CurrencyCode"),
)
BOTH = frozenset({PAIRS[1]})  # here a currency without an amount is refused, too
FROM, UNTIL = "SoftwareRevenue/EffectiveDate", "SoftwareRevenue/ExpirationDate"
MANY_WORDS = 30  # more than so many words are not listed in an error


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that Partner Central would refuse."""

    path: str
    reason: str
    remedy: str


def rejected(table: EntityMap, problems: list[Problem]) -> Rejected:
    """The refusal of a write, in the canonical names; the first problem gives the field and the remedy."""
    names = {each.vendor: name for name, each in table.fields.items()}
    lines = [f"{names.get(each.path, each.path)}: {each.reason}" for each in problems]
    first = problems[0]
    return Rejected(INVALID, "; ".join(lines), first.remedy, names.get(first.path))


def problems(values: Mapping[str, object], body: Nested) -> list[Problem]:
    """What is wrong: `values` are what the write brings, by path, `body` is the whole opportunity with them in it."""
    return [*_each(values), *_together(values, body)]


def _each(values: Mapping[str, object]) -> Iterator[Problem]:
    for path, value in values.items():
        if value is None:
            continue
        known = member(path)
        if known is None:
            yield Problem(path, "an opportunity has no such member.", "correct mappings/aws_partner_central.toml")
            continue
        yield from (Problem(path, *wrong) for wrong in _wrong(path, value, known))


def _wrong(path: str, value: object, known: Member) -> Iterator[tuple[str, str]]:
    parts = value if isinstance(value, (list, tuple)) else (value,)
    for part in map(str, parts):
        if known.words and part not in known.words:
            some = known.words if len(known.words) <= MANY_WORDS else ()
            yield f"{part!r} is no value that Partner Central knows.", nearest(part, some or _alike(part, known.words))
        if known.least is not None and len(part) < known.least:
            yield f"it has {len(part)} characters, at least {known.least} are needed.", "write more"
        if known.most is not None and len(part) > known.most:
            yield f"it has {len(part)} characters, at most {known.most} are taken.", "shorten it"
        if path in RULES:
            yield from RULES[path](part)


def _alike(part: str, words: frozenset[str]) -> list[str]:
    return [word for word in words if word[:1].casefold() == part[:1].casefold()]


def _account(value: str) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"\d{12}", value):
        yield f"{value!r} is no AWS account: it has {len(value)} characters.", "give the 12 digits of the account"


def _amount(value: str) -> Iterator[tuple[str, str]]:
    amount = Decimal(value)
    if amount < 0:
        yield f"{value} is less than nothing.", "give an amount of 0 or more"
    if amount.normalize().as_tuple().exponent < -2:  # type: ignore[operator]  # the converter lets no infinity pass
        yield f"{value} has more than two decimals.", "round it to two decimals"


RULES: Mapping[str, Callable[[str], Iterator[tuple[str, str]]]] = {
    "Customer/Account/AwsAccountId": _account,
    "Project/ExpectedCustomerSpend/Amount": _amount,
    "SoftwareRevenue/Value/Amount": _amount,
}


def _together(values: Mapping[str, object], body: Nested) -> Iterator[Problem]:
    if "Account" in body.get("Customer", {}) and standing(body, COMPANY) is None:
        yield Problem(COMPANY, "it is missing.", "give the customer's name")
    for amount, currency in PAIRS:
        stands = standing(body, amount) is not None, standing(body, currency) is not None
        if not {amount, currency} & set(values) or stands[0] == stands[1]:
            continue
        if stands[0]:
            yield Problem(currency, "it is missing, though there is an amount.", "give the currency of the amount")
        elif (amount, currency) in BOTH:
            yield Problem(amount, "it is missing, though there is a currency.", "give the amount")
    start, end = standing(body, FROM), standing(body, UNTIL)
    if {FROM, UNTIL} & set(values) and start is not None and end is not None and end < start:
        yield Problem(UNTIL, f"{end} is before {start}.", "let it end on its first day or later")
