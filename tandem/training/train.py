"""Learns a model from labelled sets and measures it on entities that it has not seen; it never reads or writes a file.

What is reported is always of held-out entities. Folds are whole entities; inside the four training folds the weights,
the calibration and the two lines of confidence are found anew, the last two on pairs that the weights have not seen.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from streams.matching.model import Model
from tandem.settings import ConfigError
from tandem.training.bands import Judged, best, judged, linked, shown
from tandem.training.calibration import Line, calibrate, confidence
from tandem.training.columns import BASE, CROWDS, Columns
from tandem.training.examples import FOLDS, Examples
from tandem.training.fitting import Bools, Floats, Problem, fit

INVENTED = 0.25  # what an invented set counts beside a real one
FEWEST = 20  # right and wrong pairs each, without which nothing can be learned
ALL = tuple(range(FOLDS))


@dataclass(frozen=True)
class Learned:
    """Weights, calibration and lines, as one fit of everything gives them."""

    weights: Floats
    line: Line
    linked: float
    shown: float

    def confidence(self, x: Floats) -> Floats:
        """Of rows of values."""
        return confidence(self.line, np.round(x @ self.weights, 4))


@dataclass(frozen=True)
class Trained:
    """The model of all pairs, and what models of the other folds said of each set's held-out pairs.

    `held_out` by set: the pairs of each fold with its model's lines. `unseen`: what a model of the other sets alone says.
    """

    learned: Learned
    held_out: Sequence[Sequence[tuple[Judged, Learned]]]
    unseen: Sequence[tuple[Judged, Learned]]


def train(
    sets: Sequence[Examples], given: Columns, start: Line | None = None, told: Callable[[str], object] = str
) -> Trained:
    """`start`: a calibration to begin from. `told` hears what is being done. Raises `ConfigError` if there are too few pairs."""
    for each in sets:
        _enough(each, (each.name, each.y))
    found = held_out(sets, given, start, told)
    unseen = []
    for each in sets if len(sets) > 1 else ():
        told(f"without {each.name}")
        learned = learn([other for other in sets if other is not each], given, start)
        unseen.append((_measured(each, learned, np.ones(len(each.y), dtype=bool), ALL), learned))
    told("everything")
    return Trained(learn(sets, given, start), found, unseen)


def held_out(
    sets: Sequence[Examples], given: Columns, start: Line | None = None, told: Callable[[str], object] = str
) -> list[list[tuple[Judged, Learned]]]:
    """By set and fold: the pairs of the fold, judged by a model of the other folds, and that model."""
    found: list[list[tuple[Judged, Learned]]] = [[] for _ in sets]
    for fold in ALL:
        told(f"held-out fold {fold + 1} of {FOLDS}")
        learned = learn(sets, given, start, {fold})
        for number, each in enumerate(sets):
            found[number].append((_measured(each, learned, each.fold == fold, {fold}), learned))
    return found


def learn(sets: Sequence[Examples], given: Columns, start: Line | None = None, out: Collection[int] = ()) -> Learned:
    """From all pairs of which neither side is in the folds that are left out."""
    weights = _weights(sets, given, out)
    margins: list[list[Floats]] = [[] for _ in sets]
    rows: list[list[Bools]] = [[] for _ in sets]
    for fold in ALL:
        if fold in out:
            continue
        inner = _weights(sets, given, {*out, fold})
        for number, each in enumerate(sets):
            inside = each.without(out) & (each.fold == fold)
            rows[number].append(inside)
            margins[number].append(np.round(each.x[inside] @ inner, 4))
    line = _line(sets, rows, margins, start)
    told = [
        judged(each, inside, confidence(line, margin), _missed(each, {fold}))
        for each, insides, found in zip(sets, rows, margins, strict=True)
        for inside, margin, fold in zip(insides, found, [fold for fold in ALL if fold not in out], strict=True)
    ]
    real = [each for each in sets if not each.invented] or sets
    real = [each for each in real if each.best_only] or real  # the bands are those of links between two lists
    parts = [[one for one in told if one.name == each.name] for each in real]
    whole = [_together(each) for each in parts]
    return Learned(weights, line, max(_steady(parts), shown(whole)), shown(whole))


def _steady(parts: Sequence[Sequence[Judged]]) -> float:
    """One wrong pair more or less moves the line of links far: the mean of the lines without each fold in turn."""
    folds = range(len(parts[0]))
    lines = [linked([_together([one for at, one in enumerate(each) if at != out]) for each in parts]) for out in folds]
    return round(float(np.mean(lines)), 4)


def as_model(learned: Learned, given: Columns, version: str) -> Model:
    """As the matcher takes it, with rounded weights and without a report."""
    named = {name: round(weight, 3) + 0.0 for name, weight in given.weights(learned.weights).items()}
    return Model(
        version=version,
        base=named.pop(BASE),
        crowd=(0.0, *(round(level, 3) for level in accumulate(named.pop(name) for name in CROWDS))),
        weights=named,
        calibration=learned.line,
        linked=learned.linked,
        shown=learned.shown,
        report={},
    )


def _weights(sets: Sequence[Examples], given: Columns, out: Collection[int]) -> Floats:
    kept = [each.without(out) for each in sets]
    y = np.concatenate([each.y[inside] for each, inside in zip(sets, kept, strict=True)])
    problem = Problem(
        x=np.vstack([each.x[inside] for each, inside in zip(sets, kept, strict=True)]),
        y=y.astype(float),
        share=_shares(sets, [int(np.count_nonzero(inside)) for inside in kept]),
        prior=given.prior,
        pull=given.pull,
        low=given.low,
        high=given.high,
    )
    return fit(problem)


def _line(
    sets: Sequence[Examples], rows: Sequence[Sequence[Bools]], margins: Sequence[Sequence[Floats]], start: Line | None
) -> Line:
    """Of the pairs that could be shown: what nobody sees need not be right."""
    found: list[Floats] = []
    true: list[Floats] = []
    for each, insides, values in zip(sets, rows, margins, strict=True):
        kept = [best(each, inside, value) for inside, value in zip(insides, values, strict=True)]
        found.append(np.concatenate([value[keep] for value, keep in zip(values, kept, strict=True)]))
        true.append(
            np.concatenate([each.y[inside][keep] for inside, keep in zip(insides, kept, strict=True)]).astype(float)
        )
    return calibrate(np.concatenate(found), np.concatenate(true), _shares(sets, [len(each) for each in found]), start)


def _shares(sets: Sequence[Examples], sizes: Sequence[int]) -> Floats:
    """Each real set counts the same, however many pairs it has."""
    mean = sum(sizes) / len(sizes)
    counts = [INVENTED if each.invented else 1.0 for each in sets]
    rows = zip(sizes, counts, strict=True)
    return np.concatenate([np.full(size, count * mean / max(1, size)) for size, count in rows])


def _measured(each: Examples, learned: Learned, rows: Bools, folds: Collection[int]) -> Judged:
    return judged(each, rows, learned.confidence(each.x[rows]), _missed(each, folds))


def _missed(each: Examples, folds: Collection[int]) -> int:
    return int(np.count_nonzero(np.isin(each.missed, list(folds))))


def _together(parts: Sequence[Judged]) -> Judged:
    return Judged(
        parts[0].name,
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.y for part in parts]),
        sum(part.missed for part in parts),
    )


def _enough(each: Examples, found: tuple[str, Bools]) -> None:
    name, y = found
    right = int(np.count_nonzero(y))
    if min(right, len(y) - right) < FEWEST:
        raise ConfigError(
            f"{name}: {right} pairs that are one company and {len(y) - right} that are not teach nothing. "
            f"Remedy: judge at least {FEWEST} of each, or train together with a larger set"
        )
