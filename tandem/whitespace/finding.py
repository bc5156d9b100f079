"""Which of a partner's accounts we hold already, by the matcher of the streams; it reads no file."""

from collections.abc import Mapping

from schemas.entities import Account
from streams.ecosystem.whitespace import Ours
from streams.matching.batch import candidates
from streams.matching.features import features
from streams.matching.score import score


def held(ours: Mapping[str, Account], theirs: Mapping[str, Account]) -> Ours:
    """The partner's accounts that are ours too, linked or to be confirmed, and those whose family we know."""
    mine = {each: features(account) for each, account in ours.items()}
    others = {each: features(account) for each, account in theirs.items()}
    same: set[str] = set()
    kin: dict[str, str] = {}
    for our_id, their_ids in candidates(mine, others):
        for their_id in sorted(their_ids):
            found = score(mine[our_id], others[their_id])
            if found is None:
                continue
            if found.relation == "related":
                kin.setdefault(their_id, f"{ours[our_id].name} ({found.kin or found.reasons[0]})")
            elif found.band != "not_shown":
                same.add(their_id)
    return Ours(same, {their_id: said for their_id, said in kin.items() if their_id not in same})
