"""Sentences about what holds whatever happens in whichever order: one state at rest, exact sums, the same words again."""

import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.entities import DealStage
from schemas.messages import Message
from tests.unit.streams.attribution.world import (
    CRM,
    FRAME,
    HUB,
    PRM,
    World,
    certified,
    day,
    deal,
    gone,
    overlap,
    partner,
    registered,
    routed,
    signalled,
)

PARTNERS = ("blue", "green", "red")
BY, WHEN = st.sampled_from(PARTNERS), st.integers(-400, 60)


def deals(name: str, crm: str) -> st.SearchStrategy[Message]:
    whole = st.builds(
        lambda version, account, amount, stage, close, key: deal(
            name,
            version,
            crm=crm,
            account=account,
            amount=amount,
            stage=stage,
            close_date=day(close).date(),
            tandem_key=key,
        ),
        st.integers(1, 8),
        st.sampled_from(["a1", "a2", None]),
        st.one_of(st.none(), st.decimals(0, 10**9, places=3)),
        st.sampled_from([DealStage.PROPOSAL, DealStage.WON, DealStage.LOST]),
        st.integers(0, 50),
        st.sampled_from([None, "k1"]),
    )
    return st.one_of(whole, st.builds(lambda version: gone(name, version, crm=crm), st.integers(1, 8)))


STATES = st.sampled_from(["offered", "accepted", "lost"])
STATUSES = st.sampled_from(["approved", "converted", "withdrawn", "expired"])
ABOUT = st.sampled_from([None, f"{CRM}/deal/d1", f"{HUB}/deal/h1"])
ENDS = st.none() | WHEN
HELD = st.sampled_from(["in_force", "revoked"])
KNOWN = st.sampled_from([(), (f"{PRM}/partner/part_1",)])
HAPPENINGS = {
    "d1": deals("d1", CRM),
    "d2": deals("d2", CRM),
    "h1": deals("h1", HUB),
    "overlap a1 blue": st.builds(overlap, st.just("blue"), WHEN, ended=ENDS),
    "overlap a2 red": st.builds(overlap, st.just("red"), WHEN, account=st.just("a2"), ended=ENDS),
    "lead": st.builds(routed, STATES, BY, WHEN),
    "registration": st.builds(registered, BY, WHEN, STATUSES, at=WHEN, deal=ABOUT),
    "signal": st.builds(signalled, st.sampled_from(["green", "part_1"]), WHEN, st.integers(1, 8)),
    "certified": st.builds(certified, BY, WHEN, status=HELD),
    "partner": st.builds(partner, st.just("green"), st.sampled_from(["Green", "Greener"]), KNOWN),
}
RECORDS = ("d1", "d2", "h1", "signal")  # these have versions of their own, one for each content


class History(NamedTuple):
    """What happened to each thing, in its own order, and a seed of how that is mixed."""

    lines: Sequence[Sequence[Message]]
    seed: int

    def mixed(self) -> list[Message]:
        """Things among each other in any order, each told up to twice; records of systems also out of their own order."""
        chance = random.Random(self.seed)
        queues = [list(line) for line in self.lines]
        found: list[Message] = []
        while any(queues):
            queue = chance.choice([each for each in queues if each])
            found += [queue.pop(0)] * chance.choice((1, 1, 2))
        return found


@st.composite
def histories(draw: st.DrawFn) -> History:
    lines: list[list[Message]] = []
    for name, happening in HAPPENINGS.items():
        line: list[Any] = draw(st.lists(happening, max_size=4))
        if name in RECORDS:
            line = list({event.version: event for event in line}.values())
        lines.append(line)
    return History(lines, draw(st.integers(0, 10**6)))


def at_rest(events: Sequence[Message]) -> dict[str, Any]:
    """What the facts and the CRMs say in the end; what says nothing is as if it was never said."""
    world = World()
    world.tell(*events)
    facts = {name: world.fact(name) for name in (f"{CRM}/deal/d1", f"{CRM}/deal/d2", f"{HUB}/deal/h1")}
    return {
        "deals": {
            name: it.model_dump(exclude=FRAME) for name, it in facts.items() if it is not None and it.influenced_by
        },
        "touches": {
            (it.touch, it.partner_name, it.at, it.account, it.deal) for it in world.touches.values() if it.standing
        },
        "told": {
            name: row
            for name, row in world.rows.items()
            if name.startswith("credit/") and '"influenced_by":[]' not in row
        }.keys(),
    }


def in_order(history: History) -> list[Message]:
    """One thing after the other, records by their versions."""
    lines = [sorted(line, key=lambda it: getattr(it, "version", 0)) for line in history.lines]
    return [event for line in lines for event in line]


@settings(max_examples=40, deadline=None)
@given(histories())
def test_in_whatever_order_and_however_often_things_are_told_the_state_at_rest_is_the_same(history: History):
    assert at_rest(history.mixed()) == at_rest(in_order(history))


@settings(max_examples=40, deadline=None)
@given(histories())
def test_of_every_fact_that_is_ever_said_each_model_sums_to_the_amount(history: History):
    world = World()
    for fact in world.tell(*history.mixed()):
        if fact.TYPE != "tandem.attribution.decided":
            continue
        for found in fact.models.values():
            assert sum(Fraction(it.amount) for it in found) == Fraction(fact.amount)
            assert {it.partner for it in found} <= set(fact.influenced_by)
        assert bool(fact.models) == bool(fact.influenced_by and fact.amount is not None)
        assert fact.sourced_by is None or fact.sourced_by in fact.influenced_by


@settings(max_examples=20, deadline=None)
@given(histories())
def test_the_same_happenings_lead_to_the_same_words_and_ids(history: History):
    first, second = World(), World()
    assert first.tell(*history.mixed()) == second.tell(*history.mixed())
    assert first.rows == second.rows


@settings(max_examples=40, deadline=None)
@given(histories())
def test_no_message_repeats_the_last_one_of_its_subject(history: History):
    last: dict[str, Any] = {}
    for message in World().tell(*history.mixed()):
        subject = getattr(message, "touch", None) or getattr(message, "deal", None)
        if subject is not None:
            content = message.model_dump(exclude=FRAME)
            assert content != last.get(subject)
            last[subject] = content


OVERLAPS = st.lists(
    st.tuples(BY, st.integers(-400, 60), st.none() | st.integers(-50, 60)), max_size=6, unique_by=lambda it: it[0]
)


@settings(max_examples=40, deadline=None)
@given(OVERLAPS, st.none() | st.integers(0, 50), st.decimals(0, 10**6, places=2))
def test_what_is_said_is_what_counting_by_hand_gives(overlaps, closed, amount: Decimal):
    """A deal on one account, opened on day 0, with overlaps that may end: the rule, written down once more."""
    world = World()
    stage = DealStage.PROPOSAL if closed is None else DealStage.WON
    close = None if closed is None else day(closed).date()
    world.tell(deal(amount=amount, stage=stage, close_date=close))
    counting = []
    for by, seen, ended in overlaps:
        world.tell(overlap(by, seen))
        if ended is not None:
            world.tell(overlap(by, seen, ended=ended))
        held = ended is None if closed is None else seen <= closed and (ended is None or ended > closed)
        if seen >= -365 and held:
            counting.append((seen, by))
    fact = world.fact()
    assert (() if fact is None else fact.influenced_by) == tuple(sorted(by for _, by in counting))
    if counting:
        exact = Fraction(amount) / len(counting)
        assert all(abs(Fraction(it.amount) - exact) < Fraction(1, 100) for it in fact.models["even"])
        first = min(seen for seen, _ in counting)
        assert (first, fact.models["first_touch"][0].partner) in counting
