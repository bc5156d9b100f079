"""Matches two full lists at once: what the stream must equal at rest; never keeps state between calls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.matching.features import Features
from streams.matching.keys import CAP, cap, keys, name_key
from streams.matching.model import crowd_level
from streams.matching.score import Match, score
from streams.matching.selection import select


@dataclass(frozen=True, slots=True)
class Overlap:
    """One of our accounts, one of theirs, and why they match."""

    ours: str
    theirs: str
    match: Match


Blocks = Mapping[str, list[str]]
"""The ids of one list by each key that they hold."""


def match(ours: Mapping[str, Features], theirs: Mapping[str, Features]) -> list[Overlap]:
    """All overlaps of our accounts with one partner's, by id, in order of our id and theirs."""
    our_blocks, their_blocks = blocks(ours), blocks(theirs)
    found: list[Overlap] = []
    for our_id in sorted(ours):
        mine, crowd = ours[our_id], crowd_of(ours[our_id], our_blocks, their_blocks)
        mates = met(mine, our_blocks, their_blocks)
        matches = {their_id: m for their_id in mates if (m := score(mine, theirs[their_id], crowd))}
        found += [Overlap(our_id, their_id, m) for their_id, m in select(matches).items()]
    return found


def candidates(ours: Mapping[str, Features], theirs: Mapping[str, Features]) -> Iterable[tuple[str, set[str]]]:
    """Each of our ids, in order, with the ids of theirs that share a key with it that is not hot."""
    our_blocks, their_blocks = blocks(ours), blocks(theirs)
    for our_id in sorted(ours):
        yield our_id, met(ours[our_id], our_blocks, their_blocks)


def blocks(accounts: Mapping[str, Features]) -> dict[str, list[str]]:
    """The ids of one list by each key that they hold."""
    found: dict[str, list[str]] = {}
    for account_id, account in accounts.items():
        for key in keys(account):
            found.setdefault(key, []).append(account_id)
    return found


def met(mine: Features, our_blocks: Blocks, their_blocks: Blocks) -> set[str]:
    """The ids of theirs that one of our accounts shares a key with that is not hot."""
    paired: set[str] = set()
    for key in keys(mine):
        block = their_blocks.get(key)
        if block and len(block) <= (most := min(CAP, cap(key))) and len(our_blocks[key]) <= most:
            paired.update(block)
    return paired


def crowd_of(mine: Features, our_blocks: Blocks, their_blocks: Blocks) -> int:
    """The level of how many accounts of the more crowded list hold the name of one of ours."""
    key = name_key(mine.words)
    return crowd_level(max(len(our_blocks.get(key, ())), len(their_blocks.get(key, ()))))
