"""Partners in the ledger: what holds now, what was decided and by whom, and stories in one order with their causes."""

import pytest

from schemas import topics
from schemas.log import Output
from schemas.messages import Message, identity
from tandem.ledger.answers import Trace
from tandem.ledger.tracing import trace
from tests.unit.tandem.ledger.offer_world import ruling
from tests.unit.tandem.ledger.partner_topics import PARTNERING
from tests.unit.tandem.ledger.partner_world import (
    DEAL,
    LEAD,
    PRM,
    REGISTRATION,
    attributed,
    certified,
    due,
    journey,
    noticed,
    partner,
    registered,
    routed,
    touched,
)
from tests.unit.tandem.ledger.world import CRM, World, changed, told

STANDING = {
    "partner": (partner(), partner(nth=2, tier="silver"), ("tier", "silver")),
    "certification": (certified(), certified(nth=3, status="lapsed"), ("status", "lapsed")),
    "lead_route": (routed(), routed(nth=5, state="accepted"), ("state", "accepted")),
    "registration": (registered(), registered(nth=6, status="expired"), ("status", "expired")),
    "fee": (due(), due(nth=9, amount="0.00"), ("amount", "0.00")),
    "touch": (touched(), touched(nth=6, standing=False), ("standing", False)),
    "attribution": (attributed(), attributed(nth=8, sourced_by=None), ("sourced_by", None)),
}


def story(world: World, name: str) -> Trace:
    with world.store.reading() as connection:
        found = trace(connection, name)
    assert isinstance(found, Trace)
    return found


def said(found: Trace, kind: str) -> list[str]:
    return [event.what for event in found.events if event.kind == kind]


@pytest.mark.parametrize("table", STANDING)
def test_each_thing_is_one_row_as_it_stands_and_all_that_was_decided_stays(world: World, table: str):
    first, second, (column, value) = STANDING[table]
    world.tell(first, second, second)
    world.catch_up()
    row = world.row(table)
    assert (row[column], row["decision_id"], row["content"]["id"]) == (value, second.id, second.id)
    assert {it["id"] for it in world.rows("decision")} == {first.id, second.id}


def forgotten(message: Message) -> Output:
    topic, key = PARTNERING[type(message)]
    return Output(topic.name, key(message).encode(), None, [])


@pytest.mark.parametrize("table", STANDING)
def test_what_is_taken_back_is_no_longer_so_and_stays_decided(world: World, table: str):
    world.tell(STANDING[table][0])
    world.broker.publish([forgotten(STANDING[table][0])])
    world.catch_up()
    assert (world.rows(table), len(world.rows("decision")), world.rows("unreadable")) == ([], 1, [])


def test_a_key_that_no_row_can_have_takes_nothing_back_and_stops_nothing(file: World):
    file.tell(due())
    file.broker.publish([Output(topics.FEES.name, b"nothing", None, [])])
    file.tell(touched())
    file.catch_up()
    assert (len(file.rows("fee")), len(file.rows("touch"))) == (1, 1)


def test_notices_are_kept_each_as_it_was_said(world: World):
    world.tell(noticed(), noticed(), noticed(nth=4, about="tier"))
    world.catch_up()
    assert sorted((row["about"], row["due_on"]) for row in world.rows("notice")) == [
        ("certification", "2026-09-01"),
        ("tier", "2026-09-01"),
    ]


def test_rulings_over_leads_and_registrations_are_kept_with_the_partner_that_they_name(world: World):
    given = ruling("l7", "assign_lead", refs=(LEAD,), partner="red")
    world.tell(given, ruling("r7", "withdraw_registration", refs=(REGISTRATION,)))
    world.catch_up()
    assert {(row["ruling"], row["partner"]) for row in world.rows("ruling")} == {
        ("assign_lead", "red"),
        ("withdraw_registration", None),
    }


def test_of_the_orders_of_leads_and_registrations_only_rulings_are_kept(file: World):
    one = told(changed("d1", entity="deal"))
    file.broker.publish(
        [one._replace(topic=topic.name) for topic in (topics.LEAD_CHANGES, topics.REGISTRATION_CHANGES)]
    )
    file.catch_up()
    assert (file.rows("change"), file.rows("unreadable")) == ([], [])


@pytest.mark.parametrize("name", [LEAD, "l7", "pl7"])
def test_the_story_of_a_lead_is_told_with_what_its_partner_has_of_it(file: World, name: str):
    file.tell(*journey())
    file.catch_up()
    found = story(file, name)
    assert said(found, "lead") == [
        "Ada Okafor, Acme Robotics is offered with Blue Reseller, by rule dach",
        "Ada Okafor, Acme Robotics is accepted with Blue Reseller, by rule dach",
        "Ada Okafor, Acme Robotics is converted with Blue Reseller, by rule dach",
    ]
    assert {event.subject for event in found.events if event.kind == "change"} == {LEAD, f"{PRM}/partner_lead/pl7"}
    assert {event.subject for event in found.events if event.kind == "write"} == {
        f"{PRM}/partner_lead/{LEAD}",
        f"{CRM}/lead_assignment/l7",
    }
    offered = next(event for event in found.events if event.kind == "lead")
    assert (offered.causes, offered.reasons) == ([identity(CRM, "l7", "1")], ["because of the rules"])


@pytest.mark.parametrize("name", [REGISTRATION, "r7", "r7-crm"])
def test_the_story_of_a_registration_is_that_of_its_twins_too_with_rulings_touches_and_fees(file: World, name: str):
    file.tell(*journey())
    file.catch_up()
    found = story(file, name)
    assert said(found, "registration") == [
        "Acme Robotics, by Blue Reseller is in review, protected until 2026-06-01",
        "Acme Robotics, by Blue Reseller is approved, protected until 2026-06-01",
        "Acme Robotics, by Blue Reseller is converted, protected until 2026-06-01",
    ]
    assert said(found, "ruling") == ["dana approves the registration"]
    assert said(found, "touch") == ["Blue Reseller: The registration was approved."]
    assert said(found, "fee") == ["blue is due 1250.00 EUR, referral fee: 10 percent of 12500 EUR"]
    assert {event.subject for event in found.events if event.kind == "write"} == {f"{PRM}/registration_outcome/r7"}


def test_the_story_of_a_deal_is_that_of_the_registration_and_the_lead_that_it_came_from(file: World):
    file.tell(*journey())
    file.catch_up()
    found = story(file, DEAL)
    kinds = [event.kind for event in found.events if event.kind not in {"change", "write", "outcome"}]
    assert [event.at for event in found.events] == sorted(event.at for event in found.events)
    assert kinds == [
        "lead", "registration", "ruling", "lead", "registration", "touch", "lead", "registration", "attribution", "fee",
    ]  # fmt: skip
    (shares,) = said(found, "attribution")
    assert shares.startswith(
        "brought by blue; a part in it: blue (first touch: blue 12500.00; last touch: blue 12500.00;"
    )
    assert f"{CRM}/deal_attribution/7" in {event.subject for event in found.events if event.kind == "write"}


@pytest.mark.parametrize("name", ["blue", f"{CRM}/partner/p-blue", "p-blue"])
def test_the_story_of_a_partner_is_told_by_its_key_or_any_of_its_records(file: World, name: str):
    file.tell(*journey(), certified("red"), noticed("red"))
    file.catch_up()
    found = story(file, name)
    assert said(found, "partner") == ["Blue Reseller is active, tier gold, with 1 certified people"]
    assert said(found, "certification") == ["ada@blue.com: Fleet specialist is in force until 2026-09-01"]
    assert said(found, "notice") == ["certification, due on 2026-09-01: Renew it."]
    assert {event.subject for event in found.events if event.kind == "change"} == {f"{CRM}/partner/p-blue"}


def test_a_record_that_a_partner_no_longer_has_tells_nothing_of_it(file: World):
    file.tell(changed("p-blue", entity="partner", record={"name": "Blue"}), partner(), partner(nth=2, refs=()))
    file.catch_up()
    assert {event.kind for event in story(file, "p-blue").events} == {"change"}


def test_a_decision_says_what_it_has_changed(file: World):
    file.tell(changed("r7", connection=PRM, entity="registration", record={"partner": "p", "company": "Acme"}))
    file.tell(registered(nth=4, status="in_review"), registered(nth=5))
    file.catch_up()
    last = [event for event in story(file, "r7").events if event.kind == "registration"][-1]
    assert last.fields == {"status": ("in_review", "approved")}


def test_a_touch_that_was_taken_back_is_told_as_such(file: World):
    file.tell(changed("7", entity="deal"), touched(), touched(nth=6, standing=False))
    file.catch_up()
    assert said(story(file, DEAL), "touch")[-1] == "taken back: Blue Reseller: The registration was approved."


NAMES = [
    ("partner", {"name": "Blue Reseller"}, "Blue Reseller"),
    ("partner_user", {"email": "ada@blue.com", "partner": "blue"}, "ada@blue.com"),
    ("partner_user", {"email": "a@b.com", "partner": "blue", "first_name": "Ada", "last_name": "Okafor"}, "Ada Okafor"),
    ("registration", {"partner": "blue", "company": "Acme"}, "Acme"),
    ("partner_lead", {"company": "Acme"}, "Acme"),
    ("partner_customer", {"partner": "blue", "name": "Acme"}, "Acme"),
    (
        "transaction",
        {"partner": "blue", "amount": "12.50", "currency": "EUR", "at": "2026-01-01T00:00:00Z"},
        "12.50 EUR",
    ),
    ("reward", {"partner": "blue", "amount": "5", "currency": "USD"}, "5 USD"),
    ("signal", {"partner": "blue", "kind": "deal_won", "at": "2026-01-01T00:00:00Z"}, "deal won"),
    ("learner", {"email": "ada@blue.com"}, "ada@blue.com"),
    ("enrollment", {"learner": "1", "item": "c1", "item_name": "Fleet 101"}, "Fleet 101"),
    ("credential", {"learner": "1", "item": "b1", "name": "Fleet", "issued_at": "2026-01-01T00:00:00Z"}, "Fleet"),
    ("statement", {"learner": "1", "meaning": "passed", "item": "a1", "at": "2026-01-01T00:00:00Z"}, "a1"),
]


@pytest.mark.parametrize(("entity", "record", "name"), NAMES)
def test_what_prms_and_learning_systems_hold_has_a_name(file: World, entity: str, record: dict[str, str], name: str):
    file.tell(changed("1", connection=PRM, entity=entity, record=record))
    file.catch_up()
    assert file.row("record")["name"] == name
