"""All evidence on two accounts with its weight in words, and what would change the verdict; it decides nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from streams.matching import weights
from streams.matching.evidence import evidence
from streams.matching.features import Features
from streams.matching.model import CROWD, Model, model
from streams.matching.numbers import compared
from streams.matching.score import Match, total

BANDS = {"linked": "linked", "to_confirm": "to be confirmed", "not_shown": "not shown"}
STRENGTHS = ((4.0, "very strong"), (2.0, "strong"), (0.8, "some"), (0.0, "weak"))
"""From so many log-odds on: 2 is odds of seven to one, 4 of fifty to one."""

# What an account may lack, the finding that it would be if both had it and agreed, and in words.
LACKING = (
    ("domains", "domain_same", "the same web domain"),
    ("phones", "phone_same", "the same phone"),
    ("street", "street_same", "the same street"),
    ("postal_code", "postal_code_same", "the same postal code"),
    ("city", "city_same", "the same city"),
    ("country", "country_same", "the same country"),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: `weight` in log-odds, above 0 for the pair; `strength` says the same in words."""

    weight: float
    strength: str
    sentence: str


def weighed(a: Features, b: Features, crowd: int = 0) -> tuple[Evidence, ...]:
    """All that speaks for and against a pair, the strongest first, and last what holds before any evidence; `crowd` as
    `score` takes it."""
    numbers = model()
    said = [Evidence(weight, "decides", sentence) for weight, sentence in compared(a, b)]
    grouped: list[tuple[float, str]] = []
    findings = evidence(a, b)
    for finding in findings:
        weight = numbers.weights[finding.name] * finding.value
        if finding.write is not None:
            grouped.append((weight, finding.write(*finding.about)))
        elif grouped:  # a finding without words is said with the one before
            grouped[-1] = (grouped[-1][0] + weight, grouped[-1][1])
    if crowd and any(finding.name == "same_name" for finding in findings):
        grouped.append((numbers.crowd[crowd], f"more than {CROWD[crowd - 1]} accounts of one list have this name"))
    grouped.sort(key=lambda each: abs(each[0]), reverse=True)
    said += [Evidence(round(weight, 2), _strength(weight), sentence) for weight, sentence in grouped]
    start = Evidence(
        numbers.base, _strength(numbers.base), "two accounts are seldom one company: where every pair starts"
    )
    return (*said, start)


def standing(a: Features, b: Features, match: Match | None, crowd: int = 0) -> tuple[str, ...]:
    """How sure the pair is, its band and its relation, in sentences."""
    numbers = model()
    limits = f"linked from {numbers.linked}, shown from {numbers.shown}"
    if match is None:
        return (f"confidence {_confidence(a, b, crowd, numbers)}: not shown ({limits})",)
    said = [f"confidence {match.confidence}: {BANDS[match.band]} ({limits})"]
    if match.kin:
        said.append(f"{'related, not the same' if match.relation == 'related' else 'held back'}: {match.kin}")
    return tuple(said)


def would_change(a: Features, b: Features, match: Match | None, crowd: int = 0) -> tuple[str, ...]:
    """What, if it were known or other, would put the pair into another band."""
    numbers = model()
    decided = compared(a, b)
    if decided:
        kind = "other" if decided[0][0] > 0 else "equal"
        return (f"registration numbers decide whatever else is known: {kind} ones would turn it round",)
    found = [*_added(a, b, crowd, numbers), *_taken(a, b, crowd, numbers)]
    if match and match.relation == "related":
        found = ["it is of one family: a person who confirms it makes it the same"]
    if not a.ids or not b.ids:
        found.append(
            "an equal registration number of one kind (DUNS, LEI, VAT) would link it, a different one would part it"
        )
    return tuple(found)


def _added(a: Features, b: Features, crowd: int, numbers: Model) -> Iterator[str]:
    before, now = _confidence(a, b, crowd, numbers), _log_odds(a, b, crowd, numbers)
    for field, name, words in LACKING:
        sides = [side for side, account in (("ours", a), ("theirs", b)) if not getattr(account, field)]
        confidence = numbers.confidence(now + numbers.weights[name])
        if sides and numbers.band(confidence) != numbers.band(before):
            who = "both lack" if len(sides) == 2 else f"{sides[0]} lacks"
            yield f"{words} ({who} it) would make it {confidence}, {BANDS[numbers.band(confidence)]}"


def _taken(a: Features, b: Features, crowd: int, numbers: Model) -> Iterator[str]:
    before, now = _confidence(a, b, crowd, numbers), _log_odds(a, b, crowd, numbers)
    for each in weighed(a, b, crowd)[:-1]:
        confidence = numbers.confidence(now - each.weight)
        if numbers.band(confidence) != numbers.band(before):
            yield f"it would be {confidence}, {BANDS[numbers.band(confidence)]}, without: {each.sentence}"


def _confidence(a: Features, b: Features, crowd: int, numbers: Model) -> float:
    if decided := compared(a, b):
        return weights.ID_SAME_CONFIDENCE if decided[0][0] > 0 else 0.0
    return numbers.confidence(_log_odds(a, b, crowd, numbers))


def _log_odds(a: Features, b: Features, crowd: int, numbers: Model) -> float:
    return total(evidence(a, b), crowd, numbers)


def _strength(weight: float) -> str:
    return next(words for least, words in STRENGTHS if abs(weight) >= least)
