"""Sentences about very many touches, deals and certifications: what is left out is said, what is put off is done later."""

import pytest

from mappings.attribution import load as load_rules
from schemas.messages import AttributionDecided, TimePassed
from streams.attribution import Setup, counting, settling, steps, touching
from streams.connected import Connected
from tests.unit.streams.attribution.world import CRM, World, certified, day, deal, overlap, partner, registered

D1 = f"{CRM}/deal/d1"


def attributed(world: World) -> set[str]:
    return {it.deal for it in world.said if isinstance(it, AttributionDecided)}


def test_of_too_many_touches_of_an_account_the_earliest_are_looked_at_and_that_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "TOUCHES", 3)
    world = World()
    world.tell(deal(), *(overlap(f"p{n}", -n) for n in range(1, 6)))
    fact = world.fact()
    assert fact.influenced_by == ("p3", "p4", "p5")
    assert f"{CRM}/account/a1 has 5 touches; the earliest 3 are looked at." in fact.reasons


def test_of_too_many_touches_about_a_deal_the_earliest_are_looked_at_and_that_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "TOUCHES", 2)
    world = World()
    world.tell(deal(), *(registered(f"p{n}", -n, name=f"r{n}", deal=D1) for n in range(1, 5)))
    assert world.fact().influenced_by == ("p3", "p4")
    assert "More than 2 touches are about the deal; the earliest 2 are looked at." in world.fact().reasons


def test_of_too_many_deals_of_an_account_the_first_have_its_touches_and_the_others_say_why_not(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(counting, "DEALS", 2)
    monkeypatch.setattr(touching, "DEALS", 2)
    world = World()
    world.tell(*(deal(f"d{n}") for n in range(1, 4)), overlap(), registered("red", deal=f"{CRM}/deal/d3"))
    assert world.fact(f"{CRM}/deal/d2").influenced_by == ("blue",)
    assert world.fact(f"{CRM}/deal/d3").influenced_by == ("red",)
    assert any("has 3 deals" in each for each in world.fact(f"{CRM}/deal/d3").reasons)


def test_deals_that_one_event_cannot_look_at_are_looked_at_with_the_next_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settling, "LOOKS", 2)
    world = World()
    world.tell(*(deal(f"d{n}") for n in range(1, 8)), overlap())
    assert len(attributed(world)) == 2
    world.tell(*(TimePassed(connection=CRM, at=day(n)) for n in range(1, 3)))
    assert len(attributed(world)) == 6
    world.tell(TimePassed(connection=CRM, at=day(3)))
    assert len(attributed(world)) == 7
    assert [name for name in world.rows if name.startswith("todo/")] == []


def test_a_partner_that_is_renamed_tells_a_bounded_number_of_touches_anew(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(touching, "NAMED", 3)
    world = World()
    world.tell(partner(), *(overlap(account=f"a{n}") for n in range(6)))
    assert len(world.tell(partner(name="Azure Blue"))) == 3


def test_certifications_are_looked_for_in_a_bounded_part_of_a_deals_life(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "MONTHS", 2)
    world = World()
    world.tell(deal(), overlap(), certified(on=70))
    assert len(world.fact().touches) == 1
    world.tell(certified(on=50, email="ben@blue.com"))
    assert len(world.fact().touches) == 2


def test_where_no_crm_is_connected_there_is_no_step():
    assert steps(Setup(Connected(prms=("our-prm",)), load_rules())) == ()


def test_rows_that_nothing_needs_any_more_are_gone():
    world = World()
    world.tell(deal(tandem_key="k1", account="a1"), deal(version=2, account=None))
    assert set(world.rows) == {f"deal/{D1}"}
