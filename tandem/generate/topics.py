"""The reference page of the topics; it never makes one."""

from schemas.messages import MESSAGES, Message
from schemas.topics import DAY_MS, Cleanup, Topic
from tandem.generate.markdown import code, codes, table
from tandem.generate.markdown import page as a_page
from tandem.generate.stages import Stage, all_topics, stages
from tandem.settings import Kafka

WORDS = """\
Every record but those of the lanes' state is a CloudEvent 1.0 in Kafka's binary mode: the value is the JSON of the
message, the headers are `ce_specversion`, `ce_type`, `ce_source`, `ce_id` and `content-type`, and `traceparent` (W3C
Trace Context) where what caused it has a trace. The same in machine-readable form: [asyncapi.yaml](asyncapi.yaml)."""


def page() -> str:
    """Topics first, then who reads and writes them, then the messages."""
    return a_page(
        "Topics",
        "`schemas/topics.py`, `schemas/messages` and `tandem/generate/stages.py`",
        WORDS,
        table(("Topic", "Key", "Messages", "Cleanup", "Kept", "Partitions", "What for"), map(_row, all_topics())),
        f"`[kafka] partitions` is {Kafka().partitions} unless set.",
        "## Who reads and writes",
        table(("Stage", "Consumer group", "Receives", "Sends"), map(_stage, stages())),
        "## Messages",
        table(("Message", "ce_type", "Topics", "Meaning"), map(_message, MESSAGES)),
    )


def _row(topic: Topic) -> tuple[str, ...]:
    kept = "the last of each key" if topic.cleanup is Cleanup.COMPACT else f"{topic.retention_ms // DAY_MS} days"
    messages = codes(message.__name__ for message in topic.messages) or "rows of state, internal"
    partitions = str(topic.partitions or ("`[kafka] partitions`" if topic.messages else "as its lane's input"))
    return code(topic.name), topic.key, messages, topic.cleanup.value, kept, partitions, topic.about


def _stage(stage: Stage) -> tuple[str, ...]:
    receives = ", ".join(f"{code(flow.topic.name)} ({flow.why})" for flow in stage.receives)
    sends = ", ".join(f"{code(flow.topic.name)} ({flow.why})" for flow in stage.sends)
    return code(stage.name), code(stage.group) or "none", receives or "nothing", sends


def _message(message: type[Message]) -> tuple[str, ...]:
    return (
        f"[{message.__name__}](../../schemas/json/{message.TYPE}.json)",
        code(message.TYPE),
        codes(topic.name for topic in all_topics() if message in topic.messages),
        (message.__doc__ or "").split("\n", maxsplit=1)[0],
    )
