"""Measures account matching beside splink, name_matching and exact rules on labelled lists; never tunes anything.

    python benchmarks/matching.py [--json] [--without splink] [--without name_matching] [--set companies]

Every figure is of held-out entities: five folds of whole entities, and a method's weights, calibration and lines are
found on the other four. Tandem learns its weights there; the others take no labels, but their lines are drawn there too,
where F1 is best (shown) and where precision is 0.99 (linked). `best line` is the recall at precision 0.99 if the line
were drawn on the very pairs that it is measured on, for comparing orders only. Each method runs in a process of its own,
for its memory. Seconds are of one run over the lists, read already. Contested pairs count neither way.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.rivals import Scores, rivals, sides  # noqa: E402
from benchmarks.shipped_model import shipped_sets  # noqa: E402
from streams.matching.batch import candidates, match  # noqa: E402
from streams.matching.score import score  # noqa: E402
from tandem.training import figures  # noqa: E402
from tandem.training.bands import Judged, linked  # noqa: E402
from tandem.training.columns import columns  # noqa: E402
from tandem.training.examples import FOLDS, examples, folds  # noqa: E402
from tandem.training.labelled import Labelled, Pair, read  # noqa: E402
from tandem.training.train import held_out  # noqa: E402

SETS = ("companies", "sites")
LIBRARIES = ("splink", "name_matching")
CLAIMS = ("tandem", "splink")  # the others state no probability


@dataclass(frozen=True)
class Lines:
    """Where a method's scores are cut."""

    linked: float
    shown: float


def main() -> None:
    """Print the table, or one method's figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--without", action="append", default=[], choices=LIBRARIES, help="leave a method out")
    parser.add_argument("--set", action="append", choices=SETS, help="only this labelled set")
    parser.add_argument("--one", nargs=2, metavar=("SET", "METHOD"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(*options.one)))
        return
    rows = [_run(name, method) for name, method in wanted(options.set or list(SETS), options.without)]
    print(json.dumps({"methods": rows}, indent=2) if options.json else table(rows))


def wanted(names: list[str], without: list[str]) -> list[tuple[str, str]]:
    """Which methods run on which set; a library that is not there is skipped out loud."""
    missing = [name for name in LIBRARIES if name not in without and importlib.util.find_spec(name) is None]
    for name in missing:
        print(
            f"SKIPPED: {name} is not installed; `make rivals` adds it",
            file=sys.stderr,
        )
    out = {*without, *missing}
    return [(name, method) for name in names for method in ("tandem", *rivals(labelled(name))) if method not in out]


def labelled(name: str) -> Labelled:
    """One of the sets in data/."""
    return read(ROOT / "data" / name, {})


def measured(name: str, method: str) -> dict[str, Any]:
    """The figures of one method on one set."""
    lists = labelled(name)
    if method == "tandem":
        seconds = _tandem_seconds(lists)
        peak = _peak()
        claims, shown = _tandem(name)
    else:
        started = time.process_time()
        scores = rivals(lists)[method](lists)
        seconds, peak = {"match": round(time.process_time() - started, 2)}, _peak()
        claims, shown = crossvalidated(lists, scores)
    told = figures.told(claims)
    if method not in CLAIMS:
        del told["calibration"]
    if lists.one_list:
        told["clusters"] = clusters(lists, shown).table
    return {"set": name, "method": method, **told, "seconds": seconds, "peak_mb": peak}


def crossvalidated(lists: Labelled, scores: Scores) -> tuple[figures.Claims, list[Pair]]:
    """A method's scores, cut for each fold where the other folds say; and the pairs that are shown so."""
    fold = folds(lists)
    side = "ours" if lists.one_list else "theirs"
    pairs = [pair for pair in scores if pair not in lists.left_out]
    value = np.array([scores[pair] for pair in pairs])
    right = np.array([pair in lists.same for pair in pairs], dtype=bool)
    ours = np.array([fold["ours", one] for one, _ in pairs])
    theirs = np.array([fold[side, other] for _, other in pairs])
    missed = np.array([fold["ours", one] for one, _ in lists.same - set(pairs)])
    claims, shown = [], []
    for each in range(FOLDS):
        others = (ours != each) & (theirs != each)
        seen = Judged(lists.name, value[others], right[others], int(np.count_nonzero(missed != each)))
        inside = ours == each
        held = Judged(lists.name, value[inside], right[inside], int(np.count_nonzero(missed == each)))
        lines = Lines(linked([seen]), _best(seen))
        claims.append((held, lines))
        shown += [pairs[row] for row in np.flatnonzero(inside & (value >= lines.shown))]
    return claims, shown


def clusters(lists: Labelled, shown: list[Pair]) -> figures.Quality:
    """All pairs inside what the shown pairs hang together: who shows clusters of duplicates shows these."""
    head: dict[str, str] = {key: key for pair in shown for key in pair}

    def root(key: str) -> str:
        while head[key] != key:
            head[key] = key = head[head[key]]
        return key

    for one, other in shown:
        head[max(root(one), root(other))] = min(root(one), root(other))
    members: dict[str, list[str]] = {}
    for key in sorted(head):
        members.setdefault(root(key), []).append(key)
    implied = {pair for keys in members.values() for pair in combinations(keys, 2)}
    return figures.Quality(len(implied), len(implied & lists.same), len(lists.same))


def table(rows: list[dict[str, Any]]) -> str:
    """The figures for a person."""
    head = f"{'':<38}{'shown':^24}{'linked':^16}{'best line':>10}{'bins off':>10}{'seconds':>9}{'MB':>7}"
    names = f"{'set, method':<38}{'P':>8}{'R':>8}{'F1':>8}{'P':>8}{'R':>8}{'R, P .99':>10}"
    lines = [head, names]
    for row in rows:
        shown, sure = row["shown"], row["linked"]
        found = [
            *(shown[key] for key in ("precision", "recall", "f1")),
            *(sure[key] for key in ("precision", "recall")),
        ]
        cells = "".join(f"{value:>8.4f}" for value in found)
        claims = row.get("calibration")
        enough = [each for each in claims or () if each["pairs"] >= figures.FEW]
        off = f"{len(figures.off(claims))} of {len(enough)}" if claims else "-"
        name = f"{row['set']}, {row['method']}"
        end = f"{row['recall_at_best_line']:>10.4f}{off:>10}{row['seconds']['match']:>9.1f}{row['peak_mb']:>7.0f}"
        lines.append(f"{name:<38}{cells}{end}")
        lines += [
            f"{'  clusters instead of pairs':<38}{each['precision']:>8.4f}{each['recall']:>8.4f}{each['f1']:>8.4f}"
            for each in [row.get("clusters")]
            if each
        ]
    return "\n".join([*lines, "", *_calibrations(rows)])


def _calibrations(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        if "calibration" in row:
            lines.append(f"{row['set']}, {row['method']}: of pairs that are said to be so sure, so many are right")
            for each in row["calibration"]:
                few = "  (few)" if each["pairs"] < figures.FEW else ""
                said = f"{each['from']:.2f} to {each['to']:.2f}"
                lines.append(f"  {said:<14}{each['pairs']:>8,}{each['said']:>8.3f}{each['true']:>8.3f}{few}")
    return lines


def _run(name: str, method: str) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).resolve()), "--one", name, method]
    # Threads cost more than they bring in systems as small as Tandem's and distort processor time.
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=one_thread)
    if done.returncode:
        raise SystemExit(f"{method} on {name} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _tandem(name: str) -> tuple[figures.Claims, list[Pair]]:
    """The models of the folds are trained as the shipped model is, on all of its sets."""
    given = columns()
    with TemporaryDirectory() as folder:
        sets = [examples(read(path, {}), given.names) for path in shipped_sets(Path(folder))]
    rows = {each.name: each for each in sets}
    claims = held_out(list(rows.values()), given)[list(rows).index(name)]
    here, shown = rows[name], []
    for fold, (_, learned) in enumerate(claims):
        inside = np.flatnonzero(here.fold == fold)
        shown += [here.pairs[row] for row in inside[learned.confidence(here.x[inside]) >= learned.shown]]
    return claims, shown


def _tandem_seconds(lists: Labelled) -> dict[str, float]:
    sides(lists)  # loads the tables, so that the clock sees work only
    started = time.process_time()
    ours, theirs = sides(lists)
    read_in = time.process_time()
    if lists.one_list:
        pairs = [(a, b) for a, others in candidates(ours, theirs) for b in others if a < b]
        found = [score(ours[a], theirs[b]) for a, b in pairs]
    else:
        found = match(ours, theirs)
    done = time.process_time()
    each = (read_in - started) / (len(ours) + len(theirs)) * 1e6
    return {"match": round(done - started, 2), "us_per_account": round(each, 1), "pairs": len(found)}


def _best(seen: Judged) -> float:
    """The score from which on F1 is best."""
    order = np.argsort(-seen.confidence, kind="stable")
    right, level = np.cumsum(seen.y[order]), seen.confidence[order]
    true = int(np.count_nonzero(seen.y)) + seen.missed
    f1 = 2 * right / (np.arange(1, len(order) + 1) + true)
    f1[:-1][level[1:] == level[:-1]] = 0.0  # a level takes all of its pairs or none
    return float(level[int(np.argmax(f1))])


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


if __name__ == "__main__":
    main()
