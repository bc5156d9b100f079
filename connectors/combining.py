"""Several writes to one record as one; it never sends anything."""

from collections.abc import Callable, Sequence

from connectors.base import Outcome
from schemas.messages import MatchBy, Write


def as_one(batch: Sequence[Write], write: Callable[[Sequence[Write]], Sequence[Outcome]]) -> Sequence[Outcome]:
    """An outcome for each write of a batch; `write` gets those to one record as one, and gives an outcome for each."""
    together: dict[tuple[MatchBy, str], list[Write]] = {}
    for each in batch:
        together.setdefault((each.match_by, each.key), []).append(each)
    outcomes = dict(zip(together, write([combined(writes) for writes in together.values()]), strict=True))
    return [outcomes[each.match_by, each.key] for each in batch]


def combined(writes: Sequence[Write]) -> Write:
    """Later values win, and what the first writes expected of a field holds for all."""
    if len(writes) == 1:
        return writes[0]
    fields = {name: value for write in writes for name, value in write.fields.items()}
    expected = {name: value for write in reversed(writes) for name, value in (write.expected or {}).items()}
    free = {name for write in writes if write.expected is None for name in write.fields}
    kept = {name: value for name, value in expected.items() if name not in free}
    parents = [write.parent for write in writes if write.parent is not None]
    update = {"fields": fields, "expected": kept or None, "parent": parents[-1] if parents else None}
    return writes[-1].model_copy(update=update)
