"""Whole lists in arrays: the overlaps of a full match, and no pair is ruled out that could be one."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.matching.batch import blocks as blocks_of
from streams.matching.batch import crowd_of, match
from streams.matching.bulk.blocks import Blocks, Keys, blocks
from streams.matching.bulk.bound import SEEN, Bound
from streams.matching.bulk.comparing import Lists, Work, compare, log_odds
from streams.matching.bulk.digest import Digest, Packed, Side, digest
from streams.matching.bulk.hashes import hashed
from streams.matching.bulk.outline import outlines
from streams.matching.evidence import NAMES, SIGNS
from streams.matching.features import Features, features
from streams.matching.model import model
from streams.matching.score import Match, score
from tests.unit.streams.matching.accounts import acme
from tests.unit.streams.matching.strategies import accounts

drawn = st.lists(accounts.map(features), max_size=7)


def brought(ours: Sequence[Features], theirs: Sequence[Features]) -> Lists:
    mine, other = digest(ours), digest(theirs)
    return Lists(side(mine), side(other), joined(mine, other), model())


def side(part: Digest) -> Side:
    return Side(part.outlines, [part.packed], [0])


def joined(*parts: Digest) -> Blocks:
    ours, theirs = (Keys(part.keys, part.counts, part.names) for part in parts)
    return blocks(ours, theirs)


def pairs(ours: Sequence[Features], theirs: Sequence[Features], least: float) -> dict[tuple[int, int], Match]:
    found = compare(brought(ours, theirs), 0, len(ours), least, Work())
    return {(row, their): each for row, matches in found for their, each in matches.items()}


def named(them: Sequence[Features]) -> dict[str, Features]:
    return {f"{n:03}": each for n, each in enumerate(them)}


@given(drawn, drawn)
@settings(max_examples=60, deadline=None)
def test_the_overlaps_are_those_of_a_full_match(ours: list[Features], theirs: list[Features]) -> None:
    found = {key: each for key, each in pairs(ours, theirs, model().shown).items() if each.relation == "same"}
    full = match(named(ours), named(theirs))
    assert found == {(int(each.ours), int(each.theirs)): each.match for each in full}


@given(accounts.map(features), accounts.map(features), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_no_pair_is_surer_than_its_bound(a: Features, b: Features, crowd: int) -> None:
    bound = float(Bound(model())(outlines([a]), outlines([b]), np.array([crowd]))[0])
    found = score(a, b, crowd)
    if found and found.confidence and bound < inf:
        assert found.log_odds <= bound
        assert found.relation == "same"


def test_every_finding_that_can_speak_for_a_pair_is_known_to_the_bound() -> None:
    assert {name for name in NAMES if SIGNS[name] >= 0} <= SEEN


def test_a_finding_that_the_bound_does_not_know_counts_for_the_pair() -> None:
    one, other = outlines([acme("Acme")]), outlines([acme("Zyxtron")])
    plain, more = model(), replace(model(), weights={**model().weights, "same_moon": 2.0})
    least, most = (Bound(each)(one, other, np.array([0]))[0] for each in (plain, more))
    assert most >= least + 2


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (acme("Acme", website="acme.com"), acme("Zyxtron", website="acme.com")),
        (acme("Acme", ids={"duns": "150483782"}), acme("Zyxtron", ids={"duns": "150483782"})),
        (acme("Red Oak Blue Elm Green Ash"), acme("Zyxtron")),
    ],
)
def test_a_pair_that_an_outline_cannot_judge_is_never_ruled_out(a: Features, b: Features) -> None:
    assert Bound(model())(outlines([a]), outlines([b]), np.array([0]))[0] == inf


def test_a_pair_with_nothing_in_common_is_ruled_out() -> None:
    bound = Bound(model())(outlines([acme("Acme Robotics")]), outlines([acme("Zyxtron Energy")]), np.array([0]))[0]
    assert bound < log_odds(model(), model().shown)


def test_pairs_that_cannot_matter_are_not_scored() -> None:
    work = Work()
    theirs = [acme("Acme Robotics", website="acme.com"), acme("Acme Insurance"), acme("Acme Shipping")]
    lists = brought([acme("Acme Robotics", website="acme.com")], theirs)
    assert [row for row, _ in compare(lists, 0, 1, model().shown, work)] == [0]
    assert (work.candidates, work.scored) == (3, 1)


@given(drawn, drawn)
@settings(max_examples=40, deadline=None)
def test_a_crowd_is_that_of_the_full_match(ours: list[Features], theirs: list[Features]) -> None:
    mine, other = blocks_of(named(ours)), blocks_of(named(theirs))
    expected = [crowd_of(each, mine, other) for each in ours]
    assert joined(digest(ours), digest(theirs)).crowd.tolist() == expected


def test_a_key_that_too_many_share_is_counted_as_hot_and_pairs_nobody() -> None:
    crowd = digest([acme("Acme Robotics")] * 51)
    found = joined(digest([acme("Acme Robotics")]), crowd)
    assert (len(found.size), found.hot > 0) == (0, True)


@given(drawn)
def test_packed_features_come_out_as_they_went_in(them: list[Features]) -> None:
    packed = digest(them).packed
    assert [packed[row] for row in range(len(packed))] == them


def test_a_side_counts_its_rows_through_all_parts() -> None:
    parts = [digest([acme("Acme")]), digest([acme("Zyxtron"), acme("Globex")])]
    whole = Side(np.concatenate([part.outlines for part in parts]), [part.packed for part in parts], [0, 1])
    assert [whole[row].name for row in range(len(whole))] == ["Acme", "Zyxtron", "Globex"]
    assert isinstance(whole.parts[0], Packed)


@given(st.lists(st.text(max_size=12) | st.sampled_from(["", "a", "\x00", "ab", "a\x00"]), max_size=30))
def test_texts_have_equal_hashes_if_and_only_if_they_are_equal(texts: list[str]) -> None:
    codes = hashed(texts).tolist()
    assert len(set(codes)) == len(set(texts))
    assert codes == [int(hashed([text])[0]) for text in texts]


def test_a_hash_is_the_same_everywhere() -> None:
    assert [f"{code:016x}" for code in hashed(["acme", ""]).tolist()] == ["3c51be3411e5f0a8", "48218226ff3cd4bf"]


def test_the_least_log_odds_give_the_confidence_and_less_does_not() -> None:
    for confidence in (0.1, 0.5, model().shown, 0.9):
        least = log_odds(model(), confidence)
        assert model().confidence(least + 0.01) >= confidence
        assert model().confidence(least - 0.01) < confidence
    assert (log_odds(model(), 0), log_odds(model(), 1.1)) == (-inf, inf)
