"""Private offers in the ledger: what holds now, what was decided, who ruled, and the story of the whole chain in one order."""

import pytest

from schemas import topics
from schemas.codec import encode
from schemas.log import Output
from schemas.messages import TimePassed
from tandem.ledger import queries
from tandem.ledger.answers import Trace
from tandem.ledger.tracing import trace
from tests.unit.tandem.ledger.offer_world import deal, journey, matched, offered, ruling
from tests.unit.tandem.ledger.world import ACE, AWS, CRM, World, at, changed


def story(world: World, name: str) -> Trace:
    with world.store.reading() as connection:
        found = trace(connection, name)
    assert isinstance(found, Trace)
    return found


def test_a_chain_is_one_row_as_it_stands_and_all_that_was_decided_stays(world: World):
    world.tell(offered("1"), offered("1", 2, "released"))
    world.catch_up()
    row = world.row("offer_link")
    assert (row["state"], row["content"]["offer"], row["content"]["amount"]) == (
        "released",
        f"{AWS}/offer/offer-1",
        "12500.00",
    )
    assert {it["content"]["state"] for it in world.rows("decision")} == {"creating", "released"}
    assert {it["ref"] for it in world.rows("offer_link_record")} == {
        deal("1"),
        f"{AWS}/change_set/cs-1",
        f"{AWS}/offer/offer-1",
    }


def test_a_match_is_one_row_as_it_stands(world: World):
    world.tell(matched("1"), matched("1", 2, "unlinked"))
    world.catch_up()
    row = world.row("offer_match")
    assert (row["status"], row["deal"], len(world.rows("decision"))) == ("unlinked", None, 2)


def test_what_is_taken_back_is_no_longer_so_and_stays_decided(world: World):
    world.tell(offered("1"), matched("1"))
    gone = [(topics.OFFER_LINKS, deal("1")), (topics.OFFER_MATCHES, f"{AWS}/offer/offer-1")]
    world.broker.publish([Output(topic.name, key.encode(), None, []) for topic, key in gone])
    world.catch_up()
    assert (world.rows("offer_link"), world.rows("offer_match"), len(world.rows("decision"))) == ([], [], 2)


def test_of_the_one_order_of_offers_only_rulings_are_kept(world: World):
    def ordered(message, event_id):
        return encode(topics.OFFER_CHANGES, topics.ONE_ORDER, message, source="test", event_id=event_id, trace=None)

    one = changed("1", entity="deal")
    world.broker.publish([ordered(one, "a"), ordered(TimePassed(connection=CRM, at=at(1)), "b")])
    world.tell(ruling("1", "extend_offer", until="2027-01-31", note="they asked"))
    world.catch_up()
    assert (world.rows("change"), world.rows("unreadable")) == ([], [])
    row = world.row("ruling")
    assert (row["ruling"], row["until"], row["note"], row["by"]) == ("extend_offer", "2027-01-31", "they asked", "dana")
    assert world.row("ruling_record")["ref"] == deal("1")


NAMES = [deal("7"), "7", "offer-7", "agmt-7", "O7", f"{AWS}/change_set/cs-7"]


@pytest.mark.parametrize("name", NAMES)
def test_the_story_of_a_deal_is_that_of_its_whole_chain_by_whatever_name(file: World, name: str):
    file.tell(*journey())
    file.catch_up()
    found = story(file, name)
    assert [(event.kind, event.at) for event in found.events] == sorted(
        ((event.kind, event.at) for event in found.events), key=lambda it: it[1]
    )
    assert {event.subject for event in found.events if event.kind == "change"} == {
        deal("7"),
        f"{AWS}/change_set/cs-7",
        f"{AWS}/offer/offer-7",
        f"{AWS}/agreement/agmt-7",
        f"{ACE}/cosell/O7",
    }
    assert {event.subject for event in found.events if event.kind == "write"} == {
        f"{AWS}/offer/tok-7",
        f"{CRM}/deal_offer/7",
        f"{CRM}/private_offer/aws/offer-7",
        f"{ACE}/cosell_offer/O7",
    }
    assert [event.what for event in found.events if event.kind == "outcome"][-1] == "rejected (CONFLICT)"


def test_a_step_says_what_it_changed_and_why_and_who_approved_it(world: World):
    world.tell(*journey())
    world.catch_up()
    found = story(world, deal("7"))
    steps = [event for event in found.events if event.kind == "offer"]
    assert [step.what for step in steps] == [
        "It waits for approval.",
        "The offer is being made.",
        "The buyer can see the offer.",
        "The buyer has accepted the offer.",
    ]
    assert steps[-1].fields["state"] == ("released", "accepted")
    assert steps[-1].fields["agreements"] == ([], [f"{AWS}/agreement/agmt-7"])
    assert steps[1].fields["approval"] == ("waiting", None)
    assert steps[1].reasons == ["The deal asks for a private offer."]
    (approved,) = (event for event in found.events if event.kind == "ruling")
    assert (approved.what, approved.reasons) == ("dana approves the offer", ["fine by me"])


def test_a_record_that_has_left_a_chain_is_no_longer_told_with_it(file: World):
    file.tell(changed("1", entity="deal"), changed("offer-1", 2, connection=AWS, entity="offer", record={"name": "A"}))
    file.tell(offered("1", 3, "released"), offered("1", 4, None, offer=None, change_set=None))
    file.catch_up()
    assert {event.subject for event in story(file, "offer-1").events} == {f"{AWS}/offer/offer-1"}


def test_an_offer_of_unknown_origin_tells_for_which_deal_it_may_be(file: World):
    file.tell(changed("offer-1", 1, connection=AWS, entity="offer", record={"name": "Acme 2027"}), matched("1", 2))
    file.tell(matched("1", 3, "unlinked"))
    file.catch_up()
    said = [event.what for event in story(file, "offer-1").events if event.kind == "match"]
    assert said == ["Acme 2027 may be for our-crm/deal/7 (confidence 0.80)", "Acme 2027 is not linked to any deal"]


@pytest.mark.parametrize(
    ("entity", "record", "name"),
    [
        ("offer", {"name": "Acme 2027"}, "Acme 2027"),
        ("offer_set", {"name": "Acme, all of it"}, "Acme, all of it"),
        ("resale_authorization", {"name": "For Acme", "status": "active"}, "For Acme"),
        ("change_set", {"name": "tandem/x", "status": "failed"}, "tandem/x"),
        ("agreement", {"status": "active", "offer": "offer-1"}, "agreement on offer-1"),
        ("cosell", {"title": "Robots"}, "Robots"),
        ("cosell_invitation", {"status": "pending", "company": "Acme"}, "Acme"),
    ],
)
def test_what_the_marketplace_holds_has_a_name(file: World, entity: str, record: dict[str, str], name: str):
    file.tell(changed("1", connection=AWS, entity=entity, record=record))
    file.catch_up()
    assert file.row("record")["name"] == name


def test_an_offer_that_waits_for_approval_needs_a_person(file: World):
    file.tell(offered("1", approval="waiting"), offered("2", approval="given"))
    file.catch_up()
    with file.store.reading() as connection:
        found = queries.status(connection, "here", [], file.now, None)
    assert (found.ok, found.needs) == (False, ["1 private offers wait for approval: `tandem offers list --waiting`"])
