"""Whether the decisions about partners, made once more from the start of their inputs, end in the same; it judges none."""

from collections.abc import Iterator

from schemas import topics
from schemas.log import Record
from streams.decision import Step
from streams.lane import Lane
from streams.state import in_memory
from tests.e2e.channel import Channel
from tests.support.memory_log import MemoryBroker, MemoryLog

FACTS = (topics.PARTNERS, topics.CERTIFICATIONS, topics.LEADS, topics.REGISTRATIONS, topics.FEES, topics.TOUCHES,
         topics.ATTRIBUTIONS)  # fmt: skip


def repeated(it: Channel) -> list[str]:
    """Each decision from the start of its input, without any state: what it says and remembers at the end is the same."""
    return [fault for step in it.steps for fault in _again(it, step)]


def _again(it: Channel, step: Step) -> Iterator[str]:
    anew = MemoryBroker(partitions=1)
    for spot, records in list(it.broker.topics.items()):
        if spot.topic == step.topic.name:
            anew.topics[spot] = list(records)
    log = MemoryLog(anew, step.name, step.topic.name)
    lane = Lane(step, log, in_memory)
    log.start(lane)
    while lane.turn(0):
        pass
    kept = topics.changelog(step.name).name
    for name in (kept, *(fact.name for fact in FACTS)):
        once, again = _last(it.broker.read(name)), _last(anew.read(name))
        if name == kept or again:
            differ = sorted(key for key in once.keys() | again.keys() if once.get(key) != again.get(key))
            if differ:
                yield f"{step.name} from its start differs in {name}: {differ[:3]}"


def _last(records: list[Record]) -> dict[bytes, bytes | None]:
    found = {record.key or b"": record.value for record in records}
    return {key: value for key, value in found.items() if value is not None}
