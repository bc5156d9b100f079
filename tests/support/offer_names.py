"""How people write a company's name in a hurry, and the words that they put around it; it knows no deal and no offer."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

COMPANIES = Path(__file__).resolve().parents[2] / "data" / "companies"
FORMS = re.compile(
    r"[\s,]+(inc|ltd|limited|llc|plc|corp|corporation|ag|se|gmbh|sa|s\.a\.|nv|ab|asa|oyj|spa|s\.p\.a\.|a/s|co|company|"
    r"group|holdings?|hldg|kk|tbk|pcl|bhd)\.?,?$",
    re.IGNORECASE,
)
NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "n": "m", "o": "p", "r": "t", "s": "d", "t": "z", "l": "k", "c": "v"}


@dataclass(frozen=True)
class Company:
    """A company of the lists in data/companies: its name in our CRM, and how somebody else's list writes it."""

    name: str
    other: str
    website: str | None
    country: str
    city: str | None


@cache
def companies() -> tuple[Company, ...]:
    """Every company of our list, with the partner's spelling where the labelled pairs hold one."""
    theirs = {row["id"]: row for row in _rows("partner.csv")}
    pairs = {row["a_id"]: row["b_id"] for row in _rows("gold_pairs.csv")}
    found = []
    for row in _rows("ours.csv"):
        other = theirs.get(pairs.get(row["id"], ""), row)
        website = row["website"] or other["website"] or None
        found.append(Company(row["name"], other["name"], website, row["country"], row["city"] or None))
    return tuple(found)


def _rows(name: str) -> list[dict[str, str]]:
    with (COMPANIES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(rng: Random, company: Company) -> str:
    """The company as a person writes it into a field that nobody checks."""
    name = company.other if rng.random() < 0.2 else company.name
    if rng.random() < 0.75:
        name = bare(name)
    for chance, mess in ((0.10, _typo), (0.06, _swapped), (0.10, _first_words), (0.05, _shortened), (0.03, _initials)):
        if rng.random() < chance:
            name = mess(rng, name)
    if company.website and rng.random() < 0.05:
        name = re.sub(r"^(https?://)?(www\.)?", "", company.website).split("/")[0]
    style = rng.random()
    return name.upper() if style < 0.08 else name.lower() if style < 0.15 else name


def bare(name: str) -> str:
    """Without the legal forms at its end."""
    while (shorter := FORMS.sub("", name)) not in (name, ""):
        name = shorter
    return name


def _typo(rng: Random, name: str) -> str:
    at = rng.randrange(len(name))
    return rng.choice(
        [
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[: max(0, at - 1)] + name[at : at + 1] + name[max(0, at - 1) : at] + name[at + 1 :],
            name[:at] + NEIGHBOURS.get(name[at].lower(), name[at]) + name[at + 1 :],
        ]
    )


def _swapped(rng: Random, name: str) -> str:
    words = name.split()
    if len(words) < 2:
        return name
    at = rng.randrange(len(words) - 1)
    words[at], words[at + 1] = words[at + 1], words[at]
    return " ".join(words)


def _first_words(rng: Random, name: str) -> str:
    words = name.split()
    return " ".join(words[: rng.choice([1, 1, 2])]) if len(words[0]) > 3 else name


def _shortened(rng: Random, name: str) -> str:
    cut = [word[:4] + "." if len(word) > 6 and rng.random() < 0.5 else word for word in name.split()]
    return " ".join(cut)


def _initials(rng: Random, name: str) -> str:
    letters = [word[0] for word in bare(name).split() if word[0].isalpha()]
    return "".join(letters).upper() if len(letters) > 2 else name
