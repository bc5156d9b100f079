"""The ledger knows a partner's accounts as they were last told, and which of them we hold."""

from schemas.entities import Relation
from tandem.ledger import whitespace
from tandem.whitespace.ledgers import ours_of
from tests.unit.tandem.ledger.world import ACME, World, changed, overlapped


def test_the_accounts_of_a_party_are_those_that_live_as_they_were_last_told(world: World):
    later = {"name": "Zyxtron AG", "industry": "Software", "employees": 400, "annual_revenue": "60000000"}
    world.tell(
        changed("1"),
        changed("p1", connection=ACME),
        changed("p2", connection=ACME),
        changed("p1", 2, connection=ACME, record=later),
        changed("p2", 2, connection=ACME, kind="deleted", record=None),
    )
    world.catch_up()
    with world.store.reading() as asked:
        found, ours = whitespace.accounts(asked, "partner:acme"), whitespace.accounts(asked, "us")
    assert list(found) == ["p1"]
    assert (found["p1"].name, found["p1"].industry, found["p1"].employees) == ("Zyxtron AG", "Software", 400)
    assert list(ours) == ["1"]


def test_only_overlaps_that_hold_count_and_related_ones_are_apart(world: World):
    world.tell(changed("1"), changed("2"), changed("3"))
    world.tell(overlapped("1"), overlapped("2", status="ended"))
    world.catch_up()
    with world.store.reading() as asked:
        held = whitespace.overlaps(asked, "acme")
    assert ours_of(held) == (frozenset({"p-1"}), {})
    related = held[0].model_copy(update={"relation": Relation.RELATED, "kin": "one group: acme.com"})
    assert ours_of([related]) == (frozenset(), {"p-1": "one group: acme.com"})
