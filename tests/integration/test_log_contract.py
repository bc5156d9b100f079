"""What a log promises, proved on each broker: isolation, atomicity, fencing, restore up to the end."""

import pytest
from confluent_kafka import Producer

from schemas.log import Aborted, Fenced, Output, Partition
from schemas.topics import Cleanup
from tandem.broker import EmbeddedBroker
from tandem.kafka.log import KafkaJournal, KafkaLog
from tandem.kafka.reader import Reader


class Owner:
    """Hears of partitions, and remembers them."""

    def __init__(self):
        self.owned: set[Partition] = set()

    def assigned(self, partitions):
        self.owned |= set(partitions)

    def revoked(self, partitions):
        self.owned -= set(partitions)


def read_all(log: KafkaLog, count: int, patience: int = 200) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count and patience:
        found += [record.value for record in log.poll(100, 0.2)]
        patience -= 1
    return found


def poll_until(done, *logs: KafkaLog, into: list | None = None, patience: int = 300) -> None:
    """Poll until it is so; a broker that never lets it be so fails the test."""
    while not done():
        patience -= 1
        assert patience, "the broker did not let it happen in 300 polls"
        for log in logs:
            found = log.poll(100, 0.1)
            if into is not None:
                into += found


@pytest.fixture
def journal(conf, name, ids):
    return KafkaJournal(conf, f"source.{name}", ids)


def test_what_is_committed_is_read_by_the_group_and_read_on_from_its_position(conf, ids, name, make_topic, journal):
    topic = make_topic("in")
    journal.commit([Output(topic, b"k", str(n).encode()) for n in range(5)], {})
    first = KafkaLog(conf, name, topic, "w0", ids)
    first.start(Owner())
    records = []
    poll_until(lambda: len(records) >= 5, first, into=records)
    first.commit([], {Partition(topic, records[0].partition): records[2].offset + 1})
    first.close()
    again = KafkaLog(conf, name, topic, "w0", ids)
    again.start(Owner())
    assert read_all(again, 2) == [b"3", b"4"]
    again.close()


def test_an_aborted_transaction_is_never_seen_and_the_batch_is_polled_again(conf, ids, name, make_topic, journal):
    topic, out = make_topic("in", 1), make_topic("out", 1)
    journal.commit([Output(topic, b"k", b"1")], {})
    log = KafkaLog(conf, name, topic, "w0", ids)
    log.start(Owner())
    assert read_all(log, 1) == [b"1"]
    spoiler = Producer({"bootstrap.servers": conf["bootstrap.servers"], "transactional.id": f"spoil.{name}"})
    spoiler.init_transactions()
    spoiler.begin_transaction()
    spoiler.produce(out, b"never seen")
    spoiler.flush()
    spoiler.abort_transaction()
    log.commit([Output(out, b"k", b"seen")], {Partition(topic, 0): 1})
    reader = KafkaLog(conf, name + "-out", out, "w0", ids)
    reader.start(Owner())
    assert read_all(reader, 1) == [b"seen"]
    assert [record.value for record in log.restore(Partition(out, 0))] == [b"seen"]
    log.close()
    reader.close()


def test_after_an_abort_everything_since_the_last_committed_position_is_polled_again(
    request, conf, name, make_topic, journal
):
    if "embedded" in request.node.name:
        pytest.skip("its ids are used once, so a commit that fails ends the process")
    topic = make_topic("in", 1)
    journal.commit([Output(topic, b"k", b"1")], {})
    log = KafkaLog(conf, name, topic, "w0")
    log.start(Owner())
    assert read_all(log, 1) == [b"1"]
    journal.commit([Output(topic, b"k", b"2")], {})
    assert read_all(log, 1) == [b"2"]
    with pytest.raises(Aborted):
        log.commit([Output(topic, b"k", b"x" * 20_000_000)], {})
    assert read_all(log, 2) == [b"1", b"2"]
    log.close()


def test_a_restore_reads_every_committed_record_and_ends(conf, ids, make_topic, journal):
    changelog = make_topic("log", 1, Cleanup.COMPACT)
    for batch in range(3):
        outputs = [Output(changelog, str(n).encode(), f"{batch}.{n}".encode(), None, 0) for n in range(50)]
        ends = journal.commit(outputs, {})
    records = list(journal.restore(Partition(changelog, 0)))
    latest = {record.key: record.value for record in records}
    assert latest == {str(n).encode(): f"2.{n}".encode() for n in range(50)}
    assert ends == {Partition(changelog, 0): records[-1].offset + 1}
    assert list(journal.restore(Partition(changelog, 0), ends[Partition(changelog, 0)])) == []


def test_a_restore_reads_deletions_as_rows_without_a_value(make_topic, journal):
    changelog = make_topic("log", 1, Cleanup.COMPACT)
    journal.commit([Output(changelog, b"a", b"1", None, 0), Output(changelog, b"b", b"2", None, 0)], {})
    journal.commit([Output(changelog, b"a", None, None, 0)], {})
    rows = [(record.key, record.value) for record in journal.restore(Partition(changelog, 0))]
    assert rows == [(b"a", b"1"), (b"b", b"2"), (b"a", None)]


def test_rows_that_do_not_fit_the_clients_queue_are_offered_again_and_none_is_lost(conf, name, make_topic, ids):
    changelog = make_topic("log", 1)
    small = KafkaJournal({**conf, "queue.buffering.max.messages": 50}, f"source.{name}", ids)
    ends = small.commit([Output(changelog, str(n).encode(), b"x", None, 0) for n in range(500)], {})
    rows = list(small.restore(Partition(changelog, 0)))
    assert {record.key for record in rows} == {str(n).encode() for n in range(500)}
    assert ends[Partition(changelog, 0)] <= rows[-1].offset + 1


def test_a_restore_of_an_empty_partition_ends_at_once(make_topic, journal):
    assert list(journal.restore(Partition(make_topic("log", 1), 0))) == []


def test_cached_state_is_trusted_only_where_the_broker_names_its_topics(conf, make_topic, broker):
    one, two, reader = make_topic("one"), make_topic("two"), Reader(conf)
    assert reader.identity(one) != reader.identity(two)
    assert (reader.identity(one) == reader.identity(one)) is not isinstance(broker, EmbeddedBroker)


def test_a_restore_waits_for_an_open_transaction_and_reads_what_it_commits(conf, ids, name, make_topic, journal):
    changelog = make_topic("log", 1, Cleanup.COMPACT)
    journal.commit([Output(changelog, b"a", b"1", None, 0)], {})
    owner = Producer({"bootstrap.servers": conf["bootstrap.servers"], "transactional.id": f"open.{name}"})
    owner.init_transactions()
    owner.begin_transaction()
    owner.produce(changelog, b"2", b"a", partition=0)
    owner.flush()
    reading = Reader(conf).read(Partition(changelog, 0))
    assert next(reading).value == b"1"
    owner.commit_transaction()
    assert [record.value for record in reading] == [b"2"]


def test_a_restore_passes_an_aborted_tail(conf, ids, name, make_topic, journal):
    changelog = make_topic("log", 1, Cleanup.COMPACT)
    journal.commit([Output(changelog, b"a", b"1", None, 0)], {})
    owner = Producer({"bootstrap.servers": conf["bootstrap.servers"], "transactional.id": f"tail.{name}"})
    owner.init_transactions()
    owner.begin_transaction()
    owner.produce(changelog, b"2", b"a", partition=0)
    owner.flush()
    owner.abort_transaction()
    assert [record.value for record in Reader(conf).read(Partition(changelog, 0))] == [b"1"]


def test_a_second_instance_of_a_source_fences_the_first(conf, ids, name, make_topic):
    topic = make_topic("in")
    first = KafkaJournal(conf, f"source.{name}", ids)
    first.commit([Output(topic, b"k", b"1")], {})
    second = KafkaJournal(conf, f"source.{name}", ids)
    second.commit([Output(topic, b"k", b"2")], {})
    with pytest.raises(Fenced, match="another instance"):
        first.commit([Output(topic, b"k", b"3")], {})


def test_a_worker_whose_partitions_went_to_another_cannot_commit(conf, ids, name, make_topic, journal):
    topic, out = make_topic("in", 1), make_topic("out", 1)
    journal.commit([Output(topic, b"k", b"1")], {})
    zombie = KafkaLog(conf, name, topic, "w0", ids)
    zombie.start(Owner())
    assert read_all(zombie, 1) == [b"1"]
    successor = KafkaLog(conf, name, topic, "w0", ids)
    successor.start(Owner())
    assert read_all(successor, 1) == [b"1"]
    with pytest.raises(Fenced):
        zombie.commit([Output(out, b"k", b"from the zombie")], {Partition(topic, 0): 1})
    successor.commit([Output(out, b"k", b"from its successor")], {Partition(topic, 0): 1})
    assert [record.value for record in Reader(conf).read(Partition(out, 0))] == [b"from its successor"]
    successor.close()


def test_two_workers_share_the_partitions_and_one_takes_over_when_the_other_leaves(
    conf, ids, name, make_topic, journal, broker
):
    if isinstance(broker, EmbeddedBroker):
        pytest.skip("the embedded broker does not share partitions; the settings refuse a second worker on it")
    topic = make_topic("in", 4)
    one, two = Owner(), Owner()
    first = KafkaLog(conf, name, topic, "w0", ids)
    first.start(one)
    poll_until(lambda: len(one.owned) == 4, first)
    second = KafkaLog(conf, name, topic, "w1", ids)
    second.start(two)
    poll_until(lambda: bool(one.owned and two.owned and len(one.owned | two.owned) == 4), first, second)
    assert not one.owned & two.owned
    second.close()
    poll_until(lambda: len(one.owned) == 4, first)
    first.close()
