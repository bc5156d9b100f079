"""Account mapping as a stream: what one changed account costs against a large partner list, and changes a second of a worker.

    python benchmarks/accounts.py [--json] [--theirs 100000] [--ours 10000] [--changes 3000] [--streams] [--count 20000]

In process: the partner's list and ours are loaded into the lanes' state stores (RocksDB), then accounts of ours change, one
after the other, through keys, pairs and overlaps with the real views of state; times are of the processor. Kinds: `nothing`
(a field that neither matching nor an overlap shows), `shown` (owner, population), `features` (name, website, place or
phone), `new`, `gone`, and `mix`: of the shares in account_world.MIX, as a CRM's change feed has them. With --streams the same
kinds go over a broker through the lanes of one worker process, which has to be done with all that follows.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from benchmarks import account_world as world  # noqa: E402
from benchmarks.account_streams import streamed  # noqa: E402
from mappings import icp  # noqa: E402
from schemas.messages import AccountChanged, Message  # noqa: E402
from streams.accounts import steps  # noqa: E402
from streams.accounts.mirror import Sharing  # noqa: E402
from streams.state import Overlay, rocks_in  # noqa: E402

KINDS = (*world.MIX, "mix")
BATCH = 2000
PARTNERS = {"acme": "Acme Cloud"}


class Desk:
    """The lanes of account mapping around their decisions, without a broker."""

    def __init__(self, folder: Path) -> None:
        stores = rocks_in(folder)
        self.steps = {step.topic.name: step for step in steps(PARTNERS, Sharing(), icp.load())}
        self.states = {name: Overlay(stores(step.name, 0, "bench"), step.row) for name, step in self.steps.items()}
        self.position, self.told, self.said = 0, 0, Counter[str]()

    def tell(self, event: AccountChanged) -> None:
        """One change, with all that follows from it."""
        waiting: list[tuple[str, str, Message]] = [("changes.account", event.ref, event)]
        while waiting:
            topic, key, message = waiting.pop()
            state, raw = self.states[topic], key.encode()
            decision = self.steps[topic].decide(state.view(raw), message)
            state.set(raw, decision.rows)
            for said in decision.emissions:
                self.said[said.topic.name] += 1
                if said.topic.name in self.steps:
                    waiting.append((said.topic.name, said.key, said.message))
        self.told += 1

    def all(self, events: Iterable[AccountChanged]) -> list[float]:
        """Milliseconds of each; committed in batches, which are not counted."""
        times = []
        for nth, event in enumerate(events, 1):
            before = time.thread_time()
            self.tell(event)
            times.append((time.thread_time() - before) * 1000)
            if nth % BATCH == 0:
                self.commit()
        self.commit()
        return times

    def commit(self) -> None:
        """What a transaction ends with."""
        self.position += 1
        for state in self.states.values():
            state.committed(state.changes(), self.position)

    def rows(self) -> Iterator[tuple[bytes, bytes]]:
        """All state."""
        for state in self.states.values():
            yield from state.store.scan(b"")

    def close(self) -> None:
        """Let go of the stores."""
        for state in self.states.values():
            state.store.close()


def in_process(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Loads both lists, then changes ours."""
    desk = Desk(folder / "state")
    loaded = desk.all(world.partners(options.theirs, options.seed))
    edits = world.Edits("us", options.ours, options.theirs, options.seed)
    desk.all(world.changed("us", number, 1, edits.base(number)) for number in range(options.ours))
    result: dict[str, Any] = {"load_ms_per_account": round(sum(loaded) / len(loaded), 3)}
    result |= state_of(desk, folder, options.theirs + options.ours)
    kinds = {}
    for kind in KINDS:
        events = edits.mixed(options.changes) if kind == "mix" else (edits.make(kind) for _ in range(options.changes))
        before = desk.said.copy()
        cuts = quantiles(times := desk.all(list(events)), n=100)
        said = sum((desk.said - before).values()) / options.changes
        kinds[kind] = {
            "p50_ms": round(cuts[49], 3),
            "p99_ms": round(cuts[98], 3),
            "mean_ms": round(sum(times) / len(times), 3),
            "messages": round(said, 2),
        }
    desk.close()
    return result | {"in_process": kinds}


def state_of(desk: Desk, folder: Path, accounts: int) -> dict[str, Any]:
    """Bytes of state per account, and how long a worker needs to bring it back from its changelogs."""
    rows = list(desk.rows())
    stores, started = rocks_in(folder / "restored"), time.thread_time()
    store = stores("restored", 0, "bench")
    for at in range(0, len(rows), BATCH):
        store.apply(dict(rows[at : at + BATCH]), at)
    took = time.thread_time() - started
    store.close()
    return {
        "state_bytes_per_account": round(sum(len(key) + len(row) for key, row in rows) / accounts),
        "state_rows_per_account": round(len(rows) / accounts, 1),
        "restore_s_in_process": round(took, 2),
    }


def main() -> None:
    """Print the measured figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--theirs", type=int, default=100_000, help="the partner's accounts (default %(default)s)")
    parser.add_argument("--ours", type=int, default=10_000, help="our accounts (default %(default)s)")
    parser.add_argument("--changes", type=int, default=3000, help="changes of each kind (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what is drawn (default %(default)s)")
    parser.add_argument("--streams", action="store_true", help="also over a broker, through one worker process")
    parser.add_argument("--broker", choices=["kafka", "embedded"], default="kafka", help="a real Kafka, or the bundled")
    parser.add_argument("--count", type=int, default=20_000, help="changes of each kind over the broker")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["mix"], help="the kinds that go over the broker")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        result = {"theirs": options.theirs, "ours": options.ours, "mix": world.MIX, **in_process(options, folder)}
        if options.streams:
            result["streams"] = streamed(options, folder)
    finally:
        shutil.rmtree(folder)
    if options.json:
        print(json.dumps(result))
    else:
        shown(result)


def shown(result: dict[str, Any]) -> None:
    """For people."""
    console, table = Console(width=120), Table("in process", "p50 ms", "p99 ms", "mean ms", "messages a change")
    for kind, row in result.pop("in_process").items():
        table.add_row(kind, *(str(row[name]) for name in ("p50_ms", "p99_ms", "mean_ms", "messages")))
    console.print(table)
    over = result.pop("streams", {})
    if over:
        table = Table("over the broker", "changes/s", "processor s of the worker per 1,000")
        for kind, row in over["kinds"].items():
            table.add_row(kind, f"{row['per_second']:,}", str(row["worker_cpu_s_per_1000"]))
        console.print(table)
        result["streams"] = {name: each for name, each in over.items() if name != "kinds"}
    for name, figure in result.items():
        console.print(f"{name}: {figure}")


if __name__ == "__main__":
    main()
