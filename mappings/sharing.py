"""What partners see of our accounts, as data, checked key by key and against each other; it decides nothing.

Populations are taken in the order in which they are written: an account is of the first one that takes it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from pydantic import Field

from mappings import rulebook
from mappings.conditions import Condition, takes
from mappings.errors import nearest
from mappings.rulebook import Rule, Rulebook, Source
from schemas.entities import Account, Population

FILE = "sharing.toml"
STANDARD = tuple(each.value for each in Population)
ACCOUNT_FIELDS = tuple(Account.model_fields)
# What can stand in a shared row: fields of the account, its id, and what is said of the match.
SHAREABLE = ("id", "reasons", "confidence", *(name for name in ACCOUNT_FIELDS if name not in {"tandem_key", "lists"}))
REMEDIES = {"by": 'write by = "Dana Reyes", on = 2026-11-01', "on": "add on = 2026-11-01, the day as TOML writes it"}


class Level(StrEnum):
    """How much of a population is seen, the most first."""

    ALL = "all"
    OVERLAPS = "overlaps"
    COUNTS = "counts"
    HIDDEN = "hidden"


class Default(Rule):
    """What holds where nothing else is said."""

    level: Level
    fields: str | tuple[str, ...]
    shows: Level


class Caps(Rule):
    """How much a partner may put against our accounts before it is held back."""

    largest_list: int = Field(ge=1)
    first_days: int = Field(ge=1)
    adds_per_day: int = Field(ge=0)
    changed_share: float = Field(ge=0, le=1)
    least: int = Field(ge=0)


class OwnCaps(Rule):
    """What is different for one partner."""

    largest_list: int | None = Field(default=None, ge=1)
    first_days: int | None = Field(default=None, ge=1)
    adds_per_day: int | None = Field(default=None, ge=0)
    changed_share: float | None = Field(default=None, ge=0, le=1)
    least: int | None = Field(default=None, ge=0)


class Counting(Rule):
    """Which counts are shown, and how exactly."""

    small: int = Field(ge=1)
    round_to: int = Field(ge=1)


class Agreed(Rule):
    """Who has agreed for one side, and when."""

    by: str = Field(min_length=1)
    on: date


Values = tuple[str | bool, ...]


class OwnPopulation(Rule):
    """Which accounts are of it, and how much of them is seen."""

    when: Mapping[str, Values] = Field(default_factory=dict)
    unless: Mapping[str, Values] = Field(default_factory=dict)
    report: str | None = Field(default=None, min_length=1)
    level: Level | None = None

    @property
    def says_whom(self) -> bool:
        """Whether anything says which accounts are of it."""
        return bool(self.when or self.unless or self.report)

    def has(self, account: Account) -> bool:
        """Whether an account is of it."""
        wanted = [_Condition(field, values) for field, values in self.when.items()]
        if self.report is not None:
            wanted.append(_Condition("lists", (self.report,)))
        return takes(wanted, [_Condition(field, values) for field, values in self.unless.items()], dict(account))


class _Condition(Condition):
    """A condition over a canonical field; of a field with several values any of them counts."""

    __slots__ = ()

    def holds(self, row: Mapping[str, object]) -> bool:
        """Whether the row's value, or one of them, is one that counts."""
        found = row.get(self.field)
        if isinstance(found, tuple):
            return any(Condition(self.field, self.values).holds({self.field: each}) for each in found or ("",))
        return Condition(self.field, self.values).holds(row)


class PartnerTerms(Rule):
    """What is agreed with one partner."""

    ours: Agreed | None = None
    theirs: Agreed | None = None
    level: Level | None = None
    levels: Mapping[str, Level] = Field(default_factory=dict)
    fields: str | tuple[str, ...] | None = None
    shows: Mapping[Population, Level] | Level | None = None
    caps: OwnCaps = Field(default_factory=OwnCaps)


class SharingRules(Rule):
    """All of `sharing.toml`."""

    default: Default
    fields: Mapping[str, tuple[str, ...]]
    caps: Caps
    counts: Counting
    populations: Mapping[str, OwnPopulation] = Field(default_factory=dict)
    partners: Mapping[str, PartnerTerms] = Field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """Names who is of which of the deployment's own populations; empty where it has none."""
        own = [(name, it.when, it.unless, it.report) for name, it in self.populations.items() if name not in STANDARD]
        return hashlib.blake2b(repr(own).encode(), digest_size=4).hexdigest() if own else ""

    @cached_property
    def asked(self) -> frozenset[str]:
        """The fields of an account that decide which of the deployment's own populations it is of."""
        own = [it for name, it in self.populations.items() if name not in STANDARD]
        reports = {"lists"} if any(it.report for it in own) else set()
        return frozenset().union(reports, *(it.when for it in own), *(it.unless for it in own))

    def population(self, account: Account) -> str:
        """The population that an account of ours is of: the first that takes it, or the standard one."""
        for name, it in self.populations.items():
            if name not in STANDARD and it.has(account):
                return name
        return str(account.population)

    def names(self) -> tuple[str, ...]:
        """Every population, the deployment's own first, in their order."""
        return (*(name for name in self.populations if name not in STANDARD), *STANDARD)


def load(overrides: Path | None = None) -> SharingRules:
    """The shipped rules as changed by `<overrides>/sharing.toml`. Raises `MappingError` with file, line and remedy."""
    book = _source(overrides).checked(SharingRules, REMEDIES)
    _Check(book).all()
    return book.rules


def shipped() -> SharingRules:
    """The rules without any change."""
    return load(None)


def _source(overrides: Path | None) -> Source:
    return rulebook.source(FILE, overrides)


class _Check:
    """What no single value shows."""

    def __init__(self, book: Rulebook[SharingRules]) -> None:
        self.book, self.rules = book, book.rules

    def all(self) -> None:
        for name, fields in self.rules.fields.items():
            self._fields(fields, "fields", name)
        self._preset(self.rules.default.fields, "default", "fields")
        for name, population in self.rules.populations.items():
            self._population(name, population)
        for partner, terms in self.rules.partners.items():
            self._known(terms.levels, self.rules.names(), "population", "partners", partner, "levels")
            if terms.fields is not None:
                self._preset(terms.fields, "partners", partner, "fields")

    def _population(self, name: str, it: OwnPopulation) -> None:
        for key, conditions in (("when", it.when), ("unless", it.unless)):
            self._known(conditions, ACCOUNT_FIELDS, "field of an account", "populations", name, key)
            for field, values in conditions.items():
                if not values:
                    remedy = "name the values that count, or take the key out"
                    self.book.refuse(f"{field!r} has no values.", remedy, "populations", name, key, field)
        if name in STANDARD and it.says_whom:
            reason = f"{name!r} is what the system of record says, and takes no conditions."
            self.book.refuse(reason, "give the population a name of its own", "populations", name)
        if name not in STANDARD and not it.says_whom:
            reason = f"nothing says which accounts are of {name!r}."
            near = nearest(name, STANDARD)
            self.book.refuse(reason, f"add `when`, `unless` or `report`; {near}", "populations", name)

    def _preset(self, fields: str | tuple[str, ...], *spot: str) -> None:
        if not isinstance(fields, str):
            self._fields(fields, *spot)
        elif fields not in self.rules.fields:
            reason = f"no preset is called {fields!r}."
            self.book.refuse(reason, f"{nearest(fields, self.rules.fields)}; or write a list of fields", *spot)

    def _fields(self, fields: tuple[str, ...], *spot: str) -> None:
        for field in fields:
            if field not in SHAREABLE:
                self.book.refuse(f"no field is called {field!r}.", nearest(field, SHAREABLE), *spot)

    def _known(self, names: Iterable[str], known: Iterable[str], what: str, *spot: str) -> None:
        for name in names:
            if name not in known:
                self.book.refuse(f"no {what} is called {name!r}.", nearest(name, known), *spot, name)
