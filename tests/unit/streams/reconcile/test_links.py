"""Which records are held for the same thing, and what people are asked, as two sales teams would tell it."""

import pytest

from schemas.messages import LinkRule, MatchBy, Ruling
from streams.reconcile import Rules
from tests.unit.streams.reconcile.world import ACME, CREATING, World, ids, owned, pair


def test_accounts_with_one_web_domain_are_linked_and_both_get_the_key():
    world = pair()
    assert world.linked() == {("ann/account/ann1", "bob/account/bob1")}
    link = world.links()["ann/account/ann1"]
    assert (link.rule, link.reasons) == (LinkRule.KEY, ("same web domain acme.com",))
    assert (
        world.ann.values("account", "ann1")["tandem_key"]
        == world.bob.values("account", "bob1")["tandem_key"]
        == link.key
    )


def test_one_domain_in_two_countries_is_two_companies():
    world = World()
    world.ann.create("account", {**ACME, "name": "Acme Germany", "country": "DE"})
    world.bob.create("account", {**ACME, "name": "Acme of Texas", "country": "US"})
    assert world.start().linked() == set()


def test_an_account_that_was_imported_from_the_other_is_linked_whatever_it_is_called():
    world = World()
    world.ann.create("account", {"name": "Acme"}, "001xx000003DGb2")
    world.bob.create("account", {"name": "Robots Ltd", "source_id": "001xx000003DGb2AAG"}, "b")
    world.start()
    assert world.links()["bob/account/b"].rule is LinkRule.EXTERNAL_ID


def test_accounts_that_match_for_sure_are_linked_by_their_score():
    world = World()
    for crm in world.crms.values():
        crm.create(
            "account", {"name": "Zyxtron Intergalactic Holdings", "country": "US", "phone": "+1 512 5550199"}, "z"
        )
    world.start()
    link = world.links()["ann/account/z"]
    assert link.rule is LinkRule.SCORE
    assert link.confidence >= 0.9


def test_contacts_and_leads_are_linked_by_mail_address_and_deals_by_name_and_amount_under_one_account():
    world = World()
    for crm, spelling in ((world.ann, "Ada@acme.com"), (world.bob, "ada@ACME.com ")):
        account = crm.create("account", ACME)
        crm.create("contact", {"last_name": "Okafor", "email": spelling, "account": account}, "c")
        crm.create("lead", {"last_name": "Li", "company": "Bolt", "email": spelling}, "l")
        crm.create("deal", {"name": "40 seats", "amount": "12500.5", "account": account}, "d")
        crm.create("deal", {"name": "40 seats", "account": account}, "without-amount")
    world.start()
    assert ids(world) == {("aa1", "ba1"), ("c", "c"), ("l", "l"), ("d", "d")}
    assert world.dead() == []


def test_nothing_is_linked_before_both_have_told_everything():
    world = World()
    world.ann.create("account", ACME)
    world.bob.create("account", ACME)
    world.publish(*world.ann.poll(False), world.ann.caught_up(), *world.bob.poll(False))
    assert world.settle().linked() == set()
    world.publish(world.bob.caught_up())
    assert len(world.settle().linked()) == 1


def test_many_that_wait_are_linked_a_chunk_at_a_time():
    world = World(rules=Rules(chunk=3))
    for number in range(10):
        for crm in world.crms.values():
            crm.create("account", {"name": f"Company {number}", "website": f"company{number}.com"})
    assert len(world.start().linked()) == 10


def test_two_that_claim_one_are_shown_and_not_linked_until_a_person_says_which():
    world = World()
    for record_id in ("a1", "a2"):
        world.ann.create("contact", {"last_name": "Okafor", "email": "ada@acme.com"}, record_id)
    world.bob.create("contact", {"last_name": "Okafor", "email": "ada@acme.com"}, "b1")
    world.start()
    assert world.linked() == set()
    (conflict,) = world.open()
    assert conflict.kind == "crosswalk"
    assert conflict.refs == ("ann/contact/a1", "ann/contact/a2", "bob/contact/b1")
    assert world.ann.ended == world.bob.ended == {}
    world.rule(Ruling.LINK, "ann/contact/a2", "bob/contact/b1")
    assert ids(world) == {("a2", "b1")}
    assert world.open() == []


@pytest.mark.parametrize("way", ["edit", "delete"])
def test_a_contest_is_over_when_one_of_the_two_gives_way(way):
    world = World()
    for record_id in ("a1", "a2"):
        world.ann.create("contact", {"last_name": "Okafor", "email": "ada@acme.com"}, record_id)
    world.bob.create("contact", {"last_name": "Okafor", "email": "ada@acme.com"}, "b1")
    world.start()
    world.ann.edit("contact", "a2", {"email": "eve@acme.com"}) if way == "edit" else world.ann.delete("contact", "a2")
    world.settle()
    assert ids(world) == {("a1", "b1")}
    assert world.open() == []


def test_a_second_claim_on_a_linked_record_is_shown_and_the_link_stays():
    world = pair()
    world.ann.create("account", {**ACME, "name": "Acme Robotics Twin"}, "twin")
    world.settle()
    assert ids(world) == {("ann1", "bob1")}
    assert [conflict.refs for conflict in world.open("crosswalk")] == [("ann/account/twin", "bob/account/bob1")]
    world.ann.merge("account", "ann1", "twin")
    assert world.settle().open() == []


def test_a_person_can_say_that_two_are_not_the_same_and_that_stays():
    world = pair(ownership=owned(account=CREATING))
    world.rule(Ruling.UNLINK, "ann/account/ann1", "bob/account/bob1")
    made = [record_id for record_id in world.bob.living("account") if record_id != "bob1"]
    assert ids(world) == {("ann1", made[0])}
    keys = [crm.values("account", i)["tandem_key"] for crm, i in ((world.ann, "ann1"), (world.bob, "bob1"))]
    assert len(set(keys)) == 2
    world.ann.edit("account", "ann1", {"website": "acme.com/de"})
    assert ids(world.settle()) == {("ann1", made[0])}


def test_a_person_can_move_a_record_to_another_counterpart():
    world = pair()
    world.ann.create("account", {"name": "The right one"}, "right")
    world.settle()
    world.rule(Ruling.LINK, "ann/account/right", "bob/account/bob1")
    assert ids(world) == {("bob1", "right")} or ids(world) == {("right", "bob1")}
    assert world.dead() == []


def test_a_ruling_on_what_is_not_there_changes_nothing_and_says_so():
    world = pair().rule(Ruling.LINK, "ann/account/ann1", "bob/account/nobody")
    assert ids(world) == {("ann1", "bob1")}
    assert ["nobody" in conflict.reason for conflict in world.conflicts("crosswalk")] == [True]
    assert world.dead() == []


def test_a_missing_record_is_made_with_its_parent_and_linked_by_the_key():
    world = World(ownership=owned(account=CREATING, contact=CREATING))
    account = world.ann.create("account", {**ACME, "street": "Invalidenstr. 1", "description": "ours"})
    world.ann.create("contact", {"last_name": "Okafor", "account": account})
    world.start()
    creates = [write for write in world.decided("bob") if write.match_by is MatchBy.EXTERNAL_ID]
    assert [write.entity for write in creates] == ["account", "contact"]
    assert creates[1].parent.key == creates[0].key
    (made,) = world.bob.living("account")
    assert world.bob.values("account", made)["street"] == "Invalidenstr. 1"
    assert world.bob.values("account", made)["description"] is None  # manual: never written
    (contact,) = world.bob.living("contact")
    assert world.bob.values("contact", contact)["account"] == made
    assert len(world.linked()) == 2
    before = len(world.decided("bob"))
    world.publish(*world.ann.told)
    assert len(world.settle().decided("bob")) == before


def test_what_the_other_has_already_is_not_made_twice():
    world = pair(ownership=owned(account=CREATING))
    assert world.bob.living("account") == ["bob1"]


def test_a_create_that_was_refused_is_made_when_the_record_is_mended():
    world = World(ownership=owned(account=CREATING), refuses={"bob": lambda fields: fields.get("phone") == "bad"})
    world.ann.create("account", {**ACME, "phone": "bad"}, "a")
    world.start()
    assert world.bob.living("account") == []
    world.ann.edit("account", "a", {"phone": "5550199"})
    world.settle()
    assert len(world.bob.living("account")) == 1


def test_references_follow_when_their_accounts_are_linked_later():
    world = World()
    for name, crm in world.crms.items():
        account = crm.create("account", {"name": f"Company of {name}"}, f"{name}1")
        crm.create(
            "contact", {"last_name": "Okafor", "email": "ada@acme.com", "account": account if name == "ann" else None}
        )
    world.start()
    (contact,) = world.bob.living("contact")
    assert world.bob.values("contact", contact)["account"] is None
    world.rule(Ruling.LINK, "ann/account/ann1", "bob/account/bob1")
    assert world.bob.values("contact", contact)["account"] == "bob1"
