"""Compares the candidates of two digested lists, the most promising first, and stops where none can matter."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import inf

import numpy as np

from streams.matching import weights
from streams.matching.bulk.blocks import Blocks
from streams.matching.bulk.bound import Bound
from streams.matching.bulk.digest import Side
from streams.matching.features import Features
from streams.matching.model import Model
from streams.matching.score import Judged, Match, judge, written

STEP = 1024  # of our rows at once: their pairs' outlines still fit into a processor's cache
HALF_DIGIT = 0.00005  # a confidence has four


@dataclass(slots=True)
class Work:
    """How much it took: pairs that share a key, and those of them that were really compared."""

    candidates: int = 0
    scored: int = 0


@dataclass(frozen=True, slots=True)
class Lists:
    """Two lists, brought together, and the model that compares them."""

    ours: Side
    theirs: Side
    blocks: Blocks
    model: Model


def compare(lists: Lists, low: int, high: int, least: float, work: Work) -> Iterator[tuple[int, dict[int, Match]]]:
    """Our rows from `low` to below `high` that have a match: by their row, the best one and those that tie with it,
    and those that are of one family.

    `least`: the confidence from which on a pair counts.
    """
    bound, floor = Bound(lists.model), log_odds(lists.model, least)
    for start in range(low, high, STEP):
        ours, theirs = lists.blocks.pairs(start, min(start + STEP, high))
        work.candidates += len(ours)
        bounds = bound(lists.ours.outlines[ours], lists.theirs.outlines[theirs], lists.blocks.crowd[ours])
        kept = np.flatnonzero(bounds >= floor)
        order = kept[np.lexsort((-bounds[kept], ours[kept]))]
        rows = zip(ours[order].tolist(), theirs[order].tolist(), bounds[order].tolist(), strict=True)
        for our_row, pairs in groupby(rows, key=lambda row: row[0]):
            found = _best(lists, our_row, [(row[1], row[2]) for row in pairs], least, work)
            if found:
                yield our_row, found


def _best(lists: Lists, our_row: int, pairs: list[tuple[int, float]], least: float, work: Work) -> dict[int, Match]:
    mine, crowd = lists.ours[our_row], int(lists.blocks.crowd[our_row])
    same: dict[int, tuple[Features, Judged]] = {}
    kin: dict[int, tuple[Features, Judged]] = {}
    best, enough = 0.0, -inf
    for their_row, most in pairs:
        if most < enough:
            break
        work.scored += 1
        other = lists.theirs[their_row]
        judged = judge(mine, other, crowd, lists.model)
        if judged and judged.relation != "same":
            kin[their_row] = other, judged
        elif judged and judged.confidence >= least:
            same[their_row] = other, judged
            if judged.confidence > best:
                best = judged.confidence
                enough = log_odds(lists.model, best - weights.TIE)
    kept = {row: each for row, each in same.items() if each[1].confidence >= best - weights.TIE} | kin
    return {row: written(mine, other, judged, lists.model) for row, (other, judged) in kept.items()}


def log_odds(by: Model, confidence: float) -> float:
    """The least log-odds that give this confidence; -inf if all do, inf if none does."""
    wanted = confidence - HALF_DIGIT
    knots = by.calibration
    if knots[0][1] >= wanted:
        return -inf
    for (low, least), (high, most) in pairwise(knots):
        if most >= wanted:
            return low + (high - low) * (wanted - least) / (most - least)
    return inf
