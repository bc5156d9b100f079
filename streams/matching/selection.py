"""Chooses which scored pairs of one of our accounts are overlaps; never looks at another of our accounts."""

from collections.abc import Mapping

from streams.matching import weights
from streams.matching.model import Model, model
from streams.matching.score import Match


def select(matches: Mapping[str, Match], by: Model | None = None) -> dict[str, Match]:
    """The partner's best record and those that tie with it, in order of their ids; empty if none is sure enough.

    `matches`: the matches of one of our accounts with one partner's records. `by`: another than the shipped model.
    """
    best = max((match.confidence for match in matches.values()), default=0.0)
    least = max((by or model()).shown, best - weights.TIE)
    return {key: matches[key] for key in sorted(matches) if matches[key].confidence >= least}


def related(matches: Mapping[str, Match]) -> dict[str, Match]:
    """The partner's records that are of one family with our account but not the same company, in order of their ids."""
    return {key: matches[key] for key in sorted(matches) if matches[key].relation == "related"}
