"""Whole lists: who overlaps with whom."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from streams.matching.batch import blocks, candidates, match
from streams.matching.features import Features, features
from streams.matching.keys import CAP, keys, name_key
from streams.matching.score import Match
from streams.matching.selection import select
from tests.unit.streams.matching.accounts import acme
from tests.unit.streams.matching.strategies import accounts

lists = st.lists(accounts, max_size=6).map(
    lambda drawn: {f"r{n}": features(account) for n, account in enumerate(drawn)}
)


def pairs(ours: dict[str, Features], theirs: dict[str, Features]) -> set[tuple[str, str]]:
    return {(overlap.ours, overlap.theirs) for overlap in match(ours, theirs)}


def test_each_of_our_accounts_gets_the_best_record_of_the_partner() -> None:
    ours = {"a": acme("Acme Robotics", country="DE")}
    theirs = {
        "x": acme("Acme Robotics GmbH", country="DE"),
        "y": acme("Acme Robotics Logistics", country="DE"),
        "z": acme("Zyxtron"),
    }
    assert pairs(ours, theirs) == {("a", "x")}


def test_a_duplicate_in_the_partners_list_is_an_overlap_too() -> None:
    ours = {"a": acme("Acme Robotics", country="DE")}
    theirs = {"x": acme("Acme Robotics", country="DE"), "y": acme("ACME ROBOTICS", country="DE")}
    assert pairs(ours, theirs) == {("a", "x"), ("a", "y")}


def test_two_of_our_accounts_may_overlap_with_one_record() -> None:
    ours = {"a": acme("Acme Robotics", country="DE"), "b": acme("ACME ROBOTICS", country="DE")}
    assert pairs(ours, {"x": acme("Acme Robotics GmbH", country="DE")}) == {("a", "x"), ("b", "x")}


def test_accounts_under_the_threshold_are_no_overlap() -> None:
    assert pairs({"a": acme("Acme Robotics", country="DE")}, {"x": acme("Acme Logistics", country="DE")}) == set()


def test_a_key_with_as_many_records_as_the_cap_pairs_and_with_one_more_is_hot() -> None:
    ours = {"a": acme("Zyxtron Alpha")}
    records = {f"r{n}": acme("Zyxtron Alpha") for n in range(CAP + 1)}
    full = {key: records[key] for key in list(records)[:CAP]}
    assert dict(candidates(ours, full)) == {"a": set(full)}
    assert dict(candidates(ours, records)) == {"a": set()}


def test_a_hot_key_on_our_side_pairs_nobody_either() -> None:
    ours = {f"r{n}": acme("Zyxtron Alpha") for n in range(CAP + 1)}
    assert match(ours, {"x": acme("Zyxtron Alpha")}) == []


def test_a_key_that_is_not_hot_still_pairs_accounts_of_a_hot_one() -> None:
    ours = {f"r{n}": acme("Zyxtron Alpha") for n in range(CAP)} | {"a": acme("Zyxtron Alpha", website="zyxtron.io")}
    assert pairs(ours, {"x": acme("Zyxtron Alpha", website="zyxtron.io")}) == {("a", "x")}


def test_nothing_matches_nothing() -> None:
    assert match({}, {}) == []


def test_selection_keeps_ties_and_drops_what_is_clearly_worse() -> None:
    best = Match(confidence=0.98, relation="same", reasons=(), doubts=())
    found = {"tie": replace(best, confidence=0.96), "best": best, "worse": replace(best, confidence=0.9)}
    assert list(select(found)) == ["best", "tie"]


def test_selection_of_nothing_is_nothing() -> None:
    assert select({}) == {}


@given(lists, lists, st.randoms(use_true_random=False))
def test_the_order_of_the_lists_does_not_matter(
    ours: dict[str, Features], theirs: dict[str, Features], rng: random.Random
) -> None:
    shuffled = dict(rng.sample(list(ours.items()), len(ours))), dict(rng.sample(list(theirs.items()), len(theirs)))
    assert match(*shuffled) == match(ours, theirs)


@given(lists, lists)
def test_an_account_whose_name_no_other_of_ours_has_matches_alone_as_it_does_in_the_list(
    ours: dict[str, Features], theirs: dict[str, Features]
) -> None:
    held = blocks(ours)
    single = {key: account for key, account in ours.items() if len(held.get(name_key(account.words), ())) < 2}
    alone = [overlap for key, account in sorted(single.items()) for overlap in match({key: account}, theirs)]
    assert alone == [overlap for overlap in match(ours, theirs) if overlap.ours in single]


def test_a_name_that_many_of_one_list_have_makes_its_pairs_less_sure() -> None:
    theirs = {"x": acme("Zyxtron", country="DE", city="Berlin")}
    few = {"a": acme("Zyxtron", country="DE", city="Berlin")}
    many = few | {f"b{n}": acme("Zyxtron", country="US", city="Boston") for n in range(9)}
    alone, crowded = (next(iter(match(ours, theirs))) for ours in (few, many))
    assert crowded.match.log_odds < alone.match.log_odds


@given(lists, lists)
def test_every_overlap_shares_a_key(ours: dict[str, Features], theirs: dict[str, Features]) -> None:
    assert all(keys(ours[our_id]) & keys(theirs[their_id]) for our_id, their_id in pairs(ours, theirs))
