"""Makes the plan of a connection and carries one out; it never does more than the plan says."""

import threading
from collections.abc import Callable
from typing import TextIO

from pydantic import BaseModel, ConfigDict

from connectors.push import PushStats
from schemas.log import Partition
from tandem.compose import Deployment, now
from tandem.planning.plan import Plan, RecordChange, changes
from tandem.planning.waiting import Until, Waiting, waiting
from tandem.settings import ConfigError


class Outcome(BaseModel):
    """What became of a plan: carried out (with counts), or left alone because of what has changed since."""

    model_config = ConfigDict(frozen=True)

    connection: str
    ok: bool
    applied: int = 0
    unchanged: int = 0
    rejected: int = 0
    overtaken: int = 0
    changed_since: tuple[RecordChange, ...] = ()

    def tell(self, out: TextIO) -> None:
        """The same in words."""
        if self.changed_since:
            out.write(f"Nothing was written: {len(self.changed_since):,} records are no longer as the plan says.\n")
            for each in self.changed_since:
                fields = ", ".join(f"{it.field}: {it.before!r} -> {it.after!r}" for it in each.fields)
                out.write(f"  {each.record} now: {each.effect} {fields}{each.note}\n")
            out.write("Remedy: make the plan anew, read it, apply that.\n")
            return
        out.write(
            f"{self.connection}: {self.applied:,} applied, {self.unchanged:,} agreed already, "
            f"{self.overtaken:,} overtaken, {self.rejected:,} rejected"
            f"{' (see `tandem deadletters list`)' if self.rejected else ''}\n"
        )


def make(deployment: Deployment, name: str) -> Plan:
    """The plan of all that waits for a connection now."""
    return _plan(deployment, name, waiting(deployment, _writable(deployment, name)))


def apply(deployment: Deployment, plan: Plan, stop: threading.Event, told: Callable[[int, int], None]) -> Outcome:
    """Carry the plan out if it would come out the same now; `told` hears how many of how many writes are done.

    Raises `ConfigError` for a plan of one record, and for a connection whose sink runs by itself.
    """
    name = _writable(deployment, plan.connection)
    if not plan.whole:
        raise ConfigError(f"the plan is of one record. Remedy: `tandem plan {name} --out FILE` and apply that.")
    if not deployment.settings.connection(name).hold:
        raise ConfigError(f"the sink of {name!r} writes by itself. Remedy: set `hold = true` in [connections.{name}].")
    ends = {_partition(spot): end for spot, end in plan.ends.items()}
    found = waiting(deployment, name, ends)
    if any(found.ends.get(spot, 0) < end for spot, end in ends.items()):
        raise ConfigError(
            f"the writes of the plan are no longer on the topic. Remedy: `tandem plan {name} --out FILE`."
        )
    since = _plan(deployment, name, found).since(plan)
    if since:
        return Outcome(connection=name, ok=False, changed_since=since)
    total = sum(end - found.starts.get(spot, 0) for spot, end in ends.items())
    push, until = deployment.push_until(
        name, lambda log: Until(log, found.starts, ends, stop, lambda done: told(done, total))
    )
    push.run(until)
    return _outcome(name, push.stats, done=until.done)


def _outcome(name: str, stats: PushStats, *, done: bool) -> Outcome:
    return Outcome(
        connection=name,
        ok=done and not stats.rejected,
        applied=stats.applied,
        unchanged=stats.unchanged,
        rejected=stats.rejected,
        overtaken=stats.overtaken,
    )


def _plan(deployment: Deployment, name: str, found: Waiting) -> Plan:
    tables = {entity: table for entity, table in deployment.tables(name).items() if table.writes}
    known = [write for write in found.writes if write.entity in tables]
    records = changes(name, tables, deployment.sink(name), known)
    ends = {str(spot): end for spot, end in found.ends.items()}
    return Plan(connection=name, made_at=now(), ends=ends, records=tuple(records))


def _writable(deployment: Deployment, name: str) -> str:
    deployment.settings.connection(name)  # an unknown one is told with the nearest
    if name not in deployment.settings.sinks:
        raise ConfigError(f"nothing is written to {name!r}. Written to: {', '.join(deployment.settings.sinks)}")
    return name


def _partition(spot: str) -> Partition:
    topic, _, number = spot.removesuffix("]").rpartition("[")
    return Partition(topic, int(number))
