"""Several writes to one record as one; it never sends anything."""

from collections.abc import Sequence

from schemas.messages import Write


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
