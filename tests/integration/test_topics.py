"""Topics are made as they must be, and one that is there but wrong stops the start with the remedy."""

import pytest

from schemas.log import WrongTopic
from schemas.topics import Cleanup, Topic
from tandem.kafka.admin import Admin


@pytest.fixture
def topic(name):
    def named(suffix: str, cleanup: Cleanup = Cleanup.DELETE, partitions: int | None = None) -> Topic:
        return Topic(f"{name}.{suffix}", "key", "", (), cleanup, partitions=partitions)

    return named


def test_topics_that_are_missing_are_made_once(conf, topic):
    wanted = [topic("in"), topic("log", Cleanup.COMPACT), topic("cursors", Cleanup.COMPACT, partitions=1)]
    admin = Admin(conf, 3, 1)
    assert admin.ensure(wanted) == [each.name for each in wanted]
    assert admin.ensure(wanted) == []
    sizes = admin.sizes()
    assert [sizes[each.name] for each in wanted] == [3, 3, 1]
    assert [fault for each in wanted for fault in admin.faults(each, sizes[each.name])] == []


def test_a_topic_with_too_few_partitions_is_named_with_both_numbers_and_the_remedy(conf, topic):
    few, right = topic("few"), topic("right")
    Admin(conf, 2, 1).ensure([few])
    admin = Admin(conf, 4, 1)
    with pytest.raises(WrongTopic) as wrong:
        admin.ensure([few, right])
    [line] = str(wrong.value).splitlines()
    assert line.startswith(f"topic {few.name} has 2 partitions where 4 are needed, so keys and state would not meet.")
    assert "Remedy: set [kafka] partitions = 2 if all topics have 2; else stop everything, delete the topic" in line
    assert admin.sizes()[few.name] == 2


def test_a_topic_with_too_many_partitions_is_refused_as_well(conf, topic):
    cursors = topic("cursors", partitions=1)
    Admin(conf, 2, 1).ensure([topic("cursors")])
    with pytest.raises(WrongTopic, match="has 2 partitions where 1 are needed"):
        Admin(conf, 4, 1).ensure([cursors])


def test_a_state_topic_that_would_be_emptied_by_age_is_refused_with_the_command(conf, topic):
    admin = Admin(conf, 2, 1)
    admin.ensure([topic("state")])
    with pytest.raises(WrongTopic, match=r"has cleanup\.policy=delete where compact is needed") as wrong:
        admin.ensure([topic("state", Cleanup.COMPACT)])
    assert f"--topic {topic('state').name} --add-config cleanup.policy=compact" in str(wrong.value)


def test_every_wrong_topic_is_told_at_once(conf, topic):
    Admin(conf, 2, 1).ensure([topic("a"), topic("b")])
    with pytest.raises(WrongTopic) as wrong:
        Admin(conf, 3, 1).ensure([topic("a"), topic("b")])
    assert len(str(wrong.value).splitlines()) == 2
