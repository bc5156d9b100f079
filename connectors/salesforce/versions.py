"""Numbers what is told of each record so that a later telling always has the higher version; it tells nothing itself.

A record's content is always read at the moment of its telling, and all tellings of a connection happen one after the
other. So of two tellings the later one is never older, whatever their stamps say: SystemModstamp counts whole seconds
and is set before the commit, a change event's commit time counts milliseconds, and a query shows what was committed
in the same second before and after an event. The version is the natural one (epoch ms) where that rises, else one
more than the last. What was told before a restart is known by its upper bound only, which the cursor holds.
"""

from collections import OrderedDict
from typing import NamedTuple

REMEMBERED = 50_000  # records; of those that were told before them only the bound is kept


class _Told(NamedTuple):
    version: int
    digest: str


class Versions:
    """`bound` is at least the highest version that was ever told and saved; `highest` goes into the next cursor."""

    def __init__(self, bound: int, remembered: int = REMEMBERED) -> None:
        self.highest = self._bound = bound
        self._told: OrderedDict[str, _Told] = OrderedDict()
        self._remembered = remembered

    def next(self, record: str, natural: int, digest: str) -> int | None:
        """The version of a telling, or None where the record was last told with the same digest.

        `record` names it among all entities. The caller saves `highest` together with the telling.
        """
        last = self._told.pop(record, None)
        if last is not None and last.digest == digest:
            self._told[record] = last
            return None
        least = self._bound if last is None else last.version
        version = natural if natural > least else least + 1
        self._told[record] = _Told(version, digest)
        if len(self._told) > self._remembered:
            _, forgotten = self._told.popitem(last=False)
            self._bound = max(self._bound, forgotten.version)
        self.highest = max(self.highest, version)
        return version
