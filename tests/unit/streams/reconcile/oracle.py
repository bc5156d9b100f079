"""What users did, and so what the systems have to come to; it knows nothing of how they are kept in step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.unit.streams.reconcile.crm import Crm

Key = tuple[str, int, str]  # system, number of the pair, field


@dataclass
class Oracle:
    """The edits of each field of each pair: when, as the source tells it, and what the user left there."""

    known: dict[Key, tuple[int, object]] = field(default_factory=dict)
    fresh: dict[Key, tuple[int, object]] = field(default_factory=dict)
    unseen: set[tuple[int, str]] = field(default_factory=set)

    def edited(self, crm: Crm, number: int, before: dict) -> None:
        """A user has just edited; `before` is what stood there."""
        record_id = f"{crm.name}{number}"
        after, last = crm.values("account", record_id), crm.recs["account", record_id].version
        for name in (name for name, value in after.items() if value != before[name]):
            self.fresh[crm.name, number, name] = (last, after[name])

    def told(self, crm: Crm) -> None:
        """A source was read: an edit is as old as the change in which it was first told."""
        for key, (at, value) in list(self.fresh.items()):
            name, number, changed = key
            events = [event for event in crm.told if event.record_id == f"{name}{number}"] if name == crm.name else []
            later = [event.version for event in events if event.version >= at]
            if not later:
                continue
            del self.fresh[key]
            earlier = [event for event in events if event.version < at]
            if getattr(earlier[-1].record, changed) == value:
                # Who takes a write back before a source that only polls has looked: nobody can see that.
                self.unseen.add((number, changed))
            self.known[key] = (later[0], value)

    def winners(self, number: int, names: Sequence[str], of: str = "") -> Iterator[tuple[str, object]]:
        """The value of each field that the latest edit left there (`of`: only edits of that system)."""
        for name in names:
            edits = [
                said
                for (system, pair, changed), said in {**self.known, **self.fresh}.items()
                if (pair, changed) == (number, name) and of in {"", system}
            ]
            if edits and (number, name) not in self.unseen:
                yield name, max(edits, key=lambda edit: edit[0])[1]
