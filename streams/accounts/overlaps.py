"""From matching pairs to overlaps: what the rep sees on one of our accounts; it never compares accounts.

For each partner the best matching account stands for the overlap, so that an account has one overlap per partner, under
one external id, whatever order the evidence arrived in.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from schemas import topics
from schemas.entities import AccountSummary, Overlap, OverlapStatus, Population, Relation
from schemas.messages import AccountCard, MatchBy, Message, OursSeen, OverlapDecided, PairScored, Write, identity
from streams.accounts import mirror
from streams.accounts.mirror import Sharing
from streams.decision import NOTHING, Decision, Emission, KeyState, Step

ROW = ""
STRENGTH = {Population.CUSTOMER: 3, Population.OPEN_OPPORTUNITY: 2, Population.PROSPECT: 1}
NAMED_OTHERS = 3  # so many further matches of one partner are named, the rest counted


class Pair(BaseModel):
    """One account of a partner that matches ours, and the keys under which it does."""

    party: str
    versions: int
    confidence: float
    relation: str
    reasons: tuple[str, ...]
    card: AccountCard
    keys: tuple[str, ...]


class Ours(BaseModel):
    """One of our accounts: what is shown of it, what matches it, and what was decided."""

    ref: str = ""
    connection: str = ""
    version: int = 0
    at: AwareDatetime | None = None  # of the latest change that was taken in
    card: AccountCard | None = None
    pairs: dict[str, Pair] = {}
    overlaps: dict[str, Overlap] = {}
    summary: AccountSummary | None = None
    shared: dict[str, str] = {}  # party to the connection of its that shows the overlap


class Overlaps:
    """The decision, for a deployment that calls its partners by these names (partner key to display name)."""

    def __init__(self, partner_names: Mapping[str, str], sharing: Sharing) -> None:
        self._names, self._sharing = partner_names, sharing

    def decide(self, state: KeyState[Ours], event: OursSeen | PairScored) -> Decision:
        """Take the evidence in, then say what has changed for the account."""
        known = state.get(ROW) or Ours()
        now = _seen(known, event) if isinstance(event, OursSeen) else _scored(known, event)
        if now == known:
            return NOTHING
        at = max(known.at or event.at, event.at)
        wanted = self._wanted(now, at) if now.card else {}
        overlaps = dict(_merged(now.overlaps, wanted, at))
        summary = _summary(now, overlaps)
        shared = dict(self._shared(now, overlaps))
        decided = now.model_copy(update={"at": at, "overlaps": overlaps, "summary": summary, "shared": shared})
        theirs = self._theirs(known, decided, event, at)
        return Decision({ROW: decided}, [*_emissions(now, decided, event), *theirs])

    def _shared(self, ours: Ours, overlaps: Mapping[str, Overlap]) -> Iterable[tuple[str, str]]:
        """The party and its connection for each overlap that is shown in a partner's system."""
        for ref, pair in ours.pairs.items():
            overlap, connection = overlaps.get(pair.party), ref.partition("/")[0]
            if overlap is None or overlap.status is OverlapStatus.ENDED:
                continue
            shown = overlap.partner_account == pair.card.record_id
            if shown and self._sharing.takes(connection, ours.connection):
                yield pair.party, connection

    def _theirs(self, before: Ours, now: Ours, event: OursSeen | PairScored, at: datetime) -> Iterable[Emission]:
        """What the partners' systems are to hold now, as far as it has changed."""
        for party in sorted({*before.shared, *now.shared}):
            old, new = before.shared.get(party), now.shared.get(party)
            if old is not None and old != new:
                yield self._told(old, now, mirror.ended(at), (), event)
            if new is None or now.card is None:
                continue
            overlap = now.overlaps[party]
            if (old, before.overlaps.get(party), before.card) != (new, overlap, now.card):
                yield self._told(new, now, mirror.shown(self._sharing, overlap, now.card), overlap.reasons, event)

    def _told(
        self,
        connection: str,
        ours: Ours,
        fields: Mapping[str, object],
        reasons: tuple[str, ...],
        event: OursSeen | PairScored,
    ) -> Emission:
        message = mirror.write(connection, ours.ref, fields, reasons, event.cause, event.at)
        return Emission(topics.writes(connection), message.record, message, message.id)

    def _wanted(self, ours: Ours, at: datetime) -> dict[str, Overlap]:
        """The overlap of each party that has a match."""
        parties: dict[str, list[Pair]] = {}
        for _, pair in sorted(ours.pairs.items()):
            parties.setdefault(pair.party, []).append(pair)
        return {party: self._overlap(ours, party, pairs, at) for party, pairs in parties.items()}

    def _overlap(self, ours: Ours, party: str, pairs: list[Pair], at: datetime) -> Overlap:
        assert ours.card is not None  # noqa: S101  only accounts that exist have overlaps
        best, *others = sorted(pairs, key=lambda pair: (-pair.confidence, pair.card.record_id))
        partner = party.removeprefix("partner:")
        return Overlap(
            key=identity(ours.ref, party),
            account=ours.card.record_id,
            partner=partner,
            partner_name=self._names.get(partner, partner),
            partner_account=best.card.record_id,
            partner_account_name=best.card.name,
            partner_account_website=best.card.website,
            partner_owner_name=best.card.owner_name,
            our_population=Population(ours.card.population),
            partner_population=Population(best.card.population),
            relation=Relation(best.relation),
            confidence=best.confidence,
            reasons=(*best.reasons, *_others(others)),
            main_reason=best.reasons[0] if best.reasons else "",
            status=OverlapStatus.ACTIVE,
            first_seen=at,
            last_changed=at,
        )


def _others(others: list[Pair]) -> list[str]:
    if not others:
        return []
    names = [f"'{pair.card.name}'" for pair in others[:NAMED_OTHERS]]
    more = len(others) - len(names)
    return ["also matches " + ", ".join(names) + (f" and {more} more" if more else "")]


def _seen(known: Ours, event: OursSeen) -> Ours:
    if event.version <= known.version:
        return known
    update = {"ref": event.ref, "connection": event.connection, "version": event.version, "card": event.card}
    return known.model_copy(update=update)


def _scored(known: Ours, event: PairScored) -> Ours:
    """Evidence under one key: the newest view of the two accounts counts, and the pair lives while any key holds it."""
    pairs, before = dict(known.pairs), known.pairs.get(event.theirs)
    keys = set(before.keys if before else ())
    keys = keys | {event.key} if event.matched else keys - {event.key}
    if not keys:
        pairs.pop(event.theirs, None)
        return known.model_copy(update={"pairs": pairs})
    versions = event.our_version + event.their_version
    if event.matched and event.card is not None and (before is None or versions >= before.versions):
        before = Pair(
            party=event.party,
            versions=versions,
            confidence=event.confidence,
            relation=event.relation,
            reasons=event.reasons,
            card=event.card,
            keys=(),
        )
    assert before is not None  # noqa: S101  a key is only held after a match
    pairs[event.theirs] = before.model_copy(update={"keys": tuple(sorted(keys))})
    return known.model_copy(update={"pairs": pairs})


def _merged(
    before: Mapping[str, Overlap], wanted: Mapping[str, Overlap], at: datetime
) -> Iterable[tuple[str, Overlap]]:
    """Every overlap that ever was, as it stands now: unchanged, changed, new, ended or come back."""
    for party in sorted({*before, *wanted}):
        old, new = before.get(party), wanted.get(party)
        if old is None and new is not None:
            yield party, new
        elif old is not None and new is None:
            ended = {"status": OverlapStatus.ENDED, "ended_on": at, "last_changed": at}
            yield party, old if old.status is OverlapStatus.ENDED else old.model_copy(update=ended)
        elif old is not None and new is not None:
            kept = new.model_copy(update={"first_seen": old.first_seen, "last_changed": old.last_changed})
            yield party, old if kept == old else kept.model_copy(update={"last_changed": at})


def _summary(ours: Ours, overlaps: Mapping[str, Overlap]) -> AccountSummary | None:
    """The roll-up; none for an account that is gone or never had an overlap (nothing is to be written then)."""
    if ours.card is None or not overlaps:
        return None
    active = [overlap for overlap in overlaps.values() if overlap.status is OverlapStatus.ACTIVE]
    best = min(active, key=_weakness, default=None)
    return AccountSummary(
        account=ours.card.record_id,
        partner_count=len(active),
        best_partner=best.partner_name if best else None,
        partner_since=min((overlap.first_seen for overlap in active), default=None),
    )


def _weakness(overlap: Overlap) -> tuple[int, float, str]:
    return (-STRENGTH[overlap.partner_population], -overlap.confidence, overlap.partner)


def _emissions(before: Ours, now: Ours, event: OursSeen | PairScored) -> Iterable[Emission]:
    for party, overlap in now.overlaps.items():
        old = before.overlaps.get(party)
        if overlap != old:
            decided_id = identity(now.ref, party, event.cause, overlap.model_dump_json())
            fact = OverlapDecided(
                id=decided_id, connection=now.connection, overlap=overlap, causes=(event.cause,), decided_at=event.at
            )
            yield Emission(topics.OVERLAPS, overlap.key, fact, decided_id)
            yield _write(
                now, "overlap", MatchBy.EXTERNAL_ID, overlap.key, _overlap_fields(overlap, old), overlap, event
            )
    if now.summary is not None and now.summary != before.summary:
        fields = now.summary.model_dump(mode="json", exclude={"account"})
        yield _write(now, "account_summary", MatchBy.ID, now.summary.account, fields, None, event)


def _overlap_fields(overlap: Overlap, old: Overlap | None) -> dict[str, object]:
    """All fields, so that the record is whole; on its end only what closes it, since its account may be gone."""
    fields = overlap.model_dump(mode="json", exclude={"key"})
    if overlap.status is OverlapStatus.ENDED and old is not None:
        return {name: fields[name] for name in ("status", "ended_on", "last_changed")}
    return fields


def _write(
    ours: Ours,
    entity: str,
    match_by: MatchBy,
    key: str,
    fields: dict[str, object],
    overlap: Overlap | None,
    event: OursSeen | PairScored,
) -> Emission:
    write_id = identity(ours.connection, entity, key, event.cause, repr(sorted(fields.items())))
    message: Message = Write.model_validate(
        {
            "id": write_id,
            "connection": ours.connection,
            "entity": entity,
            "match_by": match_by,
            "key": key,
            "fields": fields,
            "reasons": overlap.reasons if overlap else (),
            "causes": (event.cause,),
            "decided_at": event.at,
        }
    )
    return Emission(topics.writes(ours.connection), f"{entity}/{key}", message, write_id)


def step(partner_names: Mapping[str, str], sharing: Sharing) -> Step:
    """The step of a deployment that calls its partners by these names and shares overlaps with them so."""
    return Step("accounts.overlaps", topics.MATCH_PAIRS, TypeAdapter(Ours), Overlaps(partner_names, sharing).decide)
