"""Model CRMs: rows, a clock, a feed of changes and a queue of writes, with the sink's promise about `expected`."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mappings.build import Place, build
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import CHANGED, CaughtUp, Changed, ChangeKind, MatchBy, Write, WriteAction, identity

KEY = "tandem_key"
Trigger = Callable[[dict, dict, bool], dict]
START_MS = 1_767_225_600_000  # 2026-01-01


def table(system: str, entity: str, fields: Mapping[str, object], writes: bool = True) -> EntityMap:
    """A table whose vendor fields are the canonical names in capitals."""
    mapped = {
        name: {"field": name.upper(), **(options or {})} if isinstance(options, dict) else options or name.upper()
        for name, options in {**fields, KEY: None}.items()
    }
    raw = {"object": entity, "id": "ID", "external_id": KEY.upper(), "reads": True, "writes": writes, "fields": mapped}
    return build(system, entity, raw, Place())


@dataclass
class Rec:
    row: dict
    version: int
    alive: bool = True
    own: bool = False


@dataclass
class Crm:
    """One system of ours. `trigger` is what its automation makes of a saved row: (before, after, own) -> after."""

    name: str
    tables: Mapping[str, EntityMap]
    now: Callable[[], int]
    offset_ms: int = 0
    trigger: Trigger = lambda before, after, own: after
    refuses: Callable[[dict], bool] = lambda row: False
    recs: dict[tuple[str, str], Rec] = field(default_factory=dict)
    feed: list[Changed] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    ended: Counter = field(default_factory=Counter)
    told: list[Changed] = field(default_factory=list)
    minted: int = 0
    last: int = 0
    overwrote: list[tuple[str, str, object, object]] = field(default_factory=list)

    def stamp(self) -> int:
        self.last = max(self.last + 1, self.now() + self.offset_ms)
        return self.last

    def create(self, entity: str, values: Mapping, record_id: str = "", own: bool = False) -> str:
        self.minted += 1
        record_id = record_id or f"{self.name[0]}{entity[0]}{self.minted}"
        row = {each.vendor: None for each in self.tables[entity].fields.values()}
        after = {**row, **self.tables[entity].to_vendor(values)}
        self.recs[entity, record_id] = rec = Rec(self.trigger(row, after, own), self.stamp(), own=own)
        self._tell(entity, record_id, rec, ChangeKind.UPSERTED)
        return record_id

    def edit(self, entity: str, record_id: str, values: Mapping, own: bool = False) -> None:
        rec = self.recs[entity, record_id]
        after = {**rec.row, **self.tables[entity].to_vendor(values)}
        rec.row, rec.version, rec.own = self.trigger(rec.row, after, own), self.stamp(), own
        self._tell(entity, record_id, rec, ChangeKind.UPSERTED)

    def delete(self, entity: str, record_id: str, own: bool = False) -> None:
        rec = self.recs[entity, record_id]
        rec.alive, rec.version, rec.own = False, self.stamp(), own
        self._tell(entity, record_id, rec, ChangeKind.DELETED)

    def restore(self, entity: str, record_id: str) -> None:
        rec = self.recs[entity, record_id]
        rec.alive, rec.version, rec.own = True, self.stamp(), False
        self._tell(entity, record_id, rec, ChangeKind.RESTORED)

    def merge(self, entity: str, winner: str, loser: str) -> None:
        gone, kept = self.recs[entity, loser], self.recs[entity, winner]
        gone.alive, gone.version, gone.own = False, self.stamp(), False
        self._tell(entity, loser, gone, ChangeKind.MERGED, merged_into=winner)
        kept.row = {name: value if value is not None else gone.row[name] for name, value in kept.row.items()}
        kept.version, kept.own = self.stamp(), False
        self._tell(entity, winner, kept, ChangeKind.UPSERTED, absorbed=(loser,))

    def values(self, entity: str, record_id: str) -> dict:
        return self.tables[entity].to_fields(self.recs[entity, record_id].row)

    def living(self, entity: str) -> list[str]:
        return [record_id for (kind, record_id), rec in self.recs.items() if kind == entity and rec.alive]

    def _tell(self, entity: str, record_id: str, rec: Rec, kind: ChangeKind, **more) -> None:
        record = self.tables[entity].to_canonical(rec.row) if rec.alive else None
        self.feed.append(
            CHANGED[entity](
                id=identity(self.name, entity, record_id, str(rec.version), kind),
                connection=self.name,
                party="us",
                record_id=record_id,
                kind=kind,
                version=rec.version,
                record=record,
                occurred_at=datetime.fromtimestamp(rec.version / 1000, UTC),
                own=rec.own,
                **more,
            )
        )

    def poll(self, coalesce: bool) -> list[Changed]:
        """What has happened since the last look; a source that polls sees only the last state of each record."""
        seen, self.feed = self.feed, []
        if coalesce:
            last = {event.ref: nth for nth, event in enumerate(seen) if event.kind not in GONE}
            seen = [e for nth, e in enumerate(seen) if e.kind in GONE or nth >= last[e.ref]]
            seen.sort(key=lambda event: event.version)
        self.told += seen
        return seen

    def caught_up(self) -> CaughtUp:
        at = datetime.fromtimestamp(START_MS / 1000, UTC)
        return CaughtUp(connection=self.name, party="us", entities=tuple(self.tables), at=at)

    def apply(self, write: Write) -> str:
        status = self._apply(write)
        self.ended[status] += 1
        return status

    def _apply(self, write: Write) -> str:
        entity, mapping = write.entity, self.tables[write.entity]
        record_id = write.key if write.match_by is MatchBy.ID else self._by_key(entity, write.key)
        rec = self.recs.get((entity, record_id))
        if write.action is WriteAction.ARCHIVE:
            if rec is None or not rec.alive:
                return "unchanged"
            self.delete(entity, record_id, own=True)
            return "applied"
        if rec is None or not rec.alive:
            return self._made(write) if write.match_by is MatchBy.EXTERNAL_ID else "rejected"
        stands = mapping.to_fields(rec.row)
        if not mapping.differing(write.fields, rec.row):
            return "unchanged"
        for name, value in (write.expected or {}).items():
            wanted = name in write.fields and self._is(mapping, name, stands[name], write.fields[name])
            if not wanted and not self._is(mapping, name, stands[name], value):
                return "overtaken"
        if self.refuses(write.fields):
            return "rejected"
        for name in mapping.differing(write.fields, rec.row):
            self.overwrote.append((record_id, name, stands[name], write.fields[name]))
        self.edit(entity, record_id, write.fields, own=True)
        return "applied"

    def _made(self, write: Write) -> str:
        if any(v is not None and write.fields.get(n) != v for n, v in (write.expected or {}).items()):
            return "overtaken"
        if self.refuses(write.fields):
            return "rejected"
        self.create(write.entity, {**write.fields, KEY: write.key}, own=True)
        return "applied"

    def _by_key(self, entity: str, key: str) -> str:
        found = [
            i for (kind, i), rec in self.recs.items() if kind == entity and rec.alive and rec.row[KEY.upper()] == key
        ]
        return found[0] if found else ""

    @staticmethod
    def _is(mapping: EntityMap, name: str, stands: object, value) -> bool:
        if stands == value or (stands is None and mapping.fields[name].converter.when_blank == value):
            return True
        try:
            return value is not None and stands == mapping.held(name, value)
        except RowError:
            return False


GONE = (ChangeKind.DELETED, ChangeKind.MERGED)
