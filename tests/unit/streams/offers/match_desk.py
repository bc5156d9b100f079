"""Plays the lane around matching: keeps its rows between decisions as bytes and what it has said; it decides nothing."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time

from pydantic import BaseModel, TypeAdapter

from mappings.offers import Match
from schemas.entities import Account, Deal
from schemas.marketplace import Offer
from schemas.messages import OfferMatched
from streams.book import Pages
from streams.offers import matching
from streams.offers.parts import DealCard, OfferCard

TODAY = date(2027, 3, 1)
RULES = Match(link_at=0.95, propose_at=0.5)
ROW: TypeAdapter[BaseModel] = TypeAdapter(matching.ROWS)


class Rows(dict[str, BaseModel]):
    """The state of the lane's one key."""

    def scan(self, prefix: str, limit: int) -> Mapping[str, BaseModel]:
        return {name: self[name] for name in sorted(it for it in self if it.startswith(prefix))[:limit]}


class Desk:
    """`said` is the last message of each offer, `news` all of them; with `link` the links that are found are made."""

    def __init__(self, *, link: bool = True, through_bytes: bool = True) -> None:
        self.rows, self.said, self.news = Rows(), dict[str, OfferMatched](), list[OfferMatched]()
        self.link, self.through_bytes = link, through_bytes
        self.causes = 0

    def book(self, today: date = TODAY) -> Pages[BaseModel]:
        self.causes += 1
        return Pages(self.rows, f"cause-{self.causes}", datetime.combine(today, time(12), UTC))

    def keep(self, book: Pages[BaseModel]) -> None:
        decision = book.decision()
        for name, row in decision.rows.items():
            if row is None:
                self.rows.pop(name, None)
            else:
                self.rows[name] = ROW.validate_json(ROW.dump_json(row)) if self.through_bytes else row
        for said in decision.emissions:
            assert isinstance(said.message, OfferMatched)
            assert said.key == said.message.offer
            self.said[said.key] = said.message
            self.news.append(said.message)

    def tell(self, *cards: DealCard | OfferCard, today: date = TODAY) -> dict[str, str]:
        """One decision: these have changed; returns the links that became certain."""
        book = self.book(today)
        for card in cards:
            (matching.observe_deal if isinstance(card, DealCard) else matching.observe_offer)(book, card)  # type: ignore[operator]
        return self.settle(book)

    def settle(self, book: Pages[BaseModel]) -> dict[str, str]:
        found: dict[str, str] = {}
        while new := dict(matching.settle(book, RULES)):
            found |= new
            if not self.link:
                break
            for offer, deal in new.items():
                matching.taken(book, offer, deal)
        self.keep(book)
        return found

    def rule(self, verb: str, offer: str, deal: str, *why: str) -> dict[str, str]:
        book = self.book()
        getattr(matching, verb)(book, offer, deal, *why)
        return self.settle(book)

    def held(self, offer: str) -> tuple[str, str | None]:
        return self.said[offer].status.value, self.said[offer].deal

    def reasons(self, offer: str) -> str:
        return "; ".join(self.said[offer].reasons)


ACME = Account(name="Acme Robotics GmbH", website="https://acme-robotics.de")


def deal(
    number: int, name: str = "Acme Robotics: 40 seats", company: Account | None = ACME, **fields: object
) -> DealCard:
    """A deal of Acme worth 12,345.00 EUR that closes in two weeks."""
    usual = {"amount": "12345.00", "currency": "EUR", "close_date": date(2027, 3, 15), "buyer_account": "123456789012"}
    record = Deal.model_validate({"name": name} | usual | fields)
    return DealCard(ref=f"our-crm/deal/900000{number}", version=1, deal=record, company=company)


def offer(tag: str, name: str = "Acme Robotics 2027", *, status: object = None, **fields: object) -> OfferCard:
    """An offer for it that can be accepted until the end of the month."""
    usual = {"released": True, "released_at": datetime(2027, 2, 20, 9, tzinfo=UTC), "accept_by": date(2027, 3, 31)}
    usual |= {"buyer_accounts": ("123456789012",), "amount": "12345.00", "currency": "EUR", "product": "prod-1"}
    record = Offer.model_validate({"name": name} | usual | fields)
    return OfferCard.model_validate(
        {"ref": f"our-aws/offer/offer-{tag}", "version": 1, "offer": record, "agreement_status": status}
    )


def gone(cards: Iterable[DealCard | OfferCard]) -> list[DealCard | OfferCard]:
    """The same, deleted."""
    return [card.model_copy(update={"alive": False}) for card in cards]
