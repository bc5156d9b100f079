"""What a plan says of the waiting writes: the effect on each record, before and after, and what has changed since."""

from dataclasses import dataclass, field

import pytest

from connectors.base import Budget
from schemas.messages import MatchBy, Write, WriteAction
from tandem.planning.plan import Effect, Plan, changes
from tests.unit.connectors.push_world import AT, TABLES

ACCOUNT = "001xx000003DGb2AAG"


@dataclass
class Standing:
    """A system that only lets itself be looked at."""

    records: dict[str, dict] = field(default_factory=dict)
    batch_size: int = 2
    looks: int = 0

    def look(self, table, batch):
        assert len(batch) <= self.batch_size
        self.looks += 1
        found = [self.records.get(write.key) for write in batch]
        return [row and {name: row.get(name) for name in write.fields} for row, write in zip(found, batch, strict=True)]

    def budget(self) -> Budget | None:
        return None


def write(key: str = ACCOUNT, entity: str = "account", match_by=MatchBy.ID, **how) -> Write:
    fields = how.pop("fields", {"name": "Acme Robotics"})
    number = how.pop("number", 1)
    return Write(
        id=f"w{number}",
        connection="our-crm",
        entity=entity,
        match_by=match_by,
        key=key,
        fields=fields,
        decided_at=AT,
        **how,
    )


def planned(system: Standing, *writes: Write):
    return list(changes("our-crm", TABLES, system, writes))


def test_an_update_shows_only_the_fields_that_differ_before_and_after():
    system = Standing({ACCOUNT: {"name": "Acme", "city": "Berlin"}})
    [one] = planned(
        system, write(fields={"name": "Acme Robotics", "city": "Berlin"}, reasons=("our-hubspot is newer",))
    )
    assert (one.effect, one.record, one.reasons) == (
        Effect.UPDATE, f"our-crm/account/{ACCOUNT}", ("our-hubspot is newer",)
    )  # fmt: skip
    assert [(each.field, each.before, each.after) for each in one.fields] == [("name", "Acme", "Acme Robotics")]


def test_a_record_that_agrees_already_would_not_be_touched():
    [one] = planned(Standing({ACCOUNT: {"name": "Acme Robotics"}}), write())
    assert (one.effect, one.fields) == (Effect.NOTHING, ())


def test_a_record_that_is_not_there_would_be_created_with_every_field():
    [one] = planned(Standing(), write("k1", match_by=MatchBy.EXTERNAL_ID, fields={"name": "Acme", "city": None}))
    assert one.effect is Effect.CREATE
    assert {each.field: each.after for each in one.fields} == {"name": "Acme", "city": None}


def test_an_update_of_a_record_that_is_gone_would_be_refused():
    [one] = planned(Standing(), write())
    assert (one.effect, one.note) == (Effect.REFUSED, "there is no record of that id")


def test_a_value_that_the_mapping_cannot_express_would_be_refused_and_its_neighbours_go_on():
    bad, good = write(fields={"shoe_size": 43}), write("k2", match_by=MatchBy.EXTERNAL_ID, number=2)
    refused, created = planned(Standing(), bad, good)
    assert (refused.effect, created.effect) == (Effect.REFUSED, Effect.CREATE)
    assert "shoe_size" in refused.note


def test_a_record_that_changed_since_the_decision_would_be_left_alone():
    system = Standing({ACCOUNT: {"name": "Acme Holding"}})
    [one] = planned(system, write(expected={"name": "Acme"}))
    assert (one.effect, one.note) == (Effect.OVERTAKEN, "name has changed since it was decided")


def test_an_archive_is_shown_as_such_and_not_where_the_record_is_gone():
    system = Standing({ACCOUNT: {}})
    there, gone = (
        write(action=WriteAction.ARCHIVE, fields={}),
        write("001B", action=WriteAction.ARCHIVE, fields={}, number=2),
    )
    assert [each.effect for each in planned(system, there, gone)] == [Effect.ARCHIVE, Effect.NOTHING]


def test_what_the_system_would_cut_is_shown_cut():
    system = Standing()
    [one] = planned(system, write("d1", "deal", MatchBy.EXTERNAL_ID, fields={"name": "x" * 200}))
    assert len(one.fields[0].after) == 120


def test_several_writes_of_one_record_come_to_one_line_with_the_last_values():
    system = Standing({ACCOUNT: {"name": "Acme", "city": None}})
    [one] = planned(
        system,
        write(fields={"name": "Acme 1"}, expected={"name": "Acme"}),
        write(fields={"name": "Acme 2", "city": "Bonn"}, expected={"name": "Acme 1", "city": None}, number=2),
    )
    assert one.effect is Effect.UPDATE
    assert {each.field: each.after for each in one.fields} == {"name": "Acme 2", "city": "Bonn"}
    assert one.writes == ("w1", "w2")


def test_the_system_is_asked_in_batches():
    system = Standing()
    planned(system, *(write(f"k{number}", match_by=MatchBy.EXTERNAL_ID, number=number) for number in range(5)))
    assert system.looks == 3


@pytest.fixture
def plan() -> Plan:
    system = Standing({ACCOUNT: {"name": "Acme"}})
    records = tuple(planned(system, write(), write("k2", match_by=MatchBy.EXTERNAL_ID, number=2)))
    return Plan(connection="our-crm", made_at=AT, ends={"writes.our-crm[0]": 2}, records=records)


def test_a_plan_survives_its_file(plan):
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_a_plan_of_one_record_is_found_by_name_or_key_and_is_not_whole(plan):
    for asked in (ACCOUNT, f"our-crm/account/{ACCOUNT}"):
        assert [each.key for each in plan.of(asked).records] == [ACCOUNT]
        assert not plan.of(asked).whole


def test_only_what_would_come_out_otherwise_now_has_changed_since(plan):
    system = Standing({ACCOUNT: {"name": "Acme Ltd"}})
    records = tuple(planned(system, write(), write("k2", match_by=MatchBy.EXTERNAL_ID, number=2)))
    now = plan.model_copy(update={"records": records})
    assert [each.key for each in now.since(plan)] == [ACCOUNT]
    assert plan.since(plan) == ()
