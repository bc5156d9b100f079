"""Incremental equals batch: what is held depends on what is known, not on the order in which it came."""

from datetime import timedelta
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.entities import Account
from streams.offers import matching
from streams.offers.matching import blocks
from tests.unit.streams.offers.match_desk import RULES, TODAY, Desk, deal, gone, offer

DEALS, OFFERS = (1, 2, 3), ("a", "b", "c")
ACME = Account(name="Acme Robotics GmbH", website="acme-robotics.de")
PRICES = {1: "12345.00", 2: "20017.00", 3: "41999.00"}  # no deal is like another, unless it is drawn so


def mostly(usual, *others):
    """Few differences at a time, so that records do fit each other."""
    return st.one_of(st.just(usual), st.just(usual), st.sampled_from([usual, *others]))


deal_fields = st.fixed_dictionaries(
    {
        "name": mostly("Acme: 40 seats", "Renewal 2027", "Acme offer-a", "Acme offer-b", "Acme Q-4711"),
        "company": mostly(ACME, Account(name="Acme Holding"), None),
        "amount": mostly("its own", *PRICES.values()),
        "stage": mostly("proposal", "lost"),
        "buyer_account": mostly("123456789012", None),
        "offer_ref": mostly(None, "offer-b"),
        "replaces_agreement": mostly(None, "agmt-1"),
    }
)
offer_fields = st.fixed_dictionaries(
    {
        "name": mostly("Acme Robotics 2027", "acme holding", "Acme 9000001", "Acme 9000002", "Q-4711 9000002"),
        "amount": st.sampled_from([*PRICES.values(), PRICES[1]]),
        "currency": mostly("EUR", "USD"),
        "buyer_accounts": mostly(("123456789012",), ("999999999999",), ()),
        "released": mostly(True, False),
        "accept_by": mostly(TODAY + timedelta(days=30), TODAY + timedelta(days=1), TODAY),
        "status": mostly(None, "active"),
        "replaces_agreement": mostly(None, "agmt-1"),
    }
)
told = st.one_of(
    st.tuples(st.just("deal"), st.sampled_from(DEALS), st.one_of(st.none(), *[deal_fields] * 4)),
    st.tuples(st.just("offer"), st.sampled_from(OFFERS), st.one_of(st.none(), *[offer_fields] * 4)),
    st.tuples(st.sampled_from(["taken", "freed", "forbid"]), st.sampled_from(OFFERS), st.sampled_from(DEALS)),
)
settled = st.tuples(st.just("settle"), mostly(0, 1, 2), st.none())
begun = st.tuples(
    *(st.tuples(st.just("deal"), st.just(number), deal_fields) for number in DEALS),
    *(st.tuples(st.just("offer"), st.just(tag), offer_fields) for tag in OFFERS),
    settled,
)
edited = st.lists(st.one_of(told, st.tuples(told, settled)), min_size=6, max_size=14)
scripts = st.builds(
    lambda first, rest: [
        *first,
        *(step for each in rest for step in (each if isinstance(each[0], tuple) else (each,))),
    ],
    begun,
    edited,
)


def card_of(kind, key, fields):
    made = dict(fields or {})
    if made.get("amount") == "its own":
        made["amount"] = PRICES[key]
    card = (deal if kind == "deal" else offer)(key, **made)
    return gone([card])[0] if fields is None else card


def observe(book, card):
    (matching.observe_deal if "/deal/" in card.ref else matching.observe_offer)(book, card)


def refs(offer_tag, deal_number):
    return f"our-aws/offer/offer-{offer_tag}", f"our-crm/deal/900000{deal_number}"


def play(script, look=lambda desk, steps: None):
    """Every step a decision of its own; `look` sees what has come of it wherever the script settles, and at its end."""
    desk, day = Desk(link=False), TODAY
    for nth, (verb, key, more) in enumerate(script):
        if verb == "settle":
            day += timedelta(days=key)
            look(finish(desk, day), script[: nth + 1])
            continue
        book = desk.book(day)
        if verb in {"deal", "offer"}:
            observe(book, card_of(verb, key, more))
        else:
            getattr(matching, verb)(book, *refs(key, more))
        desk.keep(book)
    look(finish(desk, day), script)
    return desk


def batch(script):
    """The last state of each record, all links that hold, and one settlement."""
    cards, links, never, day = {}, {}, {}, TODAY
    for verb, key, more in script:
        if verb == "settle":
            day += timedelta(days=key)
        elif verb in {"deal", "offer"}:
            cards[verb, key] = more
        elif verb == "taken":
            links[key] = more
        else:
            links = {tag: number for tag, number in links.items() if (tag, number) != (key, more)}
            if verb == "forbid":
                never[key, more] = True
    desk = Desk(link=False)
    book = desk.book(day)
    for key, fields in cards.items():
        if fields is not None:
            observe(book, card_of(*key, fields))
    for pair in never:
        matching.forbid(book, *refs(*pair))
    for pair in links.items():
        matching.taken(book, *refs(*pair))
    desk.keep(book)
    return finish(desk, day)


def finish(desk, day):
    book = desk.book(day)
    matching.settle(book, RULES)
    desk.keep(book)
    return desk


def content(desk):
    """What is held, but for why nothing is said of what is gone."""
    told = {ref: said.model_dump(exclude={"id", "causes", "decided_at"}) for ref, said in desk.said.items()}
    return {ref: said for ref, said in told.items() if f"match/held/{ref}" in desk.rows}


def check(step_by_step, script):
    at_once = batch(script)
    assert content(step_by_step) == content(at_once)
    assert step_by_step.rows == at_once.rows
    silent = step_by_step.said.keys() - content(at_once).keys()
    assert all(step_by_step.held(ref) == ("unlinked", None) for ref in silent)


@settings(max_examples=60)
@given(scripts)
def test_after_any_history_what_is_held_is_what_one_look_at_the_end_of_it_says(script):
    play(script, check)


@settings(max_examples=40)
@given(scripts, st.integers(1, 2))
def test_the_same_holds_when_keys_turn_hot_and_cool_down_again(script, cap):
    with mock.patch.object(blocks, "CAP", cap):
        play(script, check)


@settings(max_examples=30)
@given(scripts, st.randoms(use_true_random=False))
def test_the_order_between_records_does_not_matter(script, rng):
    last = {(verb, key): (verb, key, more) for verb, key, more in script if verb in {"deal", "offer"}}
    order = list(last.values())
    assert play(order).rows == play(rng.sample(order, len(order))).rows


@settings(max_examples=60)
@given(scripts)
def test_no_deal_is_in_two_links_that_matching_finds(script):
    said = batch([step for step in script if step[0] != "taken"]).said.values()
    linked = [each.deal for each in said if each.status.value == "linked"]
    assert len(linked) == len(set(linked))


@settings(max_examples=20)
@given(scripts)
def test_settling_again_says_nothing(script):
    desk = play(script)
    news = len(desk.news)
    finish(desk, desk.rows["match/today"].day)
    assert len(desk.news) == news
