"""What was told already of each record of a site, by the user whose it is; it never asks Moodle.

Moodle has no stamps of change. What was completed lasts: no unenrolment takes it back.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from connectors import seeing
from connectors.base import Change
from connectors.moodle.rows import Row, user_of
from connectors.seeing import GONE, LASTING
from mappings.table import EntityMap
from schemas.messages import ChangeKind


class Window(seeing.Window):
    """The cursor of one entity while a pass runs; `now` is when a change is seen."""

    def __init__(self, table: EntityMap, slots: Mapping[str, str], now: datetime) -> None:
        super().__init__(table, slots, now)
        self._of: dict[str, set[str]] = defaultdict(set)
        for record_id in self._seen:
            self._of[user_of(record_id)].add(record_id)

    def users(self) -> set[str]:
        """The users of whom a record is there."""
        return {user for user in self._of if self.living(user)}

    def living(self, user: str) -> list[str]:
        """The records of a user that are there, in order."""
        return sorted(id_ for id_ in self._of.get(user, ()) if self._seen[id_].state != GONE)

    def lasts(self, record_id: str) -> bool:
        """Whether a record stays though Moodle shows it no more."""
        return self._seen[record_id].state == LASTING

    def _change(self, record_id: str, kind: ChangeKind, state: str, digest: str, row: Row | None) -> Change:
        self._of[user_of(record_id)].add(record_id)
        return super()._change(record_id, kind, state, digest, row)
