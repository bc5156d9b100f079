"""Whatever dies and breaks off, the pull loop publishes each change exactly once."""

from collections.abc import Iterator, Mapping

from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Budget, Change, Event, Progress, Unreadable, slots_of
from connectors.errors import (
    ConnectorError,
    RetryLater,
)
from schemas.log import Aborted
from schemas.messages import ChangeKind
from tests.support.memory_log import Crash, MemoryBroker
from tests.unit.connectors.pull_world import AT, letters, published, pull_on


class Lists:
    """A source that holds versions of a list, as rows by id, and breaks off at the yields that `breaks` counts."""

    def __init__(self, breaks: set[int]) -> None:
        self.rows: dict[str, str] = {}
        self.version = 0
        self._breaks, self._yields = breaks, 0

    def changes(self, tables, cursors: Mapping[str, str]) -> Iterator[Event]:
        for event in self._events(slots_of("account", cursors)):
            self._yields += 1
            if self._yields in self._breaks:
                raise RetryLater("as the test asked")
            yield event

    def budget(self) -> Budget | None:
        return None

    def _events(self, cursors: Mapping[str, str]) -> Iterator[Event]:
        if cursors.get("") == str(self.version):
            return
        for record, name in self.rows.items():
            if name == "unreadable" and f"bad:{record}" not in cursors:
                yield Unreadable(f"row {record}", "NO_CSV", "as the test asked", "none")
                yield Progress("account", "told", f"bad:{record}")
            elif name != "unreadable" and cursors.get(f"row:{record}") != name:
                yield self._change(record, ChangeKind.UPSERTED, {"name": name}, name or "blank")
        for slot in sorted(cursors):
            kind, _, record = slot.partition(":")
            if kind == "row" and self.rows.get(record, "unreadable") == "unreadable":
                yield self._change(record, ChangeKind.DELETED, None, None)
            if kind == "bad" and self.rows.get(record) != "unreadable":
                yield Progress("account", None, slot)
        yield Progress("account", str(self.version))

    def _change(self, record, kind, row, cursor) -> Change:
        return Change("account", record, kind, self.version, row, AT, cursor, slot=f"row:{record}")


def told(where: MemoryBroker) -> dict[str, list[tuple[int, str | None]]]:
    """Record to its versions and names in the order in which they were published; None for a deletion."""
    found: dict[str, list[tuple[int, str | None]]] = {}
    for it in published(where):
        found.setdefault(it.record_id, []).append((it.version, it.record and it.record.name))
    return found


def follow(versions, faults=(), breaks=frozenset(), batch: int = 1000) -> MemoryBroker:
    """Each version is read until nothing is left; a dead process is started anew."""
    where = MemoryBroker(partitions=1, faults=list(faults))
    source = Lists(set(breaks))
    pull = None
    for source.version, source.rows in enumerate(versions, 1):
        done = False
        while not done:
            try:
                pull = pull or pull_on(where, source, batch)
                pull.once()
                done = True
            except Crash:
                pull = None
            except (Aborted, ConnectorError):
                pass
    return where


GOOD = ("Acme", "Bolt", "Core")
ROWS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([*GOOD, "", "unreadable"]))


@given(
    versions=st.lists(ROWS, max_size=4),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=12),
    breaks=st.sets(st.integers(1, 40)),
    batch=st.integers(1, 6),
)
def test_whatever_dies_and_breaks_off_each_change_is_published_exactly_once(versions, faults, breaks, batch):
    undisturbed, disturbed = follow(versions), follow(versions, faults, breaks, batch)
    assert told(disturbed) == told(undisturbed)
    assert {it.id for it in letters(disturbed)} == {it.id for it in letters(undisturbed)}
    last = versions[-1] if versions else {}
    holds = {record: changes[-1][1] for record, changes in told(disturbed).items()}
    assert {record: holds.get(record) for record, name in last.items() if name in GOOD} == {
        record: name for record, name in last.items() if name in GOOD
    }
    assert {name for record, name in holds.items() if record not in last} <= {None}
