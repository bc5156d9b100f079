"""Deals and the offers that people made for them by hand, as messy as people are; it never looks at how they are matched.

What is hard about an offer stands in its marks (`World.marks`), so that the share of each kind of mess can be told.
"""

import string
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from schemas.entities import Account, Deal, DealStage
from schemas.marketplace import AgreementStatus, Offer
from streams.offers.parts import DealCard, OfferCard
from tests.support.offer_ids import World, digits, put_ids, put_numbers, salesforce_id
from tests.support.offer_names import Company, bare, companies, written

TODAY = date(2027, 3, 1)
PRODUCTS = (
    ("prod-4fzxyzplatform", "Northwind Platform"),
    ("prod-7kanalyticsxx", "Northwind Analytics"),
    ("prod-2vsecureedge", "Northwind Secure Edge"),
    ("prod-9hsupportplan", "Northwind Premier Support"),
)
EURO = {"Germany", "France", "Italy", "Netherlands", "Spain", "Belgium", "Finland", "Austria", "Ireland"}
CURRENCIES = {"United Kingdom": "GBP", "Japan": "JPY", "Australia": "AUD", "Canada": "CAD"}
RATES = {"USD": "1", "EUR": "0.92", "GBP": "0.79", "JPY": "151.3", "AUD": "1.52", "CAD": "1.36"}
LIST_PRICES = (5000, 10000, 12000, 15000, 18000, 20000, 24000, 25000, 30000, 36000, 48000, 50000, 60000, 75000, 100000)
TAXES = ("1.19", "1.20", "1.07", "1.10")
DISCOUNTS = ("0.98", "0.97", "0.95", "0.90", "0.85", "0.80")
TOPICS = (
    "Phoenix",
    "data lake",
    "EMEA",
    "APAC rollout",
    "phase 2",
    "pilot",
    "Zurich site",
    "expansion",
    "SOC",
    "Titan",
)


@dataclass(frozen=True)
class Terms:
    """What a bargain is really about, whatever the fields of the deal say."""

    buyer: "Buyer"
    product: tuple[str, str]
    amount: Decimal
    closes: date
    months: int
    topic: str
    lost: bool = False


@dataclass(frozen=True)
class Buyer:
    """A company as our CRM has it, and the cloud account that it buys with, which a whole family may share."""

    company: Company
    account: Account
    cloud_account: str
    currency: str


def build(seed: int, size: int = 1000) -> World:
    """`size` deals and about as many offers. The same seed gives the same world."""
    rng = Random(seed)
    world = _Builder(rng, World(seed)).build(size)
    put_ids(rng, world)
    put_numbers(rng, world)
    return world


class _Builder:
    def __init__(self, rng: Random, world: World) -> None:
        self.rng, self.world = rng, world
        self.resellers = [digits(self.rng, 12) for _ in range(4)]
        self.terms: dict[str, Terms] = {}
        self.buyers: dict[str, Buyer] = {}

    def build(self, size: int) -> World:
        pool = self.rng.sample(companies(), len(companies()))
        while len(self.world.deals) < size:
            buyer = self.buyer(pool.pop())
            for _ in range(min(self.rng.choices((1, 2, 3, 5), (60, 24, 11, 5))[0], size - len(self.world.deals))):
                self.deal(buyer)
        for ref in list(self.world.deals):
            if self.rng.random() < 0.88 and self.world.deals[ref].deal.stage is not DealStage.LOST:
                self.offer(ref)
        while len(self.world.offers) < size:
            self.stray(pool)
        return self.world

    def buyer(self, company: Company) -> Buyer:
        family = list(self.buyers.values())
        shared = family and self.rng.random() < 0.06
        cloud = self.rng.choice(family).cloud_account if shared else digits(self.rng, 12)
        account = Account(name=company.name, website=company.website, country=company.country, city=company.city)
        currency = "EUR" if company.country in EURO else CURRENCIES.get(company.country, "USD")
        made = Buyer(company, account, cloud, currency if self.rng.random() < 0.7 else "USD")
        self.buyers[company.name] = made
        return made

    # Deals

    def deal(self, buyer: Buyer) -> None:
        """A deal of its own, or the like of an earlier one of the company: next year's, or one lost and begun anew."""
        rng = self.rng
        earlier = [terms for terms in self.terms.values() if terms.buyer is buyer]
        terms = Terms(
            buyer=buyer,
            product=rng.choices(PRODUCTS, (55, 20, 15, 10))[0],
            amount=self.amount(),
            closes=TODAY + timedelta(days=rng.randrange(-330, 240)),
            months=rng.choices((12, 24, 36, 1, 6), (70, 8, 15, 4, 3))[0],
            topic=rng.choice(TOPICS),
        )
        if earlier and rng.random() < 0.15:
            was = rng.choice(earlier)
            closes = was.closes + timedelta(days=rng.choice([91, 182, 365]) + rng.randrange(-9, 10))
            terms = replace(terms, amount=was.amount, product=was.product, months=12, closes=closes)
        elif earlier and rng.random() < 0.06:
            was = rng.choice(earlier)
            terms = replace(terms, amount=was.amount, product=was.product, closes=was.closes, lost=True)
        self.note_deal(buyer, terms)

    def amount(self) -> Decimal:
        kind = self.rng.random()
        if kind < 0.4:
            return Decimal(self.rng.choice(LIST_PRICES))
        if kind < 0.75:
            return Decimal(self.rng.randrange(5, 400)) * Decimal(self.rng.choice(("120", "180", "99", "240", "49.50")))
        return Decimal(self.rng.randrange(300000, 40000000)) / 100

    def note_deal(self, buyer: Buyer, terms: Terms) -> None:
        """The deal as sales keeps it: fields left out, a closing day that has slipped, now and then the wrong product."""
        rng, hubspot = self.rng, self.rng.random() < 0.4
        record_id = digits(self.rng, 11) if hubspot else salesforce_id(rng, "006")
        ref = f"{'our-hubspot' if hubspot else 'our-crm'}/deal/{record_id}"
        past = terms.closes < TODAY and rng.random() < 0.7
        stage = DealStage.WON if past else rng.choice([DealStage.PROPOSAL, DealStage.NEGOTIATION, DealStage.MEETING])
        slipped = timedelta(days=rng.randrange(20, 110) if rng.random() < 0.1 else 0)
        product = terms.product if rng.random() < 0.98 else rng.choice(PRODUCTS)
        deal = Deal(
            name=self.deal_name(buyer, terms),
            stage=DealStage.LOST if terms.lost or rng.random() < 0.05 else stage,
            amount=terms.amount if rng.random() < 0.96 else None,
            currency=buyer.currency if rng.random() < 0.85 else None,
            close_date=terms.closes - slipped if rng.random() < 0.97 else None,
            buyer_account=buyer.cloud_account if rng.random() < 0.55 else None,
            product=product[0] if rng.random() < 0.45 else None,
            accept_by=terms.closes + timedelta(days=rng.choice([0, 0, 7, 14, 30])) if rng.random() < 0.25 else None,
            duration_months=terms.months if rng.random() < 0.55 else None,
        )
        self.terms[ref] = terms
        company = buyer.account if rng.random() < 0.98 else None
        self.world.deals[ref] = DealCard(ref=ref, version=1, deal=deal, company=company)

    def deal_name(self, buyer: Buyer, terms: Terms) -> str:
        rng, year = self.rng, terms.closes.year
        name, topic, product = bare(buyer.company.name), terms.topic, terms.product[1]
        return rng.choice(
            [
                f"{name}: {rng.randrange(5, 200)} seats",
                f"{name} - {topic}",
                f"{name} renewal {year}",
                f"{product} {name}",
                f"{name} {topic} FY{year % 100}",
                "New business",
                f"Renewal {year}",
                f"{topic}",
                f"{name}-{product[:9]}-{year}",
            ]
        )

    # Offers

    def offer(self, deal_ref: str, stray: str | None = None) -> None:
        """An offer for the deal; a stray one is for something of which the CRM has no deal."""
        rng, terms = self.rng, self.terms[deal_ref]
        buyer, closes = terms.buyer, terms.closes
        marks: set[str] = set() if stray is None else {stray}
        accept_by = closes + timedelta(days=rng.randrange(-3, 40) if rng.random() < 0.88 else rng.randrange(40, 130))
        released = min(accept_by, closes) - timedelta(days=rng.randrange(3, 60))
        if rng.random() < 0.02:
            accept_by = accept_by.replace(day=1, year=accept_by.year + 1)
            marks.add("wrong year")
        cloud = self.cloud_account(buyer, marks)
        amount, currency, schedule = self.price(terms, buyer, closes, marks)
        months = terms.months if rng.random() < 0.9 else rng.choice((12, 24, 36))
        name = self.offer_name(buyer, terms, marks)
        draft = closes > TODAY and rng.random() < 0.08
        accepted = not draft and closes < TODAY and rng.random() < 0.8
        offer = Offer(
            name=name[:150],
            description=rng.choice([None, None, "Private offer", f"As agreed with {written(rng, buyer.company)}"]),
            released=not draft,
            released_at=None if draft else datetime.combine(released, time(10, 15), UTC),
            product=terms.product[0],
            product_name=terms.product[1],
            buyer_accounts=(cloud,),
            accept_by=accept_by,
            amount=amount,
            currency=currency,
            duration=f"P{months}M",
            schedule=schedule,
        )
        ref = f"our-aws/offer/offer-{''.join(rng.choices(string.ascii_lowercase + string.digits, k=13))}"
        status = AgreementStatus.ACTIVE if accepted else None
        self.world.offers[ref] = OfferCard(
            ref=ref, version=1, offer=offer, buyer_account=cloud if accepted else None, agreement_status=status
        )
        self.world.marks[ref] = marks
        if stray is None:
            self.world.truth[ref] = deal_ref
            if rng.random() < 0.2 and not accepted and abs((closes - TODAY).days) < 90:
                self.reissue(ref, deal_ref)

    def reissue(self, ref: str, deal_ref: str) -> None:
        """The offer had run out and was made anew: only the new one is the deal's."""
        card, rng = self.world.offers[ref], self.rng
        old = card.offer.model_copy(
            update={"accept_by": TODAY - timedelta(days=rng.randrange(5, 60)), "released": True}
            | {"released_at": datetime.combine(TODAY - timedelta(days=90), time(9), UTC)}
        )
        new = card.offer.model_copy(
            update={"accept_by": TODAY + timedelta(days=rng.randrange(5, 60)), "released": True}
            | {"released_at": datetime.combine(TODAY - timedelta(days=3), time(9), UTC)}
        )
        other = f"our-aws/offer/offer-{''.join(rng.choices(string.ascii_lowercase + string.digits, k=13))}"
        self.world.offers[ref] = card.model_copy(update={"offer": new})
        self.world.offers[other] = OfferCard(ref=other, version=1, offer=old)
        self.world.anew[ref] = other
        self.world.marks[ref].add("reissued")
        self.world.marks[other] = {"ran out, made anew"}

    def stray(self, pool: list[Company]) -> None:
        """An offer without a deal: of a company that the CRM knows, at other terms, or of one that it has no deal with."""
        closes = timedelta(days=self.rng.randrange(-200, 200))
        if self.rng.random() < 0.5:
            was = self.terms[self.rng.choice(list(self.terms))]
            terms = replace(was, product=self.rng.choice(PRODUCTS), amount=self.amount(), closes=was.closes + closes)
            kind = "no deal, known company"
        else:
            buyer = self.buyer(pool.pop())
            terms = Terms(buyer, self.rng.choice(PRODUCTS), self.amount(), TODAY + closes, 12, "pilot")
            kind = "no deal, unknown company"
        self.terms["stray"] = terms
        self.offer("stray", kind)
        del self.terms["stray"]

    def cloud_account(self, buyer: Buyer, marks: set[str]) -> str:
        kind = self.rng.random()
        if kind < 0.06:
            marks.add("reseller buys")
            return self.rng.choice(self.resellers)
        if kind < 0.075:
            marks.add("wrong account")
            return digits(self.rng, 12)
        if kind < 0.11:
            marks.add("second account")
            return digits(self.rng, 12)
        return buyer.cloud_account

    def price(
        self, terms: Terms, buyer: Buyer, closes: date, marks: set[str]
    ) -> tuple[Decimal | None, str | None, tuple[str, ...]]:
        """What the offer asks: as agreed, or what became of that on the way."""
        rng, agreed = self.rng, terms.amount
        kind, currency = rng.random(), buyer.currency
        if kind < 0.12:
            marks.add("discounted")
            agreed *= Decimal(rng.choice(DISCOUNTS))
        elif kind < 0.17:
            marks.add("tax in one of the two")
            agreed *= Decimal(rng.choice(TAXES))
        elif kind < 0.27:
            agreed = (agreed / 100).quantize(Decimal(1)) * 100 or agreed
        elif kind < 0.33:
            marks.add("negotiated")
            agreed *= Decimal(rng.randrange(70, 130)) / 100
        elif kind < 0.37 and terms.months > 12:
            marks.add("total for a yearly price")
            agreed *= terms.months // 12
        elif kind < 0.41:
            marks.add("no price")
            return None, None, ()
        if rng.random() < 0.02:
            marks.add("other currency")
            currency = rng.choice([code for code in RATES if code != currency])
            agreed = agreed / Decimal(RATES[buyer.currency]) * Decimal(RATES[currency])
        agreed = agreed.quantize(Decimal(1) if currency == "JPY" else Decimal("0.01"))
        if rng.random() < 0.08:
            part = (agreed / 4).quantize(Decimal("0.01"))
            days = [closes + timedelta(days=91 * nth) for nth in range(4)]
            parts = [part, part, part, agreed - 3 * part]
            marks.add("schedule")
            return Decimal(0), currency, tuple(f"{day} {each}" for day, each in zip(days, parts, strict=True))
        return agreed, currency, ()

    def offer_name(self, buyer: Buyer, terms: Terms, marks: set[str]) -> str:
        rng = self.rng
        year = terms.closes.year + (rng.choice([-1, 1]) if rng.random() < 0.06 else 0)
        name, topic, product = written(rng, buyer.company), terms.topic, terms.product[1]
        if rng.random() < 0.07:
            marks.add("no company in the name")
            return rng.choice(
                [f"PO {year} renewal", f"{product} {year}", f"Private offer {topic}", f"PO-{digits(self.rng, 8)}"]
            )
        if "reseller buys" in marks and rng.random() < 0.6:
            name = rng.choice([f"Softcat / {name}", f"{name} via Carahsoft", f"CDW - {name}"])
        return rng.choice(
            [
                f"{name} {year} renewal",
                f"PO {year} renewal {name}",
                f"{name}: {product}",
                f"{name} - {topic}",
                f"{name}",
                f"{product} for {name} ({year})",
                f"{name} {terms.months}mo",
                f"{name}_PO{digits(self.rng, 10)}",
                f"AWS MP private offer {name}",
                f"{name} FY{year % 100} v2 FINAL",
                f"[{rng.randrange(9999)}] {name}",
            ]
        )
