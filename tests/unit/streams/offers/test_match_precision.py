"""A thousand deals and a thousand offers that people made by hand: what is linked is right, and what is right is found."""

import secrets

from tests.support.offers_world import TODAY, build
from tests.unit.streams.offers.match_desk import Desk

SIZE = 1000


def test_links_are_right_and_most_offers_find_their_deal():
    seed = secrets.randbits(32)
    print(f"seed {seed}: tests.support.offers_world.build({seed}) makes this world again")
    world, desk = build(seed, SIZE), Desk(through_bytes=False)
    assert len(world.deals) == SIZE
    assert len(world.offers) >= SIZE
    linked = desk.tell(*world.deals.values(), *world.offers.values(), today=TODAY)
    proposed = {ref: said.deal for ref, said in desk.said.items() if said.status.value == "proposed"}
    right = sum(world.truth.get(ref) == deal for ref, deal in linked.items())
    found = sum(world.truth.get(ref) == deal for ref, deal in (proposed | linked).items())
    assert desk.said.keys() == world.offers.keys()
    assert len(set(linked.values())) == len(linked)
    assert right / len(linked) >= 0.99
    assert found / len(world.truth) >= 0.95
    assert len(linked) / len(world.truth) >= 0.7
