"""Links two lists of a folder with splink, on Tandem's own normalised columns; `map_scale` runs and judges it.

    python benchmarks/splink_lists.py FOLDER OUT.csv

Unsupervised, u from 5e6 random pairs, DuckDB. The last line printed is a JSON object with the seconds of each step;
normalising is told apart, because splink leaves that to its user.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mappings.loader import load  # noqa: E402
from streams.matching.features import features  # noqa: E402
from streams.matching.weights import bits  # noqa: E402
from tandem.mapping.engine import held  # noqa: E402
from tandem.mapping.files import Source  # noqa: E402
from tandem.mapping.lists import read  # noqa: E402

AT_ONCE = 50_000
LEAST = 0.5


def main() -> None:
    """Write a_id, b_id and the probability p of each pair from one half on."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    started = time.perf_counter()
    tables = [normalised(folder / f"{side}.csv") for side in ("ours", "partner")]
    ready = time.perf_counter()
    pa.csv.write_csv(linked(tables), out)
    print(json.dumps({"normalise_s": round(ready - started, 2), "link_s": round(time.perf_counter() - ready, 2)}))


def normalised(path: Path) -> pa.Table:
    """What splink compares of a list."""
    accounts = read(Source(path), load("partner_list")["account"]).accounts
    parts = []
    for low in range(0, len(accounts), AT_ONCE):
        rows = [features(each) for each in held(accounts, low, low + AT_ONCE)]
        columns = {
            "unique_id": [accounts.id(low + n) for n in range(len(rows))],
            "name": ["".join(each.words) for each in rows],
            "spoken": [" ".join(each.words) for each in rows],
            "rarest": [max(each.words, key=bits, default="") for each in rows],
            "start": ["".join(each.words)[:6] for each in rows],
            "domain": [each.domains[0] if each.domains else "" for each in rows],
            **{name: [getattr(each, name) for each in rows] for name in ("country", "city", "postal_code", "phone")},
        }
        parts.append(pa.table({name: pa.array([value or None for value in each]) for name, each in columns.items()}))
    return pa.concat_tables(parts)


def linked(tables: list[pa.Table]) -> pa.Table:
    """The pairs from one half on."""
    from splink import DuckDBAPI, Linker  # noqa: PLC0415

    api = DuckDBAPI()
    registered = [api.register(table, dataset_display_name=f"l{n}") for n, table in enumerate(tables)]
    linker = Linker(registered, _settings(), log_level=50)
    training = linker.training
    training.estimate_probability_two_random_records_match(["l.domain = r.domain"], recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for column in ("name", "domain"):
        training.estimate_parameters_using_expectation_maximisation(f"l.{column} = r.{column}", max_pairs=5e6)
    found = linker.inference.predict(threshold_match_probability=LEAST).as_pyarrow_table()
    left, right = found["unique_id_l"], found["unique_id_r"]
    swap = pa.compute.starts_with(left, "p")  # ids of the partner's list begin with p
    ours, theirs = pa.compute.if_else(swap, right, left), pa.compute.if_else(swap, left, right)
    return pa.table({"a_id": ours, "b_id": theirs, "p": found["match_probability"]})


def _settings() -> Any:
    import splink.comparison_library as cl  # noqa: PLC0415
    from splink import SettingsCreator, block_on  # noqa: PLC0415

    name = cl.JaroWinklerAtThresholds("spoken", [0.97, 0.92, 0.85, 0.75])
    exact = [cl.ExactMatch(column) for column in ("domain", "country", "city", "postal_code", "phone")]
    blocks = [block_on("domain"), block_on("rarest", "country"), block_on("start", "country"), block_on("name")]
    return SettingsCreator(
        link_type="link_only", comparisons=[name, *exact], blocking_rules_to_generate_predictions=blocks
    )


if __name__ == "__main__":
    main()
