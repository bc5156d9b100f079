"""Who may put a link in question: a claim that is as strong as the link, and no weaker one."""

from schemas.messages import LinkRule, Ruling
from tests.unit.streams.reconcile.world import ACME, CREATING, World, ids, owned

SALESFORCE_ID = "001xx000003DGb2AAG"


def imported(**more) -> World:
    """Bob's account was imported from one of Ann's; she has another one that looks just the same."""
    world = World(**more)
    world.ann.create("account", ACME, SALESFORCE_ID)
    world.ann.create("account", ACME, "twin")
    world.bob.create("account", {**ACME, "source_id": SALESFORCE_ID}, "bob1")
    return world.start()


def test_a_look_alike_does_not_question_a_link_by_external_id_and_is_told_as_settled():
    world = imported()
    assert world.links()["bob/account/bob1"].rule is LinkRule.EXTERNAL_ID
    assert ids(world) == {(SALESFORCE_ID, "bob1")}
    assert world.open() == []
    (settled,) = world.conflicts("crosswalk")
    assert settled.refs == ("ann/account/twin", "bob/account/bob1")
    assert f"ann/account/twin could be a duplicate of ann/account/{SALESFORCE_ID}" in settled.reason


def test_a_possible_duplicate_is_told_once_however_often_it_changes():
    world = imported()
    told = len(world.broker.read("conflicts"))
    for phone in ("1", "2"):
        world.ann.edit("account", "twin", {"phone": phone})
        world.settle()
    assert len(world.broker.read("conflicts")) == told


def test_a_look_alike_that_comes_later_does_not_question_it_either():
    world = World()
    world.ann.create("account", ACME, SALESFORCE_ID)
    world.bob.create("account", {**ACME, "source_id": SALESFORCE_ID}, "bob1")
    world.start()
    world.ann.create("account", ACME, "twin")
    assert world.settle().open() == []
    assert ids(world) == {(SALESFORCE_ID, "bob1")}


def test_nothing_is_made_for_a_possible_duplicate():
    world = imported(ownership=owned(account=CREATING))
    assert world.bob.living("account") == ["bob1"]


def test_a_claim_by_external_id_does_question_a_link_by_external_id():
    world = World()
    world.ann.create("account", {"name": "Acme", "source_id": "erp-4711"}, "ann1")
    world.bob.create("account", {"name": "Robots", "source_id": "erp-4711"}, "bob1")
    world.start()
    world.ann.create("account", {"name": "Acme (old)", "source_id": "erp-4711"}, "ann2")
    world.settle()
    assert ids(world) == {("ann1", "bob1")}
    assert [conflict.refs for conflict in world.open("crosswalk")] == [("ann/account/ann2", "bob/account/bob1")]


def test_a_look_alike_of_two_of_which_one_is_free_waits_for_a_person():
    world = World()
    world.ann.create("account", ACME, SALESFORCE_ID)
    world.ann.create("account", ACME, "twin")
    world.bob.create("account", {**ACME, "source_id": SALESFORCE_ID}, "bob1")
    world.bob.create("account", ACME, "free")
    world.start()
    assert ids(world) == {(SALESFORCE_ID, "bob1")}
    assert {ref for conflict in world.open("crosswalk") for ref in conflict.refs} >= {
        "ann/account/twin",
        "bob/account/free",
    }
    world.rule(Ruling.LINK, "ann/account/twin", "bob/account/free")
    assert ids(world) == {(SALESFORCE_ID, "bob1"), ("twin", "free")}
    assert world.open() == []


def test_a_person_can_give_the_counterpart_to_the_look_alike():
    world = imported()
    world.rule(Ruling.LINK, "ann/account/twin", "bob/account/bob1")
    assert ids(world) == {("twin", "bob1")}
    assert world.open() == []


def test_the_look_alike_takes_the_place_of_what_was_deleted():
    world = World()
    world.ann.create("account", {"name": "Quite another name"}, SALESFORCE_ID)
    world.ann.create("account", ACME, "twin")
    world.bob.create("account", {**ACME, "source_id": SALESFORCE_ID}, "bob1")
    world.start()
    assert ids(world) == {(SALESFORCE_ID, "bob1")}
    world.ann.delete("account", SALESFORCE_ID)
    world.settle()
    assert ids(world) == {("twin", "bob1")}
    assert world.open() == []
