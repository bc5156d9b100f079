"""Keeps a few accounts being edited and measures how long an edit travels; it edits only through the front doors."""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from schemas.entities import Overlap, Population
from tandem.demo.stage import Emulator, write_rows
from tandem.demo.watch import Tally

CRM_NAMES = {
    Population.CUSTOMER: "Customer",
    Population.OPEN_OPPORTUNITY: "Open Opportunity",
    Population.PROSPECT: "Prospect",
}
PLACES = ("Account in our CRM", "partner's list")


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit on its way: the overlap that must change, since when, and what was edited."""

    key: str
    at: datetime
    what: str


@dataclass
class Editor:
    """Edits accounts that have an overlap, and waits for the outcome of the write that follows."""

    emulator: Emulator
    partner_list: Path
    tally: Tally
    now: Callable[[], datetime]
    chance: random.Random
    pending: dict[str, Edit] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)
    last: str = ""

    def edit_crm(self) -> None:
        """Move one of our accounts to another population, as a rep would."""
        overlap = self._pick()
        if overlap is None:
            return
        target = self._other(overlap.our_population)
        self.emulator.edit("Account", overlap.account, {"Partner_Population__c": CRM_NAMES[target]})
        self._sent(overlap, f"{overlap.partner_account_name}: {CRM_NAMES[target]} in our CRM")

    def edit_list(self, count: int) -> None:
        """Let the partner deliver its list anew with `count` accounts moved to another population."""
        chosen = {o.partner_account: o for o in (self._pick() for _ in range(count)) if o is not None}
        with self.partner_list.open(newline="", encoding="utf-8") as source:
            rows = list(csv.DictReader(source))
        for row in rows:
            overlap = chosen.get(row["id"])
            if overlap is not None:
                row["population"] = CRM_NAMES[self._other(overlap.partner_population)]
                self._sent(overlap, f"{row['name']}: {row['population']} at the partner")
        write_rows(self.partner_list, rows)

    def _pick(self) -> Overlap | None:
        free = [overlap for overlap in self.tally.active if overlap.key not in self.pending]
        return self.chance.choice(free) if free else None

    def _other(self, population: Population) -> Population:
        return self.chance.choice([other for other in Population if other is not population])

    def _sent(self, overlap: Overlap, what: str) -> None:
        self.pending[overlap.key] = Edit(overlap.key, self.now(), what)

    def arrived(self) -> None:
        """Note which edits have reached the CRM."""
        for key, edit in list(self.pending.items()):
            finished = self.tally.finished.get(key)
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
