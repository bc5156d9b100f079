"""Reads which match keys too many accounts hold, and what comparing them would cost; it changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas import topics
from schemas.codec import decode
from schemas.log import Partition, Unreachable
from schemas.messages import HotKeyFound
from tandem.compose import Deployment
from tandem.kafka.reader import Reader


@dataclass(frozen=True, slots=True)
class HotKey:
    """A key, the accounts of each party that held it when it was last told of, and the comparisons that are saved."""

    key: str
    counts: Mapping[str, int]
    skipped: int
    since: str


def hottest(deployment: Deployment, limit: int) -> list[HotKey]:
    """The hot keys, those of most accounts first. Raises `schemas.log.Unreachable` where no broker answers.

    A count is told when it doubles, so it may be half of what it is by now.
    """
    broker = deployment.embedded
    if broker is not None and not broker.answers():
        raise Unreachable(f"the embedded broker does not answer at {broker.bootstrap}. Remedy: start `tandem up`")
    sizes, reader = deployment.admin.sizes(), Reader(deployment.conf)
    last: dict[str, HotKeyFound] = {}
    for number in range(sizes.get(topics.HOT_KEYS.name, 0)):
        for record in reader.read(Partition(topics.HOT_KEYS.name, number)):
            message = decode(record)
            if isinstance(message, HotKeyFound):
                last[message.key] = message
    hot = sorted((it for it in last.values() if it.hot), key=lambda it: (-max(it.counts.values()), it.key))
    return [HotKey(it.key, it.counts, it.skipped, it.at.isoformat()) for it in hot[:limit]]
