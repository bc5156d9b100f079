"""Which routing rules can never decide is found exactly: beside leads of every kind, tried one by one."""

from decimal import Decimal
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.routing_cover import covered
from mappings.routing_rules import RoutingRules, Rule, When
from schemas.entities import Population
from tests.unit.streams.leads.world import rules

RULES = rules()
PLACES = [
    ("DE", "", "10115"),
    ("DE", "", "80331"),
    ("AT", "", ""),
    ("US", "tx", ""),
    ("US", "ca", ""),
    ("FR", "", ""),
    ("", "", ""),
]
SEGMENTS = ["small", "large", ""]
OVERLAPS = [frozenset(some) for size in range(4) for some in combinations(Population, size)]
AMOUNTS = [None, Decimal(5), Decimal(10), Decimal(20)]
LEADS = list(product(PLACES, SEGMENTS, OVERLAPS, AMOUNTS))

whens = st.builds(
    When,
    territory=st.none() | st.lists(st.sampled_from(["dach", "texas", "munich"]), min_size=1, max_size=2).map(tuple),
    country=st.none() | st.lists(st.sampled_from(["DE", "US", "FR"]), min_size=1, max_size=2).map(tuple),
    segment=st.none() | st.sampled_from(["small", "large"]).map(lambda it: (it,)),
    overlap=st.none() | st.sampled_from(list(Population)).map(lambda it: (it,)),
    amount=st.none()
    | st.sampled_from([{"currency": "EUR", "min": "10"}, {"currency": "EUR", "below": "10"}, {"currency": "EUR"}]),
)


def fits(when: When, lead: tuple) -> bool:
    place, segment, overlap, amount = lead
    return (
        (when.territory is None or any(RULES.territories[name].holds(*place) for name in when.territory))
        and (when.country is None or place[0] in when.country)
        and (when.segment is None or segment in when.segment)
        and (when.overlap is None or not overlap.isdisjoint(when.overlap))
        and (when.amount is None or (amount is not None and when.amount.holds(amount)))
    )


def of(conditions: list[When], falls: list[str]) -> RoutingRules:
    made = [
        Rule.model_validate(
            {
                "name": f"r{n}",
                "when": when.model_dump(by_alias=True, exclude_none=True),
                "rank": {"by": "rotation"},
                "accept_within": "1 hour",
                "attempts": 1,
                "fallback": fall,
            }
        )
        for n, (when, fall) in enumerate(zip(conditions, falls, strict=True))
    ]
    return RULES.model_copy(update={"rules": tuple(made)})


@settings(max_examples=150, deadline=None)
@given(st.lists(whens, min_size=1, max_size=5), st.data())
def test_a_rule_is_held_to_be_covered_if_and_only_if_no_lead_reaches_it(conditions: list[When], data: st.DataObject):
    falls = data.draw(st.lists(st.sampled_from(["direct", "next"]), min_size=len(conditions), max_size=len(conditions)))
    rules = of(conditions, falls)
    reached = set()
    for lead in LEADS:
        for rule in rules.rules:
            if fits(rule.when, lead):
                reached.add(rule.name)
                if rule.fallback == "direct":
                    break
    found = {rule.name for rule, _ in covered(rules)}
    assert found == {rule.name for rule in rules.rules} - reached


@settings(max_examples=50, deadline=None)
@given(st.lists(whens, min_size=1, max_size=5))
def test_the_rules_that_are_named_take_every_lead_of_the_covered_one(conditions: list[When]):
    rules = of(conditions, ["direct"] * len(conditions))
    by_name = {rule.name: rule for rule in rules.rules}
    for rule, by in covered(rules):
        for lead in LEADS:
            assert not fits(rule.when, lead) or any(fits(by_name[name].when, lead) for name in by)
