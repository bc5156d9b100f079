"""What the pull loop promises: each change is published once, with its cursor."""

from dataclasses import replace

import pytest

from connectors.base import STREAM, Change, Progress, slots_of
from connectors.errors import RetryLater
from connectors.pull import Pull
from mappings.loader import load
from schemas import topics
from schemas.codec import decode
from schemas.log import Aborted
from schemas.messages import AccountChanged, CaughtUp, ChangeKind
from tests.support.memory_log import Crash, MemoryBroker
from tests.unit.connectors.pull_world import (
    AT,
    CURSORS,
    TABLE,
    Script,
    broker,
    ids,
    published,
    pull_on,
    removal,
    upsert,
)

CONTACTS = load("salesforce")["contact"]


@pytest.mark.parametrize(("fault", "arrived"), [("die-before", []), ("abort", []), ("die-after", ["b1", "b2"])])
def test_changes_and_cursors_are_committed_together_or_not_at_all(fault, arrived):
    where = broker(fault)
    with pytest.raises((Crash, Aborted)):
        pull_on(where, Script([upsert(1), upsert(2)])).once()
    assert ids(where) == arrived
    again = Script([])
    pull_on(where, again).once()
    assert again.asked == [{f"account/row:{record}": "v1" for record in arrived}]


def test_a_change_is_told_whole():
    where = broker()
    pull_on(where, Script([upsert(1, "Acme Robotics", 7, population="Open Opp")])).once()
    [change] = published(where)
    assert (change.connection, change.party, change.ref) == ("acme-list", "partner:acme", "acme-list/account/b1")
    assert (change.version, change.kind, change.occurred_at, change.own) == (7, ChangeKind.UPSERTED, AT, False)
    assert (change.record.name, change.record.population) == ("Acme Robotics", "open_opportunity")
    assert change.seen_at == AT
    [record] = where.read(topics.ACCOUNT_CHANGES.name)
    headers = dict(record.headers)
    assert record.key == b"acme-list/account/b1"
    assert (headers["ce_source"], headers["ce_id"]) == (b"/tandem/source:acme-list", change.id.encode())
    assert headers["traceparent"].startswith(b"00-")


def test_the_cursors_that_were_committed_are_given_to_the_next_pass():
    source = Script([Progress("account", "begun"), upsert(1), upsert(2, version=3)], [])
    pull = pull_on(broker(), source)
    pull.once()
    pull.once()
    assert source.asked == [{}, {"account/": "begun", "account/row:b1": "v1", "account/row:b2": "v3"}]


def test_the_cursor_of_a_row_that_is_gone_is_forgotten_in_memory_and_on_the_topic():
    where = broker()
    source = Script([upsert(1), upsert(2)], [removal(1)], [])
    pull = pull_on(where, source)
    for _ in range(3):
        pull.once()
    restarted = Script([])
    pull_on(where, restarted).once()
    assert source.asked[-1] == restarted.asked[0] == {"account/row:b2": "v1"}
    assert [record.value for record in where.read(CURSORS.name) if record.key == b"account/row:b1"][-1] is None


def test_the_cursors_of_each_entity_and_of_the_whole_stream_are_kept_apart():
    source = Script([upsert(1), replace(upsert(2), cursor_of=STREAM, slot="", cursor="position 7")], [])
    where = broker()
    pull = pull_on(where, source)
    pull.once()
    pull.once()
    assert source.asked[1] == {"account/row:b1": "v1", "/": "position 7"}
    assert slots_of("account", source.asked[1]) == {"row:b1": "v1"}
    assert slots_of(STREAM, source.asked[1]) == {"": "position 7"}


def test_a_deletion_is_published_without_a_record():
    where = broker()
    pull_on(where, Script([removal(1)])).once()
    [change] = published(where)
    assert (change.kind, change.record) == (ChangeKind.DELETED, None)


def test_a_pass_without_anything_new_writes_nothing():
    where = broker("die-before")
    pull = pull_on(where, Script([upsert(1)], []))
    where.faults.insert(0, None)
    assert [pull.once(), pull.once()] == [1, 0]
    assert where.faults == ["die-before"]
    assert pull.stats.passes == 2


def test_a_long_pass_is_committed_in_batches():
    where = broker(None, None, "die-before")
    with pytest.raises(Crash):
        pull_on(where, Script([upsert(number) for number in range(9)]), batch=4).once()
    assert ids(where) == [f"b{number}" for number in range(8)]


def test_the_id_of_a_change_depends_on_what_it_is_and_on_nothing_else():
    def identity(change: Change) -> str:
        where = broker()
        pull_on(where, Script([change])).once()
        return published(where)[0].id

    variants = [upsert(1), upsert(2), upsert(1, version=2), upsert(1, name="Bolt"), removal(1)]
    assert [identity(each) for each in variants] == [identity(each) for each in variants]
    assert len({identity(each) for each in variants}) == len(variants)


def ours_on(where: MemoryBroker, source, **how) -> Pull:
    return pull_on(where, source, party="us", feeds=[topics.OUR_CHANGES], **how)


def test_a_change_of_ours_is_also_put_into_the_one_order_of_all_our_changes():
    where = broker()
    ours_on(where, Script([upsert(1), upsert(2)])).once()
    told, ordered = where.read(topics.ACCOUNT_CHANGES.name), where.read(topics.OUR_CHANGES.name)
    assert [(each.value, each.headers) for each in ordered[:2]] == [(each.value, each.headers) for each in told]
    assert {each.key for each in ordered} == {b"ours"}


def test_the_end_of_the_first_pass_is_told_once_and_after_everything_that_was_there():
    where = broker()
    source = Script([upsert(1), RetryLater("busy")], [upsert(2)], [])
    with pytest.raises(RetryLater):
        ours_on(where, source).once()
    pull = ours_on(where, source)
    pull.once()
    pull.once()
    kinds = [type(decode(record)) for record in where.read(topics.OUR_CHANGES.name)]
    assert kinds == [AccountChanged, AccountChanged, CaughtUp]


def test_the_end_of_the_first_pass_is_told_anew_when_another_entity_is_read():
    where = broker()
    ours_on(where, Script([])).once()
    ours_on(where, Script([]), tables=(TABLE, CONTACTS)).once()
    told = [decode(record) for record in where.read(topics.OUR_CHANGES.name)]
    assert [each.entities for each in told] == [("account",), ("account", "contact")]


def test_what_a_system_did_at_once_is_not_torn_apart_between_two_commits():
    events = [replace(upsert(number), transaction="t1" if number >= 2 else None) for number in range(9)]
    events += [replace(upsert(number), transaction="t2") for number in (9, 10)]
    where = broker(None, "die-before")
    with pytest.raises(Crash):
        pull_on(where, Script(events), batch=3).once()
    assert ids(where) == [f"b{number}" for number in range(9)]


def test_each_entity_goes_to_its_own_topic():
    where = broker()
    ada = replace(upsert(1), entity="contact", record_id="003A", row={"LastName": "Okafor", "Owner": None})
    pull_on(where, Script([upsert(1), ada]), tables=(TABLE, CONTACTS)).once()
    [contact] = [decode(record) for record in where.read("changes.contact")]
    assert (contact.ref, contact.record.last_name) == ("acme-list/contact/003A", "Okafor")
    assert ids(where) == ["b1"]
