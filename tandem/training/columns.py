"""How the weight of each kind of finding may move, and where it starts; it never sees a pair."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

import numpy as np

from streams.matching.evidence import NAMES, SIGNS
from streams.matching.model import CROWD, Model
from tandem.training.fitting import Floats

BASE = "base"
CROWDS = tuple(f"crowd_{level}" for level in range(1, len(CROWD) + 1))
# Pairs' worth of belief in a prior weight: of a weight set by hand or left at 0, and of one that a model has learned.
PULL, PULL_LEARNED = 3.0, 20.0


@dataclass(frozen=True)
class Columns:
    """The columns of the values and how their weights may move; see `fitting.Problem`. The first is the base."""

    names: tuple[str, ...]
    prior: Floats
    pull: Floats
    low: Floats
    high: Floats

    def weights(self, fitted: Floats) -> Mapping[str, float]:
        """Fitted weights by name."""
        return dict(zip((BASE, *self.names), map(float, fitted), strict=True))


def by_hand() -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Where weights start, and how much findings say at least, by name, as prior.toml has them."""
    table = tomllib.loads(files("tandem.training").joinpath("prior.toml").read_text(encoding="utf-8"))
    return table["start"], table["least"]


def crowd_steps(of: Model) -> Mapping[str, float]:
    """What each level of the crowd adds to the one below it."""
    return {name: above - below for name, (below, above) in zip(CROWDS, pairwise(of.crowd), strict=True)}


def columns(start: Model | None = None) -> Columns:
    """`start`: a model to begin from; its weights are held to be worth some pairs. None: from nothing."""
    names = (*NAMES, *CROWDS)
    signs = np.array([0, *(SIGNS[name] for name in NAMES), *(-1 for _ in CROWDS)])
    starts, least = by_hand()
    prior = np.array([0.0, *(starts.get(name, 0.0) for name in names)])
    bound = np.array([0.0, *(least.get(name, 0.0) for name in names)])
    pull = np.array([0.0, *(PULL for _ in names)])
    if start is not None:
        learned = {**start.weights, **crowd_steps(start)}
        prior = np.array([start.base, *(learned[name] for name in names)])
        pull = np.full(len(prior), PULL_LEARNED)
    low = np.where(signs > 0, bound, -np.inf)
    high = np.where(signs < 0, bound, np.inf)
    return Columns(names, np.clip(prior, low, high), pull, low, high)
