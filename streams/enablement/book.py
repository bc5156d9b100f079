"""The rows as one decision of enablement sees and changes them, and what it has to look at; nothing is decided here."""

import hashlib
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from pydantic import BaseModel

from schemas import topics
from schemas.messages import Write
from streams import agenda
from streams.book import Pages
from streams.enablement.parts import Setup
from streams.enablement.state import END, MARK, LearnerRow, Points, Refs
from streams.matching.features import registered_domain

MANY = 20_000  # more people than any partner has
BUCKETS = 256  # everything is looked at again in so many parts, where the rules have changed
LAST = chr(0x10FFFF)  # sorts after every sign of a name
FIRST = datetime(1970, 1, 1, tzinfo=UTC)  # what waits for the first look comes before everything that has an hour


@dataclass(slots=True, kw_only=True)
class Book(Pages[BaseModel]):
    """One decision in the making, over what enablement remembers."""

    setup: Setup
    records: dict[str, None] = field(default_factory=dict)  # partners' records that have to be looked at, in order
    people: dict[str, None] = field(default_factory=dict)
    partners: dict[str, None] = field(default_factory=dict)
    near: dict[str, list[tuple[float, str]]] = field(default_factory=dict)  # records that resemble one; read once
    _changed: list[str] = field(default_factory=list)  # the names of the rows that this decision has set; sorted

    @property
    def now(self) -> datetime:
        """Tandem's own clock."""
        return agenda.now(self)

    @property
    def today(self) -> date:
        """The day by the clock, UTC."""
        return self.now.astimezone(UTC).date()

    @property
    def ready(self) -> bool:
        """Whether everything has been looked at once, so that "it is not there" can be known."""
        return agenda.ready(self, self.setup.looking)

    def put(self, name: str, row: BaseModel | None) -> None:
        """Replace a row, or delete it."""
        if name not in self._rows:
            insort(self._changed, name)
        self._rows[name] = row

    def scan(self, prefix: str, limit: int) -> list[str]:
        """The names of the first rows with that prefix; a decision may have changed very many others."""
        start, end = bisect_left(self._changed, prefix), bisect_left(self._changed, prefix + LAST)
        fresh = self._changed[start:end]
        names = {*self.state.scan(prefix, limit + len(fresh)), *fresh}
        return sorted(name for name in names if name not in self._rows or self._rows[name] is not None)[:limit]

    def refs(self, name: str) -> tuple[str, ...]:
        """The records of an index row."""
        found = self.get(name, Refs)
        return () if found is None else found.refs

    def index(self, name: str, ref: str, there: bool) -> None:
        """Put a record into an index row, or take it out."""
        before = self.refs(name)
        after = tuple(sorted({*before, ref} if there else set(before) - {ref}))
        if after != before:
            self.put(name, Refs(refs=after) if after else None)

    def move(self, prefix: str, ref: str, before: Iterable[str], after: Iterable[str]) -> None:
        """Keep the index rows in which a record stands in step with what it is."""
        for name in sorted(set(before) - set(after)):
            self.index(prefix + name, ref, there=False)
        for name in sorted(set(after) - set(before)):
            self.index(prefix + name, ref, there=True)

    def below(self, prefix: str) -> list[str]:
        """What the names of the rows with that prefix end with."""
        return [name.removeprefix(prefix) for name in self.scan(prefix, MANY)]

    def points(self, name: str) -> str | None:
        """Where a row points to."""
        row = self.get(name, Points)
        return None if row is None else row.to

    def point(self, name: str, to: str | None) -> None:
        """Let a row point to something, or to nothing."""
        self.put(name, None if to is None else Points(to=to))

    def know(self, what: str) -> None:
        """Note a person or a partner among those that are looked at again where the rules change."""
        self.put(f"all/{bucket(what)}|{what}", MARK)

    def touch_person(self, email: str) -> None:
        """A person has to be looked at; one that is new can be found by domain and by the SHA-1 of the address."""
        self.people[email] = None
        if self.points(f"hash/{sha1(email)}") is None:
            self.point(f"hash/{sha1(email)}", email)
            self.know(f"person/{email}")
            domain = registered_domain(email.rpartition("@")[2])
            if domain:
                self.put(f"at/{domain}{END}{email}", MARK)

    def touch_who(self, who: str) -> None:
        """Whoever that is, where it is known."""
        if who.startswith("sha1:"):
            email = self.points(f"hash/{who.removeprefix('sha1:')}")
        elif "/learner/" in who:
            row = self.get(f"learner/{who}", LearnerRow)
            email = None if row is None else row.email
        else:
            email = who
        if email is not None:
            self.touch_person(email)

    def touch_claimed(self, of: str) -> None:
        """Everybody whom a system says to be with that partner."""
        for email in self.below(f"claimed/{of}{END}"):
            self.people[email] = None

    def touch_at(self, domain: str) -> None:
        """Everybody with an address of that domain."""
        for email in self.below(f"at/{domain}{END}"):
            self.people[email] = None

    def touch_partner(self, key: str | None) -> None:
        """A partner has to be looked at."""
        if key is not None:
            self.partners[key] = None

    def write(self, write: Write) -> None:
        """Publish a write, ordered with those to the same record."""
        self.say(topics.writes(write.connection), write.record, write, write.id)


def claim(connection: str, partner: str) -> str:
    """A partner as a system names it."""
    return f"{connection}{END}{partner}"


def sha1(email: str) -> str:
    """The `mbox_sha1sum` of an address: of its `mailto:` form, as the xAPI specification says."""
    return hashlib.sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest()


def bucket(what: str) -> str:
    """In which part of everything that is."""
    return f"{hashlib.sha256(what.encode()).digest()[0]:02x}"


def mail(text: str | None) -> str | None:
    """An address as it is compared; None for what is none."""
    address = (text or "").strip().lower().removeprefix("mailto:")
    return address if "@" in address else None
