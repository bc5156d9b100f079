"""Whatever aborts, dies or stays busy: every write has an outcome and the last value stands."""

from collections import defaultdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Outcome, Retry
from connectors.errors import RetryLater
from schemas.codec import decode
from schemas.messages import Write
from tests.support.memory_log import Crash
from tests.unit.connectors.push_world import REFUSED, TOPIC, Target, World

WRITES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["best_partner", "partner_since"]), st.booleans()), max_size=14
)
CALLS = st.lists(st.sampled_from([None, "before", "after"]), max_size=8)


def finish(world: World, batches: list[list[tuple[str, str, bool]]]) -> None:
    """Ask for each batch and take turns until nothing is left, starting anew after each crash."""
    for _ in range(400):
        for key, name, bad in batches.pop(0) if batches else ():
            number = world.written + 1
            value = f"bad {number}" if bad else f"2026-11-22T10:00:{number:02}Z"
            world.ask(key, **{name: value})
        try:
            world.turn(later=301)
        except Crash:
            world.start()
        never_passed_without_an_outcome(world)
        if not batches and not world.behind():
            return
    raise AssertionError("the sink does not come to an end")


def never_passed_without_an_outcome(world: World) -> None:
    known = world.outcomes()
    for (_, spot), position in world.broker.committed.items():
        assert {decode(record).id for record in world.broker.topics[spot][:position]} <= known.keys()


class Picky(Target):
    """Refuses every value that begins with `bad`, and holds some records back now and then."""

    def __init__(self, batch_size: int, retries: list[str]) -> None:
        super().__init__(batch_size)
        for key in retries:
            self.answers[key].append(Retry("locked"))

    def _one(self, write: Write) -> Outcome:
        if any(str(value).startswith("bad") for value in write.fields.values()):
            return REFUSED
        return super()._one(write)


@given(
    keys=st.lists(st.sampled_from("ab"), max_size=10),
    cuts=st.sets(st.integers(1, 9)),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=8),
    calls=CALLS,
    batch_size=st.integers(1, 3),
)
def test_writes_that_each_expect_the_one_before_are_never_overtaken_by_our_own(keys, cuts, faults, calls, batch_size):
    world = World(partitions=2, faults=faults, batch_size=batch_size)
    world.target.raises = [when and (when, RetryLater("busy")) for when in calls]
    last: dict[str, str | None] = {}
    for number, key in enumerate(keys, 1):
        expected = {"best_partner": last.get(key)}
        last[key] = f"partner {number}"
        world.ask(key, expected=expected, best_partner=last[key])
        if number in cuts:
            turn(world)
    for _ in range(400):
        turn(world)
        if not world.behind():
            break
    assert {status for status, _ in world.outcomes().values()} <= {"applied", "unchanged"}
    assert {key: world.target.holds[key]["best_partner"] for key in last} == last


def turn(world: World) -> None:
    try:
        world.turn(later=301)
    except Crash:
        world.start()


@given(
    writes=WRITES,
    cuts=st.sets(st.integers(1, 13)),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=10),
    calls=CALLS,
    retries=st.lists(st.sampled_from("abc"), max_size=5),
    batch_size=st.integers(1, 3),
)
def test_whatever_dies_every_write_has_an_outcome_and_the_last_value_stands(
    writes, cuts, faults, calls, retries, batch_size
):
    world = World(partitions=2, faults=faults)
    world.target = Picky(batch_size, retries)
    world.target.raises = [when and (when, RetryLater("busy")) for when in calls]
    world.start()
    edges = [0, *sorted(cut for cut in cuts if cut < len(writes)), len(writes)]
    finish(world, [writes[start:end] for start, end in pairwise(edges)])
    good: dict[str, dict[str, str]] = defaultdict(dict)
    for number, (key, name, bad) in enumerate(writes, 1):
        if not bad:
            good[key][name] = f"2026-11-22T10:00:{number:02}Z"
    assert {key: held for key, held in world.target.holds.items() if held} == good
    assert world.outcomes().keys() == {f"w{number}" for number in range(1, len(writes) + 1)}
    refused = {write for write, (status, _) in world.outcomes().items() if status == "rejected"}
    asked = {record.position: decode(record).id for record in world.broker.read(TOPIC.name)}
    parked = {asked[letter.origin] for letter in world.letters()}
    assert refused <= parked <= {f"w{number}" for number, (_, _, bad) in enumerate(writes, 1) if bad}
    for values in world.target.effects.values():
        assert values == sorted(set(values))
