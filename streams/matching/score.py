"""Says how sure it is that two accounts are one company, and why; never decides what becomes of the pair."""

from dataclasses import dataclass
from math import exp
from typing import Literal

from streams.matching import weights
from streams.matching.compare import compare_names
from streams.matching.evidence import Finding, names_evidence, place_evidence, same_phone, shared_domain, web_evidence
from streams.matching.features import Features

Relation = Literal["same", "related"]


@dataclass(frozen=True, slots=True)
class Match:
    """`confidence` is 0 to 1; `reasons` speak for the match and `doubts` against it, strongest first."""

    confidence: float
    relation: Relation
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]


def score(a: Features, b: Features) -> Match | None:
    """None if next to nothing speaks for the pair. Swapping the two changes only the order of names in the sentences.

    A registration id that both have decides, whatever else is known: an equal one is a match, only different ones are
    none (confidence 0, with the doubt in words).
    """
    ids = _compare_ids(a, b) if a.ids and b.ids else []
    names = compare_names(a.words, b.words)
    domain = shared_domain(a, b)
    strong = ids or domain or same_phone(a.phone, b.phone)
    if names.shared < weights.LEAST_SHARED and a.words != b.words and not strong:
        return None
    findings = names_evidence(a, b, names, bool(domain)) + web_evidence(a, b, domain) + place_evidence(a, b)
    confidence = _confidence([finding[0] for finding in findings])
    if ids:
        confidence = weights.ID_SAME_CONFIDENCE if ids[0][0] > 0 else 0.0
    elif confidence < weights.MENTIONED:
        return None
    return _explained(confidence, ids, findings)


def _confidence(log_odds: list[float]) -> float:
    # Four digits: equal evidence gives equal numbers on every machine, so that ties stay ties.
    return round(1 / (1 + exp(-(weights.BASE + sum(log_odds)))), 4)


def _compare_ids(a: Features, b: Features) -> list[Finding]:
    """Empty unless both have an id of one kind; the equal ones come first."""
    theirs = dict(b.ids)
    both = [(kind.upper(), value, theirs[kind]) for kind, value in a.ids if kind in theirs]
    same: list[Finding] = [(1.0, "same {} number {}".format, row) for row in both if row[1] == row[2]]
    different = "different {} numbers: {} and {}".format
    return [*same, *((-1.0, different, row) for row in both if row[1] != row[2])]


def _explained(confidence: float, ids: list[Finding], findings: list[Finding]) -> Match:
    reasons: list[str] = []
    doubts: list[str] = []
    for log_odds, write, about in (*ids, *sorted(findings, key=_strength, reverse=True)):
        (reasons if log_odds > 0 else doubts).append(write(*about))
    return Match(confidence, "same", tuple(reasons), tuple(doubts))


def _strength(finding: Finding) -> float:
    return abs(finding[0])
