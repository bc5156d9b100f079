"""What is said of the overlaps of one of our accounts: facts, writes to our CRM, and rulings to look at again."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from mappings.icp import Icp
from schemas import topics
from schemas.entities import AccountSummary, Overlap, OverlapBand, OverlapStatus, Population, Relation
from schemas.messages import (
    ConflictFound,
    ConflictKind,
    MatchBy,
    OverlapDecided,
    PairRuled,
    Ruling,
    RulingGiven,
    Write,
    identity,
)
from streams import ecosystem
from streams.accounts.holders import RULED
from streams.accounts.ours import Event, Ours
from streams.decision import Emission

STRENGTH = {Population.CUSTOMER: 3, Population.OPEN_OPPORTUNITY: 2, Population.PROSPECT: 1}
# What only a deployment with a customer profile knows of an account.
PROFILED = {
    "fit", "fit_band", "fit_known", "partner_evidence", "readiness", "momentum", "qualified", "qualified_codes", "icp_version",
}  # fmt: skip
UNWRITTEN = {"key", "partner_accounts"}


class Why(NamedTuple):
    """The id of the change that something follows from, and when that happened."""

    cause: str
    at: datetime


def written(overlap: Overlap | None, write: str) -> bool:
    """Whether the CRM holds the overlap as an active one."""
    if overlap is None or overlap.status is OverlapStatus.ENDED:
        return False
    return write == "shown" or overlap.band is OverlapBand.LINKED


def rolled_up(ours: Ours, overlaps: Mapping[str, Overlap], icp: Icp | None, write: str) -> AccountSummary | None:
    """The roll-up; none for an account that is gone or never had an overlap (nothing is to be written then).

    A related company is no overlap that is counted.
    """
    if ours.card is None or not overlaps:
        return None
    told = {party: overlap for party, overlap in overlaps.items() if _counts(overlap, write)}
    best = min(told.values(), key=_weakness, default=None)
    summary = AccountSummary(
        account=ours.card.record_id,
        partner_count=len(told),
        best_partner=best.partner_name if best else None,
        partner_since=min((overlap.first_seen for overlap in told.values()), default=None),
    )
    return ecosystem.summed(summary, overlaps, ours.card, icp) if icp else summary


def _counts(overlap: Overlap, write: str) -> bool:
    return written(overlap, write) and overlap.relation is Relation.SAME


def _weakness(overlap: Overlap) -> tuple[int, float, str]:
    return (-STRENGTH[overlap.partner_population], -overlap.confidence, overlap.partner)


def emissions(before: Ours, now: Ours, why: Why, write: str) -> Iterable[Emission]:
    """The facts that changed, and what the CRM is to hold of them."""
    for party, overlap in now.overlaps.items():
        old = before.overlaps.get(party)
        if overlap == old:
            continue
        decided_id = identity(now.ref, party, why.cause, overlap.model_dump_json())
        fact = OverlapDecided(
            id=decided_id, connection=now.connection, overlap=overlap, causes=(why.cause,), decided_at=why.at
        )
        yield Emission(topics.OVERLAPS, overlap.key, fact, decided_id)
        if written(overlap, write):
            yield _write(now, "overlap", MatchBy.EXTERNAL_ID, overlap.key, _fields(overlap), overlap.reasons, why)
        elif written(old, write):
            yield _write(now, "overlap", MatchBy.EXTERNAL_ID, overlap.key, _closing(overlap), overlap.reasons, why)
    if now.summary is not None and now.summary != before.summary:
        unknown = set() if now.summary.icp_version else PROFILED
        fields = now.summary.model_dump(mode="json", exclude={"account"} | unknown)
        yield _write(now, "account_summary", MatchBy.ID, now.summary.account, fields, (), why)


def _fields(overlap: Overlap) -> dict[str, object]:
    """All of them, so that the record is whole; the ids of duplicates stay with us."""
    return overlap.model_dump(mode="json", exclude=UNWRITTEN)


def _closing(overlap: Overlap) -> dict[str, object]:
    """What closes the record and no more: its account may be gone. One that is to be confirmed first closes, too."""
    update = {"status": OverlapStatus.ENDED, "ended_on": overlap.ended_on or overlap.last_changed}
    fields = overlap.model_copy(update=update).model_dump(mode="json")
    return {name: fields[name] for name in ("status", "ended_on", "last_changed")}


def _write(
    ours: Ours,
    entity: str,
    match_by: MatchBy,
    key: str,
    fields: dict[str, object],
    reasons: tuple[str, ...],
    why: Why,
) -> Emission:
    write_id = identity(ours.connection, entity, key, why.cause, repr(sorted(fields.items())))
    message = Write.model_validate(
        {
            "id": write_id,
            "connection": ours.connection,
            "entity": entity,
            "match_by": match_by,
            "key": key,
            "fields": fields,
            "reasons": reasons,
            "causes": (why.cause,),
            "decided_at": why.at,
        }
    )
    return Emission(topics.writes(ours.connection), f"{entity}/{key}", message, write_id)


def rulings(event: Event) -> Iterable[Emission]:
    """Two records that a person holds together meet from now on, whatever is edited: each is given the same key."""
    if not isinstance(event, RulingGiven) or event.ruling is Ruling.DIFFERENT_COMPANY:
        return
    key = f"{RULED}{event.refs[0]}|{event.refs[1]}"
    for ref in event.refs:
        said = PairRuled(ref=ref, key=key, cause=event.id, at=event.at)
        yield Emission(topics.ACCOUNT_CHANGES, ref, said)


def reviews(before: Ours, now: Ours, why: Why) -> Iterable[Emission]:
    """A ruling that was given on other evidence is shown to people; it holds until they rule again."""
    for theirs in sorted({*before.doubted} ^ {*now.doubted}):
        ruled = now.rulings[theirs]
        doubted = theirs in now.doubted
        found = ConflictFound(
            id=identity("match", now.ref, theirs),
            kind=ConflictKind.MATCH,
            entity="account",
            refs=(now.ref, theirs),
            kept=ruled.verdict,
            open=doubted,
            reason=f"ruled as {ruled.verdict} on {ruled.at.date().isoformat()}, "
            + ("on other evidence than there is now" if doubted else "on the evidence that there is now"),
            remedy=f"look at both, then `tandem overlaps confirm {now.ref} {theirs}` or `refuse`" if doubted else "",
            causes=(why.cause,),
            found_at=why.at,
        )
        yield Emission(topics.CONFLICTS, found.id, found)
