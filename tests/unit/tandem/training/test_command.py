import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.matching.evidence import NAMES, SIGNS
from streams.matching.model import parse
from tandem.cli import app
from tests.unit.tandem.training.sets import lists, rulings


def tandem(*words: object) -> Result:
    return CliRunner().invoke(app, ["model", *map(str, words)])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("trained")
    out = folder / "model.toml"
    told = tandem("train", lists(folder / "acme"), "--from-nothing", "--out", out, "--date", "2026-11-23", "--json")
    assert told.exit_code == 0, told.output
    return out, told


def test_a_trained_model_is_a_file_that_the_matcher_reads(trained: tuple[Path, Result]):
    found = parse(trained[0].read_text(encoding="utf-8"), frozenset(NAMES))
    assert found.version == "2026-11-23-acme"
    assert all(weight * SIGNS[name] >= 0 for name, weight in found.weights.items())
    assert all(more <= less <= 0 for less, more in zip(found.crowd, found.crowd[1:], strict=False))


def test_the_report_says_how_right_it_was_on_companies_it_had_not_seen(trained: tuple[Path, Result]):
    out, told = trained
    report = tomllib.loads(out.read_text(encoding="utf-8"))["report"]
    assert json.loads(told.stdout) == report
    (one,) = report["set"]
    assert (one["name"], one["true_pairs"], one["not_compared"]) == ("acme", 100, 0)
    assert one["held_out"]["shown"]["f1"] > 0.95


def test_the_same_pairs_and_date_give_the_same_bytes(trained: tuple[Path, Result], tmp_path: Path):
    again = tmp_path / "again.toml"
    tandem("train", lists(tmp_path / "acme"), "--from-nothing", "--out", again, "--date", "2026-11-23")
    assert again.read_bytes() == trained[0].read_bytes()


@pytest.mark.parametrize("name", ["rulings.csv", "rulings.jsonl"])
def test_peoples_rulings_move_the_shipped_model(tmp_path: Path, name: str):
    out = tmp_path / "model.toml"
    told = tandem("train", rulings(tmp_path / name), "--out", out, "--date", "2026-11-23")
    assert told.exit_code == 0, told.output
    made = tomllib.loads(out.read_text(encoding="utf-8"))
    assert made["report"]["begun_from"] != "nothing"
    assert "rulings: 60 x 120, 60 true pairs" in told.stdout


def test_too_few_rulings_teach_nothing_and_the_remedy_is_said(tmp_path: Path):
    told = tandem("train", rulings(tmp_path / "rulings.csv", 5), "--out", tmp_path / "model.toml")
    assert told.exit_code == 78
    assert "judge at least 20 of each" in told.stderr
    assert not (tmp_path / "model.toml").exists()


def test_show_prints_the_strongest_findings_first_and_the_report(trained: tuple[Path, Result]):
    told = tandem("show", "--model", trained[0]).stdout
    assert "model 2026-11-23-acme" in told
    assert "figures are of held-out companies" in told
    weights = json.loads(tandem("show", "--model", trained[0], "--json").stdout)["weights"]
    strongest = max(weights, key=lambda name: abs(weights[name]))
    assert told.index(f"{strongest} ") < min(told.index(f"{name} ") for name in weights if name != strongest)


def test_check_measures_a_model_on_labelled_pairs(trained: tuple[Path, Result], tmp_path: Path):
    told = tandem("check", lists(tmp_path / "other", 80), "--model", trained[0], "--json")
    (one,) = json.loads(told.stdout)["set"]
    assert one["shown"]["f1"] > 0.95
    assert told.exit_code == (1 if one["off"] else 0)


def test_check_fails_a_model_whose_confidences_do_not_keep_their_word(trained: tuple[Path, Result], tmp_path: Path):
    boastful = tmp_path / "boastful.toml"
    lines = trained[0].read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("calibration"))
    knots = ["calibration = [[-30.0, 0.9], [30.0, 0.91]]"]
    boastful.write_text("\n".join([*lines[:start], *knots, *lines[start + 14 :]]), encoding="utf-8")
    told = tandem("check", lists(tmp_path / "acme"), "--model", boastful)
    assert told.exit_code == 1
    assert "off by more than 0.05" in told.stdout


def test_a_file_that_is_no_model_is_refused_with_a_remedy(tmp_path: Path):
    (tmp_path / "model.toml").write_text("version = 1\n", encoding="utf-8")
    told = tandem("show", "--model", tmp_path / "model.toml")
    assert told.exit_code == 78
    assert "is no model" in told.stderr
    assert "Remedy: " in told.stderr


def test_a_date_that_is_none_is_refused(tmp_path: Path):
    told = tandem("train", lists(tmp_path / "acme", 4), "--date", "tomorrow")
    assert told.exit_code == 78
    assert "--date tomorrow" in told.stderr
