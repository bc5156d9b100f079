"""Status and trace: how things are, what needs a person, and the story of one record."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.deadletters import from_record
from schemas.log import Record
from schemas.messages import identity
from tandem.ledger import queries
from tandem.ledger.answers import RoleStatus, Status, Trace
from tandem.ledger.queries import Role, Unknown
from tandem.ledger.tracing import trace
from tests.unit.tandem.ledger.world import (
    ACME,
    CRM,
    HUB,
    World,
    at,
    changed,
    conflict,
    finished,
    letter,
    linked,
    overlapped,
    reported,
    resolved,
    told,
    write,
)

ROLES = [Role(CRM, "source", "us"), Role(CRM, "sink", "us")]


def asked(world: World, broker: bool = True) -> Status:
    with world.store.reading() as connection:
        extents = world.feed.extents() if broker else None
        return queries.status(connection, "here", ROLES, world.now, extents)


def role(it: Status, name: str) -> RoleStatus:
    return next(each for each in it.connections if each.role == name)


def story(world: World, name: str, limit: int = 500) -> Trace:
    with world.store.reading() as connection:
        found = trace(connection, name, limit)
    assert isinstance(found, Trace)
    return found


def told_kinds(it: Trace) -> list[str]:
    return [event.kind for event in it.events]


def test_all_is_well_when_nothing_needs_a_person(world: World):
    one, two = write("1"), write("2")
    world.tell(changed("1"), reported(used=70, quota=100), reported(role="sink"), one, two, finished(one))
    world.catch_up()
    found = asked(world)
    assert (found.ok, found.needs) == (True, [])
    assert (role(found, "source").state, role(found, "source").used) == ("running", 70)
    assert (role(found, "sink").waiting, role(found, "sink").outcomes_today) == (1, {"applied": 1})
    assert (found.ledger.feeding, found.ledger.behind) == (True, 0)


def test_what_is_today_ends_at_midnight_of_utc(file: World):
    one = write("1")
    file.tell(one, finished(one))
    file.catch_up()
    file.now += timedelta(days=1)
    assert role(asked(file), "sink").outcomes_today == {}


def test_a_stopped_connection_needs_a_person_and_says_the_remedy(file: World):
    file.tell(reported(state="stopped", reason="the password is wrong.", remedy="set a new one"))
    file.catch_up()
    found = asked(file)
    assert (found.ok, found.needs) == (False, ["our-crm source is stopped: the password is wrong. set a new one"])


def test_open_dead_letters_and_conflicts_need_a_person_resolved_ones_do_not(world: World):
    world.tell(letter("1"), letter("2"), resolved(letter("2")), conflict("1"), conflict("2", still_open=False))
    world.catch_up()
    found = asked(world)
    assert (found.dead_letters, found.conflicts) == ({"source:acme-list": 1}, {"manual": 1})
    assert [need.split(":")[0] for need in found.needs] == [
        "1 dead letters are open",
        "1 conflicts wait for a person",
    ]


def test_a_ledger_that_nobody_feeds_says_how_old_it_is(file: World):
    file.tell(changed("1"))
    file.catch_up()
    fed_at = file.now
    file.now += timedelta(minutes=3)
    file.tell(changed("1", 2), changed("1", 3))
    found = asked(file)
    assert (found.ledger.feeding, found.ledger.fed_at, found.ledger.behind) == (False, fed_at, 2)
    assert "is not being fed" in found.needs[0]


def test_a_feeder_that_has_nothing_to_feed_says_that_it_is_alive(file: World):
    follower = file.catch_up()
    file.now += timedelta(minutes=3)
    follower.turn(0)
    assert asked(file).ledger.fed_at == file.now


def test_without_a_broker_nothing_is_said_of_what_is_behind(file: World):
    file.tell(changed("1"))
    file.catch_up()
    assert asked(file, broker=False).ledger.behind is None


def test_a_connection_that_has_said_nothing_is_shown_as_such(file: World):
    file.catch_up()
    assert [each.state for each in asked(file).connections] == ["not reported", "not reported"]


def everything_about_one(world: World) -> None:
    """Acme Robotics is `1` with us, `h-1` in our HubSpot and `p-1` at the partner."""
    one = write("1", 4, causes=(identity(HUB, "h-1", "2"),), fields={"website": "https://acme.com"})
    roll_up = write("1", 5, entity="account_summary", fields={"partner_count": 1}, causes=(identity(ACME, "p-1", "1"),))
    lost = write("1-acme-p1", 6, entity="overlap", match_by="external_id", causes=(identity(CRM, "1", "1"),))
    world.tell(
        changed("1", 1, record={"name": "Acme Robotics", "website": "http://acme.example"}),
        changed("1", 3, record={"name": "Acme Robotics AG", "website": "http://acme.example"}, actor="dana"),
        changed("h-1", 2, connection=HUB),
        changed("p-1", 1, connection=ACME),
        changed("9"),
        linked("1"), overlapped("1", 2), one, finished(one), roll_up, lost, conflict("1", 5),
        finished(lost, "rejected", code="LOCKED", reason="the row is locked", target_id=None),
    )  # fmt: skip
    sent = told(lost)
    parked = Record(sent.topic, 0, 7, sent.key, sent.value, sent.headers or [], int(at(8).timestamp() * 1000))
    world.broker.publish([from_record("sink:our-crm", parked, "LOCKED", "the row is locked", "unlock it")])
    world.catch_up()


def test_the_story_of_a_record_is_told_from_its_first_change_to_the_outcome(world: World):
    everything_about_one(world)
    found = story(world, f"{CRM}/account/1")
    assert (found.title, found.key) == (f"{CRM}/account/1 Acme Robotics AG", "T-1")
    assert sorted(told_kinds(found)) == sorted(
        [
            "change",
            "change",
            "link",
            "overlap",
            "write",
            "write",
            "write",
            "outcome",
            "outcome",
            "conflict",
            "dead letter",
        ]
    )
    assert [event.at for event in found.events] == sorted(event.at for event in found.events)
    assert "9" not in {event.subject.rsplit("/", 1)[-1] for event in found.events}


def test_a_change_shows_the_fields_that_changed_and_who_changed_them(world: World):
    everything_about_one(world)
    first, second = (event for event in story(world, f"{CRM}/account/1").events if event.kind == "change")
    assert first.fields["name"] == (None, "Acme Robotics")
    assert second.fields == {"name": ("Acme Robotics", "Acme Robotics AG")}
    assert second.what == "upserted by dana"


def test_a_write_shows_before_and_after_why_and_what_caused_it(world: World):
    everything_about_one(world)
    it = next(
        event for event in story(world, "1").events if event.kind == "write" and event.subject == f"{CRM}/account/1"
    )
    assert it.fields == {"website": ("http://acme.example", "https://acme.com")}
    assert it.reasons == ["HubSpot is the system of record for website"]
    assert it.causes == [identity(HUB, "h-1", "2")]


def test_what_a_record_caused_elsewhere_is_part_of_its_story(world: World):
    everything_about_one(world)
    subjects = {event.subject for event in story(world, "h-1").events if event.kind == "write"}
    assert subjects == {f"{CRM}/account/1"}


def test_a_partners_record_tells_of_its_overlap(world: World):
    everything_about_one(world)
    assert "overlap" in told_kinds(story(world, "p-1"))


def test_a_tandem_key_tells_of_all_its_records(world: World):
    everything_about_one(world)
    found = story(world, "T-1")
    assert found.title == "T-1, which stands in 1 systems"
    assert found.members == [f"{CRM}/account/1"]


@pytest.mark.parametrize("name", ["write", "overlap"])
def test_a_write_and_an_overlap_can_be_asked_for(world: World, name: str):
    everything_about_one(world)
    asked_for = write("1", 4).id if name == "write" else "1-acme-p1"
    assert name in told_kinds(story(world, asked_for))


def test_the_dead_letter_of_a_row_belongs_to_its_record(file: World):
    file.tell(changed("1"), letter("1", stage=f"source:{CRM}", subject="Account 1"))
    file.catch_up()
    assert told_kinds(story(file, "1")) == ["change", "dead letter"]


def test_an_id_that_several_systems_use_lists_them(world: World):
    world.tell(changed("5"), changed("5", connection=HUB, record={"name": "Acme GmbH"}))
    world.catch_up()
    with world.store.reading() as connection:
        found: Any = trace(connection, "5")
    assert [(it.name, it.what) for it in found] == [
        (f"{CRM}/account/5", "Acme Robotics"),
        (f"{HUB}/account/5", "Acme GmbH"),
    ]


def test_a_name_that_is_not_known_says_what_to_try(file: World):
    file.catch_up()
    with file.store.reading() as connection, pytest.raises(Unknown, match=r"knows no record.*name a record as"):
        trace(connection, "nothing")


def test_a_long_story_is_cut_at_its_beginning_and_says_so(file: World):
    file.tell(*(changed("1", version) for version in range(1, 6)))
    file.catch_up()
    found = story(file, "1", limit=2)
    assert (len(found.events), found.more) == (2, True)
    assert found.events[-1].at == at(5)


def test_a_dead_letter_is_found_by_how_its_id_begins_unless_several_begin_so(file: World):
    file.tell(letter("1"), letter("2"))
    file.catch_up()
    with file.store.reading() as connection:
        assert queries.letter(connection, letter("1").id[:8]).subject == "partners.csv row 1"
        with pytest.raises(Unknown, match=r"several are called so|there is none"):
            queries.letter(connection, "")
        with pytest.raises(Unknown, match="there is none"):
            queries.letter(connection, "100%")


def test_dead_letters_are_chosen_by_stage_code_and_state(file: World):
    file.tell(letter("1"), letter("2", stage="sink:our-crm", code="LOCKED"), letter("3"), resolved(letter("3")))
    file.catch_up()
    with file.store.reading() as connection:
        assert len(queries.letters(connection)) == 2
        assert len(queries.letters(connection, None)) == 3
        assert [it.code for it in queries.letters(connection, stage="sink:our-crm")] == ["LOCKED"]
        assert queries.letters(connection, code="NONE") == []
