"""Measures blind mode against data/companies, cross-validated by company; with --write it also ships what it learned.

    python benchmarks/blind.py [--write] [--json]

A pair of the held-out fold is judged by weights that have seen neither of its two companies. Contested pairs count
neither way. What those lists lack (names that many have, phones, streets) is learned from drawn ones; no figure is of them.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.labelled import Row, read  # noqa: E402
from benchmarks.worlds import world  # noqa: E402
from schemas.entities import Account  # noqa: E402
from streams.matching.tokens import ID  # noqa: E402
from streams.matching.weights import TIE  # noqa: E402
from tandem.blind.agreement import Pattern, Weights, log_odds, weighed  # noqa: E402
from tandem.blind.edge import made  # noqa: E402
from tandem.blind.join import candidates  # noqa: E402
from tandem.blind.keys import Key  # noqa: E402

FOLDS = 5
RIDGE = 0.3
HEAD = ("base", "crowd")
WORLD = (2_500, 20260777)  # companies and seed: lists as they are drawn for `map_scale`, with another seed
LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.955, 0.96, 0.97)
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 1.0)
PRECISION = 0.99  # of what is linked without a person's word
SHIPPED = ROOT / "tandem" / "blind" / "weights.toml"
Pair = tuple[str, str]
Floats = NDArray[np.float64]


def main() -> None:
    """Print the figures; write the weights if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {SHIPPED.relative_to(ROOT)}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    sample, lessons = Sample(labelled()), Sample(drawn(*WORLD)).part
    figures = measured(sample, lessons)
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    if options.write:
        SHIPPED.write_text(written(fit([sample.part, lessons]), figures), encoding="utf-8")


Part = tuple[Sequence[Pattern], NDArray[np.int64], NDArray[np.bool_]]
"""Patterns, which of them each pair has, and whether the pair is known to be one company."""


class Drawn(NamedTuple):
    """Two lists with what is known of them; contested pairs count neither way."""

    ours: list[tuple[str, Account]]
    theirs: list[tuple[str, Account]]
    gold: set[Pair]
    contested: set[Pair]


def labelled() -> Drawn:
    """data/companies."""
    lists = read(ROOT / "data" / "companies")
    return Drawn(list(accounts(lists.ours)), list(accounts(lists.theirs)), lists.gold, lists.contested)


def drawn(size: int, seed: int) -> Drawn:
    """Lists that are drawn: they teach what names that many companies have are worth, which data/companies lacks."""
    ours, theirs, gold, related = world(size, seed)
    sides = ([_account(row) for row in side.to_pylist()] for side in (ours, theirs))
    pairs = (set(zip(each["a_id"].to_pylist(), each["b_id"].to_pylist(), strict=True)) for each in (gold, related))
    return Drawn(*sides, *pairs)


def _account(row: dict[str, Any]) -> tuple[str, Account]:
    names = ("name", "website", "country", "city", "street", "phone")
    known = {name: row[name] for name in names if row[name]}
    contacts = tuple(each.strip() for each in (row["contact domains"] or "").split(";") if each.strip())
    ids = {"duns": row["duns"]} if row["duns"] else {}
    more = {"postal_code": row["postal code"] or None, "contact_domains": contacts, "registration_ids": ids}
    return row["id"], Account.model_validate({**known, **more})


class Sample:
    """Every pair that the hub would compare, with what it sees of it and whether it is known to be one company."""

    def __init__(self, lists: Drawn) -> None:
        key = Key("benchmark", 1, bytes(32))
        ours, theirs = (made(rows, key, bytes([n] * 16)) for n, rows in ((1, lists.ours), (2, lists.theirs)))
        pairs = candidates(ours.tokens, theirs.tokens)
        mine = [ours.ids[ref] for ref in ours.tokens.refs]
        other = [theirs.ids[ref] for ref in theirs.tokens.refs]
        named = [(mine[a], other[b]) for a, b in zip(pairs.ours.tolist(), pairs.theirs.tolist(), strict=True)]
        counted = np.array([pair not in lists.contested for pair in named])
        self.patterns, which = pairs.patterns()
        self.which = which[counted]
        self.pairs = [pair for pair, counts in zip(named, counted, strict=True) if counts]
        self.gold = lists.gold - lists.contested
        self.known = np.array([pair in self.gold for pair in self.pairs])
        self.folds = np.array([folds(pair, companies(lists.gold)) for pair in self.pairs])

    @property
    def part(self) -> Part:
        """What can be learned from."""
        return self.patterns, self.which, self.known


def accounts(rows: dict[str, Row]) -> Iterable[tuple[str, Account]]:
    """The rows as accounts, by id."""
    for row_id, row in rows.items():
        place = {"country": row.country, "city": row.city, "postal_code": row.postal_code}
        yield row_id, Account(name=row.name, website=row.website, **place)


_FOUND: dict[int, Callable[[str], str]] = {}


def companies(gold: set[Pair]) -> Callable[[str], str]:
    """Names the company of a row: all rows that known pairs tie together have one name."""
    if id(gold) not in _FOUND:
        above: dict[str, str] = {}

        def root(row: str) -> str:
            while above.setdefault(row, row) != row:
                row = above[row]
            return row

        for a, b in sorted(gold):
            above[root(b)] = root(a)
        _FOUND[id(gold)] = root
    return _FOUND[id(gold)]


def folds(pair: Pair, company: Callable[[str], str]) -> tuple[int, int]:
    """The folds of the two companies of a pair."""
    first, second = (crc32(company(row).encode()) % FOLDS for row in pair)
    return first, second


def fit(parts: Sequence[Part]) -> Weights:
    """Logistic regression with a small ridge, by Newton's method, over the different patterns.

    Registration numbers are left out: they decide by rule.
    """
    patterns = [pattern for part in parts for pattern in part[0]]
    kinds = {kind for pattern in patterns for kind in pattern.agree | pattern.differ}
    names = sorted(kind for kind in kinds if not kind.startswith(ID))
    rows = np.array([_row(pattern, names) for pattern in patterns])
    times = np.concatenate([np.bincount(which, minlength=len(own)) for own, which, _ in parts]).astype(float)
    right = np.concatenate([np.bincount(which[known], minlength=len(own)) for own, which, known in parts]).astype(float)
    found = np.zeros(rows.shape[1])
    penalty = np.full(len(found), RIDGE)
    penalty[0] = 0.0
    for _ in range(12):
        chance = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (right - times * chance) - penalty * found
        curve = (rows * (times * chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty + 1e-9)
        found = found + np.linalg.solve(curve, slope)
    values = found.round(3).tolist()
    agree = dict(zip(names, values[2 : 2 + len(names)], strict=True))
    differ = dict(zip(names, values[2 + len(names) :], strict=True))
    return Weights("companies+drawn-1", values[0], values[1], 0.95, 0.5, agree, differ)


def _row(pattern: Pattern, names: Sequence[str]) -> list[float]:
    for_it, against = weighed(pattern)
    agree = [float(name in for_it) for name in names]
    return [1.0, float(np.log2(pattern.holders)), *agree, *(float(name in against) for name in names)]


def measured(sample: Sample, lessons: Part) -> dict[str, Any]:
    """The figures of the held-out pairs."""
    sure = np.zeros(len(sample.pairs))
    for fold in range(FOLDS):
        learn = (sample.folds != fold).all(axis=1)
        by = fit([(sample.patterns, sample.which[learn], sample.known[learn]), lessons])
        chances = np.array([1 / (1 + np.exp(-log_odds(pattern, by))) for pattern in sample.patterns])
        held = sample.folds[:, 0] == fold
        sure[held] = chances[sample.which[held]]
    levels = [{"least": least, **quality(sample, sure, least)} for least in LEVELS]
    exact = [level["least"] for level in levels if level["precision"] >= PRECISION]
    return {
        "pairs": len(sample.pairs),
        "found_at_all": round(int(sample.known.sum()) / len(sample.gold), 4),
        "levels": levels,
        "calibration": calibration(sure, sample.known),
        "linked": min(exact, default=LEVELS[-1]),
        "shown": max(levels, key=lambda level: level["f1"])["least"],
    }


def quality(sample: Sample, sure: Floats, least: float) -> dict[str, float]:
    """Precision, recall and F1 of each row's best pairs."""
    best: dict[str, float] = {}
    for chance, (mine, _) in zip(sure, sample.pairs, strict=True):
        best[mine] = max(best.get(mine, 0.0), float(chance))
    found = {
        pair
        for chance, pair in zip(sure, sample.pairs, strict=True)
        if chance >= least and chance >= best[pair[0]] - TIE
    }
    right = len(found & sample.gold)
    shares = (right / max(1, len(found)), right / len(sample.gold), 2 * right / (len(found) + len(sample.gold)))
    return dict(zip(("precision", "recall", "f1"), (round(share, 4) for share in shares), strict=True))


def calibration(sure: Floats, known: NDArray[np.bool_]) -> list[dict[str, float]]:
    """By bin of confidence: how many pairs, what was said on average, what share was right."""
    found = []
    for low, high in pairwise(BINS):
        here = (sure >= low) & (sure < high if high < 1 else sure <= high)
        if here.any():
            said, right = round(float(sure[here].mean()), 3), round(float(known[here].mean()), 3)
            found.append({"from": low, "to": high, "pairs": int(here.sum()), "said": said, "right": right})
    return found


def table(figures: dict[str, Any]) -> str:
    """For a person."""
    lines = [f"{figures['pairs']:,} pairs are compared; {figures['found_at_all']:.1%} of the known ones are among them"]
    lines += ["", "least  precision  recall  F1"]
    lines += [
        f"{each['least']:<6} {each['precision']:<10} {each['recall']:<7} {each['f1']}" for each in figures["levels"]
    ]
    lines += ["", "confidence   pairs  said   right"]
    for each in figures["calibration"]:
        lines.append(f"{each['from']:<4} - {each['to']:<4}  {each['pairs']:<6} {each['said']:<6} {each['right']}")
    lines += ["", f"linked from {figures['linked']}, shown from {figures['shown']}"]
    return "\n".join(lines)


def written(by: Weights, figures: dict[str, Any]) -> str:
    """The weights as TOML, with the figures that they were measured with."""
    agree, differ = dict(by.agree), dict(by.differ)
    level = next(each for each in figures["levels"] if each["least"] == figures["shown"])
    lines = [
        "# What an agreement or a difference of two rows in a type of token is worth, in log-odds.",
        "# Written by `python benchmarks/blind.py --write` from data/companies (five folds by company): at `shown`, on pairs",
        f"# of companies it had not seen, precision {level['precision']}, recall {level['recall']}, F1 {level['f1']}.",
        "# Pairs of drawn lists (benchmarks/worlds.py, another seed than any figure is taken of) teach what those lists lack.",
        "",
        f'version = "{by.version}"',
        f"base = {by.base}",
        f"crowd = {by.crowd}  # for each doubling of the rows that hold the rarest shared token",
        f"linked = {figures['linked']}",
        f"shown = {figures['shown']}",
    ]
    for name, numbers in (("agree", agree), ("differ", differ)):
        lines += ["", f"[{name}]", *(f'"{kind}" = {value}' for kind, value in sorted(numbers.items()))]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
