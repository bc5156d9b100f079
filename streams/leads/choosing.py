"""Who gets a lead: the partner that has a right to it, else the best candidate of the first rule that fits; pure.

A right: the partner that registered the company, or the one that brought the lead. Of the candidates that were looked at
each is told with why it won or lost. Equal scores: the one whose turn it is, then by key.
"""

from dataclasses import dataclass, field

from mappings.routing_rules import Rule
from schemas.entities import Account, Lead, Population
from schemas.messages import LeadCandidate
from streams import companies
from streams.leads import index
from streams.leads.book import Book
from streams.leads.judging import Asked, Verdict, judge
from streams.leads.policy import Related
from streams.leads.state import Around, LeadCard, PartnerRow, RegistrationRow, Route, connection_of

LISTED = 8  # eligible partners that are looked at for one lead
AGAINST = 4  # and partners that serve it but have something against them, so that it can be told
ACCOUNTS = 5  # accounts of one company that count
RELATED = 40  # partners that have to do with the company


@dataclass(frozen=True, slots=True)
class Company:
    """A lead's company: our account, the registrations that protect it, and what partners have to do with it."""

    account: str | None = None
    registrations: tuple[RegistrationRow, ...] = ()
    related: Related = field(default_factory=Related)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided. Without a partner it is direct sales'; without a rule somebody has a right, or no rule fits."""

    partner: PartnerRow | None
    rule: Rule | None
    company: Company
    reasons: tuple[str, ...]
    candidates: tuple[LeadCandidate, ...] = ()
    further: int = 0
    given_up: tuple[str, ...] = ()
    waits: str = ""  # what somebody has to correct first


def claim(lead: Lead) -> Account:
    """A lead's company, as the account matcher compares it."""
    host = (lead.email or "").rpartition("@")[2]
    return Account(
        name=lead.company,
        website=lead.website,
        domains=(host,) if host else (),
        country=lead.country,
        city=lead.city,
        postal_code=lead.postal_code,
        phone=lead.phone,
    )


def company_of(book: Book, lead: Lead) -> Company:
    """Whose company it is, by what is known of accounts and registrations."""
    at_least = book.policy.rules.intake.same_company
    same = companies.same(book, ("account", "registration"), claim(lead), at_least)
    accounts = [each.ref for each in same if "/account/" in each.ref][:ACCOUNTS]
    around = [it for ref in accounts if (it := book.get(f"around/{ref}", Around)) is not None]
    refs = [each.ref for each in same if "/registration/" in each.ref]
    refs += [ref for it in around for ref in it.registrations]
    rows = [book.get(f"registration/{ref}", RegistrationRow) for ref in dict.fromkeys(refs)]
    live = [it for it in rows if it is not None and it.live and (it.until is None or it.until >= book.today)]
    overlaps: dict[str, frozenset[Population]] = {}
    for it in around:
        for partner, population in it.overlaps.values():
            overlaps[partner] = overlaps.get(partner, frozenset()) | {population}
    named = (whose.partition("|") for it in around for whose in it.deals)
    rows_of_deals = (book.known_as(name, connection) for connection, _, name in named)
    deals = frozenset(partner.key for partner in rows_of_deals if partner is not None)
    first = sorted(live, key=lambda it: (it.since, it.ref))
    return Company(accounts[0] if accounts else None, tuple(first), Related(overlaps, deals))


def choose(book: Book, card: LeadCard, route: Route) -> Choice:
    """Who gets a lead now, those left out that had it or were asked before."""
    company = company_of(book, card.lead)
    if (owner := _owner(book, card, route, company)) is not None:
        return owner
    if card.lead.no_partner:
        return Choice(None, None, company, ("The lead may not be passed to a partner.",))
    asked = Asked(book.policy, book.traits(card), company.related, book.today)
    given_up, seen = list(route.given_up), Choice(None, None, company, ())
    for rule in book.policy.fitting(asked.traits, company.related):
        if rule.name in given_up:
            continue
        seen = _by_rule(book, asked, rule, route, company)
        if seen.partner is not None or rule.fallback == "direct":
            break
        given_up.append(rule.name)
    if seen.rule is None:
        why = "No further rule fits." if given_up else "No rule fits the lead."
        return Choice(None, None, company, (why,), given_up=tuple(given_up))
    return Choice(seen.partner, seen.rule, company, seen.reasons, seen.candidates, seen.further, tuple(given_up))


def _owner(book: Book, card: LeadCard, route: Route, company: Company) -> Choice | None:
    for it in company.registrations:
        partner = book.partner(it.partner)
        if partner is not None and partner.active and partner.key not in route.tried:
            until = f" until {it.until}" if it.until is not None else ""
            return _right(company, partner, f"{partner.name} has registered {it.name}{until}.")
    if (named := brought(book, card, route)) is not None:
        partner = book.known_as(named, connection_of(card.ref))
        if partner is None:
            reason = f"The lead says that it came from {named!r}, which is no partner that is known."
            return Choice(
                None, None, company, (reason,), waits="Correct the lead's partner, or let the partner be known."
            )
        if partner.active and partner.key not in route.tried:
            return _right(company, partner, f"{partner.name} brought the lead.")
    return None


def brought(book: Book, card: LeadCard, route: Route) -> str | None:
    """The partner that a lead says it came from; none where that is only what we have written there."""
    named = card.lead.partner
    if not named:
        found = book.refs(f"found/{(card.lead.email or '').strip().casefold()}") if card.lead.email else ()
        row = book.partner_lead(found[0]) if found else None
        partner = book.known_as(row.record.partner, connection_of(row.ref)) if row is not None else None
        return partner.key if partner is not None else None
    partner = book.known_as(named, connection_of(card.ref))
    ours = partner is not None and partner.key in route.holders
    return None if ours else named


def _right(company: Company, partner: PartnerRow, reason: str) -> Choice:
    winner = LeadCandidate(partner=partner.key, name=partner.name, eligible=True, won=True, reasons=(reason,))
    return Choice(partner, None, company, (reason,), (winner,))


def _by_rule(book: Book, asked: Asked, rule: Rule, route: Route, company: Company) -> Choice:
    pool, more = book.policy.pool_of.get(rule.name), 0
    keys = dict.fromkeys(company.related.partners[:RELATED])
    if pool is not None:
        listed, more = index.found(book, pool, asked.traits, LISTED + len(route.tried), AGAINST)
        keys |= dict.fromkeys(listed)
    rows = [it for key in keys if (it := book.partner(key)) is not None]
    judged = [(it, _again(route, it, judge(asked, rule, it, book.load(it.key)))) for it in rows]
    judged.sort(
        key=lambda each: (
            not each[1].eligible,
            -each[1].score,
            _turn(book, pool.id if pool else "", each[0]),
            each[0].key,
        )
    )
    winner = judged[0][0] if judged and judged[0][1].eligible else None
    best = judged[0][1] if winner is not None else None
    candidates = tuple(_candidate(it, _placed(rule, verdict, best), it is winner) for it, verdict in judged)
    eligible = sum(verdict.eligible for _, verdict in judged)
    taken = sum(key in route.tried for key in keys)
    further = max(0, more - eligible - taken)
    if winner is None:
        reason = f"Nobody can be asked by the rule {rule.name}."
        return Choice(None, rule, company, (reason,), candidates)
    reasons = (f"The rule {rule.name} applies.", f"{winner.name} {', '.join(judged[0][1].reasons)}.")
    return Choice(winner, rule, company, reasons, candidates, further)


def _again(route: Route, partner: PartnerRow, verdict: Verdict) -> Verdict:
    """Who had the lead or was asked is not asked again."""
    why = route.tried.get(partner.key)
    return verdict if why is None else verdict._replace(eligible=False, reasons=(why,))


def _turn(book: Book, pool: str, partner: PartnerRow) -> int:
    return book.load(partner.key).passes.get(pool, 0)


def _placed(rule: Rule, verdict: Verdict, best: Verdict | None) -> Verdict:
    """Why an eligible partner comes first or later."""
    if best is None or not verdict.eligible:
        return verdict
    if rule.rank.by == "score":
        place = f"scores {verdict.score:g}" + ("" if verdict is best else f", the first {best.score:g}")
    elif verdict is best:
        place = "it is its turn"
    else:
        place = "others come first" if round(verdict.score) < round(best.score) else "its turn comes later"
    return verdict._replace(reasons=(*verdict.reasons, place))


def _candidate(partner: PartnerRow, verdict: Verdict, won: bool) -> LeadCandidate:
    return LeadCandidate(partner=partner.key, name=partner.name, eligible=verdict.eligible, won=won, **verdict.told)
