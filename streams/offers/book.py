"""The rows as one decision sees and changes them, and what it has said so far; nothing is decided here."""

from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import BaseModel

from schemas import topics
from schemas.messages import OfferMatched, Write, identity, record_ref
from streams.book import Pages
from streams.offers.parts import Command, DealCard, OfferCard, Sent, Setup
from streams.offers.state import (
    MARK,
    META,
    AgreementRow,
    ChangeSetRow,
    CosellRow,
    Link,
    Meta,
    OfferSetRow,
    Points,
    Read,
    Refs,
    connection_of,
)

MANY = 200  # so many records that hang on one are looked at in the same decision


@dataclass(slots=True, kw_only=True)
class Book(Pages[BaseModel]):
    """One decision in the making, over what the lane of private offers remembers."""

    setup: Setup
    touched: dict[str, None] = field(default_factory=dict)  # deals that have to be looked at, in order
    offers: dict[str, None] = field(default_factory=dict)  # offers that have to be shown

    @property
    def meta(self) -> Meta:
        """The clock, and who has been looked at."""
        return self.get(META, Meta) or Meta()

    @property
    def now(self) -> datetime:
        """Tandem's own clock; before it has told anything, the time of the event."""
        return self.meta.now or self.at

    @property
    def today(self) -> date:
        """The day by the clock, UTC."""
        return self.now.date()

    @property
    def day(self) -> date:
        """The day up to which the marketplace was read, UTC: only then is it known that an offer's day has passed by."""
        return (self.meta.read or self.now).date()

    @property
    def ready(self) -> bool:
        """Whether everything has been looked at once, so that "it is not there" can be known."""
        return set(self.setup.connections) <= set(self.meta.looked)

    def touch(self, deal: str | None) -> None:
        """A deal has to be looked at."""
        if deal is not None:
            self.touched[deal] = None

    def deal(self, ref: str) -> DealCard | None:
        """A deal as last seen."""
        return self.get(f"deal/{ref}", DealCard)

    def offer(self, ref: str | None) -> OfferCard | None:
        """An offer as last seen."""
        return None if ref is None else self.get(f"offer/{ref}", OfferCard)

    def change_set(self, ref: str | None) -> ChangeSetRow | None:
        """A change set as last seen."""
        return None if ref is None else self.get(f"change_set/{ref}", ChangeSetRow)

    def agreement(self, ref: str) -> AgreementRow | None:
        """An agreement as last seen."""
        return self.get(f"agreement/{ref}", AgreementRow)

    def cosell(self, ref: str | None) -> CosellRow | None:
        """An opportunity as last seen."""
        return None if ref is None else self.get(f"cosell/{ref}", CosellRow)

    def offer_set(self, offer: str) -> OfferSetRow | None:
        """The released set that an offer is sold in."""
        spot = self.get(f"in_set/{offer}", Points)
        return None if spot is None else self.get(f"offer_set/{spot.ref}", OfferSetRow)

    def keep(self, name: str, row: Read) -> None:
        """Remember something that was read."""
        self.put(f"{name}/{row.ref}", row)

    def link(self, deal: str) -> Link:
        """The link of a leading deal, an empty one where there is none yet."""
        return self.get(f"link/{deal}", Link) or Link(deal=deal)

    def keep_link(self, link: Link) -> Link:
        """Remember a link; one that holds nothing is not kept."""
        empty = link == Link(deal=link.deal)
        self.put(f"link/{link.deal}", None if empty else link)
        return link

    def owner(self, ref: str | None) -> str | None:
        """The deal that an offer, a change set or an opportunity belongs to."""
        spot = None if ref is None else self.get(f"owner/{ref}", Points)
        return None if spot is None else spot.ref

    def own(self, ref: str, deal: str | None) -> None:
        """Say to which deal something belongs."""
        self.put(f"owner/{ref}", None if deal is None else Points(ref=deal))

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

    def below(self, prefix: str) -> list[str]:
        """What the names of the rows with that prefix end with, the first of them."""
        return [name.removeprefix(prefix) for name in self.scan(prefix, MANY)]

    def send(self, link: Link, command: Command) -> Link:
        """Send a command for a link, and remember that it was."""
        seq = link.seq + 1
        write = Write(
            id=identity("offers", link.deal, command.name, str(seq)),
            connection=command.connection,
            entity=command.entity,
            match_by=command.match_by,
            key=command.key,
            fields=command.fields,
            expected=command.expected,
            reasons=command.reasons,
            causes=(self.cause,),
            decided_at=self.at,
        )
        self.write(write)
        self.put(f"sent/{command.name}", Points(ref=link.deal))
        sent = Sent(write=write.id, fields=command.fields, at=self.now)
        return link.model_copy(update={"seq": seq, "sent": {**link.sent, command.name: sent}})

    def matched(self, offer: str) -> tuple[str, ...]:
        """Why matching has come to hold an offer for a deal's, as it has just said."""
        said = (each.message for each in reversed(self._said))
        return next((it.reasons for it in said if isinstance(it, OfferMatched) and it.offer == offer), ())

    def write(self, write: Write) -> None:
        """Publish a write, ordered with those to the same record."""
        self.say(topics.writes(write.connection), write.record, write, write.id)


def sibling(ref: str, entity: str, record_id: str) -> str:
    """A record of another entity in the same system."""
    return record_ref(connection_of(ref), entity, record_id)
