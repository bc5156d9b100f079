"""Makes a lead's next owner of what was chosen: an offer, a right, direct sales, or a question to people."""

from datetime import timedelta
from typing import Any

from mappings.routing_rules import Rule
from schemas.messages import LeadCandidate, RouteState
from streams import agenda
from streams.leads import index
from streams.leads.answers import versions
from streams.leads.book import Book
from streams.leads.choosing import Choice, choose
from streams.leads.intake import basis
from streams.leads.judging import Asked, Verdict, judge
from streams.leads.state import LeadCard, PartnerRow, Route

S = RouteState
KEEPS = "keeps"  # beside the signals of a candidate: it had the lead when that was edited


def decide(book: Book, card: LeadCard, route: Route, *, notes: tuple[str, ...] = ()) -> Route:
    """Who gets it now. `notes` say what went before."""
    asked, rule = route.asked, book.policy.by_name.get(route.rule or "")
    why = notes
    if rule is not None and asked >= rule.attempts:
        why = (*notes, f"The rule {rule.name} asks {asked} partner{'' if asked == 1 else 's'}, and no more.")
        if rule.fallback == "direct":
            return _direct(book, card, route, (*why, "Direct sales takes it."))
        route = route.now(given_up=(*route.given_up, rule.name))
    choice = choose(book, card, route)
    route = _looked_at(book, card, route, choice)
    if choice.waits:
        return route.now(state=S.WAITING, partner=None, waits=choice.waits, reasons=(*why, *choice.reasons))
    if choice.partner is None:
        return _direct(book, card, route, (*why, *choice.reasons, "Direct sales takes it."))
    if choice.rule is None:
        return _with_right(book, route, choice, why)
    same = rule is not None and choice.rule.name == rule.name
    route = route.now(rule=choice.rule.name, asked=(asked if same else 0) + 1, reasons=(*why, *choice.reasons))
    pool = book.policy.pool_of.get(choice.rule.name)
    if pool is not None:
        index.took_turn(book, choice.partner.key, pool.id)
    return offered(book, route, choice.partner.key, choice.rule.accept_within)


def _looked_at(book: Book, card: LeadCard, route: Route, choice: Choice) -> Route:
    return route.now(
        basis=basis(book, card),
        inputs=card.lead,
        candidates=choice.candidates,
        further=choice.further,
        account=choice.company.account,
        related=choice.company.related.told,
        given_up=choice.given_up or route.given_up,
        waits="",
        settled=False,
    )


def _direct(book: Book, card: LeadCard, route: Route, reasons: tuple[str, ...]) -> Route:
    changes = {"state": S.DIRECT, "partner": None, "respond_by": None, "rule": None, "reasons": reasons}
    return route.now(**changes, basis=basis(book, card), inputs=card.lead)


def _with_right(book: Book, route: Route, choice: Choice, why: tuple[str, ...]) -> Route:
    assert choice.partner is not None  # noqa: S101  a right is somebody's
    return route.now(
        state=S.ACCEPTED,
        partner=choice.partner.key,
        assignment=route.assignment + 1,
        rule=None,
        settled=True,
        offered_at=book.now,
        respond_by=None,
        reasons=(*why, *choice.reasons),
        seen=versions(book, route.lead),
    )


def offered(book: Book, route: Route, partner: str, within: timedelta) -> Route:
    """The lead is offered to a partner, which has so long to answer."""
    respond_by = book.now + within
    agenda.plan(book, f"lead/{route.lead}", respond_by)
    return route.now(
        state=S.OFFERED,
        partner=partner,
        assignment=route.assignment + 1,
        offered_at=book.now,
        respond_by=respond_by,
        seen=versions(book, route.lead),
    )


def given_back(book: Book, card: LeadCard, route: Route, why: str) -> Route:
    """A partner has it no longer: who is next."""
    partner = book.partner(route.partner or "")
    name = partner.name if partner is not None else route.partner
    agenda.plan(book, f"lead/{route.lead}", None)
    tried = {**route.tried, (route.partner or ""): why}
    return decide(book, card, route.now(tried=tried, partner=None, respond_by=None), notes=(f"{name} {why}.",))


def decided_again(book: Book, card: LeadCard, route: Route) -> Route:
    """The lead was edited before it was taken: whoever has it keeps it, unless somebody else is better now."""
    fresh = route.now(partner=None, given_up=(), asked=0)
    choice = choose(book, card, fresh)
    holder = book.partner(route.partner or "")
    if holder is not None and choice.rule is not None:
        verdict = _still(book, card, choice, choice.rule, holder)
        if verdict is not None:
            reasons = (f"The rule {choice.rule.name} applies to the lead as it was edited.", f"{holder.name} keeps it.")
            kept = LeadCandidate(partner=holder.key, name=holder.name, eligible=True, won=True, **_kept(verdict))
            others = (it.model_copy(update={"won": False}) for it in choice.candidates if it.partner != holder.key)
            same = _looked_at(book, card, route, choice)
            return same.now(rule=choice.rule.name, reasons=reasons, candidates=(kept, *others))
    agenda.plan(book, f"lead/{route.lead}", None)
    name = holder.name if holder is not None else route.partner
    return decide(book, card, fresh.now(respond_by=None, rule=None), notes=(f"The lead was edited and left {name}.",))


def _kept(verdict: Verdict) -> dict[str, Any]:
    """As a fact tells it: the partner has the lead already, and that decides where nobody is better."""
    return {**verdict.told, "signals": {**verdict.told["signals"], KEEPS: 1.0}}


def _still(book: Book, card: LeadCard, choice: Choice, rule: Rule, holder: PartnerRow) -> Verdict | None:
    """What speaks for the partner that has it, where it can and nobody is better; that it was its turn stays so."""
    load = book.load(holder.key)
    asked = Asked(book.policy, book.traits(card), choice.company.related, book.today)
    verdict = judge(asked, rule, holder, load.model_copy(update={"open": load.open - 1}))
    if not verdict.eligible or choice.partner is None:
        return verdict if verdict.eligible else None
    if rule.rank.by == "score":
        best = next(it.score for it in choice.candidates if it.won)
        return verdict if verdict.score >= best else None
    return verdict if rule.rank.by == "rotation" or holder.tier_rank >= choice.partner.tier_rank else None


def taken(book: Book, route: Route, state: RouteState, why: str) -> Route:
    """The partner has taken it."""
    partner = book.partner(route.partner or "")
    agenda.plan(book, f"lead/{route.lead}", None)
    reason = f"{partner.name if partner is not None else route.partner} {why}."
    return route.now(state=state, respond_by=None, notes=noted(route, reason))


def noted(route: Route, *words: str) -> tuple[str, ...]:
    """The notes of a route with these; the last five."""
    return tuple(dict.fromkeys((*route.notes, *words)))[-5:]


def because(what: str, reason: str | None) -> str:
    """What somebody did, and why, where they say so."""
    return f"{what}: {reason.strip().rstrip('.')}" if reason and reason.strip() else what
