"""White space: what the partner has and we lack, as far as the partner shows it, the best first and with reasons."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import sharing
from mappings.icp import read
from schemas.entities import Account, Population
from streams.ecosystem.preview import preview
from streams.ecosystem.whitespace import Ours, white
from streams.sharing.gate import Gate
from streams.sharing.policy import terms
from tests.unit.streams.ecosystem.cases import ICP, company, ideal

NOTHING = Ours(frozenset(), {})
LEVELS = ("all", "overlaps", "counts", "hidden")


def gate(**shows: str) -> Gate:
    """A partner that shows us so much of each population."""
    rules = sharing.load()
    own = {"ours": {"by": "Dana", "on": "2026-11-01"}, "theirs": {"by": "Mei", "on": "2026-11-02"}, "shows": shows}
    entry = sharing.PartnerTerms.model_validate(own)
    return Gate(terms(rules.model_copy(update={"partners": {"acme": entry}}), "acme", asked=False))


EVERYTHING = gate(**dict.fromkeys(map(str, Population), "all"))


def listed(*accounts: Account) -> list[tuple[str, Account]]:
    return [(f"b{nth}", account) for nth, account in enumerate(accounts)]


def test_the_best_fit_comes_first_then_what_is_known_better_then_the_partners_customers():
    found = white(
        listed(
            ideal(employees=6000),
            ideal(population="prospect"),
            ideal(population="customer"),
            ideal(population="open_opportunity"),
        ),
        NOTHING,
        ICP,
        EVERYTHING,
    )
    assert [each.id for each in found.rows] == ["b2", "b3", "b1", "b0"]
    assert found.rows[0].reasons[0] == "it is the partner's customer"


def test_what_we_have_and_what_does_not_fit_is_no_white_space():
    found = white(listed(ideal(), company(), ideal(industry="Mining")), Ours({"b0"}, {}), ICP, EVERYTHING)
    assert [each.id for each in found.rows] == ["b2"]
    assert found.told == 1


def test_a_company_whose_family_we_have_says_so():
    found = white(listed(ideal()), Ours(frozenset(), {"b0": "one group: acme.com"}), ICP, EVERYTHING)
    assert "we have a related company: one group: acme.com" in found.rows[0].reasons


@pytest.mark.parametrize("level", ["overlaps", "counts"])
def test_where_the_partner_shows_no_rows_they_are_counted(level: str):
    found = white(listed(*[ideal()] * 7), NOTHING, ICP, gate(prospect=level))
    assert found.rows == ()
    assert found.counts[Population.PROSPECT, "A"] == 7


def test_few_are_not_told_and_the_sum_is_of_what_is_told():
    some = [ideal()] * 4 + [ideal(population="customer")] * 9
    found = white(listed(*some), NOTHING, ICP, gate(prospect="counts", customer="counts"))
    assert found.counts[Population.PROSPECT, "A"] is None
    assert (found.told, found.complete) == (9, False)


def test_a_partner_that_has_not_agreed_shows_nothing():
    closed = Gate(terms(sharing.load(), "acme", asked=False))
    found = white(listed(*[ideal()] * 50), NOTHING, ICP, closed)
    assert (found.rows, found.told) == ((), 0)


POPULATIONS = st.sampled_from(list(Population))


@settings(max_examples=40, deadline=None)
@given(
    shows=st.fixed_dictionaries({str(each): st.sampled_from(LEVELS) for each in Population}),
    accounts=st.lists(st.builds(ideal, name=st.uuids().map(str), population=POPULATIONS), max_size=12),
)
def test_no_account_is_named_that_the_partner_does_not_show(shows: dict[str, str], accounts: list[Account]):
    found = repr(white(listed(*accounts), NOTHING, ICP, gate(**shows)))
    for account in accounts:
        assert (account.name in found) == (shows[account.population] == "all")


@settings(max_examples=40, deadline=None)
@given(
    shows=st.fixed_dictionaries({str(each): st.sampled_from(LEVELS[1:]) for each in Population}),
    hidden=st.integers(0, 4),
    population=POPULATIONS,
)
def test_few_or_none_cannot_be_told_apart_by_anything_that_is_shown(
    shows: dict[str, str], hidden: int, population: Population
):
    many = listed(*[ideal(population=each) for each in Population for _ in range(6)])
    some: list[Any] = [(f"x{nth}", ideal(population=population, employees=9)) for nth in range(hidden)]
    without = white(many, NOTHING, ICP, gate(**shows))
    assert white([*many, *some], NOTHING, ICP, gate(**shows)) == without


def test_a_preview_says_how_many_change_band_and_which_most(tmp_path: Path):
    (tmp_path / "new.toml").write_text('name = "ours"\n[employees]\nother = 100\n', encoding="utf-8")
    new = read(tmp_path / "new.toml")
    found = preview(listed(ideal(), ideal(employees=9), company(employees=9)), ICP, new, 1)
    assert (found.accounts, found.moved) == (3, 2)
    assert found.moves == {("A", "A"): 1, ("B", "A"): 1, ("D", "B"): 1}
    assert [each.id for each in found.farthest] == ["b1"]


def test_a_preview_of_the_same_profile_moves_nothing():
    assert preview(listed(ideal(), company()), ICP, ICP, 5).moved == 0
