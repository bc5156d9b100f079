"""Finds the pairs of two lists in a few processes; what is a pair is decided by `streams.matching` alone."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from mappings.loader import load
from streams.matching.bulk.blocks import Blocks, Keys, blocks
from streams.matching.bulk.comparing import Lists, Work, compare
from streams.matching.bulk.digest import CAPS, Packed, Side, capped, digest
from streams.matching.bulk.hashes import hashed
from streams.matching.bulk.outline import OUTLINE
from streams.matching.features import Features, features
from streams.matching.keys import cap, name_key
from streams.matching.model import crowd_level, model
from streams.matching.score import Match
from tandem.mapping.crew import Crew
from tandem.mapping.frames import Frame

Found = tuple[int, dict[int, Match]]
ROWS = 16384  # of one task
SIDES = ("ours", "theirs")
PARTS = ("ends", "first", "size", "rows", "crowd")  # of the blocks


class Held(NamedTuple):
    """An account as matching reads it."""

    name: str
    website: str | None
    country: str | None
    city: str | None
    postal_code: str | None
    street: str | None
    phone: str | None
    domains: tuple[str, ...]
    former_domains: tuple[str, ...]
    contact_domains: tuple[str, ...]
    other_names: tuple[str, ...]
    registration_ids: dict[str, str]


def held(frame: Frame, low: int, high: int) -> list[Held]:
    """The accounts of these rows; nothing is read that matching does not read."""
    rows = pa.array(range(low, min(high, len(frame))))
    single = [frame.column(name, rows) for name in Held._fields[:7]]
    several = [[tuple(each or ()) for each in frame.column(name, rows)] for name in Held._fields[7:11]]
    ids: list[dict[str, str]] = [{} for _ in range(len(rows))]
    for name in frame.cells.column_names:
        if name.startswith("registration_ids."):
            kind = name.partition(".")[2]
            for own, value in zip(ids, frame.column(name, rows), strict=True):
                if value is not None:
                    own[kind] = value
    return [Held(*each) for each in zip(*single, *several, ids, strict=True)]


@dataclass
class Engine:
    """Two lists and who works on them. `advance` is told how many rows of each stage have been done."""

    ours: Frame
    theirs: Frame
    crew: Crew
    advance: tuple[Callable[[int], None], Callable[[int], None]] = (lambda _: None, lambda _: None)

    @cached_property
    def keys(self) -> tuple[Keys, ...]:
        """The match keys of each list. What else is worked out of it lies in the folder."""
        found: list[Keys] = []
        for side, frame in zip(SIDES, (self.ours, self.theirs), strict=True):
            with pa.OSFile(str(self.crew.folder / f"{side}.arrow"), "wb") as file:
                whole = frame.cells.append_column("", frame.ids)
                with pa.ipc.new_file(file, whole.schema) as writer:
                    writer.write_table(whole)
            np.memmap(self.crew.folder / f"{side}.outlines", OUTLINE, "w+", shape=(len(frame),)).flush()
        for side, frame in zip(SIDES, (self.ours, self.theirs), strict=True):
            tasks = [(self.crew.folder, side, low) for low in range(0, len(frame), ROWS)]
            parts = [self._told(part) for part in self.crew.run(_digested, tasks)]
            found.append(Keys(*(np.concatenate(each) for each in zip(*parts, strict=True))))
        return tuple(found)

    def _told(self, part: tuple[Any, ...]) -> tuple[Any, ...]:
        self.advance[0](len(part[1]))
        return part

    def pair(self) -> Blocks:
        """Bring the lists together; the workers see it."""
        found = blocks(*self.keys)
        del self.keys
        for name in PARTS:
            np.save(self.crew.folder / f"{name}.npy", getattr(found, name))
        return found

    def matches(self, least: float, work: Work) -> Iterator[Found]:
        """As `bulk.comparing.compare`, of all our rows."""
        tasks = [(self.crew.folder, low, least) for low in range(0, len(self.ours), ROWS)]
        for found, candidates, scored, rows in self.crew.run(_compared, tasks):
            work.candidates += candidates
            work.scored += scored
            self.advance[1](rows)
            for our_row, matches in found:
                yield our_row, {row: Match(*values) for row, values in matches}
        _lists.cache_clear()
        _frame.cache_clear()

    def candidates(self, mine: Features) -> set[int]:
        """The partner's rows that one of our accounts is compared with."""
        found: set[int] = set()
        ours, theirs = self.keys
        rows = np.repeat(np.arange(len(theirs.counts)), theirs.counts)
        for code in digest([mine]).keys:
            held = rows[theirs.hashes == code]
            if max(len(held), int(np.count_nonzero(ours.hashes == code))) <= int(code) & CAPS:
                found.update(held.tolist())
        return found

    def crowd(self, mine: Features) -> int:
        """The level of an account's name, see `model.crowd_level`."""
        return crowd_level(max(*self.holders([name_key(mine.words)])[0]))

    def holders(self, wanted: list[str]) -> list[tuple[int, int]]:
        """How many of ours and of theirs have each of these match keys."""
        codes = capped(hashed(wanted), np.array([cap(key) for key in wanted], np.uint64))
        ours, theirs = self.keys
        return [(int((ours.hashes == code).sum()), int((theirs.hashes == code).sum())) for code in codes]

    def features(self, side: int, row: int) -> Features:
        """What matching compares of one account."""
        return features(held((self.ours, self.theirs)[side], row, row + 1)[0])


class Bytes:
    """A file as bytes, read where it is asked: mapped, every process would hold what it once looked at."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY)

    def __getitem__(self, part: slice) -> bytes:
        return os.pread(self._file, part.stop - part.start, part.start)

    def __del__(self) -> None:
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class _Folder:
    """What a worker has opened of the shared folder."""

    path: Path

    def frame(self, side: str) -> Frame:
        whole = pa.ipc.open_file(pa.memory_map(str(self.path / f"{side}.arrow"))).read_all()
        return Frame(load("partner_list")["account"], whole[""], whole.drop([""]))

    def outlines(self, side: str, mode: str) -> Any:
        return np.memmap(self.path / f"{side}.outlines", OUTLINE, mode)  # type: ignore[call-overload]

    def side(self, side: str) -> Side:
        outlines = self.outlines(side, "r")
        starts = range(0, len(outlines), ROWS)
        parts = [
            Packed(Bytes(self.path / f"{side}.{low}.packed"), np.load(self.path / f"{side}.{low}.npy", mmap_mode="r"))
            for low in starts
        ]
        return Side(outlines, parts, starts)

    def lists(self) -> Lists:
        parts = {name: np.load(self.path / f"{name}.npy", mmap_mode="r") for name in PARTS}
        return Lists(self.side("ours"), self.side("theirs"), Blocks(**parts, hot=0), model())


@lru_cache(maxsize=2)
def _frame(folder: Path, side: str) -> Frame:
    return _Folder(folder).frame(side)


@lru_cache(maxsize=1)
def _lists(folder: Path) -> Lists:
    return _Folder(folder).lists()


def _digested(task: tuple[Path, str, int]) -> tuple[Any, Any, Any]:
    folder, side, low = task
    found = digest([features(each) for each in held(_frame(folder, side), low, low + ROWS)])
    outlines = _Folder(folder).outlines(side, "r+")
    outlines[low : low + len(found.outlines)] = found.outlines
    (folder / f"{side}.{low}.packed").write_bytes(found.packed.data)
    np.save(folder / f"{side}.{low}.npy", found.packed.ends)
    return found.keys, found.counts, found.names


def _compared(task: tuple[Path, int, float]) -> tuple[list[Any], int, int, int]:
    folder, low, least = task
    work, lists = Work(), _lists(folder)
    found = [
        (our_row, [(row, _values(match)) for row, match in matches.items()])
        for our_row, matches in compare(lists, low, min(low + ROWS, len(lists.ours)), least, work)
    ]
    return found, work.candidates, work.scored, min(ROWS, len(lists.ours) - low)


def _values(match: Match) -> tuple[Any, ...]:
    return tuple(getattr(match, name) for name in Match.__slots__)
