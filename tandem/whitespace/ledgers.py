"""What the overlaps of a deployment say of a partner's accounts; it asks no database itself."""

from collections.abc import Iterable

from schemas.entities import Overlap, Relation
from streams.ecosystem.whitespace import Ours


def ours_of(overlaps: Iterable[Overlap]) -> Ours:
    """Which of the partner's accounts we hold, by the overlaps that hold."""
    found = list(overlaps)
    same = {each for it in found if it.relation is Relation.SAME for each in (it.partner_account, *it.partner_accounts)}
    kin = {
        it.partner_account: it.kin or it.main_reason
        for it in found
        if it.relation is Relation.RELATED and it.partner_account not in same
    }
    return Ours(same, kin)
