"""Chooses which scored pairs of one of our accounts are overlaps; never looks at another of our accounts."""

from collections.abc import Mapping

from streams.matching import weights
from streams.matching.score import Match


def select(matches: Mapping[str, Match]) -> dict[str, Match]:
    """The partner's best record and those that tie with it, in order of their ids; empty if none is sure enough.

    `matches`: the matches of one of our accounts with one partner's records.
    """
    best = max((match.confidence for match in matches.values()), default=0.0)
    least = max(weights.OVERLAP, best - weights.TIE)
    return {key: matches[key] for key in sorted(matches) if matches[key].confidence >= least}
