"""Measures account matching against the labelled lists in data/companies; never tunes anything.

    python benchmarks/matching.py [--json]

Precision, recall and F1 are of the overlaps that `streams.matching.batch.match` finds, against gold_pairs.csv;
contested_pairs.csv counts neither way. About 1 to 2 % of the gold is wrong, so an F1 above about 0.97 is noise.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from streams.matching.batch import Overlap, candidates, match  # noqa: E402
from streams.matching.features import Features, features  # noqa: E402
from streams.matching.keys import CAP, keys  # noqa: E402
from streams.matching.score import score  # noqa: E402

Pair = tuple[str, str]
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Row:
    """One company, as matching reads an account."""

    name: str
    website: str | None
    country: str | None
    city: str | None
    postal_code: str | None
    domains: tuple[str, ...] = ()
    street: str | None = None
    phone: str | None = None
    registration_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lists:
    """The labelled lists: accounts by id, pairs of our id and the partner's."""

    ours: dict[str, Row]
    theirs: dict[str, Row]
    gold: set[Pair]
    contested: set[Pair]


def main() -> None:
    """Print the measured figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "companies", help="folder with the four CSV files")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    measured = measure(read(options.data))
    print(json.dumps(measured, indent=2) if options.json else table(measured))


def read(folder: Path) -> Lists:
    """The four CSV files of a folder."""
    return Lists(
        ours=_accounts(folder / "ours.csv"),
        theirs=_accounts(folder / "partner.csv"),
        gold=_pairs(folder / "gold_pairs.csv"),
        contested=_pairs(folder / "contested_pairs.csv"),
    )


def measure(lists: Lists) -> dict[str, Any]:
    """Times in seconds or microseconds of processor time; shares are 0 to 1."""
    features(next(iter(lists.ours.values())))  # loads the tables, so that the clock sees work only
    ours = {key: features(row) for key, row in lists.ours.items()}
    theirs = {key: features(row) for key, row in lists.theirs.items()}
    paired = [(our_id, their_id) for our_id, their_ids in candidates(ours, theirs) for their_id in their_ids]
    started = time.process_time()
    overlaps = match(ours, theirs)
    seconds = time.process_time() - started
    rows, pairs = [*lists.ours.values(), *lists.theirs.values()], [(ours[a], theirs[b]) for a, b in paired]
    return {
        "cap": CAP,
        "candidate_pairs": len(paired),
        "candidates_per_account": round(len(paired) / len(ours), 2),
        "keys_per_account": round(_mean([len(keys(account)) for account in (*ours.values(), *theirs.values())]), 2),
        "blocking_recall": round(len(lists.gold & set(paired)) / len(lists.gold), 4),
        "match_seconds": round(seconds, 2),
        "us_per_features": round(_microseconds(lambda: [features(row) and None for row in rows], len(rows)), 1),
        "us_per_score": round(_microseconds(lambda: [score(a, b) and None for a, b in pairs], len(pairs)), 1),
        "overlaps": [_quality(f"confidence >= {level}", overlaps, lists, level) for level in LEVELS],
        "halves": [_half(overlaps, lists, half) for half in (0, 1)],
        "mutual_best": _quality("best on both sides", _mutual(overlaps), lists),
        "precision_99": _at_precision(overlaps, lists, 0.99),
        "calibration": _calibration(ours, theirs, paired, lists),
    }


def table(measured: dict[str, Any]) -> str:
    """The figures for a person."""
    plain = [f"{name:<24}{value:>10}" for name, value in measured.items() if isinstance(value, int | float)]
    rows = [*measured["overlaps"], *measured["halves"], measured["mutual_best"], measured["precision_99"]]
    head = f"{'overlaps':<24}{'pairs':>8}{'P':>8}{'R':>8}{'F1':>8}"
    body = [f"{r['what']:<24}{r['pairs']:>8}{r['precision']:>8.4f}{r['recall']:>8.4f}{r['f1']:>8.4f}" for r in rows]
    bins = [f"{c['from']:.2f} .. {c['to']:.2f}{c['pairs']:>19}{c['true']:>8.3f}" for c in measured["calibration"]]
    return "\n".join([*plain, "", head, *body, "", f"{'stated confidence':<24}{'pairs':>7}{'true':>8}", *bins])


def _accounts(path: Path) -> dict[str, Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            r["id"]: Row(r["name"], r["website"] or None, r["country"], r["city"], r["zipcode"])
            for r in csv.DictReader(file)
        }


def _pairs(path: Path) -> set[Pair]:
    with path.open(encoding="utf-8", newline="") as file:
        return {(r["a_id"], r["b_id"]) for r in csv.DictReader(file)}


def _mean(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers)


def _microseconds(work: Callable[[], object], times: int) -> float:
    """The best of three runs: other work on the machine only ever adds."""
    runs = []
    for _ in range(3):
        started = time.process_time()
        work()
        runs.append(time.process_time() - started)
    return min(runs) / times * 1e6


def _quality(what: str, overlaps: list[Overlap], lists: Lists, level: float = 0.0) -> dict[str, Any]:
    found = {(o.ours, o.theirs) for o in overlaps if o.match.confidence >= level} - lists.contested
    return _figures(what, found, lists.gold)


def _figures(what: str, found: set[Pair], gold: set[Pair]) -> dict[str, Any]:
    true = len(found & gold)
    return {
        "what": what,
        "pairs": len(found),
        "precision": round(true / max(1, len(found)), 4),
        "recall": round(true / max(1, len(gold)), 4),
        "f1": round(2 * true / max(1, len(found) + len(gold)), 4),
    }


def _half(overlaps: list[Overlap], lists: Lists, half: int) -> dict[str, Any]:
    found = {(o.ours, o.theirs) for o in overlaps} - lists.contested
    return _figures(
        f"half {half + 1} of our accounts",
        {pair for pair in found if crc32(pair[0].encode()) % 2 == half},
        {pair for pair in lists.gold if crc32(pair[0].encode()) % 2 == half},
    )


def _mutual(overlaps: list[Overlap]) -> list[Overlap]:
    best: dict[str, float] = {}
    for o in overlaps:
        best[o.theirs] = max(best.get(o.theirs, 0.0), o.match.confidence)
    return [o for o in overlaps if o.match.confidence >= best[o.theirs]]


def _at_precision(overlaps: list[Overlap], lists: Lists, least: float) -> dict[str, Any]:
    """The most overlaps at this precision, the level picked on the gold: an upper bound, no operating point."""
    levels = sorted({o.match.confidence for o in overlaps})
    rows = [_quality(f"P >= {least} at {level:.4f}", overlaps, lists, level) for level in levels]
    return max((row for row in rows if row["precision"] >= least), key=lambda row: row["recall"])


def _calibration(
    ours: dict[str, Features], theirs: dict[str, Features], paired: list[Pair], lists: Lists
) -> list[dict[str, Any]]:
    edges = [0.05, 0.25, 0.5, 0.7, 0.9, 0.98, 1.0001]
    scored = [(pair, score(ours[pair[0]], theirs[pair[1]])) for pair in paired if pair not in lists.contested]
    bins = []
    for low, high in pairwise(edges):
        inside = [pair for pair, found in scored if found and low <= found.confidence < high]
        true = len(lists.gold.intersection(inside)) / max(1, len(inside))
        bins.append({"from": low, "to": min(high, 1.0), "pairs": len(inside), "true": round(true, 3)})
    return bins


if __name__ == "__main__":
    main()
