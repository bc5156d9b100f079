"""Measures `tandem map` on generated lists of growing size, beside splink on the same lists; it tunes nothing.

    python benchmarks/map_scale.py [--sizes 10000 100000 1000000] [--with-splink] [--json] [--plot FILE.svg]

Wall time, processor time and peak memory are those of the whole command, all of its processes together. `strict`
counts pairs of one group as errors, `lenient` leaves them out. Without --keep the lists are drawn anew and thrown away.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.curve import drawn  # noqa: E402
from benchmarks.worlds import write  # noqa: E402

SEED = 20260601
LOOK = 0.2  # seconds between two looks at the memory
GB = 1e9
PAIR = ["a_id", "b_id"]


@dataclass(frozen=True)
class Cost:
    """Of one command. `peak_gb` counts memory that processes share once; `peak_rss_gb` once for each."""

    wall_s: float
    cpu_s: float
    peak_gb: float
    peak_rss_gb: float
    load: float  # of the machine when it began


@dataclass(frozen=True)
class Quality:
    """Shares, 0 to 1."""

    pairs: int
    precision: float
    recall: float
    f1: float


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--with-splink", action="store_true", help="needs the dependency group `bench`")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, help="write time and memory over size as SVG")
    parser.add_argument("--keep", type=Path, help="keep the lists and what was found here")
    options = parser.parse_args()
    rows = []
    for size in options.sizes:
        with _folder(options.keep, size) as folder:
            rows.append(measure(folder, size, options.with_splink))
            if not options.json:
                print(told(rows[-1]), flush=True)
    if options.json:
        print(json.dumps(rows, indent=2))
    if options.plot:
        options.plot.write_text(drawn(rows), encoding="utf-8")


def measure(folder: Path, size: int, with_splink: bool) -> dict[str, Any]:
    """The figures of one size."""
    counts = write(folder, size, SEED)
    out = folder / "overlaps.csv"
    command = [
        str(Path(sys.executable).with_name("tandem")),
        "map",
        str(folder / "ours.csv"),
        str(folder / "partner.csv"),
    ]
    printed, cost = run([*command, "--out", str(out), "--json"])
    figures = json.loads(printed)
    found: dict[str, Any] = {"size": size, "rows": counts, "tandem": asdict(cost)}
    found["rows_per_s"] = round((counts["ours"] + counts["partner"]) / cost.wall_s)
    found["work"] = figures.get("work", {})
    found["quality"] = quality(folder, _overlaps(out))
    if with_splink:
        pairs = folder / "splink.csv"
        printed, cost = run([sys.executable, str(ROOT / "benchmarks" / "splink_lists.py"), str(folder), str(pairs)])
        steps = json.loads(printed.splitlines()[-1])
        found["splink"] = {**asdict(cost), **steps, "quality": _best(folder, pairs)}
    return found


def run(command: Sequence[str]) -> tuple[str, Cost]:
    """What a command prints, and what it costs. Raises RuntimeError if it fails."""
    load, started, before = os.getloadavg()[0], time.perf_counter(), os.times()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        watch = _Watch(process.pid)
        printed, said = process.communicate()
        peaks = watch.stop()
    after = os.times()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed with {process.returncode}: {said[-500:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return printed, Cost(round(time.perf_counter() - started, 2), round(cpu, 2), *peaks, round(load, 1))


class _Watch:
    """Looks at the memory of a process and all below it, from /proc, until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid, self._done = pid, threading.Event()
        self._shared = self._each = 0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> tuple[float, float]:
        """The highest sums in GB: shared memory counted once, and once for each process."""
        self._done.set()
        self._thread.join()
        return round(self._shared / GB, 3), round(self._each / GB, 3)

    def _look(self) -> None:
        while not self._done.wait(LOOK):
            sums = [_memory(pid) for pid in _tree(self._pid)]
            self._shared = max(self._shared, sum(shared for shared, _ in sums))
            self._each = max(self._each, sum(each for _, each in sums))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _memory(pid: int) -> tuple[int, int]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split()[0]: int(line.split()[1]) * 1024 for line in lines[1:] if line.endswith("kB")}
    return sizes.get("Pss:", 0), sizes.get("Rss:", 0)


def quality(folder: Path, found: pa.Table) -> dict[str, Any]:
    """Of pairs, strict and lenient."""
    gold, related = (_pairs(folder / f"{name}_pairs.csv") for name in ("gold", "related"))
    right = found.join(gold, PAIR, join_type="inner").num_rows
    kin = found.join(related, PAIR, join_type="inner").num_rows
    each = {"strict": found.num_rows, "lenient": found.num_rows - kin}
    return {name: asdict(_quality(count, right, gold.num_rows)) for name, count in each.items()}


def _quality(found: int, right: int, known: int) -> Quality:
    shares = right / max(1, found), right / max(1, known), 2 * right / max(1, found + known)
    return Quality(found, *(round(share, 4) for share in shares))


def _overlaps(path: Path) -> pa.Table:
    table = pa.csv.read_csv(
        path, convert_options=pa.csv.ConvertOptions(include_columns=["our_id", "partner_id", "rank"])
    )
    return table.filter(pc.greater(table["rank"], 0)).select(["our_id", "partner_id"]).rename_columns(PAIR)


def _pairs(path: Path) -> pa.Table:
    return pa.csv.read_csv(path).select(PAIR)


def _best(folder: Path, path: Path) -> dict[str, Any]:
    """At probability one half, and at the threshold that is best for it on these very lists."""
    scored = pa.csv.read_csv(path)
    levels = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)
    each = {
        level: quality(folder, scored.filter(pc.greater_equal(scored["p"], level)).select(PAIR)) for level in levels
    }
    best = max(each, key=lambda level: each[level]["strict"]["f1"])
    return {"at_half": each[0.5], "best": {"threshold": best, **each[best]}}


@contextmanager
def _folder(keep: Path | None, size: int) -> Iterator[Path]:
    if keep is not None:
        yield keep / str(size)
        return
    with TemporaryDirectory(prefix="map-scale-") as folder:
        yield Path(folder)


def told(row: Mapping[str, Any]) -> str:
    """One size for a person."""
    cost, lines = row["tandem"], [f"{row['size']:,} x {row['size']:,}"]
    lines.append(_line("tandem map", cost, row["quality"]) + f", {row['rows_per_s']:,} rows/s")
    if splink := row.get("splink"):
        lines.append(_line("splink at .5", splink, splink["quality"]["at_half"]))
        best = splink["quality"]["best"]
        lines.append(_line(f"splink at {best['threshold']} (best here)", splink, best))
    return "\n  ".join(lines)


def _line(name: str, cost: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    strict, lenient = found["strict"], found["lenient"]
    said = f"F1 {strict['f1']:.3f} (P {strict['precision']:.3f} R {strict['recall']:.3f}), lenient {lenient['f1']:.3f}"
    return f"{name:<28}{cost['wall_s']:>8.1f} s, cpu {cost['cpu_s']:.0f} s, {cost['peak_gb']:.2f} GB, load {cost['load']}: {said}"


if __name__ == "__main__":
    main()
