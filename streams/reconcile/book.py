"""The rows as one decision sees and changes them, and what it has said so far; nothing is decided here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from schemas import topics
from schemas.messages import ConflictFound, LinkDecided, identity
from streams.book import Pages
from streams.decision import Decision, Emission
from streams.reconcile.rules import Setup
from streams.reconcile.state import (
    META,
    Group,
    Holders,
    Known,
    Meta,
    Row,
    Shown,
    entity_of,
    group_name,
    record_name,
)

Kind = TypeVar("Kind", bound=Row)


@dataclass(slots=True, kw_only=True)
class Book(Pages[Row]):
    """One decision in the making, over what reconciliation remembers."""

    setup: Setup
    _linked: dict[str, tuple[str | None, tuple[str, ...]]] = field(default_factory=dict)
    touched: dict[tuple[str, str], None] = field(default_factory=dict)  # groups whose members changed, in order

    def record(self, ref: str) -> Known | None:
        """What is known of a record."""
        return self.get(record_name(ref), Known)

    def living(self, ref: str) -> Known | None:
        """A record that is there."""
        found = self.record(ref)
        return found if found is not None and found.alive else None

    def keep(self, known: Known) -> Known:
        """Remember a record."""
        self._rows[record_name(known.ref)] = known
        return known

    def group(self, entity: str, key: str | None) -> Group | None:
        """A group."""
        return None if key is None else self.get(group_name(entity, key), Group)

    def group_of(self, known: Known) -> Group | None:
        """The group of a record."""
        return self.group(known.entity, known.group)

    def keep_group(self, group: Group) -> Group:
        """Remember a group."""
        self._rows[group.name] = group
        return group

    def holders(self, entity: str, key: str) -> tuple[str, ...]:
        """Who holds a link key; nobody where too many do."""
        found = self.get(f"key/{entity}/{key}", Holders)
        return () if found is None or found.hot else found.refs

    @property
    def meta(self) -> Meta:
        """What is known of the connections."""
        return self.get(META, Meta) or Meta()

    def ready(self, entity: str) -> bool:
        """Whether every connection has told all its records of the entity, so that "it is not there" can be known."""
        caught = self.meta.caught
        return all(entity in caught.get(name, ()) for name in self.setup.readers(entity))

    def was_linked(self, ref: str, group: Group | None) -> None:
        """Remember how a record was linked before it changes (only the first time counts)."""
        before = (None, ()) if group is None else (group.key, tuple(sorted(group.members.values())))
        self._linked.setdefault(ref, before)

    @property
    def relinked(self) -> list[str]:
        """The records whose link may have changed."""
        return list(self._linked)

    def show(self, conflict: ConflictFound) -> None:
        """Show a conflict, unless it stands there just so; once it is no longer open it is forgotten."""
        name = f"conflict/{conflict.id}"
        before = self.get(name, Shown)
        if before is None or _content(before.conflict) != _content(conflict):
            self.say(topics.CONFLICTS, conflict.id, conflict, identity(conflict.id, self.cause))
        if conflict.open:
            self.put(
                name, before if before and _content(before.conflict) == _content(conflict) else Shown(conflict=conflict)
            )
        elif before is not None:
            self.put(name, None)

    def close(self, conflict_id: str, why: str) -> None:
        """A conflict is over; nothing where it is not open."""
        before = self.get(f"conflict/{conflict_id}", Shown)
        if before is not None:
            update = {"open": False, "reason": f"{before.conflict.reason} Over: {why}", "remedy": ""}
            over = before.conflict.model_copy(update={**update, "causes": (self.cause,), "found_at": self.at})
            self.show(over)

    def decision(self) -> Decision:
        """Everything together: the rows that changed, the links first, then what was said."""
        links = [said for ref, before in self._linked.items() for said in self._link(ref, before)]
        decision = Pages.decision(self)
        return Decision(decision.rows, [*links, *decision.emissions])

    def _link(self, ref: str, before: tuple[str | None, tuple[str, ...]]) -> list[Emission]:
        known = self.record(ref)
        group = None if known is None or not known.alive else self.group_of(known)
        now = (None, ()) if group is None else (group.key, tuple(sorted(group.members.values())))
        if now == before:
            return []
        linked = group is not None and len(group.members) > 1
        link = LinkDecided(
            id=identity(ref, self.cause, str(now)),
            ref=ref,
            entity=entity_of(ref),
            key=now[0],
            members=now[1],
            rule=group.rule if group is not None and linked else None,
            confidence=group.confidence if group is not None and linked else 1.0,
            reasons=group.reasons if group is not None and linked else (),
            causes=(self.cause,),
            decided_at=self.at,
        )
        return [Emission(topics.LINKS, ref, link, link.id)]


def _content(conflict: ConflictFound) -> Mapping[str, object]:
    return conflict.model_dump(exclude={"causes", "found_at"})
