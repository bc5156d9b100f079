"""A whole deployment as processes on loopback: emulator, broker, sources, stream workers, sink; any of them can be killed."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tandem.compose import Deployment
from tandem.demo import verdict
from tandem.demo.watch import Watch
from tandem.settings import load
from tandem.supervisor import Child, Supervisor
from tandem.up import tree
from tests.support import stage
from tests.support.brokers import Broker


@dataclass
class Running:
    """The deployment, with a watch on its topics."""

    emulator: stage.Org
    partner_list: Path
    deployment: Deployment
    supervisor: Supervisor
    watch: Watch
    broker: Broker
    chance: random.Random
    kills: dict[str, int] = field(default_factory=dict)

    def look(self, timeout: float = 0.2) -> int:
        self.supervisor.tend()
        return self.watch.read(timeout)

    def kill(self, prefix: str) -> None:
        """kill -9 one running child whose name starts so."""
        alive = [child for child in self.supervisor.children if child.process and child.name.startswith(prefix)]
        if alive:
            child: Child = self.chance.choice(alive)
            assert child.process is not None
            os.kill(child.process.pid, signal.SIGKILL)
            self.kills[prefix] = self.kills.get(prefix, 0) + 1

    def differences(self) -> list[str]:
        """How the CRM differs from the facts."""
        decided = self.watch.tally.overlaps_of(stage.CRM)
        counts = {row["Id"]: row.get("Partner_Count__c") for row in self.emulator.rows("Account")}
        table = self.deployment.tables(stage.CRM)["overlap"]
        return [
            *verdict.differences({each.key: each for each in decided}, self.emulator.rows(table.object), table),
            *verdict.rollup_differences(decided, counts),
        ]

    def settled(self, patience_s: float) -> list[str]:
        """Wait until nothing new comes and the CRM agrees with the facts; returns what still differs after that long."""
        deadline, quiet_since, found = time.monotonic() + patience_s, time.monotonic(), ["not settled yet"]
        while time.monotonic() < deadline:
            if self.look():
                quiet_since = time.monotonic()
            if time.monotonic() - quiet_since > 3 and self.deployment.caught_up():
                found = self.differences()
                if not found:
                    return []
                quiet_since = time.monotonic()
        return found


@contextmanager
def running(folder: Path, broker: Broker, workers: int, seed: int, extra: Callable[[Path], None]) -> Iterator[Running]:
    """Start everything; `extra` may change the partner list or configuration before the processes start."""
    root = stage.checkout()
    partner_list = stage.write_partner_list(root, folder, seed)
    emulator = stage.start_org(root, folder, seed)
    config = stage.write_config(folder, emulator, broker.bootstrap, workers)
    extra(folder)
    deployment = Deployment(load(config))
    deployment.admin.ensure(deployment.topics)
    supervisor = tree(deployment, config, folder / "logs")
    supervisor.tend()
    try:
        watch = Watch(deployment.conf)
        yield Running(emulator, partner_list, deployment, supervisor, watch, broker, random.Random(seed))
        watch.close()
    finally:
        supervisor.stop()
        emulator.stop()


def report(running: Running) -> str:
    """What happened, in one line, for the test's output."""
    tally = running.watch.tally
    return json.dumps(
        {
            "changes": sum(tally.changes.values()),
            "overlaps": len(tally.active),
            "applied": tally.written,
            "needed_no_write": tally.settled - tally.written,
            "kills": running.kills,
            "restarts": {child.name: child.restarts for child in running.supervisor.children},
            "dead_letters": len(tally.dead_letters),
        }
    )
