"""Sentences about dividing an amount: each model sums to it exactly, whatever the currency and however small."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.attribution import Position
from mappings.attribution import load as load_rules
from streams.attribution.models import MODELS, shares
from streams.attribution.money import divided, places

WEIGHTS = load_rules().position
AMOUNTS = st.one_of(
    st.decimals(min_value=0, max_value=10**12, places=2),
    st.decimals(min_value=0, max_value=1, places=6),
    st.integers(0, 10**30).map(Decimal),
    st.just(Decimal("0.01")),
    st.just(Decimal("1E+9")),
)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF", "xyz", None])
MADE_BY = st.lists(st.sampled_from("abcde"), min_size=1, max_size=12)


@st.composite
def weights(draw: st.DrawFn) -> Position:
    first = draw(st.integers(0, 100))
    middle = draw(st.integers(0, 100 - first).filter(lambda it: it < 100))
    return Position(first=Decimal(first) / 100, middle=Decimal(middle) / 100, last=Decimal(100 - first - middle) / 100)


@pytest.mark.parametrize("model", MODELS)
@given(amount=AMOUNTS, currency=CURRENCIES, made_by=MADE_BY, position=weights())
def test_the_shares_of_every_model_sum_to_the_amount_exactly(model, amount, currency, made_by, position):
    found = shares(model, made_by, position, amount, currency)
    assert sum(Fraction(each) for _, each, _ in found) == Fraction(amount)
    assert sum(Fraction(weight) for _, _, weight in found) == 1
    assert {partner for partner, _, _ in found} <= set(made_by)
    assert all(each >= 0 and not each.is_signed() for _, each, _ in found)


@given(amount=AMOUNTS, currency=CURRENCIES, made_by=MADE_BY)
def test_no_share_is_further_from_its_exact_part_than_one_unit(amount, currency, made_by):
    unit = Fraction(1, 10 ** places(amount, currency))
    for partner, each, _ in shares("even", made_by, WEIGHTS, amount, currency):
        exact = Fraction(amount) * Fraction(made_by.count(partner), len(made_by))
        assert abs(Fraction(each) - exact) < unit


@given(amount=AMOUNTS, made_by=MADE_BY)
def test_partners_with_equal_parts_differ_by_one_unit_at_most_and_the_first_by_name_has_more(amount, made_by):
    order = sorted(set(made_by))
    amounts = divided(amount, {each: Fraction(1, len(order)) for each in order}, places(amount, "EUR"))
    found = [amounts[each] for each in order]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[-1] <= Decimal(1).scaleb(-places(amount, "EUR"))


DIVIDED = [
    ("first_touch", "ab", "100", "EUR", {"a": "100.00"}),
    ("last_touch", "ab", "100", "EUR", {"b": "100.00"}),
    ("even", "abc", "100", "EUR", {"a": "33.34", "b": "33.33", "c": "33.33"}),
    ("even", "aab", "100", "EUR", {"a": "66.67", "b": "33.33"}),
    ("even", "abc", "100", "JPY", {"a": "34", "b": "33", "c": "33"}),
    ("even", "abc", "1", "KWD", {"a": "0.334", "b": "0.333", "c": "0.333"}),
    ("position", "a", "100", "EUR", {"a": "100.00"}),
    ("position", "ab", "100", "EUR", {"a": "50.00", "b": "50.00"}),
    ("position", "abcd", "100", "EUR", {"a": "40.00", "b": "10.00", "c": "10.00", "d": "40.00"}),
    ("position", "aba", "100", "EUR", {"a": "80.00", "b": "20.00"}),
    ("even", "ab", "0", "EUR", {"a": "0.00", "b": "0.00"}),
    ("even", "ab", "0.01", "EUR", {"a": "0.01", "b": "0.00"}),
    ("even", "ab", "0.001", "EUR", {"a": "0.001", "b": "0.000"}),
    ("even", "abc", "-100", "EUR", {"a": "-33.34", "b": "-33.33", "c": "-33.33"}),
]


@pytest.mark.parametrize(("model", "made_by", "amount", "currency", "expected"), DIVIDED)
def test_an_amount_is_divided_in_the_smallest_unit_of_its_currency(model, made_by, amount, currency, expected):
    found = shares(model, list(made_by), WEIGHTS, Decimal(amount), currency)
    assert {partner: str(each) for partner, each, _ in found} == expected


def test_a_model_without_a_middle_gives_a_partner_between_no_share():
    ends = Position(first=Decimal("0.5"), middle=Decimal(0), last=Decimal("0.5"))
    assert [partner for partner, _, _ in shares("position", ["a", "b", "c"], ends, Decimal(10), "EUR")] == ["a", "c"]
