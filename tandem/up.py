"""`tandem up`: turns a configuration into a process tree and tends it; the supervisor does not know what it runs."""

import logging
import threading
from pathlib import Path

from tandem.compose import Deployment
from tandem.supervisor import Supervisor

log = logging.getLogger(__name__)


def tree(deployment: Deployment, config: Path, logs: Path | None) -> Supervisor:
    """The children of a deployment: sources and sinks by connection, stream workers by number, the ledger."""
    supervisor, settings = Supervisor(), deployment.settings
    plan = [(f"stream-{n}", ["stream", "--worker", str(n)]) for n in range(settings.streams.workers)]
    plan += [(f"sink-{name}", ["sink", name]) for name in settings.sinks if not settings.connection(name).hold]
    plan += [(f"source-{name}", ["source", name]) for name in settings.sources]
    plan += [("ledger", ["ledger", "run"])] if settings.ledger.enabled else []
    for name, arguments in plan:
        supervisor.add(name, [*arguments, "--config", str(config)], logs and logs / f"{name}.log")
    return supervisor


def run_tree(deployment: Deployment, config: Path, logs: Path | None, stop: threading.Event) -> int:
    """Run until told to stop; returns the exit code. The embedded broker starts first and stops last."""
    broker = deployment.embedded
    if broker is not None:
        broker.start()
        log.info("embedded broker at %s, data in %s", broker.bootstrap, broker.data)
    supervisor = tree(deployment, config, logs)
    try:
        deployment.admin.ensure(deployment.topics)
        while not stop.is_set():
            supervisor.tend()
            if len(supervisor.given_up) == len(supervisor.children):
                log.error("every process needs a person; stopping")
                break
            if broker is not None and not broker.running:
                log.error("the embedded broker ended, see %s; stopping", broker.data / "broker.log")
                break
            stop.wait(0.2)
    finally:
        supervisor.stop()
        if broker is not None:
            broker.stop()
    return 0 if stop.is_set() else 1
