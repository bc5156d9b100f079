"""What becomes of the counterparts of what is deleted, merged or restored."""

import pytest

from mappings.ownership import OnGone
from schemas.messages import Ruling, WriteAction
from streams.reconcile import Rules
from tests.unit.streams.reconcile.world import ARCHIVING, CREATING, World, ids, owned, pair


def test_a_deletion_unlinks_and_the_counterpart_stays_and_is_not_made_again():
    world = pair(ownership=owned(account=CREATING))
    world.bob.delete("account", "bob1")
    world.settle()
    assert world.linked() == set()
    assert world.bob.living("account") == []
    assert world.ann.living("account") == ["ann1"]
    world.ann.edit("account", "ann1", {"phone": "1"})
    assert world.settle().bob.living("account") == []


def test_a_deletion_that_is_ignored_is_made_good_again():
    world = pair(ownership=owned(account={**CREATING, "on_delete": OnGone.IGNORE}))
    world.bob.delete("account", "bob1")
    world.settle()
    assert len(world.bob.living("account")) == 1
    assert len(world.linked()) == 1


def test_a_deletion_that_is_propagated_archives_the_counterpart_and_nothing_answers():
    world = pair(ownership=ARCHIVING)
    world.bob.delete("account", "bob1")
    world.settle()
    assert world.ann.living("account") == []
    assert [write.action for write in world.decided("ann")[-1:]] == [WriteAction.ARCHIVE]
    assert [w.action for w in world.decided("bob")].count(WriteAction.ARCHIVE) == 0


def test_a_restored_record_is_linked_again():
    world = pair()
    world.bob.delete("account", "bob1")
    world.settle()
    world.ann.edit("account", "ann1", {"phone": "77"})
    world.settle()
    world.bob.restore("account", "bob1")
    world.settle()
    assert ids(world) == {("ann1", "bob1")}
    assert world.bob.values("account", "bob1")["phone"] == "77"


@pytest.mark.parametrize("ruling", [Ruling.CONFIRM_DELETIONS, Ruling.DISCARD_DELETIONS])
def test_a_mass_deletion_stops_and_asks(ruling):
    world = World(ownership=ARCHIVING, rules=Rules(max_deleted=3, max_deleted_share=0.2, chunk=2))
    for number in range(20):
        for name, crm in world.crms.items():
            crm.create("account", {"name": f"Company {number}", "website": f"company{number}.com"}, f"{name}{number}")
    world.start()
    for number in range(10):
        world.bob.delete("account", f"bob{number}")
        world.tick(1)
    world.settle()
    assert len(world.ann.living("account")) == 16
    (conflict,) = world.open("mass_deletion")
    assert "confirm-deletions bob" in conflict.remedy
    world.rule(ruling, connection="bob")
    assert len(world.ann.living("account")) == (10 if ruling is Ruling.CONFIRM_DELETIONS else 16)
    assert world.open() == []


def test_deletions_that_are_few_or_far_apart_do_not_stop():
    world = World(ownership=ARCHIVING, rules=Rules(max_deleted=3, max_deleted_share=0.01))
    for number in range(6):
        for name, crm in world.crms.items():
            crm.create("account", {"name": f"Company {number}", "website": f"company{number}.com"}, f"{name}{number}")
    world.start()
    for number in range(6):
        world.bob.delete("account", f"bob{number}")
        world.tick(1800)
        world.settle()
    assert (world.ann.living("account"), world.open()) == ([], [])


def test_a_merged_record_leaves_its_counterpart_to_the_one_that_was_kept():
    world = pair()
    world.ann.create("account", {"name": "Kept"}, "kept")
    world.settle()
    world.ann.merge("account", "kept", "ann1")
    world.settle()
    assert ids(world) == {("kept", "bob1")}
    assert world.open() == []


@pytest.mark.parametrize(("policy", "there", "shown"), [("unlink", 2, 1), ("ignore", 2, 0), ("archive", 1, 0)])
def test_a_merge_of_two_that_have_counterparts_is_treated_by_policy(policy, there, shown):
    world = pair(ownership=owned(account={"on_merge": OnGone(policy)}))
    for name, crm in world.crms.items():
        crm.create("account", {"name": "Bolt", "website": "bolt.com"}, f"{name}2")
    world.settle()
    world.ann.merge("account", "ann1", "ann2")
    world.settle()
    assert len(world.bob.living("account")) == there
    assert len(world.open("crosswalk")) == shown
    assert ("ann1", "bob1") in ids(world)
    if shown:
        world.bob.merge("account", "bob1", "bob2")
        assert world.settle().open("crosswalk") == []
