"""Brings one lead up to date: where it stands follows from what was read last, from the clock and from what was ruled.

A lead moves one step at a time until nothing more follows; each step is a state and what was seen in it.
"""

from collections.abc import Callable, Mapping

from schemas.entities import DealStage, LeadStatus
from schemas.messages import RouteState, record_ref
from schemas.partners import PartnerLeadStatus
from streams import agenda
from streams.leads.answers import answer, out_of_step, too_late
from streams.leads.book import Book
from streams.leads.deciding import because, decide, decided_again, given_back, noted, taken
from streams.leads.following import own_find
from streams.leads.holding import keep
from streams.leads.intake import basis, may_route, not_before, now_known, refused
from streams.leads.judging import Asked, judge
from streams.leads.policy import Related
from streams.leads.showing import STATUS, again, show
from streams.leads.state import DealRow, LeadCard, Load, Route, connection_of
from streams.leads.twins import leading

S = RouteState
STEPS = 50  # a lead that moves more often at once goes round in a circle
AT_REST = frozenset({S.OFFERED, S.DIRECT, S.WAITING, S.CLOSED})  # nothing follows from it in the same moment
RANKS = {S.ACCEPTED: 1, S.WORKING: 2, S.CONVERTED: 3, S.WON: 4, S.LOST: 4}
SAID = {
    PartnerLeadStatus.ACCEPTED: S.ACCEPTED,
    PartnerLeadStatus.WORKING: S.WORKING,
    PartnerLeadStatus.CONVERTED: S.CONVERTED,
    PartnerLeadStatus.WON: S.WON,
    PartnerLeadStatus.LOST: S.LOST,
}
OF_DEAL = {DealStage.WON.value: S.WON, DealStage.LOST.value: S.LOST}


def settle(book: Book, ref: str) -> None:
    """Look at one lead: a twin is left to the one that leads."""
    card = book.card(ref)
    if card is None:
        own_find(book, ref)
        return
    leader = leading(book, ref)
    if leader.first != ref:
        before = book.route(ref)
        if before.state is not None and before.state is not S.CLOSED:
            keep(book, before, _closed(before, f"The same lead leads as {leader.first}."))
            show(book, card, None)
        book.touch(leader.first)
        return
    for _ in range(STEPS):
        before = book.route(ref)
        after = _step(book, card, before)
        if after is None or after == before:
            break
        keep(book, before, after)
        if after.state in AT_REST:
            break
    _refuse_late(book, ref)
    show(book, card, leader.twins)


def _step(book: Book, card: LeadCard, route: Route) -> Route | None:
    if not card.alive:
        return _gone(card, route)
    return STEPS_OF[route.state](book, card, route)


def _gone(card: LeadCard, route: Route) -> Route | None:
    if route.state is None or route.state in {S.CLOSED, S.WON, S.LOST}:
        return None
    what = f"merged into {card.merged_into}" if card.merged_into else "deleted in its CRM"
    return _closed(route, f"The lead was {what}.")


def _closed(route: Route, reason: str) -> Route:
    return route.now(state=S.CLOSED, partner=None, respond_by=None, reasons=(reason,), waits="", settled=False)


def _set_out(book: Book, card: LeadCard, route: Route) -> Route | None:
    """A lead that nobody has yet."""
    why_not = refused(book, card)
    if why_not is not None:
        return _closed(route, why_not) if route.state is S.WAITING else None
    later = not_before(book, card)
    if later is not None:
        agenda.plan(book, f"lead/{card.ref}", later)
        return None
    if route.state is S.WAITING and route.basis == basis(book, card) and not now_known(book, card, route):
        return None
    return decide(book, card, route)


def _offered(book: Book, card: LeadCard, route: Route) -> Route | None:
    said = answer(book, route)
    if said is not None:
        if said.status is PartnerLeadStatus.DECLINED:
            return given_back(book, card, route, because("declined it", said.reason))
        return taken(book, route, SAID[said.status], because("has answered in the PRM", said.reason))
    if card.lead.status in {LeadStatus.CONVERTED, LeadStatus.DISQUALIFIED}:
        return _overtaken(card, route)
    against = _against(book, card, route) or _silent(book, route)
    if against is not None:
        return given_back(book, card, route, against)
    if not route.settled and route.basis != basis(book, card):
        return decided_again(book, card, route)
    return None


def _silent(book: Book, route: Route) -> str | None:
    late = route.respond_by is not None and route.respond_by <= book.now
    return f"did not answer by {route.respond_by:%Y-%m-%d %H:%M} UTC" if late else None


def _overtaken(card: LeadCard, route: Route) -> Route:
    """Direct sales was faster, or there is nothing in it."""
    tried = {**route.tried, (route.partner or ""): "was too late"}
    if card.lead.status is LeadStatus.DISQUALIFIED:
        return _closed(route.now(tried=tried), "The lead was disqualified before the partner took it.")
    reason = "The lead was converted before the partner took it."
    changes = {"state": S.CONVERTED, "partner": None, "respond_by": None, "reasons": (reason,), "tried": tried}
    return route.now(**changes, deal=_deal(card))


def _deal(card: LeadCard) -> str | None:
    it = card.lead.converted_deal
    return record_ref(connection_of(card.ref), "deal", it) if it else None


def _against(book: Book, card: LeadCard, route: Route) -> str | None:
    """What has come up against the partner since; that it has as many leads as it takes is because of this one."""
    partner = book.partner(route.partner or "")
    if partner is None or not partner.active:
        return "is no longer an active partner"
    rule = book.policy.by_name.get(route.rule or "")
    if route.settled or rule is None:
        return "wants no leads any more" if partner.no_leads and not route.settled else None
    policy = book.policy
    inputs = route.inputs or card.lead  # an edit is decided anew as a whole, not held against the partner here
    asked = Asked(policy, policy.traits(inputs), Related.read(route.related), book.today)
    verdict = judge(asked, rule, partner, Load())
    return None if verdict.eligible else "; ".join(verdict.reasons)


def _had(book: Book, card: LeadCard, route: Route) -> Route | None:
    """A partner has taken it."""
    partner, said = book.partner(route.partner or ""), answer(book, route)
    if said is not None and said.status is PartnerLeadStatus.DECLINED:
        return given_back(book, card, route, because("gave it back", said.reason))
    if card.lead.status is LeadStatus.CONVERTED:
        return _converted(book, card, route, "The lead was converted.")
    if card.lead.status is LeadStatus.DISQUALIFIED:
        return route.now(state=S.LOST, notes=noted(route, "The lead was disqualified."))
    if partner is None or not partner.active:
        return given_back(book, card, route, "is no longer an active partner")
    if said is not None and RANKS[SAID[said.status]] > RANKS[route.state or S.ACCEPTED]:
        return taken(book, route, SAID[said.status], because(f"says {said.status.value}", said.reason))
    return None


def _converted(book: Book, card: LeadCard, route: Route, why: str) -> Route:
    return route.now(state=S.CONVERTED, deal=_deal(card), respond_by=None, notes=noted(route, why))


def _closing(book: Book, card: LeadCard, route: Route) -> Route | None:
    """It has become a deal, which is won or lost; without one in a CRM the partner's word counts."""
    if card.lead.converted_deal is not None:
        deal = _deal(card)
        row = book.get(f"deal/{deal}", DealRow)
        state = OF_DEAL.get(row.stage if row is not None else "", S.CONVERTED)
        if state is route.state and route.deal == deal:
            return None
        words = "The lead was converted." if state is S.CONVERTED else f"The deal was {state.value}."
        return route.now(state=state, deal=deal, notes=noted(route, words))
    said = answer(book, route) if route.partner is not None else None
    if (
        route.state is S.CONVERTED
        and said is not None
        and said.status in {PartnerLeadStatus.WON, PartnerLeadStatus.LOST}
    ):
        return taken(book, route, SAID[said.status], because(f"says {said.status.value}", said.reason))
    return None


def _lost(book: Book, card: LeadCard, route: Route) -> Route | None:
    return _closing(book, card, route) if card.lead.converted_deal is not None else None


def _with_us(book: Book, card: LeadCard, route: Route) -> Route | None:
    """Direct sales has it: an edit may make it a partner's after all, while nobody works on it."""
    if card.lead.status is LeadStatus.CONVERTED:
        return _converted(book, card, route, "Direct sales has converted the lead.")
    if card.lead.status is LeadStatus.DISQUALIFIED:
        return _closed(route, "The lead was disqualified.")
    if route.settled or route.basis == basis(book, card) or refused(book, card) is not None or not may_route(book):
        return None
    return decide(book, card, route.now(given_up=(), asked=0), notes=("The lead was edited.",))


def _refuse_late(book: Book, ref: str) -> None:
    route = book.route(ref)
    if route.state is None:
        return
    for which, partner in too_late(book, route) if route.state is not S.WAITING else ():
        why = "it had passed on" if partner.key in route.tried else "it was not offered to it"
        words = f"{partner.name} took it, which does not count: {why}."
        again(book, which.partition("/")[0], ref)
        late = (*route.late, which)[-10:]
        route = route.now(late=late, notes=noted(route, words))
        keep(book, route, route)
    shown = PartnerLeadStatus.WITHDRAWN
    if route.partner is not None:
        shown = STATUS.get(route.state or S.CLOSED, shown)
    for which in out_of_step(book, route, shown):
        again(book, which.partition("/")[0], ref)
        route = route.now(late=(*route.late, which)[-10:])
        keep(book, route, route)


Step = Callable[[Book, LeadCard, Route], Route | None]
STEPS_OF: Mapping[RouteState | None, Step] = {
    None: _set_out,
    S.WAITING: _set_out,
    S.CLOSED: _set_out,
    S.OFFERED: _offered,
    S.ACCEPTED: _had,
    S.WORKING: _had,
    S.CONVERTED: _closing,
    S.WON: _closing,
    S.LOST: _lost,
    S.DIRECT: _with_us,
}
