"""Old and settled things can be forgotten; how things stand stays."""

from datetime import timedelta

from tandem.ledger.pruning import prune
from tests.unit.tandem.ledger.test_exactly_once import everything
from tests.unit.tandem.ledger.world import (
    World,
    changed,
    conflict,
    contents,
    finished,
    letter,
    linked,
    resolved,
    write,
)


def test_what_is_over_is_forgotten_and_how_things_stand_is_kept(world: World):
    done, waiting = write("1"), write("2", causes=("c2",))
    world.tell(changed("1"), changed("1", 2), linked("1"), linked("1", "T-2", 2), done, finished(done), waiting)
    world.tell(letter("1"), letter("2"), resolved(letter("2")), conflict("1"), conflict("2", still_open=False))
    world.catch_up()
    counts = prune(world.store, world.now + timedelta(days=1))
    assert counts == {
        "change": 1, "write": 1, "outcome": 1, "decision": 1, "dead_letter": 1, "conflict": 1, "conflict_record": 2,
        "offer_link_record": 0, "partner_record": 0, "registration_record": 0, "attribution_partner": 0, "notice": 0,
        "ruling": 0, "ruling_record": 0, "gap": 0, "cause": 2,
    }  # fmt: skip
    assert world.row("change")["version"] == world.row("record")["version"] == 2
    assert world.row("write")["id"] == waiting.id
    assert world.row("decision")["id"] == world.row("link")["decision_id"]
    assert (world.row("dead_letter")["status"], world.row("conflict")["open"]) == ("open", True)
    assert {row["cause_id"] for row in world.rows("cause")} >= {"c2"}


def test_what_is_young_is_kept(world: World):
    world.tell(*everything())
    world.catch_up()
    before = contents(world.store)
    with world.store.writing() as connection:
        connection.exec_driver_sql("UPDATE change SET told_at = occurred_at")
    prune(world.store, world.now - timedelta(days=90))
    after = contents(world.store)
    assert {name: rows for name, rows in after.items() if name != "change"} == {
        name: rows for name, rows in before.items() if name != "change"
    }
    assert len(after["change"]) == len(before["change"])
