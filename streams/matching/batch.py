"""Matches two full lists at once: what the stream must equal at rest; never keeps state between calls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.matching.features import Features
from streams.matching.keys import CAP, keys
from streams.matching.score import Match, score
from streams.matching.selection import select


@dataclass(frozen=True, slots=True)
class Overlap:
    """One of our accounts, one of theirs, and why they match."""

    ours: str
    theirs: str
    match: Match


def match(ours: Mapping[str, Features], theirs: Mapping[str, Features]) -> list[Overlap]:
    """All overlaps of our accounts with one partner's, by id, in order of our id and theirs."""
    found: list[Overlap] = []
    for our_id, their_ids in candidates(ours, theirs):
        matches = {their_id: m for their_id in their_ids if (m := score(ours[our_id], theirs[their_id]))}
        found += [Overlap(our_id, their_id, m) for their_id, m in select(matches).items()]
    return found


def candidates(ours: Mapping[str, Features], theirs: Mapping[str, Features]) -> Iterable[tuple[str, set[str]]]:
    """Each of our ids, in order, with the ids of theirs that share a key with it that is not hot."""
    our_blocks = _blocks(ours)
    their_blocks = _blocks(theirs)
    for our_id in sorted(ours):
        paired: set[str] = set()
        for key in keys(ours[our_id]):
            block = their_blocks.get(key)
            if block and len(block) <= CAP and len(our_blocks[key]) <= CAP:
                paired.update(block)
        yield our_id, paired


def _blocks(accounts: Mapping[str, Features]) -> dict[str, list[str]]:
    blocks: dict[str, list[str]] = {}
    for account_id, account in accounts.items():
        for key in keys(account):
            blocks.setdefault(key, []).append(account_id)
    return blocks
