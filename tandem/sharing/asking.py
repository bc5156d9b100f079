"""What a deployment has agreed with its partners, and what each could see now; it asks the ledger and changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mappings.errors import nearest
from mappings.sharing import SharingRules
from mappings.sharing import load as load_rules
from schemas.messages import ShareDecided
from streams.sharing.gate import Gate
from streams.sharing.policy import Terms, terms
from streams.sharing.view import View, as_told, consent_of, view
from tandem.compose import Deployment
from tandem.ledger import sharing as ledger
from tandem.ledger.running import Ledger
from tandem.ledger.store import NoLedger
from tandem.settings import ConfigError, Settings


@dataclass(frozen=True)
class Agreed:
    """Where one partner stands. `known`: whether a ledger could tell what people ruled; `held`: accounts held back."""

    name: str
    gate: Gate
    into: Sequence[str]
    known: bool
    held: int

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        terms = self.gate.terms
        return {
            "partner": terms.partner,
            "name": self.name,
            "open": self.gate.open,
            "closed_by": self.gate.closed_by,
            "ours": terms.ours,
            "theirs": theirs(self.gate),
            "written_into": list(self.into),
            "levels": {name: level.value for name, level in terms.levels.items()},
            "fields": sorted(terms.fields),
            "shows": {name: level.value for name, level in terms.shows.items()},
            "caps": terms.caps.model_dump(),
            "counts": terms.counts.model_dump(),
            "held_back": self.held,
            "rulings_known": self.known,
        }


def theirs(gate: Gate) -> str | None:
    """Who has agreed for the partner, in words."""
    ruled = gate.consent.theirs
    return f"{ruled.by} on {ruled.at:%Y-%m-%d}, by ruling" if ruled else gate.terms.theirs


def rules(deployment: Deployment) -> SharingRules:
    """The rules of the deployment. Raises `mappings.errors.MappingError`."""
    return load_rules(deployment.settings.mappings)


def partners(settings: Settings, book: SharingRules) -> list[str]:
    """The keys of the partners that are connected or have an entry."""
    return sorted({*settings.partner_names, *book.partners})


def named(settings: Settings, book: SharingRules, name: str) -> str:
    """The key of a partner by its key or name. Raises `ConfigError`."""
    known = partners(settings, book)
    by_name = {called.casefold(): key for key, called in settings.partner_names.items()}
    found = name if name in known else by_name.get(name.casefold())
    if found is None:
        raise ConfigError(f"there is no partner {name!r}. Remedy: {nearest(name, known)}")
    return found


def systems(settings: Settings, partner: str) -> list[str]:
    """The connections of a partner that overlaps are written into."""
    return [name for name, it in settings.connections.items() if it.party == f"partner:{partner}" and it.overlaps_from]


def agreed_terms(settings: Settings, book: SharingRules, partner: str) -> Terms:
    """What holds for a partner by the files."""
    return terms(book, partner, asked=bool(systems(settings, partner)))


def standing(deployment: Deployment, partner: str) -> Agreed:
    """Where a partner stands by the files and, where there is a ledger, by what people ruled."""
    settings, book = deployment.settings, rules(deployment)
    found = agreed_terms(settings, book, partner)
    into, name = systems(settings, partner), settings.partner_names.get(partner, partner)
    try:
        with Ledger(deployment).asking() as asked:
            consent, held = consent_of(ledger.rulings(asked, partner)), ledger.held_back(asked, partner)
    except NoLedger:
        return Agreed(name, Gate(found, settings.company), into, known=False, held=0)
    return Agreed(name, Gate(found, settings.company, consent), into, known=True, held=held)


@dataclass(frozen=True)
class Preview:
    """What one partner could see of the accounts of one connection of ours."""

    agreed: Agreed
    connection: str
    accounts: int
    seen: View

    def as_json(self, limit: int | None = None) -> dict[str, Any]:
        """The same as plain values; `limit`: so many rows of each kind."""
        counts = self.seen.counts
        cells = [{"ours": mine, "theirs": other, "accounts": number} for (mine, other), number in counts.cells.items()]
        return {
            "partner": self.agreed.gate.terms.partner,
            "open": self.agreed.gate.open,
            "closed_by": self.agreed.gate.closed_by,
            "connection": self.connection,
            "overlaps": {"count": len(self.seen.overlaps), "rows": list(self.seen.overlaps[:limit])},
            "accounts": {"count": len(self.seen.rows), "rows": list(self.seen.rows[:limit])},
            "counts": {"cells": cells, "total": counts.total},
        }


def preview(deployment: Deployment, partner: str, connection: str | None) -> Preview:
    """What leaves, or would leave, to a partner now. Raises `ConfigError`, `tandem.ledger.store.NoLedger`."""
    agreed = standing(deployment, partner)
    chosen = _connection(deployment.settings, agreed, connection)
    with Ledger(deployment).asking() as asked:
        holdings = list(ledger.holdings(asked, partner, chosen))
    return Preview(agreed, chosen, len(holdings), view(agreed.gate, holdings))


def _connection(settings: Settings, agreed: Agreed, wanted: str | None) -> str:
    """The connection of ours whose accounts are meant: the one that the partner's system takes, or the only one."""
    ours = [name for name, it in settings.connections.items() if it.party == "us"]
    if wanted is not None:
        if wanted not in ours:
            raise ConfigError(f"{wanted!r} is no connection of ours. Remedy: {nearest(wanted, ours)}")
        return wanted
    taken = {settings.connections[name].overlaps_from for name in agreed.into}
    candidates = sorted(each for each in taken if each) or ours
    if len(candidates) != 1:
        raise ConfigError(f"it may be any of {', '.join(candidates) or 'none'}. Remedy: say --connection NAME")
    return candidates[0]


def entries(deployment: Deployment, partner: str | None, verdicts: Sequence[str], limit: int) -> list[ShareDecided]:
    """The latest entries of the audit, the oldest of them first. Raises `tandem.ledger.store.NoLedger`."""
    with Ledger(deployment).asking() as asked:
        return ledger.audit(asked, partner, verdicts, limit)


def told_to_partner(found: Sequence[ShareDecided]) -> list[dict[str, Any]]:
    """The entries as the partner may read them."""
    return [dict(told) for each in found if (told := as_told(each)) is not None]


def told_to_us(found: Sequence[ShareDecided]) -> list[dict[str, Any]]:
    """The entries as they stand."""
    return [each.model_dump(mode="json") for each in found]
