"""Whatever comes in whatever order: one owner per lead at any time, counts and index that are right, decisions that can be
made again from what they stored, and nothing said or written twice."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.messages import Changed, LeadRouted, RouteState
from streams.leads.again import again
from streams.leads.pools import STRIDE
from tests.unit.streams.leads.world import CRM, HUB, ROTATE, World, rules

RULES = rules(
    """
[[rules]]
name = "fleet"
when = { product = ["fleet"] }
partner = { serves = ["territory", "product"], certification = { level = 1 } }
rank = { by = "score", weights = { tier = 10, certified = 20, load = 15, country = 5, overlap = 9 } }
accept_within = "8 hours"
attempts = 2
fallback = "next"
[[rules]]
name = "large"
when = { segment = ["large"] }
partner = { serves = ["territory", "language"], tier = "silver" }
rank = { by = "tier" }
accept_within = "8 hours"
attempts = 2
fallback = "direct"
"""
    + ROTATE
)
PARTNERS, LEADS = ("acme", "blue", "cyan", "dune"), ("1", "2", "3", "4")
CERTIFIED = [{"email": "a@x.com", "program": "fleet", "product": "fleet"}]
partners = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["active", "active", "active", "inactive"]),
        "territories": st.sampled_from([(), ("dach",), ("texas", "dach"), ("AT",), ("munich",)]),
        "products": st.sampled_from([(), ("fleet",), ("arm", "fleet")]),
        "languages": st.sampled_from([(), ("de",), ("en", "de")]),
        "capacity": st.sampled_from([None, None, 0, 1, 2]),
        "weight": st.integers(0, 3),
        "no_leads": st.sampled_from([False, False, False, True]),
        "tier_rank": st.integers(0, 3),
        "certifications": st.sampled_from([[], CERTIFIED]),
    }
)
leads = st.fixed_dictionaries(
    {
        "country": st.sampled_from(["DE", "AT", "US", None]),
        "state": st.sampled_from(["TX", None]),
        "employees": st.sampled_from([5, 500, None]),
        "product": st.sampled_from(["fleet", "arm", None]),
        "language": st.sampled_from(["de", None]),
        "company": st.sampled_from(["Zyxtron Dynamics", "Quorvane Logistics"]),
        "status": st.sampled_from(["new", "new", "new", "disqualified", "converted"]),
        "partner": st.sampled_from([None, None, None, "blue"]),
        "tandem_key": st.sampled_from([None, None, "k"]),
    }
)
lead_refs = st.tuples(st.sampled_from([CRM, HUB]), st.sampled_from(LEADS))
said = st.sampled_from(["accepted", "declined", "working", "lost"])
ruled = st.sampled_from(["accept_lead", "decline_lead", "assign_lead"])
events = st.one_of(
    st.tuples(st.just("partner"), st.sampled_from(PARTNERS), partners),
    st.tuples(st.just("lead"), lead_refs, leads),
    st.tuples(st.just("lead"), lead_refs, leads),
    st.tuples(st.just("gone"), lead_refs, st.none()),
    st.tuples(st.just("answer"), lead_refs, st.tuples(st.sampled_from(PARTNERS), said)),
    st.tuples(st.just("rule"), lead_refs, st.tuples(ruled, st.sampled_from([None, *PARTNERS]))),
    st.tuples(st.just("registration"), st.sampled_from(PARTNERS), st.sampled_from(["approved", "expired"])),
    st.tuples(st.just("overlap"), st.sampled_from(PARTNERS), st.sampled_from(["active", "ended"])),
    st.tuples(st.just("time"), st.sampled_from([1, 9, 30]), st.none()),
)


def play(world: World, event: tuple[str, Any, Any]) -> None:
    kind, what, how = event
    if kind == "partner":
        tier = (None, "registered", "silver", "gold")[how["tier_rank"]]
        world.partner(what, tier=tier, **how)
    elif kind == "registration":
        world.registration(what, "Zyxtron Dynamics", status=how)
    elif kind == "overlap":
        world.overlap("a1", what, status=how)
    elif kind == "time":
        world.tick(hours=what)
    else:
        connection, record_id = what
        lead = f"{connection}/lead/{record_id}"
        if kind == "lead":
            world.lead(record_id, connection, **how)
        elif kind == "gone":
            world.gone(lead)
        elif kind == "answer":
            world.answer(lead, *how)
        else:
            world.rule(how[0], lead, how[1])


def started() -> World:
    world = World(RULES)
    world.account("a1", name="Zyxtron Dynamics")
    for key in PARTNERS:
        world.partner(key)
    return world


@settings(max_examples=40, deadline=None)
@given(st.lists(events, max_size=25))
def test_one_owner_per_lead_and_everything_counted_right_at_any_time(played: list[tuple[str, Any, Any]]):
    world = started()
    for event in played:
        play(world, event)
        world.prove()
        keyed = [row for name in world.rows if name.startswith("lead/") and (row := world.rows.get(name))]
        same = {it.ref for it in keyed if it.alive and it.lead.tandem_key == "k"}  # type: ignore[attr-defined]
        for connection in (CRM, HUB):
            holders = [ref for ref in same if world.who(ref)[1] and not ref.startswith(connection)]
            others = [ref for ref in same if world.who(ref)[1] and ref.startswith(connection)]
            assert not (holders and others)


@settings(max_examples=25, deadline=None)
@given(st.lists(events, max_size=20))
def test_what_comes_twice_changes_and_says_nothing(played: list[tuple[str, Any, Any]]):
    world = started()
    for event in played:
        before = len(world.events)
        play(world, event)
        for again_told in world.events[before:]:
            rows = dict(world.rows)
            assert world.tell(again_told) == []
            assert dict(world.rows) == rows


@settings(max_examples=40, deadline=None)
@given(st.lists(events, max_size=25))
def test_every_offer_by_a_rule_can_be_decided_again_from_what_it_stored(played: list[tuple[str, Any, Any]]):
    world = started()
    for event in played:
        play(world, event)
    for fact in world.facts:
        if fact.state is RouteState.OFFERED and fact.rule is not None:
            assert again(RULES, fact) == (fact.rule, fact.partner)


@settings(max_examples=25, deadline=None)
@given(st.lists(events, max_size=15), st.randoms(use_true_random=False))
def test_of_two_versions_of_a_record_the_newer_one_counts_in_whatever_order_they_are_read(played: list, shuffle: Any):
    world, other = started(), started()
    for event in played:
        play(world, event)
    changes = [it for it in world.events if isinstance(it, Changed)]
    shuffle.shuffle(changes)
    for it in changes:
        other.tell(it)
    assert read(other) == read(world)
    other.prove()


def read(world: World) -> dict[str, Any]:
    """The newest that is known of each lead that is there."""
    rows = {name: world.rows.get(name) for name in world.rows if name.startswith("lead/")}
    return {name: (it.version, it.lead) for name, it in rows.items() if it.alive}  # type: ignore[union-attr]


@settings(max_examples=25, deadline=None)
@given(st.lists(events, max_size=20), st.integers(0, 20))
def test_with_other_rules_the_index_is_made_anew_and_routing_goes_on(played: list, at: int):
    world = started()
    for event in played[:at]:
        play(world, event)
    world.again(rules(ROTATE))
    for _ in range(80):
        world.tick()
    world.prove()
    for event in played[at:]:
        play(world, event)
    world.prove()


def test_the_stride_is_divided_by_every_usual_weight_without_a_rest():
    assert all(STRIDE % weight == 0 for weight in range(1, 17))


def test_facts_name_the_rules_that_were_in_force():
    world = started()
    world.lead("1")
    said: LeadRouted = world.facts[-1]
    assert said.rules_version == RULES.version
    assert said.inputs is not None
