"""Asks the ledger for the accounts of a party and for the overlaps with it; it changes and judges nothing."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from schemas.entities import Account, Overlap, OverlapStatus
from schemas.messages import ChangeKind
from tandem.ledger.tables import Base

T = Base.metadata.tables


def accounts(asked: Connection, party: str) -> Mapping[str, Account]:
    """Every living account of a party by its id in its system, as it was last told. `party`: "us" or "partner:acme"."""
    record, change = T["record"].c, T["change"].c
    wanted = (
        select(record.record_id, change.fields)
        .join_from(T["record"], T["change"], change.id == record.change_id)
        .where(record.party == party, record.entity == "account", record.kind != ChangeKind.DELETED.value)
        .order_by(record.ref)
    )
    return {each.record_id: Account.model_validate(each.fields) for each in asked.execute(wanted) if each.fields}


def overlaps(asked: Connection, partner: str) -> list[Overlap]:
    """Those with a partner that hold."""
    row = T["overlap"].c
    wanted = select(row.content).where(row.partner == partner, row.status == OverlapStatus.ACTIVE.value)
    return [Overlap.model_validate(each) for each in asked.scalars(wanted.order_by(row.key))]
