"""Scores pairs from their features as text, with what a person has ruled; it holds no state and knows no partner."""

from dataclasses import dataclass
from functools import lru_cache

from schemas.entities import OverlapBand, Relation
from streams.matching import keys
from streams.matching.features import Features
from streams.matching.model import model
from streams.matching.score import Match, score

PARSED = 16_384  # accounts whose features are kept as they were read
PASSING = frozenset({"linked", "to_confirm"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a pair that is shown. A related pair is never in a band: nobody has to confirm that it is the same."""

    confidence: float
    relation: Relation
    band: OverlapBand | None
    kin: str | None
    reasons: tuple[str, ...]


@lru_cache(maxsize=PARSED)
def parsed(features: str) -> Features | None:
    """None for features of another version of Tandem: they count again once the account was read again."""
    try:
        return Features.loads(features)
    except ValueError:
        return None


def _least_crowd() -> int:
    """The level at which equal names say most: a pair that does not pass there passes nowhere."""
    crowd = model().crowd
    return crowd.index(max(crowd))


def matched(ours: str, theirs: str, crowd: int) -> Match | None:
    """The match of two accounts by their features, where it is shown."""
    one, other = parsed(ours), parsed(theirs)
    match = score(one, other, crowd) if one and other else None
    return match if match and (match.band in PASSING or match.relation == "related") else None


def passes(ours: str, theirs: str) -> bool:
    """Whether the two may be shown, however many firms share their names."""
    return matched(ours, theirs, _least_crowd()) is not None


def judged(ours: str, theirs: str, crowd: int) -> Judgement | None:
    """What becomes of the pair by its evidence alone; None where it is not shown."""
    match = matched(ours, theirs, crowd)
    if match is None:
        return None
    said = (*match.reasons, *match.doubts)
    if match.relation == "related":
        return Judgement(match.confidence, Relation.RELATED, None, match.kin or None, said)
    return Judgement(match.confidence, Relation.SAME, OverlapBand(match.band), None, said)


def name_key(features: str) -> str:
    """The match key of the name; empty where there is none."""
    found = parsed(features) if features else None
    return keys.name_key(found.words) if found and found.words else ""
