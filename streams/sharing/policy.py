"""What is agreed with one partner, put together from the rules of a deployment; it lets nothing through by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydantic import AwareDatetime, BaseModel, ConfigDict

from mappings.sharing import STANDARD, Caps, Counting, Level, PartnerTerms, SharingRules
from schemas.entities import Account
from schemas.messages import AccountCard, identity

ORDER = {level: nth for nth, level in enumerate(Level)}
NOTHING_AGREED = PartnerTerms()
ON_CARD = frozenset(AccountCard.model_fields) & frozenset(Account.model_fields)


class Given(BaseModel):
    """Who ruled something, and when."""

    model_config = ConfigDict(frozen=True)

    by: str
    at: AwareDatetime


class Consent(BaseModel):
    """What people ruled besides the file: `theirs` the partner's consent, `withdrawn` that a side agrees no longer."""

    model_config = ConfigDict(frozen=True)

    theirs: Given | None = None
    withdrawn: Given | None = None


NO_RULINGS = Consent()


@dataclass(frozen=True)
class Terms:
    """What holds for one partner. `ours` and `theirs`: who agreed, in words; none: that side has not."""

    partner: str
    rules: SharingRules
    ours: str | None
    theirs: str | None
    levels: Mapping[str, Level]
    fields: frozenset[str]
    shows: Mapping[str, Level]
    caps: Caps

    @property
    def counts(self) -> Counting:
        """Which counts are shown."""
        return self.rules.counts

    @cached_property
    def digest(self) -> str:
        """Changes with anything that decides what leaves."""
        parts = (
            self.ours,
            self.theirs,
            sorted(self.levels.items()),
            sorted(self.fields),
            self.caps,
            self.rules.version,
        )
        return identity(*map(repr, parts))


def asked_of(rules: SharingRules, account: Account) -> dict[str, object]:
    """What an account's card says besides what an overlap shows of it: its population by today's rules, and the fields that
    populations look at most."""
    more = {name: getattr(account, name) for name in ("city", "lists", "named")}
    return {"shared_as": f"{rules.version}:{rules.population(account)}", **more}


def terms(rules: SharingRules, partner: str, *, asked: bool) -> Terms:
    """What holds for a partner.

    `asked`: the deployment connects the partner's own system and names what of ours it takes. Without an entry of its
    own that is our consent, and the write access that it gave is the partner's.
    """
    entry = rules.partners.get(partner)
    own = entry or NOTHING_AGREED
    implied = asked and entry is None
    fields = rules.default.fields if own.fields is None else own.fields
    return Terms(
        partner,
        rules,
        ours=_words(own.ours) or ("overlaps_from names our connection" if implied else None),
        theirs=_words(own.theirs) or ("it has connected its system with write access" if implied else None),
        levels={name: _level(rules, own, name) for name in rules.names()},
        fields=frozenset(rules.fields[fields] if isinstance(fields, str) else fields),
        shows=_shows(rules, own),
        caps=rules.caps.model_copy(update=own.caps.model_dump(exclude_none=True)),
    )


def _words(agreed: object) -> str | None:
    return None if agreed is None else f"{getattr(agreed, 'by', '')} on {getattr(agreed, 'on', '')}"


def _level(rules: SharingRules, own: PartnerTerms, name: str) -> Level:
    """What the partner's entry says of the population, else the population itself, else the entry, else the default."""
    it = rules.populations.get(name)
    return own.levels.get(name) or (it.level if it else None) or own.level or rules.default.level


def _shows(rules: SharingRules, own: PartnerTerms) -> dict[str, Level]:
    said = own.shows
    if isinstance(said, Mapping):
        return {name: said.get(name, rules.default.shows) for name in STANDARD}  # type: ignore[call-overload]
    return dict.fromkeys(STANDARD, said or rules.default.shows)


def population_of(terms: Terms, card: AccountCard) -> str | None:
    """The population that a card of ours is of; none where it cannot be told: it says too little, and was of other rules."""
    rules = terms.rules
    if not rules.version:
        return card.population
    before, _, name = card.shared_as.partition(":")
    if before == rules.version and name in terms.levels:
        return name
    if card.shared_as and rules.asked <= ON_CARD:
        said = card.model_dump(include=set(ON_CARD))
        return rules.population(Account.model_construct(**said))
    return None


def strictest(terms: Terms, population: str) -> Level:
    """What is safe to assume of an account that an own population may take, or that standard one."""
    own = [level for name, level in terms.levels.items() if name not in STANDARD]
    return max([*own, terms.levels[population]], key=ORDER.__getitem__)


def given(by: str, at: datetime) -> Given:
    """Who ruled something, and when."""
    return Given(by=by, at=at)
