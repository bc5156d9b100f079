"""Change sets: asked for, prepared, applied or failed as the clock goes on; what they say is put into effect as one.

A set that fails leaves nothing. Its entities are there, and "Offer Released" is told, when it begins to be applied,
before it has SUCCEEDED: in AWS's sample run an offer was last modified 3 minutes before its change set ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..core import Shape, World
from . import events
from .changes.bench import Bench, Step
from .changes.coherence import incoherence
from .changes.sets import members
from .entities import Entity
from .errors import Problem
from .requests import change_of, resolved
from .times import stamp

PREPARATION_FAILED = "Change set preparation has failed. For details see 'ErrorDetailList'."
RUNNING = ("PREPARING", "APPLYING")
HISTORY = timedelta(days=60)


@dataclass(slots=True)
class ChangeSet:
    """`requests` are the changes as they were sent; `locked` are the entities that nobody else may change meanwhile."""

    id: str
    arn: str
    name: str
    account: str
    steps: list[Step]
    started: datetime
    prepared_at: datetime
    applied_at: datetime
    locked: frozenset[str]
    status: str = "PREPARING"
    ended: datetime | None = None
    failure: str | None = None
    identifiers: dict[int, str] = field(default_factory=dict)  # "offer-...@1" by the place of the step

    @property
    def running(self) -> bool:
        return self.status in RUNNING

    @property
    def entity_ids(self) -> list[str]:
        known = [step.entity or step.target for step in self.steps]
        return list(dict.fromkeys(one for one in known if one and not one.startswith("$")))

    def times(self) -> Shape:
        told = {"StartTime": stamp(self.started)}
        return told | ({"EndTime": stamp(self.ended)} if self.ended else {})

    def summary(self) -> Shape:
        """One entry of ChangeSetSummaryList."""
        told: Shape = {"ChangeSetId": self.id, "ChangeSetArn": self.arn, "ChangeSetName": self.name}
        told |= self.times() | {"Status": self.status, "EntityIdList": self.entity_ids}
        return told | ({"FailureCode": self.failure} if self.failure else {})

    def described(self) -> Shape:
        """The answer to DescribeChangeSet. What a change will make has no identifier before it is made."""
        told: Shape = {"ChangeSetId": self.id, "ChangeSetArn": self.arn, "ChangeSetName": self.name, "Intent": "APPLY"}
        told |= self.times() | {"Status": self.status}
        if self.failure:
            told["FailureCode"] = self.failure
        if self.failure == "CLIENT_ERROR":
            told["FailureDescription"] = PREPARATION_FAILED
        return told | {"ChangeSet": [self._change(at, step) for at, step in enumerate(self.steps)]}

    def _change(self, at: int, step: Step) -> Shape:
        entity = {"Type": step.version}
        identifier = self.identifiers.get(at) or step.target
        told: Shape = {
            "ChangeType": step.type,
            "Entity": entity | ({"Identifier": identifier} if identifier else {}),
            "Details": json.dumps(step.details, separators=(",", ":")),
            "DetailsDocument": step.details,
            "ErrorDetailList": [{"ErrorCode": one.code, "ErrorMessage": one.message} for one in step.problems],
        }
        return told | ({"ChangeName": step.name} if step.name else {})


def advance(
    one: ChangeSet, world: World, bench: Callable[[], Bench], keep: Callable[[Bench], None], fault: bool
) -> None:
    """Does what has become due. `keep` puts the copies in effect; a `fault` is AWS's own."""
    now = world.clock()
    if one.status == "PREPARING" and now >= one.prepared_at:
        desk = bench()
        _work(one, desk)
        if fault or any(step.problems for step in one.steps):
            for step in one.steps:
                step.entity = None  # what was made on the bench stays there
            end(one, world, "FAILED", "SERVER_FAULT" if fault else "CLIENT_ERROR")
            return
        keep(desk)
        _name(one, desk)
        one.status = "APPLYING"
    if one.status == "APPLYING" and now >= one.applied_at:
        end(one, world, "SUCCEEDED")


def end(one: ChangeSet, world: World, status: str, failure: str | None = None) -> None:
    """Ends it and tells so, to the account that asked for it."""
    one.status, one.failure, one.ended = status, failure, world.clock()
    if failure == "SERVER_FAULT":
        for step in one.steps:
            step.problems.clear()
    if one.account != world.account:
        return
    told: Shape = {"ChangeSetId": one.id, "ChangeSetName": one.name} | one.times()
    events.change_set_ended(world, status, one.arn, told | ({"FailureCode": failure} if failure else {}))


def _work(one: ChangeSet, bench: Bench) -> None:
    """Applies the steps to copies, by their turns and not by their places."""
    named: dict[str, str] = {}
    for step in sorted(one.steps, key=lambda step: change_of(step).turn):
        change, details = change_of(step), resolved(step.details, named)
        bench.step = step
        if change.make is not None:
            entity = change.make(bench, details)
        else:
            entity = bench.work_on(resolved(step.target, named))
            change.apply(bench, entity, details)
        step.entity = entity.id
        bench.done.setdefault(entity.id, []).append(step)
        if step.name:
            named[step.name] = entity.id
    for entity in [one for one in bench.copies.values() if one.kind == "Offer"]:
        for problem in incoherence(bench, entity):
            _assign(problem, bench.done.get(entity.id, one.steps))


def _assign(problem: Problem, steps: list[Step]) -> None:
    fitting = [step for step in steps if step.type == problem.change_type] or steps[-1:]
    fitting[0].problems.append(problem)


def _name(one: ChangeSet, bench: Bench) -> None:
    for at, step in enumerate(one.steps):
        if step.entity:
            one.identifiers[at] = bench.copies[step.entity].identifier


def tell_releases(world: World, bench: Bench, look: Callable[[str], Entity | None], names: dict[str, str]) -> None:
    """Tells what this set has released, if it is ours or our product."""
    for entity in bench.copies.values():
        if entity.kind == "Offer" and bench.changed(entity, "ReleaseOffer"):
            product = look(entity.details["ProductId"])
            if product is not None and world.account in (entity.account, product.account):
                events.offer_released(world, entity, product, names)
        if entity.kind == "OfferSet" and bench.changed(entity, "ReleaseOfferSet") and entity.account == world.account:
            events.offer_set_released(world, entity, [held for held in map(look, members(entity)) if held])
