"""The one gate that everything passes which leaves to a partner; it keeps no state and sends nothing itself.

How to call it: `gate = Gate(terms(rules, "acme", asked=...), company, consent)`, then

- `gate.row(account, record_id, meets=...)` for an account of ours in a report, a CSV or a list;
- `gate.overlap(overlap, card)` for an overlap, with the sides exchanged, as it is written into the partner's system;
- `gate.counts(met)` for the matrix of populations, `gate.shown(number)` for any other count;
- `gate.received(population)` for what the partner shows us: its rows outside of overlaps at `Level.ALL` only.

Each returns only what may leave, and None where nothing may. Fields are let through by name: one that is new in an entity
does not leave before a preset names it. What is returned depends on nothing of ours that the partner does not see.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import JsonValue

from mappings.sharing import STANDARD, Level
from schemas.entities import Account, Overlap
from schemas.messages import AccountCard
from streams.sharing.policy import NO_RULINGS, Consent, Terms, population_of, strictest

BLANK: Mapping[str, JsonValue] = {
    "account": None,
    "partner_account": None,
    "partner_account_name": None,
    "partner_account_website": None,
    "partner_owner_name": None,
    "our_population": None,
    "partner_population": None,
    "relation": None,
    "confidence": None,
    "reasons": [],
    "main_reason": None,
}
"""Every field of a record at a partner that says something of an account, emptied."""

# What a sentence of the matching is about, by the words that it uses outside of quotes, and the field that it tells of.
SUBJECTS: Mapping[str, str] = {
    r"names?|words?|called|acronym|brand": "name",
    r"domains?|website|web": "website",
    r"former": "former_domains",
    r"mail|e-mail|contacts?": "contact_domains",
    r"country|countries": "country",
    r"city|cities": "city",
    r"postal|postcode": "postal_code",
    r"streets?|address": "street",
    r"phone": "phone",
    r"registration|duns|lei|vat|siren|siret|id|ids": "registration_ids",
}
_SUBJECTS = {field: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for words, field in SUBJECTS.items()}
THEIR_OWN = "also matches "  # names further accounts of the partner itself
_QUOTED = re.compile(r"'.*'")


class Met(NamedTuple):
    """One account of ours and one of the partner's that are the same company, each with its population."""

    ours: str
    our_population: str
    theirs: str
    their_population: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many accounts both hold, by our population and theirs; None: not shown. A total is one of what is shown."""

    cells: Mapping[tuple[str, str], int | None]
    ours: Mapping[str, int | None]
    theirs: Mapping[str, int | None]
    total: int | None


@dataclass(frozen=True, slots=True)
class Gate:
    """What one partner may see. `company` is what it calls us; `consent` is what people ruled besides the file."""

    terms: Terms
    company: str = "us"
    consent: Consent = NO_RULINGS

    @property
    def open(self) -> bool:
        """Whether both sides agree."""
        theirs = self.terms.theirs or self.consent.theirs
        return bool(self.terms.ours and theirs) and self.consent.withdrawn is None

    @property
    def closed_by(self) -> str:
        """Why nothing leaves; empty where something may."""
        if self.consent.withdrawn is not None:
            return f"withdrawn by {self.consent.withdrawn.by}"
        if not self.terms.ours:
            return "we have not agreed: sharing.toml says of this partner no `ours`"
        return "" if self.open else "the partner has not agreed"

    def population(self, account: Account) -> str:
        """The population that an account of ours is of."""
        return self.terms.rules.population(account)

    def level(self, population: str) -> Level:
        """How much of a population of ours the partner sees; of one that is not known nothing."""
        return self.terms.levels.get(population, Level.HIDDEN) if self.open else Level.HIDDEN

    def level_of(self, card: AccountCard) -> Level:
        """The same for the population of one account."""
        found = population_of(self.terms, card)
        if found is None and self.open and card.population in self.terms.levels:
            return strictest(self.terms, card.population)
        return self.level(found or "")

    def received(self, population: str) -> Level:
        """How much of a population of theirs the partner lets us see."""
        return self.terms.shows.get(population, Level.HIDDEN)

    def row(self, account: Account, record_id: str, *, meets: bool) -> dict[str, JsonValue] | None:
        """An account of ours as the partner may see it. `meets`: the partner holds it, too."""
        level = self.level(self.population(account))
        if not (level is Level.ALL or (meets and level is Level.OVERLAPS)):
            return None
        names = self.terms.fields & set(Account.model_fields)
        own: dict[str, JsonValue] = {"id": record_id} if "id" in self.terms.fields else {}
        return own | account.model_dump(mode="json", include=set(names))

    def overlap(self, overlap: Overlap, ours: AccountCard) -> dict[str, JsonValue] | None:
        """An overlap as it is written into the partner's system: the sides exchanged, what is not shared left blank."""
        if self.level_of(ours) not in {Level.ALL, Level.OVERLAPS}:
            return None
        reasons: list[JsonValue] = list(self.tellable(overlap.reasons))
        shared: dict[str, dict[str, JsonValue]] = {
            "id": {"partner_account": ours.record_id},
            "name": {"partner_account_name": ours.name},
            "website": {"partner_account_website": ours.website},
            "owner_name": {"partner_owner_name": ours.owner_name},
            "population": {"partner_population": overlap.our_population.value},
            "confidence": {"confidence": overlap.confidence},
            "reasons": {"reasons": reasons, "main_reason": reasons[0] if reasons else ""},
        }
        said = [shared[name] for name in sorted(self.terms.fields) if name in shared]
        theirs = overlap.model_dump(
            mode="json", include={"status", "first_seen", "last_changed", "ended_on", "relation"}
        )
        own = {"account": overlap.partner_account, "our_population": overlap.partner_population.value}
        return {**BLANK, "partner": self.company, "partner_name": self.company, **theirs, **own, **_merged(said)}

    def tellable(self, reasons: Sequence[str]) -> tuple[str, ...]:
        """The sentences that tell of shared fields only; one that is of a new kind is not told."""
        if "reasons" not in self.terms.fields:
            return ()
        return tuple(each for each in reasons if each.startswith(THEIR_OWN) or self._tells_of_shared(each))

    def _tells_of_shared(self, sentence: str) -> bool:
        outside = _QUOTED.sub("", sentence)
        subjects = {field for field, words in _SUBJECTS.items() if words.search(outside)}
        return bool(subjects) and subjects <= self.terms.fields

    def shown(self, number: int) -> int | None:
        """A count that may be shown: none if it is small, else rounded down."""
        told = self.terms.counts
        return None if not self.open or number < told.small else number - number % told.round_to

    def counts(self, met: Iterable[Met]) -> Counts:
        """The matrix of what both hold.

        A cell counts companies, not rows: duplicates of one side raise no number. Small cells of a population that is
        shared in counts are left out; a total is left out as soon as one of its cells is, so that nothing can be
        subtracted from it.
        """
        groups: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        for each in met:
            ours, theirs = groups.setdefault((each.our_population, each.their_population), (set(), set()))
            ours.add(each.ours)
            theirs.add(each.theirs)
        told = [name for name in self.terms.levels if self.level(name) is not Level.HIDDEN]
        cells = {
            (mine, other): self._cell(mine, *groups.get((mine, other), (set(), set())))
            for mine in told
            for other in STANDARD
        }
        rows = {mine: _total(cells[mine, other] for other in STANDARD) for mine in told}
        columns = {other: _total(cells[mine, other] for mine in told) for other in STANDARD} if told else {}
        return Counts(cells, rows, columns, _total(cells.values()) if told else None)

    def _cell(self, mine: str, ours: set[str], theirs: set[str]) -> int | None:
        number = min(len(ours), len(theirs))
        return number if self.level(mine) in {Level.ALL, Level.OVERLAPS} else self.shown(number)


def _total(cells: Iterable[int | None]) -> int | None:
    found = list(cells)
    return None if None in found else sum(each for each in found if each is not None)


def _merged(parts: Iterable[Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
    return {name: value for part in parts for name, value in part.items()}
