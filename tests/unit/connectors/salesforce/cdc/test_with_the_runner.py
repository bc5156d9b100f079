"""The source under the real pull loop: what is published, and that one stream serves all passes."""

import pytest

from connectors.pull import Pull
from schemas import topics
from schemas.codec import decode
from schemas.log import Aborted
from tests.support.memory_log import MemoryBroker, MemoryLog

CURSORS = topics.cursors("our-crm")


def pull_on(where, world):
    journal = MemoryLog(where, "", CURSORS.name)
    return Pull("our-crm", "us", world.tables, world.source, journal, lambda: world.now)


def published(where):
    return [decode(record) for record in where.read(topics.ACCOUNT_CHANGES.name)]


def test_what_the_org_tells_is_published_once_by_one_stream(world, monkeypatch):
    opened = []
    subscribe = type(world.source._capture._bus).subscribe
    monkeypatch.setattr(
        type(world.source._capture._bus), "subscribe", lambda bus, after: opened.append(after) or subscribe(bus, after)
    )
    where = MemoryBroker(partitions=1)
    pull = pull_on(where, world)
    acme = world.create(Name="Acme")
    pull.once()
    world.update(acme, Name="Acme AG")
    pull.once()
    world.delete(acme)
    pull.once()
    pull.once()
    told = published(where)
    assert [change.kind for change in told] == ["upserted", "upserted", "deleted"]
    assert [change.record.name for change in told[:2]] == ["Acme", "Acme AG"]
    assert told[1].transaction
    assert len(opened) == 1


def test_a_commit_that_is_aborted_is_published_with_the_next(world):
    where = MemoryBroker(partitions=1)
    pull = pull_on(where, world)
    pull.once()
    world.create(Name="Acme")
    where.faults.append("abort")
    with pytest.raises(Aborted):
        pull.once()
    assert published(where) == []
    pull.once()
    assert [change.record.name for change in published(where)] == ["Acme"]


def test_a_restarted_process_goes_on_where_the_journal_stands(world):
    where = MemoryBroker(partitions=1)
    world.create(Name="Acme")
    pull_on(where, world).once()
    world.restart()
    world.create(Name="Borealis")
    pull_on(where, world).once()
    assert [change.record.name for change in published(where)] == ["Acme", "Borealis"]
