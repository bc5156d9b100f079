"""Keyed state that may outgrow memory: a local store that lags its changelog by design and is never the truth.

A store holds the rows of one partition of one lane. What a batch changes is kept in an overlay until the batch is
committed; only then does it reach the store, together with the changelog position, in one atomic write. So a store is
always a committed prefix of its changelog, and a restore goes on from its position.
"""

import json
import shutil
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from rocksdict import AccessType, BlockBasedOptions, Cache, Options, Rdict, WriteBatch

from streams.decision import RowFormat

SEPARATOR = b"\x00"  # between a key and the name of its row; no key may hold it
CACHE_BYTES = 128 << 20
BLOOM_BITS = 10  # a key; one in a hundred keys that are not there is looked for in vain
_META = b"\x00meta"  # sorts before every row, and no row can have an empty key


class Store(Protocol):
    """Rows of one partition and the changelog position up to which they hold."""

    position: int

    def get(self, key: bytes) -> bytes | None:
        """One row."""

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The rows whose keys start with the prefix, in key order."""

    def apply(self, rows: Mapping[bytes, bytes | None], position: int) -> None:
        """Set and delete (None) rows and move the position, atomically."""

    def close(self) -> None:
        """Release it; what was applied stays where the store is durable."""


class OpenStore(Protocol):
    """Opens the store of a partition. `identity` names the changelog: a store of another one is wiped first."""

    def __call__(self, lane: str, partition: int, identity: str) -> Store:
        """The store, at the position where it left off, or empty at position 0."""


class MemoryStore:
    """A store in a dict: as fast as it gets, empty at every start."""

    def __init__(self) -> None:
        self.position = 0
        self._rows: dict[bytes, bytes] = {}
        self._order: list[bytes] | None = None  # the keys in order, for scans; gone once there is another key

    def get(self, key: bytes) -> bytes | None:
        """One row."""
        return self._rows.get(key)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The rows whose keys start with the prefix, in key order."""
        if self._order is None:
            self._order = sorted(self._rows)
        for at in range(bisect_left(self._order, prefix), len(self._order)):
            key = self._order[at]
            if not key.startswith(prefix):
                return
            if key in self._rows:
                yield key, self._rows[key]

    def apply(self, rows: Mapping[bytes, bytes | None], position: int) -> None:
        """Set and delete rows and move the position."""
        for key, row in rows.items():
            if row is None:
                self._rows.pop(key, None)
            else:
                if key not in self._rows:
                    self._order = None
                self._rows[key] = row
        self.position = position

    def close(self) -> None:
        """Nothing to release."""


class RocksStore:
    """A store in a RocksDB folder: bounded memory, survives a restart of the process.

    `cache`: what is kept of its blocks; several stores may have one between them.
    """

    def __init__(self, folder: Path, identity: str, cache: Cache | None = None) -> None:
        self._folder, self._cache = folder, cache or Cache(CACHE_BYTES)
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._db = self._open()
        meta = self._read_meta()
        if meta.get("identity") != identity:
            self._wipe()
            meta = {"identity": identity, "position": 0}
        self._identity = identity
        self.position = int(meta["position"])

    def _open(self) -> Rdict:
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_max_open_files(256)
        blocks = BlockBasedOptions()
        blocks.set_block_cache(self._cache)
        blocks.set_bloom_filter(BLOOM_BITS, block_based=False)  # half of what a decision asks for is not there
        blocks.set_format_version(5)  # the first with such filters
        options.set_block_based_table_factory(blocks)
        return Rdict(str(self._folder), options, access_type=AccessType.read_write())

    def _read_meta(self) -> dict[str, Any]:
        raw = self._db.get(_META)
        return {} if raw is None else json.loads(raw)

    def _wipe(self) -> None:
        self._db.close()
        shutil.rmtree(self._folder)
        self._db = self._open()

    def get(self, key: bytes) -> bytes | None:
        """One row."""
        return self._db.get(key)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The rows whose keys start with the prefix, in key order."""
        for found, row in self._db.items(from_key=prefix):
            key = bytes(found)  # type: ignore[arg-type]  # raw mode: bytes in, bytes out
            if not key.startswith(prefix):
                return
            yield key, row

    def apply(self, rows: Mapping[bytes, bytes | None], position: int) -> None:
        """Set and delete rows and move the position, in one RocksDB write batch."""
        batch = WriteBatch(raw_mode=True)
        for key, row in rows.items():
            if row is None:
                batch.delete(key)
            else:
                batch.put(key, row)
        batch.put(_META, json.dumps({"identity": self._identity, "position": position}).encode())
        self._db.write(batch)
        self.position = position

    def close(self) -> None:
        """Flush and release the folder."""
        self._db.close()


def rocks_in(folder: Path) -> OpenStore:
    """Stores below `folder`, one folder for each lane and partition."""

    cache = Cache(CACHE_BYTES)

    def open_store(lane: str, partition: int, identity: str) -> Store:
        return RocksStore(folder / lane / str(partition), identity, cache)

    return open_store


def in_memory(lane: str, partition: int, identity: str) -> Store:
    """A fresh store in memory, whichever lane and partition ask."""
    return MemoryStore()


_UNCHANGED: Mapping[str, bytes | None] = {}


class Overlay:
    """What a batch has changed and not yet committed, above a store; `view` gives a decision the rows of one key."""

    def __init__(self, store: Store, rows: RowFormat) -> None:
        self.store = store
        self.encode, self.decode = rows.dump_json, rows.validate_json
        self._changed: dict[bytes, dict[str, bytes | None]] = {}
        self._names: dict[bytes, list[str]] = {}  # the names of the changed rows of a key, in order

    def view(self, key: bytes) -> "KeyView":
        """The rows of one key, as the batch sees them."""
        return KeyView(self, key, self._changed.get(key, _UNCHANGED), self._names.get(key, ()))

    def set(self, key: bytes, rows: Mapping[str, Any]) -> None:
        """Set or delete (None) rows of one key: all of them, or none where one cannot be encoded."""
        if not rows:
            return
        encoded = {name: None if row is None else self.encode(row) for name, row in rows.items()}
        changed = self._changed.get(key)
        if changed is None:
            self._changed[key], self._names[key] = encoded, sorted(encoded)
        else:
            for name in encoded:
                if name not in changed:
                    insort(self._names[key], name)
            changed.update(encoded)

    def changes(self) -> dict[bytes, bytes | None]:
        """What the batch changed, by full row key: the last value of each row only."""
        return {
            key + SEPARATOR + name.encode(): row for key, rows in self._changed.items() for name, row in rows.items()
        }

    def committed(self, rows: Mapping[bytes, bytes | None], position: int) -> None:
        """The changes are committed up to this changelog position: the store takes them over."""
        self.store.apply(rows, position)
        self.dropped()

    def dropped(self) -> None:
        """The batch was aborted: forget what it changed."""
        self._changed, self._names = {}, {}


class KeyView:
    """The rows of one key (`streams.decision.KeyState`): the batch's changes over the store."""

    __slots__ = ("_changed", "_names", "_overlay", "_prefix")

    def __init__(
        self, overlay: Overlay, key: bytes, changed: Mapping[str, bytes | None], names: Sequence[str] = ()
    ) -> None:
        self._overlay, self._prefix, self._changed, self._names = overlay, key + SEPARATOR, changed, names

    def get(self, name: str) -> Any | None:
        """The row of that name."""
        if name in self._changed:
            raw = self._changed[name]
        else:
            raw = self._overlay.store.get(self._prefix + name.encode())
        return None if raw is None else self._overlay.decode(raw)

    def scan(self, prefix: str, limit: int) -> dict[str, Any]:
        """The first `limit` rows whose names start with the prefix, by name, in order of name."""
        start = len(self._prefix)
        fresh: dict[str, bytes | None] = {}
        for at in range(bisect_left(self._names, prefix), len(self._names)):
            name = self._names[at]
            if not name.startswith(prefix):
                break
            fresh[name] = self._changed[name]
        stored = islice(self._overlay.store.scan(self._prefix + prefix.encode()), limit + len(fresh))
        found: dict[str, bytes | None] = {key[start:].decode(): row for key, row in stored}
        found.update(fresh)
        names = sorted(name for name, row in found.items() if row is not None)[:limit]
        return {name: self._overlay.decode(row) for name in names if (row := found[name]) is not None}
