"""What learning is worth, and what a new partner has to learn, as data checked key by key; it decides nothing."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import Field

from mappings.errors import nearest
from mappings.rulebook import Rule, Rulebook, read
from schemas.learning import LearningKind

FILE = "learning.toml"


class Item(Rule):
    """Something that can be learned, under all its ids and names."""

    id: str = Field(min_length=1)
    connection: str | None = None
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    kinds: tuple[LearningKind, ...] = ()

    def stands_for(self, connection: str, item: str, name: str | None, kind: LearningKind) -> bool:
        """Whether a learning system's record is about it; a kind that the system does not tell (`other`) fits any."""
        if self.connection not in (None, connection):
            return False
        if self.kinds and kind is not LearningKind.OTHER and kind not in self.kinds:
            return False
        said = (name or "").strip().casefold()
        return item in self.ids or any(fnmatchcase(said, each.casefold()) for each in self.names if said)


class Program(Rule):
    """A certification: what it is called and about, how long it holds, and what it needs."""

    program: str = Field(min_length=1)
    name: str = Field(min_length=1)
    product: str | None = None
    level: int = Field(default=1, ge=1)
    valid_months: int | None = Field(default=None, ge=1)
    needs: tuple[str | tuple[str, ...], ...] = Field(min_length=1)

    @property
    def each(self) -> tuple[tuple[str, ...], ...]:
        """What has to be held: of each, one item."""
        return tuple((need,) if isinstance(need, str) else need for need in self.needs)


class LearningPath(Rule):
    """A learning path for new people of a new partner."""

    connection: str = Field(min_length=1)
    path: str = Field(min_length=1)
    roles: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()


class Milestone(Rule):
    """How far a new partner has to be so many days after the agreement."""

    name: str = Field(min_length=1)
    days: int = Field(ge=1)
    users: int = Field(default=0, ge=0)
    certified: int = Field(default=0, ge=0)


class Onboarding(Rule):
    """What happens with a new partner."""

    within_days: int = Field(ge=1)
    paths: tuple[LearningPath, ...]
    milestones: tuple[Milestone, ...]


class LearningRules(Rule):
    """All of `learning.toml`."""

    items: tuple[Item, ...]
    programs: tuple[Program, ...]
    accounts: Mapping[str, str]
    onboarding: Onboarding

    def meant(self, connection: str, item: str, name: str | None, kind: LearningKind) -> tuple[str, ...]:
        """The ids of the items that a learning system's record is about."""
        return tuple(each.id for each in self.items if each.stands_for(connection, item, name, kind))


def load(overrides: Path | None = None, connections: Collection[str] | None = None) -> LearningRules:
    """The shipped rules as changed by `<overrides>/learning.toml`. Raises `MappingError`.

    `connections`: the deployment's learning systems; where they are given, a rule that names another is refused.
    """
    book = read(FILE, LearningRules, overrides)
    _check_items(book)
    _check_programs(book)
    _check_onboarding(book)
    if connections is not None:
        _check_connections(book, connections)
    return book.rules


def _check_items(book: Rulebook[LearningRules]) -> None:
    known: dict[str, None] = {}
    owner: dict[tuple[str, str], Item] = {}
    for at, item in enumerate(book.rules.items):
        if item.id in known:
            book.refuse(f"two items have the id {item.id!r}.", "give each its own, or join them", "items", at, "id")
        known[item.id] = None
        if not item.ids and not item.names:
            book.refuse(f"{item.id!r} stands for nothing.", "add `ids` or `names`", "items", at, "id")
        for vendor in item.ids:
            places = [(item.connection or "", vendor), ("", vendor)]
            other = next((owner[place] for place in places if place in owner), None)
            if other is None and item.connection is None:
                other = next((each for (_, its), each in owner.items() if its == vendor), None)
            if other is not None and (not other.kinds or not item.kinds or set(other.kinds) & set(item.kinds)):
                reason = f"{vendor!r} could be {other.id!r} or {item.id!r}."
                book.refuse(reason, "leave it to one of them, or tell them by connection or kinds", "items", at, "ids")
            owner[places[0]] = item


def _check_programs(book: Rulebook[LearningRules]) -> None:
    items, known = [each.id for each in book.rules.items], set[str]()
    for at, program in enumerate(book.rules.programs):
        if program.program in known:
            reason = f"two programs are called {program.program!r}."
            book.refuse(reason, "give each its own name", "programs", at, "program")
        known.add(program.program)
        for need in program.each:
            if not need:
                book.refuse("a need names no item.", "name one, or drop it", "programs", at, "needs")
            for item in need:
                if item not in items:
                    book.refuse(f"no item has the id {item!r}.", nearest(item, items), "programs", at, "needs")


def _check_onboarding(book: Rulebook[LearningRules]) -> None:
    onboarding, names = book.rules.onboarding, set[str]()
    for at, milestone in enumerate(onboarding.milestones):
        spot = ("onboarding", "milestones", at)
        if milestone.name in names:
            book.refuse(f"two milestones are called {milestone.name!r}.", "give each its own name", *spot, "name")
        names.add(milestone.name)
        if not milestone.users and not milestone.certified:
            book.refuse(f"{milestone.name!r} needs nothing.", "add `users` or `certified`", *spot, "name")
        if milestone.days > onboarding.within_days:
            reason = f"{milestone.name!r} is due after onboarding is over ({onboarding.within_days} days)."
            book.refuse(reason, "raise [onboarding] within_days, or lower `days`", *spot, "days")


def _check_connections(book: Rulebook[LearningRules], connections: Collection[str]) -> None:
    for name, spot in _named(book.rules):
        if name not in connections:
            book.refuse(f"no learning system is called {name!r}.", nearest(name, connections), *spot)


def _named(rules: LearningRules) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    for at, item in enumerate(rules.items):
        if item.connection is not None:
            yield item.connection, ("items", at, "connection")
    for home, connection in rules.accounts.items():
        yield connection, ("accounts", home)
    for at, path in enumerate(rules.onboarding.paths):
        yield path.connection, ("onboarding", "paths", at, "connection")
