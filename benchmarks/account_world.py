"""A seeded world of accounts for the benchmark of account mapping's streams: partner lists, ours, and what happens to them.

A tenth of ours are companies that the partner holds too. Names are two drawn words, of which the second is common, and a
legal form; every company has a country and a city, most a website, fewer a phone and a street, as lists of CRMs do.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from schemas.entities import Account, Population
from schemas.messages import AccountChanged, ChangeKind

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er")]
TRADES = (
    "Robotics", "Systems", "Logistics", "Consulting", "Bank", "Energy", "Foods", "Media", "Software", "Medical",
    "Insurance", "Steel", "Motors", "Chemicals", "Textiles", "Travel", "Print", "Optics", "Farms", "Security",
)  # fmt: skip
FORMS = ("GmbH", "Inc", "Ltd", "AG", "SA", "LLC", "BV", "SpA", "AB", "")
COUNTRIES = ("US", "DE", "GB", "FR", "IT", "ES", "NL", "SE", "CH", "AT", "PL", "CA", "AU", "BR", "DK")
POPULATIONS = tuple(Population)
SHARED = 10  # every tenth of ours is a company of the partner's


def company(number: int, seed: int) -> Account:
    """The company of that number: the same in every run."""
    draw = random.Random(f"{seed}/{number}")
    first = "".join(draw.choice(SYLLABLES) for _ in range(draw.randint(2, 4))).capitalize()
    name = f"{first} {draw.choice(TRADES)} {draw.choice(FORMS)}".strip()
    country = draw.choices(COUNTRIES, range(len(COUNTRIES), 0, -1))[0]
    host = f"{first.lower()}-{draw.choice(TRADES).lower()}{number % 1000}.com"
    return Account(
        name=name,
        website=f"https://www.{host}" if draw.random() < 0.8 else None,
        country=country,
        city=f"{SYLLABLES[draw.randrange(60)]}ville",
        postal_code=f"{draw.randrange(10_000, 99_999)}" if draw.random() < 0.6 else None,
        street=f"{SYLLABLES[draw.randrange(90)]} road {draw.randrange(200)}" if draw.random() < 0.4 else None,
        phone=f"+49 {draw.randrange(10**9, 10**10)}" if draw.random() < 0.4 else None,
        population=draw.choice(POPULATIONS),
        owner_name=f"Owner {draw.randrange(500)}",
        description="Makes and sells things. " * 8,
    )


def changed(party: str, number: int, version: int, account: Account | None) -> AccountChanged:
    """A change of the account of that number."""
    connection = "our-crm" if party == "us" else "acme-crm"
    return AccountChanged(
        id=f"{connection}-{number}-{version}",
        connection=connection,
        party=party,
        record_id=f"{number:018d}",
        kind=ChangeKind.UPSERTED if account else ChangeKind.DELETED,
        version=version,
        record=account,
        occurred_at=AT + timedelta(milliseconds=version),
    )


def ours(number: int, theirs: int, seed: int) -> Account:
    """Our account of that number, where the partner has `theirs` accounts."""
    if number % SHARED:
        return company(theirs + number, seed)
    known = company(number * 7919 % theirs, seed)
    return known.model_copy(update={"name": known.name.upper(), "postal_code": None, "population": Population.CUSTOMER})


def partners(count: int, seed: int) -> Iterator[AccountChanged]:
    """The partner's list, each account once."""
    return (changed("partner:acme", number, 1, company(number, seed)) for number in range(count))


# The life of an account in a CRM, as some fifty changes: it is created once, and not all are deleted; its name, website,
# place or phone change twice, its owner or stage ten times; the rest touches what neither matching nor an overlap shows
# (last activity, scores, roll-ups, free text).
MIX = {"nothing": 0.73, "shown": 0.20, "features": 0.04, "new": 0.02, "gone": 0.01}


class Edits:
    """Changes of our accounts (or the partner's): each is of one kind, and has a rising version of its record."""

    def __init__(self, party: str, count: int, theirs: int, seed: int) -> None:
        self._party, self._theirs, self._seed = party, theirs, seed
        self._draw = random.Random(seed)
        self._versions: dict[int, int] = {}
        self._now: dict[int, Account] = {}
        self._live = list(range(count))
        self._next = count

    def base(self, number: int) -> Account:
        """The account before any edit."""
        if self._party == "us":
            return ours(number, self._theirs, self._seed)
        return company(number, self._seed)

    def make(self, kind: str) -> AccountChanged:
        """The next change of that kind."""
        number = self._next if kind == "new" else self._drawn(kind)
        self._next += kind == "new"
        account = self._now.get(number) or self.base(number)
        version = self._versions[number] = self._versions.get(number, 1) + 1
        account = account.model_copy(update=self._update(kind, account, version))
        self._now[number] = account
        if kind == "new":
            self._live.append(number)
        return changed(self._party, number, version, None if kind == "gone" else account)

    def _drawn(self, kind: str) -> int:
        """One of those that are there; what is gone does not change any more."""
        at = self._draw.randrange(len(self._live))
        if kind != "gone":
            return self._live[at]
        self._live[at], self._live[-1] = self._live[-1], self._live[at]
        return self._live.pop()

    def _update(self, kind: str, account: Account, version: int) -> dict[str, object]:
        if kind == "nothing":
            return {"description": f"Makes and sells things. {version}"}
        if kind == "shown":
            others = [each for each in POPULATIONS if each is not account.population]
            return {"owner_name": f"Owner {version}", "population": self._draw.choice(others)}
        if kind == "features":
            choices: tuple[dict[str, object], ...] = (
                {"phone": f"+49 {self._draw.randrange(10**9, 10**10)}"},
                {"city": f"{SYLLABLES[self._draw.randrange(60)]}ville", "postal_code": "10115"},
                {"name": f"{account.name} Group"},
                {"website": f"https://{''.join(self._draw.choice(SYLLABLES) for _ in range(4))}.com"},
            )
            return self._draw.choice(choices)
        return {}

    def mixed(self, count: int) -> Iterator[AccountChanged]:
        """So many changes, of the kinds in their shares."""
        for kind in self._draw.choices(list(MIX), list(MIX.values()), k=count):
            yield self.make(kind)
