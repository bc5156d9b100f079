"""What a log promises, proved on each broker: isolation, atomicity, fencing, restore up to the end."""

import pytest
from confluent_kafka import Producer

from schemas.log import Fenced, Output, Partition
from schemas.topics import Cleanup
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


@pytest.fixture
def journal(conf, name):
    return KafkaJournal(conf, f"source.{name}")


def test_what_is_committed_is_read_by_the_group_and_read_on_from_its_position(conf, name, make_topic, journal):
    topic = make_topic("in")
    journal.commit([Output(topic, b"k", str(n).encode()) for n in range(5)], {})
    first = KafkaLog(conf, name, topic, "w0")
    first.start(Owner())
    records = []
    while len(records) < 5:
        records += first.poll(100, 0.2)
    first.commit([], {Partition(topic, records[0].partition): records[2].offset + 1})
    first.close()
    again = KafkaLog(conf, name, topic, "w0")
    again.start(Owner())
    assert read_all(again, 2) == [b"3", b"4"]
    again.close()


def test_an_aborted_transaction_is_never_seen_and_the_batch_is_polled_again(conf, name, make_topic, journal):
    topic, out = make_topic("in", 1), make_topic("out", 1)
    journal.commit([Output(topic, b"k", b"1")], {})
    log = KafkaLog(conf, name, topic, "w0")
    log.start(Owner())
    assert read_all(log, 1) == [b"1"]
    spoiler = Producer({"bootstrap.servers": conf["bootstrap.servers"], "transactional.id": f"spoil.{name}"})
    spoiler.init_transactions()
    spoiler.begin_transaction()
    spoiler.produce(out, b"never seen")
    spoiler.flush()
    spoiler.abort_transaction()
    log.commit([Output(out, b"k", b"seen")], {Partition(topic, 0): 1})
    reader = KafkaLog(conf, name + "-out", out, "w0")
    reader.start(Owner())
    assert read_all(reader, 1) == [b"seen"]
    assert [record.value for record in log.restore(Partition(out, 0))] == [b"seen"]
    log.close()
    reader.close()


def test_a_restore_reads_every_committed_record_and_ends(conf, make_topic, journal):
    changelog = make_topic("log", 1, Cleanup.COMPACT)
    for batch in range(3):
        outputs = [Output(changelog, str(n).encode(), f"{batch}.{n}".encode(), None, 0) for n in range(50)]
        ends = journal.commit(outputs, {})
    records = list(journal.restore(Partition(changelog, 0)))
    latest = {record.key: record.value for record in records}
    assert latest == {str(n).encode(): f"2.{n}".encode() for n in range(50)}
    assert ends == {Partition(changelog, 0): records[-1].offset + 1}
    assert list(journal.restore(Partition(changelog, 0), ends[Partition(changelog, 0)])) == []


def test_a_restore_of_an_empty_partition_ends_at_once(make_topic, journal):
    assert list(journal.restore(Partition(make_topic("log", 1), 0))) == []


def test_a_restore_waits_for_an_open_transaction_and_reads_what_it_commits(conf, name, make_topic, journal):
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


def test_a_restore_passes_an_aborted_tail(conf, name, make_topic, journal):
    changelog = make_topic("log", 1, Cleanup.COMPACT)
    journal.commit([Output(changelog, b"a", b"1", None, 0)], {})
    owner = Producer({"bootstrap.servers": conf["bootstrap.servers"], "transactional.id": f"tail.{name}"})
    owner.init_transactions()
    owner.begin_transaction()
    owner.produce(changelog, b"2", b"a", partition=0)
    owner.flush()
    owner.abort_transaction()
    assert [record.value for record in Reader(conf).read(Partition(changelog, 0))] == [b"1"]


def test_a_second_instance_of_a_source_fences_the_first(conf, name, make_topic):
    topic = make_topic("in")
    first = KafkaJournal(conf, f"source.{name}")
    first.commit([Output(topic, b"k", b"1")], {})
    second = KafkaJournal(conf, f"source.{name}")
    second.commit([Output(topic, b"k", b"2")], {})
    with pytest.raises(Fenced, match="another instance"):
        first.commit([Output(topic, b"k", b"3")], {})


def test_a_worker_whose_partitions_went_to_another_cannot_commit(conf, name, make_topic, journal):
    topic, out = make_topic("in", 1), make_topic("out", 1)
    journal.commit([Output(topic, b"k", b"1")], {})
    zombie = KafkaLog(conf, name, topic, "w0")
    zombie.start(Owner())
    assert read_all(zombie, 1) == [b"1"]
    successor = KafkaLog(conf, name, topic, "w0")
    successor.start(Owner())
    assert read_all(successor, 1) == [b"1"]
    with pytest.raises(Fenced):
        zombie.commit([Output(out, b"k", b"from the zombie")], {Partition(topic, 0): 1})
    successor.commit([Output(out, b"k", b"from its successor")], {Partition(topic, 0): 1})
    assert [record.value for record in Reader(conf).read(Partition(out, 0))] == [b"from its successor"]
    successor.close()


def test_two_workers_share_the_partitions_and_one_takes_over_when_the_other_leaves(conf, name, make_topic, journal):
    topic = make_topic("in", 4)
    one, two = Owner(), Owner()
    first = KafkaLog(conf, name, topic, "w0")
    first.start(one)
    while len(one.owned) < 4:
        first.poll(10, 0.1)
    second = KafkaLog(conf, name, topic, "w1")
    second.start(two)
    while not (one.owned and two.owned and len(one.owned | two.owned) == 4):
        first.poll(10, 0.1)
        second.poll(10, 0.1)
    assert not one.owned & two.owned
    second.close()
    while len(one.owned) < 4:
        first.poll(10, 0.1)
    first.close()
