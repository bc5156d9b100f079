"""The state of one of our accounts: what matches it, what people ruled, what was decided; it says nothing to anybody."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from schemas.entities import AccountSummary, Overlap, OverlapBand, Relation
from schemas.messages import AccountCard, NameCrowd, OursSeen, PairScored, Ruling, RulingGiven, identity
from streams.accounts.judging import Judgement, judged, name_key

US = "us"
VERDICTS: Mapping[Ruling, str] = {
    Ruling.SAME_COMPANY: "same",
    Ruling.RELATED_COMPANY: "related",
    Ruling.DIFFERENT_COMPANY: "different",
}


class Pair(BaseModel):
    """One account of a partner that may match ours, and the keys under which it does. `versions`: of the partner's."""

    party: str
    card: AccountCard
    versions: int = 0
    keys: tuple[str, ...] = ()
    features: str = ""
    shown: bool = False
    confidence: float = 0.0
    relation: str = Relation.SAME.value
    reasons: tuple[str, ...] = ()
    band: OverlapBand | None = None
    kin: str | None = None


class Ruled(BaseModel):
    """What a person said of our account and one of a partner's; `evidence` is what matching knew of the two by then."""

    verdict: str
    id: str
    at: AwareDatetime
    evidence: str = ""


class Ours(BaseModel):
    """One of our accounts. `levels`: the crowd behind each name that it bore, by key and party."""

    ref: str = ""
    connection: str = ""
    version: int = 0
    at: AwareDatetime | None = None  # of the latest change that was taken in
    card: AccountCard | None = None
    features: str = ""
    levels: dict[str, dict[str, int]] = {}
    pairs: dict[str, Pair] = {}
    rulings: dict[str, Ruled] = {}
    doubted: tuple[str, ...] = ()  # rulings that are shown for review
    overlaps: dict[str, Overlap] = {}
    summary: AccountSummary | None = None
    shared: dict[str, str] = {}  # party to the connection of its that shows the overlap


Event = OursSeen | PairScored | NameCrowd | RulingGiven


def taken(known: Ours, event: Event) -> Ours:
    """The account with what the event says; the same object where it says nothing new."""
    if isinstance(event, OursSeen):
        now = _seen(known, event)
    elif isinstance(event, PairScored):
        now = _scored(known, event)
    elif isinstance(event, NameCrowd):
        now = _crowded(known, event)
    else:
        now = _ruled(known, event)
    return now if now is known else _proven(now)


def _seen(known: Ours, event: OursSeen) -> Ours:
    if event.version <= known.version:
        return known
    update = {"ref": event.ref, "connection": event.connection, "version": event.version, "card": event.card}
    now = known.model_copy(update=update | {"features": event.features})
    return now if now.features == known.features else _judged(now, now.pairs)


def _crowded(known: Ours, event: NameCrowd) -> Ours:
    if known.levels.get(event.key, {}) == event.levels:
        return known
    levels = {key: each for key, each in known.levels.items() if key != event.key}
    if event.levels:
        levels[event.key] = event.levels
    return _judged(known.model_copy(update={"levels": levels}), known.pairs)


def _scored(known: Ours, event: PairScored) -> Ours:
    """Evidence under one key: the newest view of the partner's account counts; the pair lives while any key holds it."""
    before = known.pairs.get(event.theirs)
    keys = set(before.keys if before else ())
    keys = keys | {event.key} if event.matched else keys - {event.key}
    if not keys:
        if before is None:
            return known
        pairs = {theirs: pair for theirs, pair in known.pairs.items() if theirs != event.theirs}
        return known.model_copy(update={"pairs": pairs})
    pair = before
    if event.matched and event.card is not None and (before is None or event.their_version >= before.versions):
        newest = {"versions": event.their_version, "card": event.card, "features": event.features}
        pair = (before or Pair(party=event.party, card=event.card)).model_copy(update=newest)
    assert pair is not None  # noqa: S101  a key is only held after a match
    pair = pair.model_copy(update={"keys": tuple(sorted(keys))})
    if pair == before:
        return known
    now = known.model_copy(update={"pairs": {**known.pairs, event.theirs: pair}})
    return now if before and pair.features == before.features else _judged(now, [event.theirs])


def _ruled(known: Ours, event: RulingGiven) -> Ours:
    theirs, verdict = event.refs[1], VERDICTS[event.ruling]
    before = known.rulings.get(theirs)
    if before and (before.at, before.id) >= (event.at, event.id):  # the later word counts, whenever it arrives
        return known
    ruled = Ruled(verdict=verdict, id=event.id, at=event.at)
    return known.model_copy(update={"ref": event.refs[0], "rulings": {**known.rulings, theirs: ruled}})


def _judged(ours: Ours, which: Iterable[str]) -> Ours:
    """Some pairs scored anew, by the features of both and the crowd behind our name."""
    pairs, crowd = dict(ours.pairs), ours.levels.get(name_key(ours.features), {})
    for theirs in which:
        pair = pairs[theirs]
        level = max(crowd.get(US, 0), crowd.get(pair.party, 0))
        found = judged(ours.features, pair.features, level) if ours.features and pair.features else None
        pairs[theirs] = pair.model_copy(update=_update(found))
    return ours.model_copy(update={"pairs": pairs})


def _update(found: Judgement | None) -> dict[str, object]:
    if found is None:
        return {"shown": False, "confidence": 0.0, "relation": "same", "reasons": (), "band": None, "kin": None}
    return {
        "shown": True,
        "confidence": found.confidence,
        "relation": found.relation.value,
        "reasons": found.reasons,
        "band": found.band,
        "kin": found.kin,
    }


def _proven(ours: Ours) -> Ours:
    """Each ruling with what matching knew of the two, once both are known."""
    fresh = {
        theirs: ruled.model_copy(update={"evidence": evidence(ours, theirs)})
        for theirs, ruled in ours.rulings.items()
        if not ruled.evidence and theirs in ours.pairs and ours.features
    }
    return ours.model_copy(update={"rulings": {**ours.rulings, **fresh}}) if fresh else ours


def evidence(ours: Ours, theirs: str) -> str:
    """A digest of what matching knows of the two now; empty where one of them is not known."""
    pair = ours.pairs.get(theirs)
    return identity(ours.features, pair.features)[:16] if pair and ours.features else ""


def moved(ours: Ours) -> tuple[str, ...]:
    """The rulings that were given on other evidence than there is now."""
    return tuple(
        theirs
        for theirs, ruled in sorted(ours.rulings.items())
        if ruled.evidence and (now := evidence(ours, theirs)) and now != ruled.evidence
    )


def standing(ours: Ours) -> dict[str, Pair]:
    """The pairs that are shown: by their evidence, or because a person said so, whose word counts more."""
    found: dict[str, Pair] = {}
    for theirs, pair in sorted(ours.pairs.items()):
        ruled = ours.rulings.get(theirs)
        if ruled is None and pair.shown:
            found[theirs] = pair
        elif ruled is not None and ruled.verdict != "different":
            found[theirs] = _by_ruling(pair, ruled, on_other=theirs in ours.doubted)
    return found


def _by_ruling(pair: Pair, ruled: Ruled, *, on_other: bool) -> Pair:
    same = ruled.verdict == "same"
    word = "confirmed" if same else "held for a related company"
    said = f"{word} by a person on {_day(ruled.at)}" + (", on other evidence" if on_other else "")
    update = {
        "confidence": 1.0 if same else pair.confidence,
        "relation": Relation.SAME.value if same else Relation.RELATED.value,
        "band": OverlapBand.LINKED if same else None,
        "kin": None if same else said,
        "reasons": (said, *pair.reasons),
    }
    return pair.model_copy(update=update)


def _day(at: datetime) -> str:
    return at.date().isoformat()
