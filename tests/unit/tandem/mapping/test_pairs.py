"""The map finds what the matcher of the streams finds."""

import inspect

from hypothesis import given
from hypothesis import strategies as st

from streams.matching import weights
from streams.matching.batch import match
from streams.matching.features import Features, features
from streams.matching.keys import CAP
from streams.matching.score import Match
from tandem.mapping.command import map_lists
from tandem.mapping.pairs import Quality, find, ranked
from tests.unit.streams.matching.accounts import acme
from tests.unit.streams.matching.strategies import accounts

held = st.lists(accounts, max_size=6).map(lambda them: {f"a{n}": features(it) for n, it in enumerate(them)})


@given(held, held)
def test_the_pairs_are_those_of_a_full_match(ours: dict[str, Features], theirs: dict[str, Features]) -> None:
    found = sorted((pair.ours, pair.theirs, pair.match) for pair in find(ours, theirs))
    assert found == sorted((pair.ours, pair.theirs, pair.match) for pair in match(ours, theirs))


@given(held, held, st.floats(0, 1))
def test_each_account_has_one_pair_of_rank_one_and_none_of_a_lower_rank_is_surer(
    ours: dict[str, Features], theirs: dict[str, Features], least: float
) -> None:
    by_account: dict[str, list[tuple[int, float]]] = {}
    for pair in find(ours, theirs, least):
        by_account.setdefault(pair.ours, []).append((pair.rank, -pair.match.confidence))
        assert pair.match.confidence >= least
    for ranks in by_account.values():
        assert ranks == sorted(ranks)
        assert [rank for rank, _ in ranks] == list(range(1, len(ranks) + 1))


def test_of_equally_sure_records_the_first_id_leads() -> None:
    found = {name: Match(0.9, "same", (), ()) for name in ("b", "a")} | {"c": Match(0.91, "same", (), ())}
    assert [pair.theirs for pair in ranked("o", found, 0.5)] == ["c", "a", "b"]


def test_names_that_too_many_share_pair_nobody() -> None:
    theirs = {f"p{n}": acme("Acme Robotics") for n in range(CAP + 1)}
    assert list(find({"o": acme("Acme Robotics")}, theirs)) == []


def test_quality_of_nothing_found_is_nought() -> None:
    nothing = Quality(found=0, known=0, correct=0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)


def test_the_confidence_from_which_pairs_are_shown_is_the_one_of_the_streams():
    default = inspect.signature(map_lists).parameters["min_confidence"].default
    assert default == weights.OVERLAP
