"""The rows as one decision sees and changes them, and what it has said so far; nothing is decided here."""

from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import BaseModel, JsonValue

from mappings.engagement import Engagement
from schemas import topics
from schemas.messages import MatchBy, Write, identity
from schemas.partners import RegistrationStatus
from streams import agenda
from streams.book import Pages
from streams.registrations.parts import AccountCard, DealCard, OfferCard, PartnerCard, Reading, Setup
from streams.registrations.state import MARK, Case, Points, Told, connection_of, id_of

MANY = 500  # so many records that hang on one are looked at in the same decision; the rest at their next look
ANSWERS = 5  # so many of our own statuses may be on their way back from a system at once


@dataclass(slots=True, kw_only=True)
class Book(Pages[BaseModel]):
    """One decision in the making, over what the lane of deal registration remembers."""

    setup: Setup
    version: str  # of the rules
    touched: set[str] = field(default_factory=set)  # registrations that have to be looked at

    @property
    def rules(self) -> Engagement:
        """The rules of engagement."""
        return self.setup.rules

    @property
    def now(self) -> datetime:
        """Tandem's own clock."""
        return agenda.now(self)

    @property
    def today(self) -> date:
        """The day by the clock, UTC."""
        return self.now.date()

    @property
    def ready(self) -> bool:
        """Whether everything has been looked at once, so that "it is not there" can be known."""
        return agenda.ready(self, self.setup.connections)

    def reading(self, ref: str) -> Reading | None:
        """A record of a registration as last read."""
        return self.get(f"reading/{ref}", Reading)

    def case(self, ref: str) -> Case:
        """The registration that a record leads, an empty one where there is none yet."""
        return self.get(f"case/{ref}", Case) or Case(ref=ref)

    def partner(self, key: str | None) -> PartnerCard | None:
        """A partner by its key."""
        return None if key is None else self.get(f"partner/{key}", PartnerCard)

    def known_partner(self, connection: str, name: str | None) -> PartnerCard | None:
        """The partner that a record of a system means: by its key, or by its id in the same system."""
        if not name:
            return None
        spot = self.get(f"partner_ref/{connection}/partner/{name}", Points)
        return self.partner(name) or self.partner(spot.ref if spot is not None else None)

    def account(self, ref: str | None) -> AccountCard | None:
        """An account as last seen."""
        return None if ref is None else self.get(f"account/{ref}", AccountCard)

    def deal(self, ref: str | None) -> DealCard | None:
        """A deal as last seen; one that was merged into another is that other one."""
        card = None if ref is None else self.get(f"deal/{ref}", DealCard)
        if card is not None and card.merged_into is not None:
            return self.get(f"deal/{card.merged_into}", DealCard) or card
        return card

    def offer(self, deal: str) -> OfferCard | None:
        """The private offer of a deal."""
        return self.get(f"offer/{deal}", OfferCard)

    def points(self, name: str) -> str | None:
        """What a row points to."""
        spot = self.get(name, Points)
        return None if spot is None else spot.ref

    def point(self, name: str, ref: str | None) -> None:
        """Let a row point to something, or drop it."""
        self.put(name, None if ref is None else Points(ref=ref))

    def mark(self, name: str, there: bool = True) -> None:
        """Set or take away a row whose name says everything."""
        self.put(name, MARK if there else None)

    def below(self, prefix: str, limit: int = MANY) -> list[str]:
        """What the names of the rows with that prefix end with, the first of them."""
        return [name.removeprefix(prefix) for name in self.scan(prefix, limit)]

    def touch(self, *refs: str) -> None:
        """Registrations have to be looked at."""
        self.touched.update(refs)

    def send(self, ref: str, entity: str, fields: dict[str, JsonValue], reasons: tuple[str, ...]) -> None:
        """Write to a record by its own id, unless it was told just that. Only what has changed is written."""
        name = f"told/{entity}/{ref}"
        told = self.get(name, Told) or Told()
        changed = {key: value for key, value in fields.items() if key not in told.fields or told.fields[key] != value}
        if not changed:
            return
        seq = told.seq + 1
        write = Write(
            id=identity("registrations", entity, ref, str(seq), self.cause),
            connection=connection_of(ref),
            entity=entity,
            match_by=MatchBy.ID,
            key=id_of(ref),
            fields=changed,
            reasons=reasons,
            causes=(self.cause,),
            decided_at=self.at,
        )
        self.say(topics.writes(write.connection), write.record, write, write.id)
        self.put(name, Told(fields={**told.fields, **changed}, seq=seq))

    def expect(self, ref: str, status: RegistrationStatus) -> None:
        """A record was told a status: when it is read back, nobody has set it by hand."""
        reading = self.reading(ref)
        if reading is not None and reading.expect[-1:] != (status,):
            self.put(f"reading/{ref}", reading.model_copy(update={"expect": (*reading.expect, status)[-ANSWERS:]}))

    def shows(self, ref: str, status: RegistrationStatus | None) -> None:
        """A record shows that status, whatever it was told; None: nobody knows, and it is told again in any case."""
        name = f"told/registration_outcome/{ref}"
        told = self.get(name, Told)
        if told is not None:
            fields = {key: value for key, value in told.fields.items() if key != "status"}
            self.put(name, told.model_copy(update={"fields": fields | ({"status": status.value} if status else {})}))
