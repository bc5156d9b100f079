"""Draws two lists as two organisations hold them, with what is wrong in such lists.

    python benchmarks/worlds.py FOLDER [--size 100000] [--seed 20260601]

Writes ours.csv, partner.csv (`size` companies each), gold_pairs.csv (one company) and related_pairs.csv (two units of
one group). The same size and seed give the same bytes. What the rates follow is said where they stand; they were
chosen once, before any figure was taken. The world of size 6000 and seed 7 is part of what the shipped model is trained on
(benchmarks/shipped_model.py), at a quarter of a real list's weight: take figures of other seeds.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.worlds_words import (  # noqa: E402
    COMMON,
    ENDS,
    FAMILIES,
    INDUSTRIES,
    LANDS,
    OTHER_TLDS,
    POPULATIONS,
    STREETS,
    SYLLABLES,
    TOWN_ENDS,
    Land,
)

Ints = np.ndarray[Any, np.dtype[np.int64]]
Texts = pa.Array

OVERLAP = 0.30  # of each list is in the other too
GROUPS = 0.10  # of the companies belong to a group: its units share the name and the domain, not the country
UNITS = 3  # in a group, each in another country ...
NAMED_UNITS = 0.5  # ... which half of them bear in their names
DUPLICATES = 0.03  # of a list are there twice (both sides' lists of real CRMs are: counts differ by a third)
# How names are made: one coined word, a coined word and a trade, a family and a trade, a common word and a trade, a
# place and a trade, three letters.
KINDS = (0.22, 0.33, 0.18, 0.12, 0.09, 0.06)
# In data/companies half of the true pairs are written alike, two thirds are alike but for legal forms.
NO_FORM, OTHER_FORM, TYPO, CUT, CAPITALS = 0.16, 0.22, 0.06, 0.07, 0.08
# Domains of both sides are equal in 57 % of the true pairs: 20 % lack one, 4 % have moved, 3 % stand under another end.
NO_WEBSITE, MOVED, OTHER_END, FREE_MAIL = 0.20, 0.04, 0.03, 0.01
NO_COUNTRY, NO_CITY, NO_POSTAL_CODE, NO_PHONE, NO_STREET = 0.04, 0.15, 0.35, 0.55, 0.45
OTHER_CITY = 0.05  # another site of the same company
CONTACTS, DUNS = 0.25, 0.12
LONGER_LABEL, LABEL_ENDS = 0.25, ("group", "online", "web", "hq", "24", "-co")


@dataclass(frozen=True)
class Company:
    """Companies, by column; the same row is the same company. `group` is -1 outside of groups."""

    columns: Mapping[str, Texts]
    land: Ints
    group: Ints


def main() -> None:
    """Write one world."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=100_000, help="companies in each list")
    parser.add_argument("--seed", type=int, default=20260601)
    options = parser.parse_args()
    print(write(options.folder, options.size, options.seed))


def write(folder: Path, size: int, seed: int) -> dict[str, int]:
    """The four files of a world of `size` companies a side; how many rows each has."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = dict(zip(("ours", "partner", "gold_pairs", "related_pairs"), world(size, seed), strict=True))
    for name, table in tables.items():
        pa.csv.write_csv(table, folder / f"{name}.csv", pa.csv.WriteOptions(quoting_style="needed"))
    return {name: table.num_rows for name, table in tables.items()}


def world(size: int, seed: int) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    """Our list, the partner's, the pairs of one company and the pairs of one group."""
    rng = np.random.default_rng(seed)
    shared = int(size * OVERLAP)
    them = companies(rng, 2 * size - shared)
    order = rng.permutation(2 * size - shared)
    sides = [order[:size], np.concatenate([order[:shared], order[size:]])]
    twice = [rng.choice(side, int(size * DUPLICATES), replace=False) for side in sides]
    held = [rng.permutation(np.concatenate(each)) for each in zip(sides, twice, strict=True)]
    ids = [pa.array([f"{letter}{n}" for n in range(len(rows))]) for letter, rows in zip("ap", held, strict=True)]
    ours, theirs = (seen(rng, them, rows, names) for rows, names in zip(held, ids, strict=True))
    gold = _joined(held[0], held[1], ids)
    groups = [np.where(them.group[rows] < 0, -1 - n, them.group[rows]) for n, rows in enumerate(held)]
    return ours, theirs, gold, _joined(groups[0], groups[1], ids, gold)


def _joined(ours: Ints, theirs: Ints, ids: list[Texts], without: pa.Table | None = None) -> pa.Table:
    left = pa.table({"key": ours, "a_id": ids[0]})
    right = pa.table({"key": theirs, "b_id": ids[1]})
    joined = left.join(right, "key", join_type="inner").select(["a_id", "b_id"])
    if without is not None:
        joined = joined.join(without, ["a_id", "b_id"], join_type="left anti")
    return joined.sort_by([("a_id", "ascending"), ("b_id", "ascending")])


def companies(rng: np.random.Generator, count: int) -> Company:
    """The companies that there are."""
    land = rng.choice(len(LANDS), count, p=_shares([each.share for each in LANDS]))
    group, head = np.full(count, -1, np.int64), np.arange(count)
    grouped = int(count * GROUPS) // UNITS * UNITS
    group[:grouped] = np.arange(grouped) // UNITS
    head[:grouped] = group[:grouped] * UNITS
    land[:grouped] = (land[head[:grouped]] + np.arange(grouped) % UNITS) % len(LANDS)
    own = _names(rng, land, count)
    names, lands = own.take(pa.array(head)), pa.array([each.name for each in LANDS]).take(pa.array(land))
    named = (np.arange(count) != head) & (rng.random(count) < NAMED_UNITS)
    size = np.array([each.digits for each in LANDS])[land]
    town = _glued(_pick(rng, SYLLABLES, count), _pick(rng, SYLLABLES, count), _pick(rng, TOWN_ENDS, count))
    cities, blank = _of_land(rng, land, _cities), pa.scalar(" ")
    number = pa.array(rng.integers(1, 200, count)).cast(pa.string())
    columns = {
        "words": pc.if_else(named, _glued(names, blank, lands), names),
        "form": pa.array(rng.integers(0, 1 << 30, count)),
        "domain": _domains(rng, own, land).take(pa.array(head)),
        "old": _glued(_coined(rng, count), _coined(rng, count), pa.scalar(".com")),
        "city": pc.if_else(rng.random(count) < 0.5, cities, pc.utf8_capitalize(town)),
        "other": _of_land(rng, land, _cities),
        "postal": _digits(rng, size),
        "phone": _glued(
            pa.array([each.dial for each in LANDS]).take(pa.array(land)), blank, _digits(rng, size * 0 + 9)
        ),
        "street": _glued(number, blank, _pick(rng, STREETS, count)),
        "duns": _digits(rng, size * 0 + 9),
        "industry": _pick(rng, INDUSTRIES, count),
        "employees": pa.array(np.exp(rng.normal(4, 1.6, count)).astype(np.int64) + 1).cast(pa.string()),
    }
    return Company(columns, land, group)


def _domains(rng: np.random.Generator, names: Texts, land: Ints) -> Texts:
    """A domain for each company that no other has: who came late had to add something."""
    count = len(names)
    plain = pc.utf8_lower(_ascii(names))
    hyphen = pc.if_else(rng.random(count) < 0.2, "-", "")
    label = pc.binary_join(pc.split_pattern_regex(plain, "[^a-z0-9]+"), hyphen)
    label = pc.if_else(rng.random(count) < LONGER_LABEL, _glued(label, _pick(rng, LABEL_ENDS, count)), label)
    tld = pc.if_else(rng.random(count) < 0.45, "com", pa.array([each.tld for each in LANDS]).take(pa.array(land)))
    codes = _glued(label, pa.scalar("."), tld).dictionary_encode().indices.to_numpy()
    first = np.zeros(count, bool)
    first[np.unique(codes, return_index=True)[1]] = True
    late = pa.array(np.arange(count)).cast(pa.string())
    return _glued(pc.if_else(first, label, _glued(label, _pick(rng, SYLLABLES, count), late)), pa.scalar("."), tld)


def seen(rng: np.random.Generator, them: Company, rows: Ints, ids: Texts) -> pa.Table:
    """These companies as one list holds them."""
    count, land = len(rows), them.land[rows]
    its = {name: column.take(pa.array(rows)) for name, column in them.columns.items()}

    def maybe(column: Texts, without: float) -> Texts:
        return pc.if_else(rng.random(count) < without, "", column)

    domain = pc.if_else(rng.random(count) < MOVED, its["old"], its["domain"])
    ended = _glued(pc.replace_substring_regex(domain, r"\..*$", "."), _pick(rng, OTHER_TLDS, count))
    domain = pc.if_else(rng.random(count) < OTHER_END, ended, domain)
    url = _glued(_pick(rng, ("", "", "www.", "https://", "https://www.", "http://www."), count), domain)
    url = pc.if_else(rng.random(count) < 0.2, _glued(url, pa.scalar("/")), url)
    url = pc.if_else(rng.random(count) < FREE_MAIL, "gmail.com", url)
    codes, names = (
        pa.array(each).take(pa.array(land)) for each in zip(*((x.code, x.name) for x in LANDS), strict=True)
    )
    written = pc.if_else(rng.random(count) < 0.4, codes, names)
    city = pc.if_else(rng.random(count) < OTHER_CITY, its["other"], its["city"])
    streets = _glued(its["street"], pa.scalar(" "), _pick(rng, ("Street", "St", "St."), count))
    standing = rng.choice(len(POPULATIONS), count, p=(0.2, 0.1, 0.7))
    columns = {
        "id": ids,
        "name": _written(rng, its, land),
        "website": maybe(url, NO_WEBSITE),
        "country": maybe(written, NO_COUNTRY),
        "city": maybe(city, NO_CITY),
        "postal code": maybe(its["postal"], NO_POSTAL_CODE),
        "street": maybe(streets, NO_STREET),
        "phone": maybe(_glued(pa.scalar("+"), its["phone"]), NO_PHONE),
        "population": pa.array(POPULATIONS).take(pa.array(standing)),
        "owner": pc.utf8_capitalize(_pick(rng, SYLLABLES, count)),
        "duns": maybe(its["duns"], 1 - DUNS),
        "contact domains": maybe(its["domain"], 1 - CONTACTS),
        "industry": maybe(its["industry"], 0.3),
        "employees": maybe(its["employees"], 0.4),
    }
    return pa.table(columns)


def _names(rng: np.random.Generator, land: Ints, count: int) -> Texts:
    coined, blank = pc.utf8_capitalize(_coined(rng, count)), pa.scalar(" ")
    trade = _of_land(rng, land, _trades)
    city = _of_land(rng, land, _cities)
    family = _zipf(rng, tuple(FAMILIES.split()), count)
    letters = _glued(*(_pick(rng, tuple("ABCDEFGHIKLMNOPRSTVWZ"), count) for _ in range(3)))
    ways = (
        coined,
        _glued(coined, blank, trade),
        _glued(family, blank, trade),
        _glued(_zipf(rng, tuple(COMMON.split()), count), blank, trade),
        _glued(city, blank, trade),
        _glued(letters, blank, trade),
    )
    kind = rng.choice(len(ways), count, p=KINDS)
    return pc.choose(pa.array(kind), *ways)


def _coined(rng: np.random.Generator, count: int) -> Texts:
    third = pc.if_else(rng.random(count) < 0.55, _pick(rng, SYLLABLES, count), "")
    return _glued(_pick(rng, SYLLABLES, count), _pick(rng, SYLLABLES, count), third, _pick(rng, ENDS, count))


def _written(rng: np.random.Generator, its: Mapping[str, Texts], land: Ints) -> Texts:
    """A name as somebody typed it: with or without its legal form, spelled in one of its ways, cut, with a slip."""
    count = len(land)
    forms = _forms(rng, land, its["form"].to_numpy())
    bare = rng.random(count) < NO_FORM
    name = pc.if_else(bare, its["words"], _glued(its["words"], pa.scalar(" "), forms))
    name = pc.if_else(rng.random(count) < CAPITALS, pc.utf8_upper(name), name)
    name = pc.if_else(rng.random(count) < 0.5, name, _folded(name))
    for share, change in ((TYPO, _slip), (CUT, _cut)):
        at = np.flatnonzero(rng.random(count) < share)
        changed = pa.array([change(rng, text) for text in name.take(pa.array(at)).to_pylist()], pa.string())
        mask = np.zeros(count, bool)
        mask[at] = True
        name = pc.replace_with_mask(_flat(name), pa.array(mask), changed)
    return name


def _forms(rng: np.random.Generator, land: Ints, drawn: Ints) -> Texts:
    """The legal form that each company has, mostly in its usual spelling."""
    spellings: list[str] = []
    starts = np.zeros((len(LANDS), 4), np.int64)
    sizes = np.ones((len(LANDS), 4), np.int64)
    for n, each in enumerate(LANDS):
        for slot in range(4):
            form = each.forms[slot % len(each.forms)]
            starts[n, slot], sizes[n, slot] = len(spellings), len(form)
            spellings += form
    slot = np.array([len(each.forms) for each in LANDS])[land]
    slot = drawn % slot
    other = np.where(rng.random(len(land)) < OTHER_FORM, rng.integers(0, 12, len(land)), 0)
    return pa.array(spellings).take(pa.array(starts[land, slot] + other % sizes[land, slot]))


def _slip(rng: np.random.Generator, text: str) -> str:
    at = int(rng.integers(0, max(1, len(text) - 1)))
    way = int(rng.integers(0, 4))
    letter = "aeionrst"[int(rng.integers(0, 8))]
    return (
        text[:at] + text[at + 1 :],
        text[:at] + letter + text[at:],
        text[:at] + letter + text[at + 1 :],
        text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
    )[way] or text


def _cut(rng: np.random.Generator, text: str) -> str:
    """A word is shortened, as lists of fixed width do, or the last ones are left out."""
    words = text.split()
    if len(words) < 3 or rng.random() < 0.5:
        at = int(rng.integers(0, len(words)))
        words[at] = words[at][: max(3, len(words[at]) // 2)] + "."
        return " ".join(words)
    return " ".join(words[:-1])


def _folded(name: Texts) -> Texts:
    for written, plain in (("ü", "ue"), ("ö", "oe"), ("ä", "ae")):
        name = pc.replace_substring(name, written, plain)
    return name


def _ascii(text: Texts) -> Texts:
    return pc.replace_substring_regex(pc.utf8_normalize(_folded(text), "NFKD"), r"\p{M}", "")


def _cities(land: Land) -> list[str]:
    return land.cities.split("|")


def _trades(land: Land) -> list[str]:
    return land.trades.split()


def _of_land(rng: np.random.Generator, land: Ints, words: Callable[[Land], list[str]]) -> Texts:
    lists = [words(each) for each in LANDS]
    starts = np.cumsum([0, *map(len, lists)])[:-1]
    at = starts[land] + (rng.random(len(land)) ** 1.5 * np.array([*map(len, lists)])[land]).astype(np.int64)
    return pa.array([word for each in lists for word in each]).take(pa.array(at))


def _pick(rng: np.random.Generator, words: tuple[str, ...], count: int) -> Texts:
    return pa.array(words).take(pa.array(rng.integers(0, len(words), count)))


def _zipf(rng: np.random.Generator, words: tuple[str, ...], count: int) -> Texts:
    at = rng.choice(len(words), count, p=_shares([1 / (n + 1) for n in range(len(words))]))
    return pa.array(words).take(pa.array(at))


def _digits(rng: np.random.Generator, sizes: Ints) -> Texts:
    number = (rng.random(len(sizes)) * 10.0**sizes).astype(np.int64) + 10**12
    text = pa.array(number).cast(pa.string())
    at = [pc.utf8_slice_codeunits(text, 13 - size) for size in range(10)]
    return pc.choose(pa.array(sizes), *at)


def _glued(*parts: Any) -> Texts:
    return _flat(pc.binary_join_element_wise(*parts, ""))


def _flat(text: Any) -> Texts:
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _shares(weights: list[float]) -> list[float]:
    return [weight / sum(weights) for weight in weights]


if __name__ == "__main__":
    main()
