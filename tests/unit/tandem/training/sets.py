"""Small labelled sets on disk."""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

WORDS = (
    "Zyxtron",
    "Bramwell",
    "Quendor",
    "Halvasi",
    "Mirkova",
    "Tolbrin",
    "Vexaline",
    "Corduva",
    "Parnassk",
    "Ullmark",
)
TRADES = ("Logistics", "Foods", "Energy", "Partners")


def write(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """A CSV file of rows that have the same columns."""
    found = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return path


def company(number: int, country: str = "Germany") -> dict[str, str]:
    name = f"{WORDS[number % 10]} {WORDS[number // 10 % 10]} {TRADES[number % 4]}"
    return {"id": f"a{number}", "name": name, "website": f"https://firm{number}.com", "country": country}


def lists(folder: Path, size: int = 100) -> Path:
    """Two lists of the same companies; each has a namesake in another country, under another domain."""
    folder.mkdir()
    ours = [company(n) for n in range(size)]
    twins = [{**company(n, "France"), "id": f"c{n}", "website": f"https://autre{n}.fr"} for n in range(0, size, 2)]
    theirs = [{**company(n), "id": f"b{n}", "name": company(n)["name"] + " GmbH"} for n in range(size)]
    write(folder / "ours.csv", ours)
    write(folder / "partner.csv", [*theirs, *twins])
    write(folder / "gold_pairs.csv", [{"a_id": f"a{n}", "b_id": f"b{n}"} for n in range(size)])
    return folder


def rulings(path: Path, size: int = 60) -> Path:
    """What people have ruled: the same domain is the same company, the same name in another country is not."""
    rows = []
    for n in range(size):
        mine = company(n)
        same = {**mine, "id": f"b{n}"}
        other = {**company(n, "France"), "id": f"c{n}", "website": f"https://autre{n}.fr"}
        for theirs, verdict in ((same, "same"), (other, "related" if n % 3 else "different")):
            sides = {f"our_{k}": v for k, v in mine.items()} | {f"partner_{k}": v for k, v in theirs.items()}
            rows.append({**sides, "verdict": verdict})
    if path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        return path
    return write(path, rows)
