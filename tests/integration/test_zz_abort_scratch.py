"""Does KafkaLog go back to the last committed position, with records held from an earlier poll?"""
import pytest
from schemas.log import Aborted, Output, Partition
from tandem.kafka.log import KafkaJournal, KafkaLog
from tests.integration.conftest import *  # noqa
from tests.integration.test_log_contract import Owner, read_all

def test_abort(conf, name, make_topic):
    if "embedded" in str(conf): pytest.skip()
    topic, out = make_topic("in", 1), make_topic("out", 1)
    journal = KafkaJournal(conf, f"source.{name}")
    journal.commit([Output(topic, b"k", b"1")], {})
    log = KafkaLog(conf, name, topic, "w0"); log.start(Owner())
    assert read_all(log, 1) == [b"1"]
    journal.commit([Output(topic, b"k", b"2")], {})
    assert read_all(log, 1) == [b"2"]
    with pytest.raises(Aborted):
        log.commit([Output(out, b"k", b"x" * 20_000_000)], {})
    assert read_all(log, 2, patience=30) == [b"1", b"2"]
    log.close()
