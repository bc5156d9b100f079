"""Does what `tandem model` asks: reads labelled pairs, trains or checks, makes the report; it never fits anything itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from streams.matching.model import Model
from tandem.settings import ConfigError
from tandem.training import figures, modelfile
from tandem.training.bands import judged
from tandem.training.columns import BASE, columns, crowd_steps
from tandem.training.examples import FOLDS, Examples, examples
from tandem.training.figures import Claims
from tandem.training.labelled import Labelled, read
from tandem.training.train import ALL, Learned, Trained, as_model
from tandem.training.train import train as trained


@dataclass(frozen=True)
class Asked:
    """Which labelled pairs, columns whose name does not say their field, and the report's date."""

    paths: Sequence[Path]
    columns: Mapping[str, str]
    date: str


@dataclass(frozen=True)
class Made:
    """A new model and its report."""

    model: Model
    report: Mapping[str, Any]


def train(asked: Asked, start: Model | None, told: Callable[[str], None]) -> Made:
    """A model of the labelled pairs, with its report. `start`: where it begins from. Raises `ConfigError`."""
    given = columns(start)
    sets = [(each, examples(each, given.names)) for each in labelled(asked)]
    result = trained([found for _, found in sets], given, start.calibration if start else None, told)
    version = f"{asked.date}-{'+'.join(each.name for each, _ in sets)}"
    report = {
        "date": asked.date,
        "begun_from": start.version if start else "nothing",
        "folds": FOLDS,
        "pairs": sum(len(found.y) for _, found in sets),
        "set": [_set(each, found, result, number) for number, (each, found) in enumerate(sets)],
    }
    return Made(replace(as_model(result.learned, given, version), report=report), report)


def labelled(asked: Asked) -> list[Labelled]:
    """The sets, by name. Raises `ConfigError`."""
    sets = [read(path, asked.columns) for path in asked.paths]
    names = [each.name for each in sets]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f"two labelled sets are called {name!r}. Remedy: rename one, the report tells them apart by it"
            )
    return sets


def check(asked: Asked, by: Model) -> dict[str, Any]:
    """The figures of a model on labelled pairs. Raises `ConfigError`."""
    given = columns()
    learned = as_learned(by, given.names)
    found = []
    for each in labelled(asked):
        rows = examples(each, given.names)
        whole = np.ones(len(rows.y), dtype=bool)
        claims = [(judged(rows, whole, learned.confidence(rows.x), len(rows.missed)), learned)]
        measured = figures.told(claims)
        found.append({**_size(each, rows), **measured, "off": figures.off(measured["calibration"])})
    return {"model": by.version, "set": found}


def as_learned(by: Model, names: Sequence[str]) -> Learned:
    """A model as rows of values are weighed."""
    weights = {**by.weights, BASE: by.base, **crowd_steps(by)}
    ordered = np.array([weights[name] for name in (BASE, *names)])
    return Learned(ordered, tuple(by.calibration), by.linked, by.shown)


def written(path: Path, made: Made) -> None:
    """The model file. Raises `ConfigError`."""
    try:
        path.write_text(modelfile.dumps(made.model, made.report), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}. Remedy: name a file in a folder that is there"
        ) from error


def plain(found: Model) -> dict[str, Any]:
    """A model as JSON has it."""
    return {
        "version": found.version,
        "base": found.base,
        "linked": found.linked,
        "shown": found.shown,
        "crowd": list(found.crowd),
        "calibration": [list(knot) for knot in found.calibration],
        "weights": dict(found.weights),
        "report": dict(found.report),
    }


def _set(each: Labelled, rows: Examples, result: Trained, number: int) -> dict[str, Any]:
    unseen = _unseen([result.unseen[number]]) if result.unseen else {}
    return {**_size(each, rows), "held_out": figures.told(result.held_out[number]), **unseen}


def _unseen(claims: Claims) -> dict[str, Any]:
    return {"unseen": figures.told(claims)}


def _size(each: Labelled, rows: Examples) -> dict[str, Any]:
    missed = int(np.count_nonzero(np.isin(rows.missed, ALL)))
    sizes = {"name": each.name, "ours": len(each.ours), "partner": 0 if each.one_list else len(each.theirs)}
    return {**sizes, "true_pairs": len(each.same), "compared": len(rows.y), "not_compared": missed}
