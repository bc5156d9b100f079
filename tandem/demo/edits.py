"""Keeps a few accounts being edited and measures how long an edit travels; it edits only through the front doors."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from schemas.entities import Overlap, Population
from tandem.demo.stage import CRM, Systems
from tandem.demo.watch import Tally

CRM_NAMES = {
    Population.CUSTOMER: "Customer",
    Population.OPEN_OPPORTUNITY: "Open Opportunity",
    Population.PROSPECT: "Prospect",
}
STAGES = {
    Population.CUSTOMER: "customer",
    Population.OPEN_OPPORTUNITY: "opportunity",
    Population.PROSPECT: "lead",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit on its way: the overlap that must change, since when, and what was edited."""

    key: str
    at: datetime
    what: str


@dataclass
class Editor:
    """Edits accounts that have an overlap, and waits for the outcome of the write that follows."""

    systems: Systems
    tally: Tally
    now: Callable[[], datetime]
    chance: random.Random
    pending: dict[str, Edit] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)
    last: str = ""

    def edit_ours(self) -> None:
        """Move one of our accounts to another population, as a rep would."""
        overlap = self._pick()
        if overlap is None:
            return
        target = self._other(overlap.our_population)
        self.systems.org.edit("Account", overlap.account, {"Partner_Population__c": CRM_NAMES[target]})
        self._sent(overlap, f"{overlap.partner_account_name}: {CRM_NAMES[target]} in our CRM")

    def edit_theirs(self) -> None:
        """The partner moves one of its accounts to another stage."""
        overlap = self._pick()
        if overlap is None:
            return
        target = self._other(overlap.partner_population)
        stage = {"lifecyclestage": STAGES[target]}
        self.systems.partners.edit("companies", overlap.partner_account, stage)
        self._sent(overlap, f"{overlap.partner_account_name}: {STAGES[target]} in the partner's CRM")

    def _pick(self) -> Overlap | None:
        free = [overlap for overlap in self.tally.active_of(CRM) if overlap.key not in self.pending]
        return self.chance.choice(free) if free else None

    def _other(self, population: Population) -> Population:
        return self.chance.choice([other for other in Population if other is not population])

    def _sent(self, overlap: Overlap, what: str) -> None:
        self.pending[overlap.key] = Edit(overlap.key, self.now(), what)

    def arrived(self) -> None:
        """Note which edits have reached our CRM."""
        for key, edit in list(self.pending.items()):
            finished = self.tally.finished.get((CRM, key))
            if finished is not None and finished >= edit.at:
                took = (finished - edit.at).total_seconds() * 1000
                self.latencies_ms.append(took)
                self.last = f"{edit.what} - on the account after {took:.0f} ms"
                del self.pending[key]


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank); 0 for no values."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
