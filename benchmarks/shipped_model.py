"""Writes the model that ships, from the labelled lists in data/ and a small invented world; it measures nothing else.

    python benchmarks/shipped_model.py --date 2026-11-23 [--out streams/matching/data/model.toml]

It is `tandem model train --from-nothing data/companies data/sites WORLD`. The world (benchmarks/worlds.py, size 6000, seed
7) teaches what the real lists do not hold: homonyms, moved domains, contacts' domains, other cities. It counts a quarter of
a real list, and the lines from which on a pair is linked or shown are drawn on the real lists alone. Worlds that other
benchmarks measure have other seeds.
"""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy comes: threads cost more than such small systems

from benchmarks.worlds import write  # noqa: E402
from tandem.training import job, told  # noqa: E402

SIZE, SEED = 6_000, 7
SHIPPED = ROOT / "streams" / "matching" / "data" / "model.toml"


def main() -> None:
    """Train, write, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", required=True, help="what the report is dated, YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the model is written")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        made = job.train(job.Asked(shipped_sets(Path(folder)), {}, options.date), None, print)
    job.written(options.out, made)
    print(told.report(made.report))


def shipped_sets(folder: Path) -> list[Path]:
    """The labelled sets that the shipped model is trained on; the invented one is written into the folder."""
    world = folder / "world"
    world.mkdir()
    write(world, SIZE, SEED)
    (world / "related_pairs.csv").unlink()
    (world / "labelled.toml").write_text("invented = true\n", encoding="utf-8")
    return [ROOT / "data" / "companies", ROOT / "data" / "sites", world]


if __name__ == "__main__":
    main()
