"""Asks the ledger for overlaps: what is shown, to be confirmed, ruled, and how many companies it comes to; it changes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from schemas.entities import Account, Overlap, OverlapStatus
from schemas.messages import Ruling
from tandem.ledger.queries import Unknown
from tandem.ledger.tables import Base

T = Base.metadata.tables
RELATED = "related"
VERDICTS: Mapping[str, str] = {
    Ruling.SAME_COMPANY.value: "same",
    Ruling.DIFFERENT_COMPANY.value: "different",
    Ruling.RELATED_COMPANY.value: RELATED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An overlap as it stands, with our record's full name."""

    our_ref: str
    overlap: Overlap


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last word of a person about two accounts. `review`: why it is to be looked at again, where it is."""

    ours: str
    theirs: str
    verdict: str
    by: str
    at: str
    note: str | None
    review: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What the overlaps with a partner come to: accounts of ours, of theirs, and companies, each counted once."""

    partner: str
    ours: int
    theirs: int
    companies: int
    linked: int
    to_confirm: int
    related: int
    said: str


def standing(asked: Connection, *, band: str | None, partner: str | None) -> list[Standing]:
    """Active overlaps, the least sure first. `band`: `linked`, `to_confirm` or `related`."""
    row = T["overlap"].c
    wanted = select(row.our_ref, row.content).where(row.status == OverlapStatus.ACTIVE.value)
    wanted = wanted.order_by(row.confidence, row.key)
    if partner is not None:
        wanted = wanted.where(row.partner == partner)
    found = [Standing(each.our_ref, Overlap.model_validate(each.content)) for each in asked.execute(wanted)]
    return [each for each in found if band is None or _band(each.overlap) == band]


def _band(overlap: Overlap) -> str | None:
    return RELATED if overlap.relation == RELATED else overlap.band and overlap.band.value


def one(asked: Connection, name: str) -> Standing:
    """An overlap by its key, or by our account where that has one only. Raises `Unknown`."""
    row = T["overlap"].c
    named = (row.key == name) | (row.our_ref == name)
    found = asked.execute(select(row.our_ref, row.content).where(named).order_by(row.key).limit(2)).all()
    if len(found) == 1:
        return Standing(found[0].our_ref, Overlap.model_validate(found[0].content))
    many = "overlaps with several partners: name the overlap, or the partner's account too" if found else "no overlap"
    raise Unknown(f"there is {many} under {name!r}. Remedy: `tandem overlaps list --json` shows the keys.")


def their_ref(asked: Connection, overlap: Overlap) -> str:
    """The partner's record of an overlap. Raises `Unknown`."""
    row = T["record"].c
    named = and_(row.record_id == overlap.partner_account, row.party == f"partner:{overlap.partner}")
    found = asked.scalars(select(row.ref).where(named, row.entity == "account").order_by(row.ref)).all()
    if len(found) != 1:
        raise Unknown(
            f"{len(found)} records are account {overlap.partner_account!r} of {overlap.partner}. Remedy: name it."
        )
    return str(found[0])


def account(asked: Connection, ref: str) -> Account | None:
    """A record's fields as they were last told; none where the ledger keeps none (any more)."""
    row, record = T["change"].c, T["record"].c
    told = select(row.fields).join(T["record"], record.change_id == row.id).where(record.ref == ref, row.ref == ref)
    fields = asked.scalar(told.limit(1))
    return None if fields is None else Account.model_validate(fields)


def both(asked: Connection, it: Standing) -> tuple[Account, Account] | None:
    """The fields of our account and of the partner's; none where the ledger has not both."""
    try:
        theirs = account(asked, their_ref(asked, it.overlap))
    except Unknown:
        return None
    ours = account(asked, it.our_ref)
    return (ours, theirs) if ours and theirs else None


def verdicts(asked: Connection, ref: str | None = None) -> list[Verdict]:
    """The last word about each pair, by the pair; `ref`: of one account of ours or theirs only."""
    row = T["ruling"].c
    found: dict[tuple[str, str], Any] = {}
    for each in asked.execute(select(T["ruling"]).where(row.ruling.in_(VERDICTS)).order_by(row.at, row.id)):
        if ref is None or ref in each.refs:
            found[each.refs[0], each.refs[1]] = each
    reviewed = _reviews(asked)
    return [
        Verdict(*pair, VERDICTS[it.ruling], it.by, it.at.isoformat(), it.note, reviewed.get(pair))
        for pair, it in sorted(found.items())
    ]


def _reviews(asked: Connection) -> dict[tuple[str, str], str]:
    row = T["conflict"].c
    wanted = select(row.refs, row.reason).where(row.kind == "match", row.open)
    return {(each.refs[0], each.refs[1]): each.reason for each in asked.execute(wanted)}


def counts(asked: Connection, partner: str) -> Counts:
    """How many of ours, of theirs and companies. A company is all that hangs together by matches. Raises `Unknown`."""
    found = [each.overlap for each in standing(asked, band=None, partner=partner)]
    if not found and not asked.scalar(select(T["overlap"].c.key).where(T["overlap"].c.partner == partner).limit(1)):
        raise Unknown(f"there never was an overlap with a partner {partner!r}. Remedy: name it by its key.")
    same = [it for it in found if it.relation != RELATED]
    theirs = {each for it in same for each in _theirs(it)}
    companies = len(_companies(same))
    said = f"{len(same)} of ours match {len(theirs)} of theirs, which are {companies} companies"
    return Counts(
        partner=partner,
        ours=len(same),
        theirs=len(theirs),
        companies=companies,
        linked=sum(_band(it) == "linked" for it in same),
        to_confirm=sum(_band(it) == "to_confirm" for it in same),
        related=len(found) - len(same),
        said=said,
    )


def _theirs(overlap: Overlap) -> Sequence[str]:
    return overlap.partner_accounts or (overlap.partner_account,)


def _companies(overlaps: Iterable[Overlap]) -> set[str]:
    """One name for each company."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while above.setdefault(name, name) != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for overlap in overlaps:
        for each in _theirs(overlap):
            above[top(f"theirs/{each}")] = top(f"ours/{overlap.account}")
    return {top(name) for name in list(above)}


def labelled(asked: Connection) -> Iterator[tuple[Verdict, Account | None, Account | None]]:
    """Every ruled pair with the fields of both, where the ledger has them still."""
    for verdict in verdicts(asked):
        yield verdict, account(asked, verdict.ours), account(asked, verdict.theirs)
