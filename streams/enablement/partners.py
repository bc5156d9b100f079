"""Brings one partner up to date: what it is, its tier and its onboarding; says it, and shows it on the partner's records."""

from datetime import UTC, datetime, timedelta

from schemas import topics
from schemas.messages import HeldCertification, MatchBy, MilestoneState, PartnerDecided, Write, identity
from schemas.partners import Partner, PartnerStanding, PartnerStatus
from streams import agenda
from streams.enablement import onboarding, roster, wording
from streams.enablement.book import Book, claim
from streams.enablement.noticing import Due, notice
from streams.enablement.ranking import Capability, Sold, counts, falls_at, rank, ranked
from streams.enablement.state import Count, Held, Ledger, PartnerRow, Person, Shown, Standing, connection_of, id_of
from streams.matching.features import country_code

ALIVE = (PartnerStatus.ACTIVE, PartnerStatus.PENDING, PartnerStatus.PROSPECT, PartnerStatus.INACTIVE)
FIRST_OF = ("key", "types", "tier", "website", "country", "territories", "segments", "products", "languages", "capacity",
            "weight", "email", "owner_email", "agreed_on")  # fmt: skip


def settle(book: Book, key: str) -> None:
    """Look at one partner."""
    found = roster.records(book, key)
    if not found:
        _over(book, key)
        return
    partner = united([record for _, record in found])
    staff = book.below(f"staff/{key}|")
    can = _capability(book, key, partner, staff)
    active = partner.status is PartnerStatus.ACTIVE
    before = book.get(f"standing/{key}", Standing) or Standing()
    standing = ranked(before, can, book.now, active=active)
    standing = _warned(book, key, partner, standing)
    now = [(email, it) for email, it in can.held if counts(it, book.now)]
    certified = len({email for email, _ in now})
    milestones, wrong = onboarding.advance(book, key, partner, staff, certified) if active else ((), [])
    fact = _fact(book, key, partner, found, staff, now, can, standing)
    step = _next_step(book, fact, standing, milestones, wrong)
    fact = fact.model_copy(update={"milestones": milestones, "next_step": step})
    _say(book, key, standing, fact)
    for ref, _ in found:
        _show(book, ref, fact)
    agenda.plan(book, f"partner/{key}", _wake(book, partner, standing, can))


def united(records: list[Partner]) -> Partner:
    """One partner from its records, those first whose word counts more: of each field, the first that says something.

    The name is the first record's. It is as active as the most active of them, has the domains of all, and wants no leads
    where any of them says so.
    """
    values: dict[str, object] = {
        name: next((value for each in records if (value := getattr(each, name)) not in (None, (), "")), None)
        for name in FIRST_OF
    }
    values = {name: value for name, value in values.items() if value is not None}
    told = [each.no_leads for each in records if each.no_leads is not None]
    return records[0].model_copy(
        update={
            **values,
            "status": min((each.status for each in records), key=ALIVE.index),
            "no_leads": any(told) if told else None,
        }
    )


def _capability(book: Book, key: str, partner: Partner, staff: list[str]) -> Capability:
    held: list[tuple[str, Held]] = []
    for email in staff:
        person = book.get(f"person/{email}", Person)
        held += [(email, it) for it in person.held] if person is not None else []
    return Capability(book.setup.rules, partner.types, tuple(held), tuple(_sold(book, key)))


def _sold(book: Book, key: str) -> list[Sold]:
    live = book.refs(f"records/{key}")
    refs = [*live, *(gone for ref in live for gone in book.refs(f"into/{ref}"))]
    claims = [claim(connection, key) for connection in book.setup.looking]
    claims += [claim(connection_of(ref), id_of(ref)) for ref in refs]
    ledgers = (book.get(f"ledger/{each}", Ledger) for each in dict.fromkeys(claims))
    return [
        Sold(datetime.fromisoformat(day).date(), currency, amount)
        for ledger in ledgers
        for day, sums in (ledger.days.items() if ledger is not None else ())
        for currency, amount in sums.items()
    ]


def _fact(
    book: Book, key: str, partner: Partner, found: list[tuple[str, Partner]], staff: list[str],
    now: list[tuple[str, Held]], can: Capability, standing: Standing,
) -> PartnerDecided:  # fmt: skip
    refs = {ref for ref, _ in found}
    falls, rules = falls_at(standing, can.rules), can.rules
    rows = [book.get(f"partner/{ref}", PartnerRow) for ref in refs]
    return PartnerDecided(
        **partner.model_dump(include={
            "name", "status", "types", "territories", "segments", "products", "languages", "capacity", "email",
            "owner_email", "agreed_on",
        }),
        id=identity("partner", key, book.cause),
        partner=key,
        refs=tuple(sorted(refs | {gone for ref in refs for gone in book.refs(f"into/{ref}")})),
        users=tuple(sorted(staff)),
        domains=tuple(sorted({domain for row in rows if row is not None for domain in row.domains})),
        country=country_code(partner.country or "") or None,
        weight=1 if partner.weight is None else partner.weight,
        no_leads=bool(partner.no_leads),
        tier=standing.tier,
        tier_rank=rank(rules, standing.tier),
        tier_since=standing.since,
        tier_lapses_on=None if falls is None else falls.astimezone(UTC).date(),
        revenue=can.revenue(book.now),
        currency=rules.revenue.currency,
        certifications=tuple(sorted((_held(*each) for each in now), key=lambda it: (it.email, it.program))),
        reasons=wording.tier(standing, can, book.now, active=partner.status is PartnerStatus.ACTIVE),
        causes=(book.cause,),
        decided_at=book.at,
    )  # fmt: skip


def _held(email: str, it: Held) -> HeldCertification:
    last = None if it.end is None else (it.end - timedelta(microseconds=1)).date()
    return HeldCertification(email=email, program=it.program, product=it.product, level=it.level, expires_on=last)


def _warned(book: Book, key: str, partner: Partner, standing: Standing) -> Standing:
    """Notice ahead of a tier's fall."""
    falls = falls_at(standing, book.setup.rules)
    day = None if falls is None else falls.astimezone(UTC).date()
    name = next((each.name for each in book.setup.rules.tiers if each.tier == standing.tier), "")
    due = Due(key, "tier", standing.tier or "", falls, day, wording.falling(partner.name, name, day))
    return standing.model_copy(update={"told": notice(book, standing.told, due, book.setup.rules.notice.tier_days)})


def _next_step(
    book: Book, fact: PartnerDecided, standing: Standing, milestones: tuple[MilestoneState, ...], wrong: list[str]
) -> str | None:
    late = next((each for each in milestones if each.late), None)
    if late is not None:
        return f"Partner manager: {late.name} of onboarding is late and needs {', '.join(late.missing)}."
    if wrong:
        return f"Partner manager: {wrong[0]}."
    if standing.unmet:
        return f"Partner manager: {fact.reasons[0]}"
    ahead = timedelta(days=max(book.setup.rules.notice.certification_days, default=0))
    soon = [it for it in fact.certifications if it.expires_on is not None and it.expires_on - ahead <= book.today]
    first = min(soon, key=lambda it: (str(it.expires_on), it.email), default=None)
    return None if first is None else f"Partner: {first.email} renews {first.program} until {first.expires_on}."


def _over(book: Book, key: str) -> None:
    """No record stands for it any more: whoever was told of it is told so. Deleted records still name it."""
    row = book.get(f"standing/{key}", Standing)
    if row is None or row.fact is None:
        return
    gone = book.refs(f"records/{key}")
    why = "Every record of it was deleted." if gone else "Its records stand for another partner now."
    empty = {"tier": None, "tier_rank": 0, "tier_since": None, "tier_lapses_on": None, "certifications": (),
             "milestones": (), "revenue": None, "users": (), "next_step": None}  # fmt: skip
    fact = row.fact.model_copy(
        update={
            **empty,
            "id": identity("partner", key, book.cause),
            "refs": gone,
            "status": PartnerStatus.INACTIVE,
            "reasons": (why,),
            "causes": (book.cause,),
            "decided_at": book.at,
        }
    )
    agenda.plan(book, f"partner/{key}", None)
    _say(book, key, Standing(fact=row.fact), fact)


def _say(book: Book, key: str, standing: Standing, fact: PartnerDecided) -> None:
    before = book.get(f"standing/{key}", Standing)
    said = None if before is None else before.fact
    if said is None:
        book.know(f"partner/{key}")
    if said is None or _content(said) != _content(fact):
        book.say(topics.PARTNERS, key, fact)
        said = fact
    book.put(f"standing/{key}", standing.model_copy(update={"fact": said}))


def _content(fact: PartnerDecided) -> PartnerDecided:
    return fact.model_copy(update={"id": "", "causes": (), "decided_at": None})


def _show(book: Book, ref: str, fact: PartnerDecided) -> None:
    """What a partner's record shows, in the systems that take it; only where it has changed."""
    if connection_of(ref) not in book.setup.connected.takers("partner_standing"):
        return
    row, leads = book.get(f"shown/{ref}", Shown), book.get(f"open/{fact.partner}", Count)
    connection = connection_of(ref)
    days = [it.expires_on for it in fact.certifications if it.expires_on is not None]
    shown = PartnerStanding(
        partner_key=fact.partner,
        earned_tier=fact.tier,
        tier_since=fact.tier_since,
        tier_lapses_on=fact.tier_lapses_on,
        tier_reasons=fact.reasons,
        certified_people=len({it.email for it in fact.certifications}),
        certifications=tuple(wording.held(it) for it in fact.certifications),
        next_lapse_on=min(days, default=None),
        onboarding=wording.onboarding(fact.milestones),
        open_leads=0 if leads is None else leads.number,
        next_step=fact.next_step,
    )
    fields = book.setup.taken(connection, "partner_standing", shown.model_dump(mode="json"))
    if row is not None and row.fields == fields:
        return
    book.put(f"shown/{ref}", Shown(fields=fields))
    book.write(
        Write(
            id=identity("enablement", ref, "standing", book.cause),
            connection=connection,
            entity="partner_standing",
            match_by=MatchBy.ID,
            key=id_of(ref),
            fields=fields,
            reasons=fact.reasons,
            causes=(book.cause,),
            decided_at=book.at,
        )
    )


def _wake(book: Book, partner: Partner, standing: Standing, can: Capability) -> datetime | None:
    """When something of it changes by itself."""
    falls, now = falls_at(standing, can.rules), book.now
    hours = [*can.ends(now)[:1], *can.begins(now)[:1], *onboarding.hours(book, partner)]
    if falls is not None:
        hours += [falls, *(falls - timedelta(days=each) for each in book.setup.rules.notice.tier_days)]
    return min((hour for hour in hours if hour > now), default=None)
