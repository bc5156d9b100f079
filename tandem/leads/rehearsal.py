"""Routes leads in memory by the decision that the streams run, to show what rules do before they do it; nothing is written.

The clock stands still while leads come in: offers stay open, so that capacity and turns count as they would on one day.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from mappings.routing import RoutingRules
from schemas.entities import Account, Deal, Entity, Lead, Overlap, Population
from schemas.messages import (
    AccountChanged,
    Changed,
    ChangeKind,
    DealChanged,
    LeadChanged,
    LeadRouted,
    Message,
    OverlapDecided,
    PartnerDecided,
    RegistrationDecided,
    TimePassed,
    identity,
)
from streams.connected import Connected
from streams.leads import Setup, steps
from streams.leads.book import Book
from streams.leads.choosing import claim
from streams.leads.intake import refused
from streams.leads.policy import Related

HERE = "lists"  # the connection of what has none


class Rows(dict[str, BaseModel]):
    """The rows of the lane's one key; names are kept in order, so that a look at some of them does not walk all."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def keep(self, rows: Mapping[str, BaseModel | None]) -> None:
        """Set and delete (None) rows."""
        for name, row in rows.items():
            if row is None:
                self.pop(name, None)
                continue
            at = bisect_left(self.order, name)
            if at == len(self.order) or self.order[at] != name:
                insort(self.order, name)
            self[name] = row

    def scan(self, prefix: str, limit: int) -> Mapping[str, BaseModel]:
        """The first rows with the prefix, by name."""
        found: dict[str, BaseModel] = {}
        for at in range(bisect_left(self.order, prefix), len(self.order)):
            name = self.order[at]
            if len(found) == limit or not name.startswith(prefix):
                break
            if name in self:
                found[name] = self[name]
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would become of a lead: where it would be, or why it would be left alone."""

    ref: str
    lead: Lead
    fact: LeadRouted | None
    left_alone: str | None = None


class Rehearsal:
    """The lane of lead routing with nobody around it."""

    def __init__(self, rules: RoutingRules, at: datetime, connections: Iterable[str] = ()) -> None:
        crms = tuple(dict.fromkeys((HERE, *connections)))
        now = rules.model_copy(update={"intake": rules.intake.model_copy(update={"wait": at - at})})
        self.setup = Setup(Connected(crms=crms), now)
        (self.step,) = steps(self.setup)
        self.rows, self.at, self.count = Rows(), at, 0
        for name in crms:
            self._tell(TimePassed(connection=name, at=at))

    def know(
        self,
        partners: Iterable[PartnerDecided],
        registrations: Iterable[RegistrationDecided] = (),
        overlaps: Iterable[Overlap] = (),
    ) -> None:
        """What is known of partners; the company of an overlap is known as the partner calls it."""
        for fact in (*partners, *registrations):
            self._tell(fact)
        for it in overlaps:
            company = Account(name=it.partner_account_name, website=it.partner_account_website)
            self._tell(self._changed(AccountChanged, HERE, it.account, company))
            self._tell(self._overlap(it))

    def relate(self, lead: Lead, told: Iterable[str]) -> None:
        """What partners had to do with a lead's company when it was decided."""
        related = Related.read(tuple(told))
        if not related.partners:
            return
        company, account = claim(lead), identity("company", claim(lead).model_dump_json())
        self._tell(self._changed(AccountChanged, HERE, account, company))
        for key, populations in related.overlaps.items():
            for each in populations:
                self._tell(self._overlap(_told(account, key, each, self.at)))
        for key in related.deals:
            deal = Deal(name=company.name, account=account, partner=key)
            self._tell(self._changed(DealChanged, HERE, f"{account}-{key}", deal))

    def route(
        self, lead: Lead, connection: str = HERE, record_id: str | None = None, at: datetime | None = None
    ) -> Outcome:
        """What would become of a lead that came in now, or then."""
        self.at = max(self.at, at) if at is not None else self.at
        record_id = record_id or str(self.count)
        event = self._changed(LeadChanged, connection, record_id, lead)
        said = self._tell(event)
        facts = [each for each in said if isinstance(each, LeadRouted)]
        if facts:
            return Outcome(event.ref, lead, facts[-1])
        book = Book(self.rows, "", self.at, setup=self.setup)
        card = book.card(event.ref)
        return Outcome(event.ref, lead, None, refused(book, card) if card is not None else "It was not read.")

    def forget(self, outcome: Outcome) -> None:
        """The lead is gone, so that it counts no longer against what a partner takes."""
        connection, _, record_id = outcome.ref.split("/", 2)
        self._tell(self._changed(LeadChanged, connection, record_id, None))

    def _tell(self, event: Message) -> list[Message]:
        decision = self.step.decide(self.rows, event)
        self.rows.keep(decision.rows)
        return [said.message for said in decision.emissions]

    def _changed(self, kind: type[Changed], connection: str, record_id: str, record: Entity | None) -> Changed:
        self.count += 1
        return kind(
            id=identity(connection, kind.ENTITY, record_id, str(self.count)),
            connection=connection,
            party="us",
            record_id=record_id,
            kind=ChangeKind.UPSERTED if record is not None else ChangeKind.DELETED,
            version=self.count,
            record=record,
            occurred_at=self.at,
            seen_at=self.at,
        )

    def _overlap(self, overlap: Overlap) -> OverlapDecided:
        self.count += 1
        return OverlapDecided(id=str(self.count), connection=HERE, overlap=overlap, causes=(), decided_at=self.at)


def _told(account: str, partner: str, population: Population, at: datetime) -> Overlap:
    return Overlap.model_validate(
        {
            "key": identity(account, partner, population.value),
            "account": account,
            "partner": partner,
            "partner_name": partner,
            "partner_account": account,
            "partner_account_name": account,
            "our_population": Population.PROSPECT,
            "partner_population": population,
            "relation": "same",
            "confidence": 1.0,
            "reasons": (),
            "main_reason": "",
            "status": "active",
            "first_seen": at,
            "last_changed": at,
        }
    )
