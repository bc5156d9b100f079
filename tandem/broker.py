"""The embedded broker: a single-node, Kafka-compatible server from a wheel, run as a child process; for one machine only.

What survives what is measured and written down in docs/decisions/0002.
"""

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from schemas.log import Unreachable
from tandem.supervisor import end, launch

START_PATIENCE_S = 30.0


@dataclass
class EmbeddedBroker:
    """A broker below `data`. From start to start it keeps its port, and nothing else: what it lost could not be told."""

    data: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def _port_file(self) -> Path:
        return self.data / "port"

    @property
    def port(self) -> int:
        """The port, chosen free at the first start."""
        if not self._port_file.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self._port_file.write_text(str(probe.getsockname()[1]))
        return int(self._port_file.read_text())

    @property
    def bootstrap(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    @property
    def command(self) -> list[str]:
        """How it is started: Kafka's protocol only, on loopback only."""
        binary = str(files("noida_db") / "noida-db")
        where = ["--kafka-port", str(self.port), "--data-dir", str(self.data)]
        # It answers an empty fetch at once and so takes all the processor it can get: let everybody else go first.
        return ["nice", "-n", "10", binary, "start", "--only", "kafka", *where]

    def transactional_ids(self, name: str) -> tuple[str | None, str]:
        """An id that is used for one start only (`tandem.kafka.transactions.Ids`).

        This broker hides from a reader what an id commits after it has once aborted, so none is used after that.
        """
        counter = self.data / "ids" / name
        counter.parent.mkdir(parents=True, exist_ok=True)
        last = int(counter.read_text()) if counter.exists() else 0
        counter.write_text(str(last + 1))
        return (f"{name}.{last}" if last else None), f"{name}.{last + 1}"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        if self.answers():
            raise Unreachable(
                f"something listens at {self.bootstrap} already. Remedy: stop it, or delete {self._port_file}"
            )
        self._empty()
        self.process = launch(self.command, self.data / "broker.log")
        deadline = time.monotonic() + START_PATIENCE_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Unreachable(f"the embedded broker did not start. Remedy: see {self.data / 'broker.log'}")
            time.sleep(0.02)

    def _empty(self) -> None:
        port = self.port
        shutil.rmtree(self.data)
        self.data.mkdir(parents=True)
        self._port_file.write_text(str(port))

    def answers(self) -> bool:
        """Whether its port takes connections."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.5).close()
        except OSError:
            return False
        return True

    @property
    def running(self) -> bool:
        """Whether the process that we started is alive."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Let it write its data out and end."""
        if self.process is not None:
            end(self.process)
            self.process = None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
