"""The rows of lead routing as one decision sees and changes them; nothing is decided here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import BaseModel, JsonValue

from schemas import topics
from schemas.messages import MatchBy, Write, identity, record_ref
from streams import agenda
from streams.book import Pages
from streams.leads.policy import Policy, Setup, Traits
from streams.leads.state import (
    MARK,
    LeadCard,
    Load,
    PartnerLeadRow,
    PartnerRow,
    Points,
    Refs,
    Route,
    Told,
)


@dataclass(slots=True, kw_only=True)
class Book(Pages[BaseModel]):
    """One decision in the making."""

    setup: Setup
    touched: dict[str, None] = field(default_factory=dict)  # leads that have to be looked at, in order
    _traits: dict[tuple[str, int], Traits] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        """The rules."""
        return self.setup.policy

    @property
    def now(self) -> datetime:
        """Tandem's own clock."""
        return agenda.now(self)

    @property
    def today(self) -> date:
        """The day by the clock, UTC."""
        return self.now.date()

    def touch(self, lead: str) -> None:
        """A lead has to be looked at."""
        self.touched[lead] = None

    def card(self, ref: str) -> LeadCard | None:
        """A lead as last seen."""
        return self.get(f"lead/{ref}", LeadCard)

    def traits(self, card: LeadCard) -> Traits:
        """What a lead is by the words of the rules."""
        which = (card.ref, card.version)
        if which not in self._traits:
            self._traits[which] = self.policy.traits(card.lead)
        return self._traits[which]

    def route(self, ref: str) -> Route:
        """Where a lead is on its way; one that has not set out is nowhere."""
        return self.get(f"route/{ref}", Route) or Route(lead=ref)

    def partner(self, key: str) -> PartnerRow | None:
        """A partner as last told."""
        return self.get(f"partner/{key}", PartnerRow)

    def load(self, key: str) -> Load:
        """What a partner has."""
        return self.get(f"load/{key}", Load) or Load()

    def partner_lead(self, ref: str) -> PartnerLeadRow | None:
        """A partner's lead as last seen."""
        return self.get(f"partner_lead/{ref}", PartnerLeadRow)

    def known_as(self, name: str | None, connection: str) -> PartnerRow | None:
        """The partner that a record names, by key or by the id of its record in the same system."""
        if not name:
            return None
        spot = self.get(f"alias/{record_ref(connection, 'partner', name)}", Points)
        return self.partner(name) or (self.partner(spot.ref) if spot is not None else None)

    def points(self, name: str) -> str | None:
        """What a row points to."""
        spot = self.get(name, Points)
        return None if spot is None else spot.ref

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

    def mark(self, name: str, there: bool = True) -> None:
        """Set or take away a row whose name says everything."""
        self.put(name, MARK if there else None)

    def tell(
        self, connection: str, entity: str, key: str, fields: Mapping[str, JsonValue], reasons: tuple[str, ...]
    ) -> None:
        """Bring a record to these values, where it was not told them before."""
        name = f"told/{connection}/{entity}/{key}"
        before = self.get(name, Told) or Told()
        if before.fields == fields:
            return
        told = Told(fields=dict(fields), seq=before.seq + 1)
        self.put(name, told)
        write = Write(
            id=identity("leads", connection, entity, key, str(told.seq)),
            connection=connection,
            entity=entity,
            match_by=MatchBy.ID if entity == "lead_assignment" else MatchBy.EXTERNAL_ID,
            key=key,
            fields=dict(fields),
            reasons=reasons,
            causes=(self.cause,),
            decided_at=self.at,
        )
        self.say(topics.writes(connection), write.record, write, write.id)
