"""Says how sure it is that two accounts are one company, and why; never decides what becomes of the pair."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from streams.matching import weights
from streams.matching.evidence import Finding, evidence
from streams.matching.families import kin
from streams.matching.features import Features
from streams.matching.model import CROWD, Band, Model, model
from streams.matching.numbers import broken, compared

Relation = Literal["same", "related"]
_Said = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Match:
    """`confidence`: 0 to 1, that the two are one company; `reasons` speak for it, `doubts` against it, strongest first.

    A "related" pair is two units of one family, as `kin` says; its confidence is below the least that is shown, for
    it is that of being one company. So is that of two that only may be of one family, which are not related.
    """

    confidence: float
    relation: Relation
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    log_odds: float = 0.0
    band: Band = "not_shown"
    kin: str = ""


class Judged(NamedTuple):
    """A match before its sentences are written: of a million pairs only a few are read."""

    confidence: float
    relation: Relation
    log_odds: float
    band: Band
    kin: str
    findings: tuple[Finding, ...]
    decided: list[tuple[float, str]]
    crowd: int


def score(a: Features, b: Features, crowd: int = 0, by: Model | None = None) -> Match | None:
    """None if next to nothing speaks for the pair. Swapping the two changes only the order of names in the sentences.

    A registration id that both have decides, whatever else is known: an equal one is a match, only different ones are
    none (confidence 0, with the doubt in words). `crowd`: see `model.crowd_level`. `by`: another than the shipped model.
    """
    numbers = by or model()
    judged = judge(a, b, crowd, numbers)
    return None if judged is None else written(a, b, judged, numbers)


def judge(a: Features, b: Features, crowd: int, by: Model) -> Judged | None:
    """What `score` says, without the sentences."""
    decided = compared(a, b) if a.ids and b.ids else []
    findings = evidence(a, b, weights.LEAST_SHARED)
    if decided:
        log_odds = decided[0][0]
        confidence = weights.ID_SAME_CONFIDENCE if log_odds > 0 else 0.0
    elif not findings:
        return None
    else:
        log_odds = total(findings, crowd, by)
        confidence = by.confidence(log_odds)
    family = None if decided and log_odds > 0 else kin(a, b, findings)
    if family:
        confidence = min(confidence, round(by.shown - weights.TIE, 4))
        relation: Relation = "related" if family.sure else "same"
        return Judged(confidence, relation, log_odds, "not_shown", family.said, findings, decided, crowd)
    if confidence < weights.MENTIONED and not decided:
        return None
    return Judged(confidence, "same", log_odds, by.band(confidence), "", findings, decided, crowd)


def written(a: Features, b: Features, judged: Judged, by: Model | None = None) -> Match:
    """The match with its sentences; `a`, `b` and `by` as they were judged."""
    said = [*judged.decided, *_said(judged.findings, judged.crowd, by or model())]
    reasons = tuple([sentence for strength, sentence in said if strength > 0])
    doubts = tuple([sentence for strength, sentence in said if strength < 0])
    if a.bad_ids or b.bad_ids:
        doubts = (*doubts, *broken(a, b))
    return Match(judged.confidence, judged.relation, reasons, doubts, judged.log_odds, judged.band, judged.kin)


def total(findings: Iterable[Finding], crowd: int, numbers: Model) -> float:
    """The log-odds of a pair with these findings."""
    found = numbers.base
    learned = numbers.weights
    equal = False
    for finding in findings:
        name = finding[0]
        found += learned[name] * finding[1]
        equal = equal or name == "same_name"
    return round(found + (numbers.crowd[crowd] if equal else 0.0), 4)


def vector(a: Features, b: Features, crowd: int = 0) -> dict[str, float]:
    """What the model learns from: the values of the findings by name, and `crowd_1` to `crowd_3` where names are equal.

    `score` drops pairs whose names share next to nothing unweighed; here they have their values too.
    """
    values: dict[str, float] = {}
    for finding in evidence(a, b):
        values[finding.name] = values.get(finding.name, 0.0) + finding.value
    if crowd and "same_name" in values:
        values[f"crowd_{crowd}"] = 1.0
    return values


def _said(findings: Iterable[Finding], crowd: int, numbers: Model) -> list[_Said]:
    """The sentences, strongest first, each with the log-odds of all that it says."""
    grouped: list[tuple[float, Finding]] = []
    for finding in findings:
        weight = numbers.weights[finding.name] * finding.value
        if finding.write is None and grouped:
            grouped[-1] = (grouped[-1][0] + weight, grouped[-1][1])
        else:
            grouped.append((weight, finding))
    said = [(weight, finding.write(*finding.about)) for weight, finding in grouped if finding.write]
    if crowd and numbers.crowd[crowd] and any(finding.name == "same_name" for finding in findings):
        said.append((numbers.crowd[crowd], _crowd_said(crowd)))
    return sorted(said, key=lambda each: abs(each[0]), reverse=True)


def _crowd_said(level: int) -> str:
    most = CROWD[level - 1]
    return f"more than {most} account{'' if most == 1 else 's'} of one list {'has' if most == 1 else 'have'} this name"
