"""The model that ships is what training makes of the shipped pairs, and its report holds. Takes some fifteen seconds."""

import pytest

from benchmarks.shipped_model import shipped_sets
from streams.matching.evidence import NAMES, SIGNS
from streams.matching.model import shipped
from tandem.training.columns import columns
from tandem.training.examples import Examples, examples
from tandem.training.figures import FEW, band
from tandem.training.labelled import read
from tandem.training.train import as_model, held_out, learn


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> list[Examples]:
    paths = shipped_sets(tmp_path_factory.mktemp("sets"))
    return [examples(read(path, {}), columns().names) for path in paths]


def told(name: str) -> dict[str, dict[str, float]]:
    return next(each["held_out"] for each in shipped().report["set"] if each["name"] == name)


def test_the_shipped_model_is_what_training_makes_of_the_shipped_pairs(sets: list[Examples]):
    """Two digits: other processors round other last digits."""
    there = shipped()
    made = as_model(learn(sets, columns()), columns(), there.version)
    assert made.weights == pytest.approx(dict(there.weights), abs=0.011)
    assert (made.base, *made.crowd) == pytest.approx((there.base, *there.crowd), abs=0.011)
    assert [y for _, y in made.calibration] == pytest.approx([y for _, y in there.calibration], abs=0.002)
    assert (made.linked, made.shown) == pytest.approx((there.linked, there.shown), abs=0.011)


def test_the_figures_of_its_report_hold(sets: list[Examples]):
    report = shipped().report["set"]
    assert [(each["name"], each["compared"], each["not_compared"]) for each in report] == [
        (each.name, len(each.y), len(each.missed)) for each in sets
    ]
    for claims, there in zip(held_out(sets, columns()), report, strict=True):
        for name in ("shown", "linked"):
            assert band(claims, name).table == pytest.approx(there["held_out"][name], rel=0.01)


def test_on_companies_it_has_not_seen_it_is_as_good_as_is_said_of_it():
    companies, sites = told("companies"), told("sites")
    assert companies["shown"]["f1"] >= 0.94
    assert sites["shown"]["f1"] >= 0.93
    assert companies["linked"]["recall"] >= 0.85
    assert companies["linked"]["precision"] >= 0.988


@pytest.mark.parametrize("name", ["companies", "sites"])
def test_of_the_pairs_that_are_said_to_be_nine_in_ten_sure_nine_in_ten_are_right(name: str):
    bins = [each for each in told(name)["calibration"] if each["from"] >= 0.9 and each["pairs"] >= FEW]
    assert len(bins) >= 3
    for each in bins:
        assert each["true"] == pytest.approx(each["said"], abs=0.05)


def test_evidence_in_agreement_never_lowers_a_confidence():
    there = shipped()
    assert set(there.weights) == set(NAMES)
    assert {name: weight for name, weight in there.weights.items() if weight * SIGNS[name] < 0} == {}
