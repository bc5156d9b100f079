"""Measures `tandem psi`: both sides on this machine, over HTTP, on two lists of domains of which three in ten are shared.

    python benchmarks/psi.py [--sizes 10000 100000 1000000] [--json]

Seconds are of the wall: the server's encryption, and the whole join after it. Processor seconds and the largest memory
of a process are of both sides together. The result is checked: it must be exact.
"""

import argparse
import csv
import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = 0.3
COLUMNS = ("elements", "encrypting_s", "joining_s", "cpu_s", "largest_mb", "found", "exact")


def main() -> None:
    """Print the measured figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="elements of each side")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    found = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            found.append(measured(Path(folder), size))
    figures = {"load": os.getloadavg(), "processors": os.cpu_count(), "runs": found}
    print(json.dumps(figures, indent=2) if options.json else table(figures))


def measured(folder: Path, size: int) -> dict[str, Any]:
    """One run."""
    ours = listed(folder / "ours.csv", size, 0)
    theirs = listed(folder / "theirs.csv", size, size - int(size * SHARED))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = ["--secret", str(folder / "secret"), "--share", "domain"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "tandem", "psi", "serve", theirs, "--port", str(port), *shared],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as server:
        assert server.stderr is not None
        if not any(line.startswith("ready") for line in iter(server.stderr.readline, "")):
            raise SystemExit("the server did not come up")
        ready = time.monotonic()
        client = [sys.executable, "-m", "tandem", "psi", "join", f"http://127.0.0.1:{port}", ours, *shared]
        out = folder / "both.csv"
        subprocess.run([*client, "--out", str(out)], check=True, capture_output=True, cwd=ROOT)
        ended = time.monotonic()
        server.stderr.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with out.open(encoding="utf-8") as file:
        found = {row["element"] for row in csv.DictReader(file)}
    wanted = {f"domain:c{at}-example.com" for at in range(size - int(size * SHARED), size)}
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures = (size, ready - began, ended - ready, cpu, after.ru_maxrss / 1024, len(found), found == wanted)
    return dict(zip(COLUMNS, (round(each, 1) if isinstance(each, float) else each for each in figures), strict=True))


def listed(path: Path, size: int, first: int) -> str:
    """A list of so many companies, in no order; returns its path."""
    rows = [(at, f"Company {at}", f"https://www.c{at}-example.com") for at in range(first, first + size)]
    random.Random(size + first).shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "name", "website"))
        writer.writerows(rows)
    return str(path)


def table(figures: dict[str, Any]) -> str:
    """For a person."""
    lines = ["  ".join(f"{name:>12}" for name in COLUMNS)]
    lines += ["  ".join(f"{run[name]!s:>12}" for name in COLUMNS) for run in figures["runs"]]
    load = ", ".join(f"{each:.1f}" for each in figures["load"])
    return "\n".join([*lines, f"{figures['processors']} processors, load {load}"])


if __name__ == "__main__":
    main()
