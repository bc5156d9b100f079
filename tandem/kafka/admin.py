"""The other half of the door to Kafka: makes topics and proves them right; it never deletes or shrinks one."""

from collections.abc import Sequence

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ConfigResource, NewTopic, ResourceType  # type: ignore[attr-defined]

from schemas.log import Partition, Unreachable, WrongTopic
from schemas.topics import Topic
from tandem.kafka.conf import Conf, admin

PATIENCE_S = 15.0
REACH_PATIENCE_S = 5.0  # a wrong address should be told before a person gives up


class Admin:
    """Looks at and makes topics of one cluster, with so many partitions and replicas where a topic has no own number."""

    def __init__(self, conf: Conf, partitions: int, replication: int) -> None:
        self._client = admin(conf)
        self._address, self._partitions, self._replication = conf["bootstrap.servers"], partitions, replication

    def reachable(self) -> int:
        """How many brokers answer; raises `Unreachable` that says where we looked."""
        try:
            return len(self._client.list_topics(timeout=REACH_PATIENCE_S).brokers)
        except KafkaException as error:
            raise Unreachable(
                f"no Kafka broker answers at {self._address} ({error.args[0].str()}). Remedy: start it "
                "(`tandem up` or `tandem broker` for the embedded one), or correct [kafka] in the configuration."
            ) from error

    def wanted(self, topic: Topic) -> int:
        """How many partitions a topic must have."""
        return topic.partitions or self._partitions

    def ensure(self, topics: Sequence[Topic]) -> list[str]:
        """Make the topics that are missing and check the others; returns the names of those made."""
        self.reachable()
        have = self.sizes()
        missing = [topic for topic in topics if topic.name not in have]
        new = [NewTopic(topic.name, self.wanted(topic), self._replication, config=topic.config) for topic in missing]
        for name, future in self._client.create_topics(new).items() if new else ():
            try:
                future.result(PATIENCE_S)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise WrongTopic(f"topic {name} could not be made: {error.args[0].str()}") from error
        wrong = [fault for topic in topics if topic.name in have for fault in self.faults(topic, have[topic.name])]
        if wrong:
            raise WrongTopic("\n".join(wrong))
        return [topic.name for topic in missing]

    def sizes(self) -> dict[str, int]:
        """The number of partitions of each topic that is there."""
        found = self._client.list_topics(timeout=PATIENCE_S).topics
        return {name: len(topic.partitions) for name, topic in found.items()}

    def faults(self, topic: Topic, size: int) -> list[str]:
        """What is wrong with a topic that is there, with the remedy; empty if all is well."""
        wanted, found = self.wanted(topic), []
        if size != wanted:
            found.append(
                f"topic {topic.name} has {size} partitions where {wanted} are needed, so keys and state would not meet. "
                f"Remedy: set [kafka] partitions = {size} if all topics have {size}; else stop everything, delete the "
                "topic and start again (it is made anew)."
            )
        policy = self.config(topic.name).get("cleanup.policy")
        if policy is not None and policy != topic.config["cleanup.policy"]:
            found.append(
                f"topic {topic.name} has cleanup.policy={policy} where {topic.cleanup} is needed. Remedy: "
                f"kafka-configs.sh --alter --topic {topic.name} --add-config cleanup.policy={topic.cleanup}"
            )
        return found

    def committed(self, group: str, topic: str) -> dict[Partition, int]:
        """Where a group has got to in a topic: the next offset it reads of each partition, 0 where it has none."""
        spots = [TopicPartition(topic, number) for number in range(self.sizes()[topic])]
        asked = ConsumerGroupTopicPartitions(group, spots)
        found = self._client.list_consumer_group_offsets([asked])[group].result(PATIENCE_S).topic_partitions
        return {Partition(spot.topic, spot.partition): max(0, spot.offset) for spot in found}

    def config(self, topic: str) -> dict[str, str]:
        """The topic-level settings, as far as the broker tells them."""
        resource = ConfigResource(ResourceType.TOPIC, topic)
        described = self._client.describe_configs([resource])[resource].result(PATIENCE_S)
        return {name: entry.value for name, entry in described.items() if entry.value is not None}
