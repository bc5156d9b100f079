from dataclasses import replace

import numpy as np
import pytest

from schemas.entities import Account
from streams.matching.batch import match
from streams.matching.features import features
from tandem.training.columns import columns
from tandem.training.examples import FOLDS, Examples, examples, folds
from tandem.training.job import as_learned
from tandem.training.labelled import Labelled, read
from tandem.training.loading import load_model
from tests.unit.tandem.training.sets import lists

NAMES = columns().names


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Labelled:
    return read(lists(tmp_path_factory.mktemp("sets") / "acme", 60), {})


@pytest.fixture(scope="module")
def rows(labelled: Labelled) -> Examples:
    return examples(labelled, NAMES)


def test_what_is_or_may_be_one_company_is_in_one_fold(labelled: Labelled):
    doubtful = replace(labelled, same=labelled.same | {("a1", "b2")}, left_out=frozenset({("a2", "b3")}))
    fold = folds(doubtful)
    assert (
        len({fold["ours", "a1"], fold["theirs", "b1"], fold["theirs", "b2"], fold["ours", "a2"], fold["theirs", "b3"]})
        == 1
    )
    assert set(fold.values()) == set(range(FOLDS))


def test_no_company_of_a_held_out_fold_is_in_a_pair_that_is_learned_from(labelled: Labelled, rows: Examples):
    fold = folds(labelled)
    for out in range(FOLDS):
        for row in np.flatnonzero(rows.without([out])):
            one, other = rows.pairs[row]
            assert out not in (fold["ours", one], fold["theirs", other])


def test_contested_pairs_are_in_no_row_and_are_not_missed(labelled: Labelled):
    pair = min(labelled.same)
    doubtful = replace(labelled, same=labelled.same - {pair}, left_out=frozenset({pair}))
    found = examples(doubtful, NAMES)
    assert pair not in found.pairs
    assert len(found.missed) == 0


def test_a_true_pair_that_is_never_compared_counts_as_missed(labelled: Labelled):
    lost = replace(labelled, same=labelled.same | {("a1", "b58")})
    assert len(examples(lost, NAMES).missed) == 1


def test_a_row_weighs_what_the_matcher_weighs(labelled: Labelled, rows: Examples):
    """With the shipped model, the rows give the confidences of the overlaps that the matcher finds."""
    said = dict(zip(rows.pairs, as_learned(load_model(None), NAMES).confidence(rows.x), strict=True))
    ours = {key: features(account) for key, account in labelled.ours.items()}
    theirs = {key: features(account) for key, account in labelled.theirs.items()}
    found = match(ours, theirs)
    assert len(found) >= 60
    for overlap in found:
        assert said[overlap.ours, overlap.theirs] == pytest.approx(overlap.match.confidence, abs=2e-4)


def test_pairs_that_registration_ids_decide_teach_nothing_and_are_not_missed():
    def made(name: str) -> Account:
        return Account(name=name, country="Germany", registration_ids={"duns": "150483782"})

    sure = Labelled("ids", {"a": made("Acme Robotics")}, {"b": made("Acme Robotics")}, frozenset({("a", "b")}))
    found = examples(sure, NAMES)
    assert (len(found.pairs), len(found.missed)) == (0, 0)
