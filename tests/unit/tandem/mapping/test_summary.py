"""Counts of both sides, plays, introductions and duplicates."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.loader import load
from schemas.entities import Account, Population
from streams.matching.features import Features, features
from streams.matching.keys import CAP
from streams.matching.score import Match
from tandem.mapping.duplicates import duplicates
from tandem.mapping.files import Source
from tandem.mapping.lists import AccountList, read
from tandem.mapping.pairs import Pair
from tandem.mapping.summary import PLAYS, Sides, bands, best, histogram, introductions, related, sides
from tests.unit.tandem.mapping.acme import write


def pair(ours: str, theirs: str, rank: int = 1, confidence: float = 0.99, relation: str = "same") -> Pair:
    band = "linked" if confidence >= 0.95 else "to_confirm"
    return Pair(ours, theirs, rank, Match(confidence, relation, (), (), 0.0, band))  # type: ignore[arg-type]


def account_list(path: Path, rows: list[tuple[str, str, str]]) -> AccountList:
    named = [("id", "status", "owner"), *rows]
    return read(
        Source(write(path, [(*row, "Firm" if n else "name") for n, row in enumerate(named)]), "ours"),
        load("partner_list")["account"],
    )


def test_different_counts_of_the_sides_are_explained() -> None:
    found = sides([pair("o1", "p1"), pair("o2", "p1"), pair("o3", "p2"), pair("o3", "p3", 2)])
    assert (found.ours, found.theirs, found.companies) == (3, 3, 2)
    assert found.told() == (
        "3 of ours are 3 of theirs, 2 companies in all: "
        "1 of ours and 1 of theirs are further records of a company that is there already"
    )


def test_counts_that_agree_need_no_explanation() -> None:
    found = sides([pair("o1", "p1"), pair("o2", "p2")])
    assert found.told() == "2 of ours are 2 of theirs: each account has one counterpart"


def test_no_overlap_is_no_company_and_a_family_is_none() -> None:
    assert sides([pair("o1", "p1", 0, 0.2, "related")]) == Sides(0, 0, 0)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_companies_and_further_records_add_up_to_each_sides_accounts(met: list[tuple[int, int]]) -> None:
    found = sides([pair(f"{mine}", f"{other}") for mine, other in met])
    assert found.ours == len({mine for mine, _ in met})
    assert found.theirs == len({other for _, other in met})
    assert found.companies + found.our_duplicates == found.ours
    assert found.companies + found.their_duplicates == found.theirs
    assert 0 <= found.companies <= min(found.ours, found.theirs)


def test_every_cell_of_the_matrix_has_a_play() -> None:
    assert set(PLAYS) == {(mine, other) for mine in Population for other in Population}


def test_introductions_go_from_their_customers_and_deals_to_our_prospects_the_surest_first(tmp_path: Path) -> None:
    ours = account_list(tmp_path / "o.csv", [(f"o{n}", "Customer" if n == 4 else "Prospect", "") for n in range(6)])
    theirs = account_list(
        tmp_path / "p.csv",
        [
            ("p0", "Customer", ""),
            ("p1", "Customer", "Pat Lee"),
            ("p2", "Open opp", "Pat Lee"),
            ("p3", "Prospect", "Pat Lee"),
            ("p4", "Customer", "Pat Lee"),
            ("p5", "Customer", "Pat Lee"),
        ],
    )
    pairs = [*(pair(f"o{n}", f"p{n}") for n in range(5)), pair("o5", "p5", 1, 0.6)]
    found = [each.ours for each in introductions(pairs, ours, theirs, 10)]
    assert found == ["o1", "o0", "o2", "o5"]
    assert len(introductions(pairs, ours, theirs, 2)) == 2


def test_bands_count_each_account_of_ours_once_and_families_apart() -> None:
    pairs = [pair("o1", "p1"), pair("o1", "p2", 2), pair("o2", "p3", 1, 0.7), pair("o3", "p4", 0, 0.2, "related")]
    assert bands(pairs) == {"linked": 1, "to_confirm": 1, "not_shown": 0}
    assert [each.ours for each in best(pairs)] == ["o1", "o2"]
    assert [each.ours for each in related(pairs)] == ["o3"]


def test_bins_hold_their_lower_edge_and_the_last_one_its_upper(tmp_path: Path) -> None:
    found = histogram([pair("a", "b", 1, c) for c in (0.5, 0.75, 0.9999, 1.0, 0.1)], [0.5, 0.75, 1.0])
    assert [sum(each.values()) for each in found] == [1, 3]


def of(**fields: str) -> Features:
    return features(Account(**fields))


def test_accounts_of_one_list_that_are_one_company_are_one_group() -> None:
    accounts = {
        "a": of(name="Acme Robotics GmbH", website="acme.com", country="Germany"),
        "b": of(name="Zyxtron Ltd", website="zyxtron.com", country="UK"),
        "c": of(name="ACME Robotics", website="https://www.acme.com", country="DE"),
        "d": of(name="Acme Robotics", website="other.com", country="France", city="Lyon"),
    }
    assert duplicates(accounts) == [("a", "c")]


def test_a_name_and_place_that_many_have_makes_no_duplicates_and_costs_no_comparison() -> None:
    many = {f"{n}": of(name="Sparkasse Vertrieb", country="Germany", city="Bonn") for n in range(CAP + 1)}
    assert duplicates(many) == []


def test_a_list_of_nothing_has_no_duplicates() -> None:
    assert duplicates({}) == []
