"""Asks the ledger for the audit of sharing, and for what a partner could see of our accounts now; it changes nothing."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, and_, select

from schemas.entities import Account, Overlap
from schemas.messages import ShareDecided, ShareVerdict
from streams.sharing.view import Holding
from tandem.ledger.tables import Base

T = Base.metadata.tables
ABOUT_A_PARTNER = tuple(each.value for each in (ShareVerdict.CONSENTED, ShareVerdict.WITHDRAWN))


def audit(
    asked: Connection, partner: str | None = None, verdicts: Collection[str] = (), limit: int = 100
) -> list[ShareDecided]:
    """The latest entries, the oldest of them first; `partner`: only those of that one."""
    row = T["share"].c
    conditions = [row.partner == partner] if partner is not None else []
    conditions += [row.verdict.in_(verdicts)] if verdicts else []
    newest = (row.decided_at.desc(), row.position_id.desc(), row.at_offset.desc())
    found = asked.scalars(select(row.content).where(and_(True, *conditions)).order_by(*newest).limit(limit))
    return [ShareDecided.model_validate(content) for content in reversed(found.all())]


def rulings(asked: Connection, partner: str) -> list[ShareDecided]:
    """What the two sides agreed to and withdrew, in its order."""
    row = T["share"].c
    wanted = select(row.content).where(row.partner == partner, row.verdict.in_(ABOUT_A_PARTNER))
    return [
        ShareDecided.model_validate(each) for each in asked.scalars(wanted.order_by(row.position_id, row.at_offset))
    ]


def held_back(asked: Connection, partner: str) -> int:
    """About how many accounts of the partner are held back, by the last word of the audit."""
    found = audit(asked, partner, (ShareVerdict.CAPPED.value, ShareVerdict.RELEASED.value), limit=1)
    return found[0].count or 0 if found and found[0].verdict is ShareVerdict.CAPPED else 0


def holdings(asked: Connection, partner: str, connection: str) -> Iterator[Holding]:
    """Our accounts of one connection as they were told last, each with its active overlap with the partner."""
    record, change, overlap = T["record"].c, T["change"].c, T["overlap"].c
    active = (overlap.our_ref == record.ref, overlap.partner == partner, overlap.status == "active")
    wanted = (
        select(record.record_id, change.fields, overlap.content)
        .join(T["change"], change.id == record.change_id)
        .outerjoin(T["overlap"], and_(*active))
        .where(record.connection == connection, record.entity == "account", change.fields.is_not(None))
        .order_by(record.record_id)
    )
    for record_id, fields, content in asked.execute(wanted):
        yield Holding(record_id, Account.model_validate(fields), Overlap.model_validate(content) if content else None)
