"""What people rule of leads; a ruling that comes twice counts once, and one that cannot be followed is refused in words."""

from collections.abc import Callable, Mapping

from schemas.messages import RouteState, Ruling, RulingGiven
from streams import agenda
from streams.leads.book import Book
from streams.leads.deciding import given_back, noted, offered, taken
from streams.leads.holding import keep
from streams.leads.state import HAD, LeadCard, Points, Route
from streams.leads.twins import leading

S = RouteState


def rule(book: Book, event: RulingGiven) -> None:
    """Follow a ruling; one about something that is not known is passed over."""
    name, follow = f"ruling/{event.id}", RULINGS.get(event.ruling)
    if follow is None or book.get(name, Points) is not None:
        return
    book.put(name, Points(ref=event.by))
    for ref in event.refs[:1]:
        lead = leading(book, ref).first
        card = book.card(lead)
        if card is not None and card.alive:
            before = book.route(lead)
            keep(book, before, follow(book, card, before, event))
            book.touch(lead)


def _words(event: RulingGiven, what: str) -> str:
    return (
        f"{event.by} {what}: {event.note.strip().rstrip('.')}"
        if event.note and event.note.strip()
        else f"{event.by} {what}"
    )


def _refused(route: Route, event: RulingGiven, what: str, why: str) -> Route:
    return route.now(notes=noted(route, f"{_words(event, f'wanted {what}')}. That does not count: {why}."))


def _accept(book: Book, card: LeadCard, route: Route, event: RulingGiven) -> Route:
    if event.partner is not None and event.partner != route.partner:
        return _refused(route, event, f"to accept it for {event.partner}", _whose(book, route))
    if route.state is not S.OFFERED:
        return _refused(route, event, "to accept it", _whose(book, route))
    return taken(book, route, S.ACCEPTED, f"has taken it; so said {_words(event, '').strip()}")


def _whose(book: Book, route: Route) -> str:
    partner = book.partner(route.partner) if route.partner is not None else None
    if partner is not None:
        return f"{partner.name} {'is offered it' if route.state is S.OFFERED else 'has it'} now"
    return "direct sales has it now" if route.state is S.DIRECT else "it is offered to nobody now"


def _decline(book: Book, card: LeadCard, route: Route, event: RulingGiven) -> Route:
    if event.partner is not None and event.partner != route.partner:
        return _refused(route, event, f"to decline it for {event.partner}", _whose(book, route))
    if route.partner is None or route.state not in {S.OFFERED, S.ACCEPTED, S.WORKING}:
        return _refused(route, event, "to decline it", _whose(book, route))
    what = "declined it" if route.state is S.OFFERED else "gave it back"
    return given_back(book, card, route, f"{what}; so said {_words(event, '').strip()}")


def _assign(book: Book, card: LeadCard, route: Route, event: RulingGiven) -> Route:
    agenda.plan(book, f"lead/{route.lead}", None)
    tried = dict(route.tried)
    if route.partner is not None and route.partner != event.partner:
        tried[route.partner] = _words(event, "gave it to somebody else")
    if event.partner is None:
        reason = f"{_words(event, 'gave it to direct sales')}."
        changes = {
            "state": S.DIRECT,
            "partner": None,
            "rule": None,
            "respond_by": None,
            "reasons": (reason,),
            "waits": "",
        }
        return route.now(**changes, settled=True, tried=tried, inputs=card.lead)
    partner = book.partner(event.partner)
    if partner is None or not partner.active:
        why = "no partner has that key" if partner is None else "it is no active partner"
        return _refused(route, event, f"to give it to {event.partner}", why)
    if route.partner == partner.key and route.state in HAD | {S.OFFERED}:
        return _refused(route, event, f"to give it to {partner.name}", _whose(book, route))
    tried.pop(partner.key, None)
    reasons = (f"{_words(event, f'gave it to {partner.name}')}.",)
    fresh = route.now(
        rule=None, asked=0, reasons=reasons, settled=True, tried=tried, inputs=card.lead, candidates=(), further=0
    )
    return offered(book, fresh.now(waits=""), partner.key, book.policy.rules.intake.accept_within)


RULINGS: Mapping[Ruling, Callable[[Book, LeadCard, Route, RulingGiven], Route]] = {
    Ruling.ACCEPT_LEAD: _accept,
    Ruling.DECLINE_LEAD: _decline,
    Ruling.ASSIGN_LEAD: _assign,
}
