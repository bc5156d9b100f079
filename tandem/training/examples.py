"""Turns labelled accounts into rows of numbers, one for each pair that the matcher compares; it never fits anything."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from streams.matching.batch import candidates
from streams.matching.evidence import evidence
from streams.matching.families import kin
from streams.matching.features import Features, features
from streams.matching.model import crowd_level
from streams.matching.weights import LEAST_SHARED
from tandem.training.columns import CROWDS
from tandem.training.fitting import Bools, Floats
from tandem.training.labelled import Labelled, Pair

FOLDS = 5
Node = tuple[str, str]


@dataclass(frozen=True)
class Examples:
    """The pairs of one labelled set, by row: their values (`x`, first column 1), whether they are one company (`y`), the
    number of our account (`ours`), and the folds of both sides' entities.

    `missed`: the folds of true pairs that are never compared, dropped unweighed, or held for units of one family.
    `best_only`: two lists, of which the matcher shows each of our accounts its best partner record; otherwise every pair
    stands for itself.
    """

    name: str
    pairs: Sequence[Pair]
    x: Floats
    y: Bools
    ours: NDArray[np.intp]
    fold: NDArray[np.intp]
    fold_theirs: NDArray[np.intp]
    missed: NDArray[np.intp]
    best_only: bool
    invented: bool = False

    def without(self, folds: Iterable[int]) -> Bools:
        """The rows of which neither side is in one of these folds."""
        out = list(folds)
        return np.asarray(~(np.isin(self.fold, out) | np.isin(self.fold_theirs, out)))


def examples(labelled: Labelled, names: Sequence[str]) -> Examples:
    """`names`: what the columns of `x` stand for, behind the first."""
    ours = {key: features(account) for key, account in labelled.ours.items()}
    theirs = ours if labelled.one_list else {key: features(account) for key, account in labelled.theirs.items()}
    at = {name: column for column, name in enumerate(names, 1)}
    crowds = _crowds(ours, theirs)
    pairs: list[Pair] = []
    rows: list[dict[str, float]] = []
    decided: set[Pair] = set()
    for one, other in _compared(labelled, ours, theirs):
        a, b = ours[one], theirs[other]
        if not {kind for kind, _ in a.ids}.isdisjoint(kind for kind, _ in b.ids):
            decided.add((one, other))  # by registration ids, so that it teaches nothing about the rest
        elif values := _values(a, b, crowds.get(a.words, 0)):
            pairs.append((one, other))
            rows.append(values)
    x = np.zeros((len(rows), len(names) + 1))
    x[:, 0] = 1.0
    for row, values in enumerate(rows):
        for name, value in values.items():
            x[row, at[name]] = value
    return _examples(labelled, pairs, x, decided)


def _values(a: Features, b: Features, crowd: int) -> dict[str, float]:
    """What `score` weighs; empty if it drops the pair, or holds the two for units of one family."""
    findings = evidence(a, b, LEAST_SHARED)
    values: dict[str, float] = {}
    for finding in findings:
        values[finding.name] = values.get(finding.name, 0.0) + finding.value
    if kin(a, b, findings):
        return {}
    if "same_name" in values:
        values |= dict.fromkeys(CROWDS[:crowd], 1.0)  # each level adds to the one below it, so that more are never less
    return values


def _examples(labelled: Labelled, pairs: list[Pair], x: Floats, decided: set[Pair]) -> Examples:
    fold_of = folds(labelled)
    side = "ours" if labelled.one_list else "theirs"
    numbers = {key: number for number, key in enumerate(labelled.ours)}
    missed = labelled.same - set(pairs) - decided
    return Examples(
        name=labelled.name,
        pairs=pairs,
        x=x,
        y=np.array([pair in labelled.same for pair in pairs], dtype=bool),
        ours=np.array([numbers[one] for one, _ in pairs], dtype=np.intp),
        fold=np.array([fold_of["ours", one] for one, _ in pairs], dtype=np.intp),
        fold_theirs=np.array([fold_of[side, other] for _, other in pairs], dtype=np.intp),
        missed=np.array(sorted(fold_of["ours", one] for one, _ in missed), dtype=np.intp),
        best_only=labelled.judged is None and not labelled.one_list,
        invented=labelled.invented,
    )


def _compared(labelled: Labelled, ours: Mapping[str, Features], theirs: Mapping[str, Features]) -> Iterable[Pair]:
    if labelled.judged is not None:
        return sorted(labelled.judged)
    found = ((one, other) for one, others in candidates(ours, theirs) for other in sorted(others))
    if labelled.one_list:
        return ((one, other) for one, other in found if one < other)
    return (pair for pair in found if pair not in labelled.left_out)


def _crowds(ours: Mapping[str, Features], theirs: Mapping[str, Features]) -> dict[tuple[str, ...], int]:
    """The level of each name that is held more often than usual, on the side that has more of them."""
    counted = Counter(account.words for account in ours.values()) | Counter(a.words for a in theirs.values())
    return {words: level for words, holders in counted.items() if (level := crowd_level(holders))}


def folds(labelled: Labelled) -> dict[Node, int]:
    """The fold of each account. What is or may be one company is in one fold, whole."""
    side = "ours" if labelled.one_list else "theirs"
    head: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        while (above := head.setdefault(node, node)) != node:
            head[node] = node = head.setdefault(above, above)
        return node

    for one, other in chain(labelled.same, labelled.left_out):
        low, high = sorted((root(("ours", one)), root((side, other))))
        head[high] = low
    nodes = chain((("ours", key) for key in labelled.ours), ((side, key) for key in labelled.theirs))
    return {node: crc32("/".join(root(node)).encode()) % FOLDS for node in nodes}
