"""Which value of a field stays, and who is told what."""

from datetime import UTC, datetime

from streams.reconcile import Rules
from tests.unit.streams.reconcile.world import World, pair


def test_of_two_edits_within_the_window_the_later_stays_and_the_other_is_named():
    world = pair()
    world.ann.edit("account", "ann1", {"name": "Acme A"})
    world.tick(13)
    world.bob.edit("account", "bob1", {"name": "Acme B"})
    world.settle()
    assert {crm.values("account", f"{n}1")["name"] for n, crm in world.crms.items()} == {"Acme B"}
    (conflict,) = world.conflicts("field")
    assert (conflict.kept, conflict.lost, conflict.open, conflict.field) == ("Acme B", "Acme A", False, "name")
    assert conflict.reason == "most recent wins: bob 2026-01-01 00:11:13 against ann 2026-01-01 00:11:00."


def test_an_edit_of_what_the_other_has_just_sent_is_no_conflict():
    world = pair()
    world.ann.edit("account", "ann1", {"name": "Acme A"})
    world.settle()
    world.bob.edit("account", "bob1", {"name": "Acme B"})
    assert world.settle().conflicts("field") == []
    assert world.ann.values("account", "ann1")["name"] == "Acme B"


def test_edits_far_apart_are_no_conflict_even_if_the_earlier_is_told_later():
    world = pair()
    world.ann.edit("account", "ann1", {"name": "Acme A"})
    world.tick(3600)
    world.bob.edit("account", "bob1", {"name": "Acme B"})
    world.poll("bob")
    assert world.settle().conflicts("field") == []
    assert world.ann.values("account", "ann1")["name"] == "Acme B"


def test_who_edits_beside_the_system_of_record_is_told_why_the_edit_did_not_stay():
    world = pair()
    world.ann.edit("account", "ann1", {"city": "Berlin"})
    world.settle()
    world.tick(5000)
    world.bob.edit("account", "bob1", {"city": "Rome"})
    world.settle()
    assert world.bob.values("account", "bob1")["city"] == "Berlin"
    (conflict,) = world.conflicts("field")
    assert (conflict.kept, conflict.lost) == ("Berlin", "Rome")
    assert "ann is the system of record of city" in conflict.reason


def test_a_clock_that_runs_ahead_wins_no_longer_than_until_the_next_edit():
    world = pair(skew_ms={"bob": 3_600_000})
    world.bob.edit("account", "bob1", {"name": "From the future"})
    world.settle()
    world.ann.edit("account", "ann1", {"name": "Later, by a clock that is right"})
    world.settle()
    assert world.bob.values("account", "bob1")["name"] == "Later, by a clock that is right"


def published(world: World, name: str) -> None:
    """What was told of a system, with the time of the hub's own clock."""
    seen_at = datetime.fromtimestamp(world.ms / 1000, UTC)
    world.publish(*(event.model_copy(update={"seen_at": seen_at}) for event in world.crms[name].poll(False)))


def test_a_clock_that_runs_ahead_is_believed_only_as_far_as_the_skew_that_was_set():
    world = pair(skew_ms={"bob": 3_600_000}, rules=Rules(clock_skew_s=60))
    world.bob.edit("account", "bob1", {"phone": "From the future"})
    published(world, "bob")
    world.tick(90)
    world.ann.edit("account", "ann1", {"phone": "A minute and a half later"})
    published(world, "ann")
    world.settle()
    phones = [crm.values("account", f"{name}1")["phone"] for name, crm in world.crms.items()]
    assert phones == ["A minute and a half later"] * 2


def test_within_the_skew_a_clock_that_runs_ahead_wins():
    world = pair(skew_ms={"bob": 3_600_000}, rules=Rules(clock_skew_s=120))
    world.bob.edit("account", "bob1", {"phone": "From the future"})
    published(world, "bob")
    world.tick(90)
    world.ann.edit("account", "ann1", {"phone": "A minute and a half later"})
    published(world, "ann")
    world.settle()
    assert world.ann.values("account", "ann1")["phone"] == "From the future"


def test_a_field_without_a_rule_and_one_that_only_one_has_are_left_alone():
    world = pair()
    world.ann.edit("account", "ann1", {"source_id": "4711"})
    world.settle()
    assert world.bob.values("account", "bob1")["source_id"] is None


def test_what_a_system_cannot_hold_is_shown_and_the_rest_goes_on():
    world = World(choosy="bob")
    for crm in world.crms.values():
        crm.create("contact", {"last_name": "Okafor", "email": "ada@acme.com"}, "c")
    world.start()
    world.tick(600)
    world.ann.edit("contact", "c", {"title": "chief", "last_name": "Okafor-Li"})
    world.settle()
    assert world.bob.values("contact", "c")["last_name"] == "Okafor-Li"
    (conflict,) = world.open("field")
    assert (conflict.field, conflict.lost) == ("title", "chief")
    assert "bob cannot hold 'chief' of ann" in conflict.reason
    world.ann.edit("contact", "c", {"title": "head"})
    world.settle()
    assert world.bob.values("contact", "c")["title"] == "head"
    assert world.open() == []


def test_a_rejected_write_is_tried_again_with_the_next_edit_and_blocks_no_other_field():
    world = pair(refuses={"bob": lambda fields: fields.get("name") == "Bad"})
    world.ann.edit("account", "ann1", {"name": "Bad"})
    world.settle()
    world.ann.edit("account", "ann1", {"phone": "123"})
    world.settle()
    assert world.bob.ended["rejected"] > 0
    world.ann.edit("account", "ann1", {"name": "Good"})
    world.settle()
    assert {world.bob.values("account", "bob1")[name] for name in ("name", "phone")} == {"Good", "123"}


def test_a_value_that_was_cut_is_held_and_not_sent_again():
    world = pair(short="bob")
    before = len(world.decided("bob"))
    world.ann.edit("account", "ann1", {"phone": "+49 30 1234567"})
    world.settle()
    world.ann.edit("account", "ann1", {"name": "Acme Robotics GmbH"})
    world.settle()
    assert [sorted(write.fields) for write in world.decided("bob")[before:]] == [["phone"], ["name"]]
    assert world.ann.values("account", "ann1")["phone"] == "+49 30 1234567"


def test_a_write_that_arrives_after_its_record_was_deleted_and_restored_undoes_no_later_edit():
    world = pair()

    def told(name: str) -> None:
        world.poll(name)
        while world.behind():
            world.turn()
        world.tick()

    world.ann.edit("account", "ann1", {"name": "First"})
    told("ann")
    world.bob.delete("account", "bob1")
    world.bob.restore("account", "bob1")
    told("bob")
    world.ann.edit("account", "ann1", {"name": "Second"})
    told("ann")
    world.settle()
    assert {crm.values("account", f"{name}1")["name"] for name, crm in world.crms.items()} == {"Second"}


def test_a_late_write_that_lands_on_a_value_put_back_loses_to_the_last_edit():
    world = pair()
    world.ann.edit("account", "ann1", {"phone": "of ann"})
    world.poll("ann")
    world.turn()
    world.tick()
    world.bob.edit("account", "bob1", {"phone": "of bob"})
    world.tick()
    world.bob.edit("account", "bob1", {"phone": None})
    world.deliver("bob")
    assert world.bob.values("account", "bob1")["phone"] == "of ann"
    world.settle()
    assert [crm.values("account", f"{name}1")["phone"] for name, crm in world.crms.items()] == [None, None]


def test_who_edits_what_a_late_write_left_has_the_last_word():
    world = pair()
    world.ann.edit("account", "ann1", {"phone": "of ann"})
    world.poll("ann")
    world.turn()
    world.tick()
    world.bob.edit("account", "bob1", {"phone": "of bob"})
    world.bob.edit("account", "bob1", {"phone": None})
    world.deliver("bob")
    world.tick()
    world.bob.edit("account", "bob1", {"phone": "at last"})
    world.settle()
    assert [crm.values("account", f"{name}1")["phone"] for name, crm in world.crms.items()] == ["at last", "at last"]


def test_what_an_org_makes_of_a_late_write_loses_to_the_last_edit_too():
    def dialled(before: dict, after: dict, own: bool) -> dict:
        return {**after, "PHONE": f"+{after['PHONE']}"} if own and after["PHONE"] != before["PHONE"] else after

    world = pair(triggers={"bob": dialled})
    world.ann.edit("account", "ann1", {"phone": "49"})
    world.poll("ann")
    world.turn()
    world.tick()
    world.bob.edit("account", "bob1", {"phone": "1"})
    world.tick()
    world.bob.edit("account", "bob1", {"phone": None})
    world.deliver("bob")
    assert world.bob.values("account", "bob1")["phone"] == "+49"
    world.settle()
    assert world.ann.values("account", "ann1")["phone"] is None
