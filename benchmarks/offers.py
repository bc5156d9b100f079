"""Measures how offers that people made by hand find their deals, on worlds that are drawn anew; never tunes anything.

    python benchmarks/offers.py [--json] [--seeds 5] [--first SEED] [--size 1000]

The worlds are those of `tests/support/offers_world.py`: company names are real ones (data/companies), all else is drawn.
Precision is of the links that are made by themselves; recall counts a deal's offer as found where it is linked, or
proposed for exactly that deal. An offer without a deal counts against precision if it is linked.
"""

import argparse
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as clock
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pydantic import BaseModel  # noqa: E402

from mappings.offers import load  # noqa: E402
from schemas.messages import MatchStatus, OfferMatched  # noqa: E402
from streams.book import Pages  # noqa: E402
from streams.offers import matching  # noqa: E402
from streams.offers.parts import DealCard, OfferCard  # noqa: E402
from tests.support.offer_ids import World  # noqa: E402
from tests.support.offers_world import TODAY, build  # noqa: E402

EDITS = 200
EDGES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0001)


class Rows(dict[str, BaseModel]):
    """The rows of the lane's one key, in memory."""

    def scan(self, prefix: str, limit: int) -> Mapping[str, BaseModel]:
        """The first rows with the prefix, by name."""
        return {name: self[name] for name in sorted(it for it in self if it.startswith(prefix))[:limit]}


@dataclass
class Desk:
    """The lane around matching: links what is found."""

    rows: Rows = field(default_factory=Rows)
    said: dict[str, OfferMatched] = field(default_factory=dict)

    def tell(self, *cards: DealCard | OfferCard) -> None:
        """One decision."""
        book = Pages[BaseModel](self.rows, "cause", datetime.combine(TODAY, clock(12), UTC))
        for card in cards:
            if isinstance(card, DealCard):
                matching.observe_deal(book, card)
            else:
                matching.observe_offer(book, card)
        rules = load().match
        while found := matching.settle(book, rules):
            for offer, deal in found.items():
                matching.taken(book, offer, deal)
        decision = book.decision()
        self.rows.update({name: row for name, row in decision.rows.items() if row is not None})  # type: ignore[misc]
        for name in [name for name, row in decision.rows.items() if row is None]:
            self.rows.pop(name, None)
        self.said |= {it.key: it.message for it in decision.emissions if isinstance(it.message, OfferMatched)}


def main() -> None:
    """Print the measured figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--seeds", type=int, default=5, help="how many worlds")
    parser.add_argument("--first", type=int, default=None, help="the first seed; else it is drawn")
    parser.add_argument("--size", type=int, default=1000, help="deals of a world, and offers")
    options = parser.parse_args()
    first = secrets.randbits(31) if options.first is None else options.first
    measured = measure(range(first, first + options.seeds), options.size)
    print(json.dumps(measured, indent=2) if options.json else table(measured))


def measure(seeds: range, size: int) -> dict[str, Any]:
    """Shares are 0 to 1; times are of the processor, in seconds or milliseconds."""
    runs, bins, marks = [], Counter[tuple[float, bool]](), Counter[tuple[str, str]]()
    for seed in seeds:
        world, desk = build(seed, size), Desk()
        started = time.process_time()
        desk.tell(*world.deals.values(), *world.offers.values())
        runs.append({"seed": seed, "batch_seconds": round(time.process_time() - started, 2), **quality(world, desk)})
        for ref, said in desk.said.items():
            for best in said.candidates[:1]:
                low = max(edge for edge in EDGES if best.score >= edge)
                bins[low, world.truth.get(ref) == best.deal] += 1
            marks.update((mark, outcome(world, ref, said)) for mark in world.marks[ref] or {"nothing hard"})
    return {
        "size": size,
        "runs": runs,
        "summary": {
            name: {"min": min(run[name] for run in runs), "mean": round(mean(run[name] for run in runs), 4)}
            for name in ("precision", "recall", "linked", "right_of_proposed")
        },
        "change_ms": changes(seeds[0], size),
        "calibration": [_bin(bins, low) for low in EDGES[:-1]],
        "by_mark": {mark: _outcomes(marks, mark) for mark in sorted({mark for mark, _ in marks})},
    }


def quality(world: World, desk: Desk) -> dict[str, float]:
    """Of one world."""
    linked = {ref: said.deal for ref, said in desk.said.items() if said.status is MatchStatus.LINKED}
    proposed = {ref: said.deal for ref, said in desk.said.items() if said.status is MatchStatus.PROPOSED}
    right = sum(world.truth.get(ref) == deal for ref, deal in linked.items())
    guessed = sum(world.truth.get(ref) == deal for ref, deal in proposed.items())
    pairs = len(world.truth)
    return {
        "pairs": pairs,
        "precision": round(right / max(1, len(linked)), 4),
        "recall": round((right + guessed) / pairs, 4),
        "linked": round(right / pairs, 4),
        "right_of_proposed": round(guessed / max(1, len(proposed)), 4),
    }


def outcome(world: World, ref: str, said: OfferMatched) -> str:
    """What became of an offer, against the truth."""
    right = "right" if said.deal == world.truth.get(ref) else "wrong"
    return "unlinked" if said.status is MatchStatus.UNLINKED else f"{said.status.value} {right}"


def changes(seed: int, size: int) -> dict[str, float]:
    """Milliseconds that one changed record costs in a world that is at rest, links included; EDITS records of each kind."""
    world, desk = build(seed, size), Desk()
    desk.tell(*world.deals.values(), *world.offers.values())
    times = []
    for deal, offer in list(zip(world.deals.values(), world.offers.values(), strict=False))[:EDITS]:
        edited = deal.deal.model_copy(update={"name": f"{deal.deal.name} (edited)"})
        renamed = offer.offer.model_copy(update={"name": f"{offer.offer.name} (edited)"})
        for card in (deal.model_copy(update={"deal": edited}), offer.model_copy(update={"offer": renamed})):
            started = time.process_time()
            desk.tell(card)
            times.append((time.process_time() - started) * 1000)
    cuts = quantiles(times, n=100)
    return {
        "median": round(cuts[49], 2),
        "p95": round(cuts[94], 2),
        "p99": round(cuts[98], 2),
        "max": round(max(times), 2),
    }


def table(measured: dict[str, Any]) -> str:
    """The figures for a person."""
    names = ("seed", "pairs", "precision", "recall", "linked", "right_of_proposed", "batch_seconds")
    rows = ["".join(f"{name:>18}" for name in names)]
    rows += ["".join(f"{run[name]:>18}" for name in names) for run in measured["runs"]]
    rows += [f"{name}: min {it['min']:.4f}, mean {it['mean']:.4f}" for name, it in measured["summary"].items()]
    rows.append(f"one change, ms: {measured['change_ms']}")
    rows += ["", "confidence of the best deal, offers, right"]
    rows += [f"{it['from']:>6.2f} {it['offers']:>8} {it['right']:>8.3f}" for it in measured["calibration"]]
    rows += ["", "what is hard about an offer, and what became of it"]
    rows += [f"{mark:<26} {outcomes}" for mark, outcomes in measured["by_mark"].items()]
    return "\n".join(rows)


def _bin(bins: Counter[tuple[float, bool]], low: float) -> dict[str, float]:
    right, wrong = bins[low, True], bins[low, False]
    return {"from": low, "offers": right + wrong, "right": round(right / max(1, right + wrong), 3)}


def _outcomes(marks: Counter[tuple[str, str]], mark: str) -> dict[str, int]:
    return {name: count for (each, name), count in sorted(marks.items()) if each == mark}


if __name__ == "__main__":
    main()
