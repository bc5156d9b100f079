"""Matching's rows by name, as one decision sees them; it weighs nothing and says nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from streams.book import Pages
from streams.offers.matching.rows import Day, DealRow, Fits, Held, Never, OfferRow, Taken, TakenBy, Todo


@dataclass(frozen=True, slots=True)
class Desk:
    """Reads and writes rows under `match/`; empty where there is no row."""

    book: Pages[Any]

    def deal(self, ref: str) -> DealRow | None:
        """A deal as last seen."""
        return self.book.get(f"match/deal/{ref}", DealRow)

    def offer(self, ref: str) -> OfferRow | None:
        """An offer as last seen."""
        return self.book.get(f"match/offer/{ref}", OfferRow)

    def fits(self, ref: str) -> dict[str, float]:
        """The log-odds of the pairs of a deal or an offer."""
        row = self.book.get(f"match/fits/{ref}", Fits)
        return {} if row is None else row.scores

    def put_fits(self, ref: str, scores: dict[str, float]) -> None:
        """Replace them."""
        self.book.put(f"match/fits/{ref}", Fits(scores=dict(sorted(scores.items()))) if scores else None)

    def held(self, ref: str) -> Held | None:
        """What was last said of an offer."""
        return self.book.get(f"match/held/{ref}", Held)

    def link(self, offer: str) -> Taken | None:
        """The deal that an offer belongs to."""
        return self.book.get(f"match/taken/{offer}", Taken)

    def links(self, deal: str) -> tuple[str, ...]:
        """The offers that belong to a deal."""
        row = self.book.get(f"match/takenby/{deal}", TakenBy)
        return () if row is None else row.offers

    def put_link(self, offer: str, link: Taken | None) -> None:
        """Give an offer to a deal, or to none."""
        was = self.link(offer)
        for deal in {was.deal} if was is not None else ():
            rest = tuple(ref for ref in self.links(deal) if ref != offer)
            self.book.put(f"match/takenby/{deal}", TakenBy(offers=rest) if rest else None)
        if link is not None:
            both = tuple(sorted({*self.links(link.deal), offer}))
            self.book.put(f"match/takenby/{link.deal}", TakenBy(offers=both))
        self.book.put(f"match/taken/{offer}", link)

    def never(self, offer: str) -> tuple[str, ...]:
        """The deals that a person has taken an offer away from."""
        row = self.book.get(f"match/never/{offer}", Never)
        return () if row is None else row.deals

    def todo(self) -> Todo:
        """What is still to be done."""
        return self.book.get("match/todo", Todo) or Todo()

    def note(self, weigh: Iterable[str] = (), look: Iterable[str] = ()) -> None:
        """Something has changed about these."""
        was = self.todo()
        todo = Todo(weigh=tuple(sorted({*was.weigh, *weigh})), look=tuple(sorted({*was.look, *look})))
        if todo != was:
            self.book.put("match/todo", todo)

    def ending(self, day: str) -> tuple[str, ...]:
        """The offers whose last day this is, as `2027-03-01`."""
        row = self.book.get(f"match/day/{day}", Day)
        return () if row is None else row.offers
