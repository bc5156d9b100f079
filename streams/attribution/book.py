"""The rows as one decision of attribution sees and changes them, and the deals that it has to look at; it decides nothing."""

from dataclasses import dataclass, field

from pydantic import BaseModel

from mappings.attribution import AttributionRules
from streams.attribution.state import MARK, DealRow, PartnerRow, Points, Tally, Touch
from streams.book import Pages
from streams.connected import Connected

TWINS = 50  # records that stand for one deal


@dataclass(frozen=True, slots=True)
class Setup:
    """Who takes part, and by which rules. The CRM that is named first leads where a deal stands in several."""

    connected: Connected
    rules: AttributionRules


@dataclass(slots=True, kw_only=True)
class Book(Pages[BaseModel]):
    """One decision in the making."""

    setup: Setup
    touched: dict[str, None] = field(default_factory=dict)  # deals to look at, in order

    def look(self, deal: str) -> None:
        """A deal has to be looked at."""
        self.touched[deal] = None

    def deal(self, ref: str) -> DealRow | None:
        """A deal as last seen."""
        return self.get(f"deal/{ref}", DealRow)

    def touch(self, name: str) -> Touch | None:
        """A touch as it stands."""
        return self.get(f"touch/{name}", Touch)

    def mark(self, name: str, there: bool) -> None:
        """Set or take away a row whose name says everything."""
        self.put(name, MARK if there else None)

    def below(self, prefix: str, limit: int) -> list[str]:
        """What the names of the rows with that prefix end with, the first of them."""
        return [name.removeprefix(prefix) for name in self.scan(prefix, limit)]

    def same(self, key: str | None) -> list[str]:
        """The deals with one Tandem key."""
        return self.below(f"same/{key}|", TWINS) if key else []

    def tally(self, account: str) -> Tally:
        """How many touches and deals an account has."""
        return self.get(f"tally/{account}", Tally) or Tally()

    def count(self, account: str, touches: int = 0, deals: int = 0) -> None:
        """One more or less of them."""
        before = self.tally(account)
        after = Tally(touches=before.touches + touches, deals=before.deals + deals)
        self.put(f"tally/{account}", after if after != Tally() else None)

    def partner(self, named: str, home: str | None, given: str) -> tuple[str, str]:
        """Key and display name of a partner, by its key or its id in a system; as its record says where nobody knows it."""
        known = self.get(f"partner/{named}", PartnerRow)
        if known is not None:
            return named, known.name
        spot = None if home is None else self.get(f"partner_ref/{home}/partner/{named}", Points)
        meant = None if spot is None else self.get(f"partner/{spot.to}", PartnerRow)
        return (named, given or named) if spot is None or meant is None else (spot.to, meant.name)
