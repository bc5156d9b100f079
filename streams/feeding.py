"""Passes what one decision says on to those that take it as an input; it decides nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from schemas import topics
from schemas.topics import Topic
from streams.decision import Decision, Emission, KeyState, Step


def feeding(step: Step, feeds: Sequence[Topic]) -> Step:
    """The same step; each fact that it publishes goes once more to each input, in that input's one order, that takes it."""

    def decide(state: KeyState[Any], event: Any) -> Decision:
        decision = step.decide(state, event)
        fed = [again for said in decision.emissions for again in _fed(said, feeds)]
        return replace(decision, emissions=(*decision.emissions, *fed)) if fed else decision

    return replace(step, decide=decide)


def _fed(said: Emission, feeds: Sequence[Topic]) -> list[Emission]:
    takers = [feed for feed in feeds if type(said.message) in feed.messages and feed is not said.topic]
    return [said._replace(topic=feed, key=topics.ONE_ORDER) for feed in takers]
